"""``make check``'s questions to Django, asked in a process with a migrated database."""

import os
import subprocess
import sys

from config.environment import BASE

QUESTIONS = [
    ["makemigrations", "--check", "--dry-run"],
    ["messages", "--check"],
    ["messages", "--compile"],
]
DEPLOYED = {
    "STEWARD_SECURE": "1",
    "STEWARD_DEMO": "0",
    "PUBLIC_URL": "https://steward.example",
    "ALLOWED_HOSTS": "steward.example",
}


def ask(arguments: list[str], values: dict[str, str]) -> bool:
    """Run one command; say what it was when it fails."""
    print(f"manage.py {' '.join(arguments)}", flush=True)
    command = [sys.executable, "-W", "error", "manage.py", *arguments]
    return subprocess.run(command, cwd=BASE, env={**os.environ, **values}, check=False).returncode == 0


def main() -> int:
    """All of them, also after one has failed."""
    answers = [ask(question, {}) for question in QUESTIONS]
    answers.append(ask(["check", "--deploy", "--fail-level", "WARNING"], DEPLOYED))
    return 0 if all(answers) else 1


if __name__ == "__main__":
    sys.exit(main())
