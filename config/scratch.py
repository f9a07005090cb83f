"""Databases to throw away: for the tests, and for commands that need a migrated database.

One cluster under var/test serves every run in this checkout, several at once. It is started by the first and stopped
by the last (a lock file that each run holds tells who is the last; the kernel frees it for a run that was killed).
Migrations run once into a template named after all that shapes it; each run clones the template.
"""

import ast
import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import psutil
import psycopg
import redis
from psycopg import sql

from config import embedded
from config.environment import BASE, write_keys

HOME = BASE / "var" / "test"
KEYS = HOME / "keys.env"
CLIENTS = HOME / "users.lock"  # held shared while a run lives
SETUP = HOME / "setup.lock"  # held alone while the cluster or a template is made


class Scratch:
    """The servers of one run. ``start``, then ``clone`` as many databases as wanted, then ``stop``."""

    def __init__(self, *, empty: bool = False) -> None:
        self.run = f"{os.getpid()}"
        self.empty = empty
        self.folder = HOME / "runs" / self.run

    def start(self) -> None:
        """Start or join the cluster, clear up after killed runs, and have a migrated template."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_keys(KEYS)
        with locked(SETUP):
            self._using = CLIENTS.open("a")
            fcntl.flock(self._using, fcntl.LOCK_SH)
            self.postgres = embedded.start_postgres(HOME / "pg", disposable=True)
            self.valkey = embedded.start_valkey(self.folder / "valkey")
            self.template = "tmpl_empty" if self.empty else f"tmpl_{fingerprint()}"
            (self.folder / "template").write_text(self.template)
            self._sweep()
            if self.template not in databases(self.postgres):
                self._build_template()
        self.static = self.folder if self.empty else collected_static(self._environment(self.template, self.folder))

    def clone(self, name: str) -> dict[str, str]:
        """Make the database and folder ``name`` of this run; returns the environment that uses them."""
        database = f"test_{self.run}_{name}"
        reset(self.postgres.superuser_url(), self.template, database)
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        if not (folder / "static").is_symlink():
            (folder / "static").symlink_to(self.static)
        return {
            **self._environment(database, folder),
            "REDIS_URL": self.valkey.url.replace("db=0", f"db={number(name)}"),
        }

    def stop(self) -> None:
        """Drop what this run made; the last run stops the cluster, its data stay for the next."""
        with locked(SETUP):
            self._drop(self.run)
            self.valkey.stop()
            shutil.rmtree(self.folder, ignore_errors=True)
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(self._using, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self.postgres.stop()
            self._using.close()

    def _environment(self, database: str, folder: Path) -> dict[str, str]:
        return {
            **embedded.environment(self.postgres, self.valkey, database, folder),
            "KEY_FILE": str(KEYS),
            "SUPERUSER_URL": self.postgres.superuser_url(),
            "TEST_TEMPLATE": self.template,
            "TEST_DATABASE": database,
            "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
            "STEWARD_SECURE": "0",
            "SMTP_URL": "smtp://127.0.0.1:9",  # nothing listens there: a test that sends mail starts a mail sink
        }

    def _build_template(self) -> None:
        """Migrate under another name first: an interrupted build must not pass for a finished one."""
        part = f"{self.template}_part"
        drop(self.postgres.superuser_url(), part)
        embedded.create_database(self.postgres, part)
        if not self.empty:
            manage(["migrate", "--verbosity", "0"], self._environment(part, self.folder))
        with psycopg.connect(self.postgres.superuser_url(), autocommit=True) as connection:
            connection.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(part), sql.Identifier(self.template))
            )

    def _sweep(self) -> None:
        """Remove the databases, Valkey and folders of runs that are dead, and templates that nobody uses."""
        wanted = {self.template}
        for folder in (HOME / "runs").iterdir():
            if lives(folder.name):
                with contextlib.suppress(OSError):
                    wanted.add((folder / "template").read_text())
                continue
            embedded.stop_leftover_valkey(folder / "valkey")
            self._drop(folder.name)
            shutil.rmtree(folder, ignore_errors=True)
        for name in databases(self.postgres):
            run = name.split("_")[1] if name.startswith("test_") else None
            if (run and not lives(run)) or (name.startswith("tmpl_") and name not in wanted):
                drop(self.postgres.superuser_url(), name)

    def _drop(self, run: str) -> None:
        for name in databases(self.postgres):
            if name.startswith(f"test_{run}_"):
                drop(self.postgres.superuser_url(), name)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[IO[str]]:
    """Hold a lock file alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def lives(run: str) -> bool:
    """Whether the run of this process number still goes on in this checkout."""
    try:
        process = psutil.Process(int(run))
        return embedded.alive(process) and "python" in process.name()
    except (ValueError, psutil.Error):
        return False


def number(name: str) -> int:
    """A Valkey database of its own for each worker."""
    digits = "".join(letter for letter in name if letter.isdigit())
    return int(digits or 0) % 60 + (1 if digits else 0)


def databases(server: embedded.Postgres) -> list[str]:
    """Names of all databases of the cluster."""
    with psycopg.connect(server.superuser_url()) as connection:
        return [row[0] for row in connection.execute("SELECT datname FROM pg_database ORDER BY 1")]


def drop(superuser_url: str, name: str) -> None:
    """Drop a database, sessions and all."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def reset(superuser_url: str, template: str, name: str) -> None:
    """Make a database anew from a template."""
    drop(superuser_url, name)
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        statement = "CREATE DATABASE {} TEMPLATE {} OWNER steward_owner"
        connection.execute(sql.SQL(statement).format(sql.Identifier(name), sql.Identifier(template)))


def reset_own(values: dict[str, str] | None = None) -> None:
    """Put the database and the queue of this process back to the template's state."""
    values = values or dict(os.environ)
    reset(values["SUPERUSER_URL"], values["TEST_TEMPLATE"], values["TEST_DATABASE"])
    with redis.Redis.from_url(values["REDIS_URL"]) as connection:
        connection.flushdb()


def manage(arguments: list[str], values: dict[str, str]) -> None:
    """Run manage.py in a process of its own; its output is shown only when it fails."""
    command = [sys.executable, str(BASE / "manage.py"), *arguments]
    done = subprocess.run(command, cwd=BASE, env={**os.environ, **values}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise embedded.ServerError(f"manage.py {arguments[0]} failed:\n{done.stdout}{done.stderr}")


def remove() -> bool:
    """Stop and remove the tests' cluster; answers whether a run that goes on prevented it."""
    HOME.mkdir(parents=True, exist_ok=True)
    with locked(SETUP), CLIENTS.open("a") as using:
        try:
            fcntl.flock(using, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        data = embedded.data_home(HOME / "pg")
        if process := embedded.running_postgres(data):
            embedded.Postgres(data, embedded.sockets_of(data), process).stop()
        for folder in HOME.glob("runs/*"):
            embedded.stop_leftover_valkey(folder / "valkey")
        shutil.rmtree(HOME)
    return False


# --- what a template and the collected files depend on ---------------------------------------------------------------


def fingerprint(keys: Path = KEYS) -> str:
    """A name for the state of everything that a migration run reads, the keys among it."""
    files = {path for path in BASE.glob("*/migrations/**/*") if path.suffix in {".py", ".sql", ".csv", ".json"}}
    files |= imported_by(files)
    files |= {path for path in BASE.glob("*/sql/**/*") if path.is_file()}
    files |= {BASE / "requirements" / "base.txt", embedded.ROLES, Path(embedded.__file__)}
    return hashlib.sha256(digest(files).encode() + keys.read_bytes()).hexdigest()[:12]


def digest(files: set[Path]) -> str:
    """A short digest of names and contents."""
    total = hashlib.sha256()
    for path in sorted(files):
        if path.is_file():
            total.update(f"{path.relative_to(BASE)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:12]


def imported_by(files: set[Path]) -> set[Path]:
    """Modules of this project that the given ones import, directly or not: helpers may write SQL for a migration."""
    found: set[Path] = set()
    waiting = [path for path in files if path.suffix == ".py"]
    while waiting:
        for name in imports(waiting.pop()):
            stem = BASE.joinpath(*name.split("."))
            for path in (stem.with_suffix(".py"), stem / "__init__.py"):
                if path.is_file() and path not in found:
                    found.add(path)
                    waiting.append(path)
    return found


def imports(path: Path) -> Iterator[str]:
    """Absolute names that a module imports, each with the names taken from it."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def static_sources() -> set[Path]:
    """What the collected files depend on."""
    own = {path for path in (BASE / "static").rglob("*") if path.is_file()}
    return own | {BASE / "package-lock.json", BASE / "config" / "assets.py"}


def collected_static(values: dict[str, str]) -> Path:
    """The static files as the web serves them, collected once per state of their sources."""
    folder = HOME / "static" / digest(static_sources())
    with locked(SETUP):
        if not folder.is_dir():
            part = folder.with_name(folder.name + ".part")
            shutil.rmtree(part, ignore_errors=True)
            var = folder.parent / "collecting"
            var.mkdir(parents=True, exist_ok=True)
            (var / "static").unlink(missing_ok=True)
            part.mkdir()
            (var / "static").symlink_to(part)
            manage(["collectstatic", "--noinput", "--verbosity", "0"], {**values, "STEWARD_VAR": str(var)})
            part.rename(folder)
            (var / "static").unlink()
    return folder
