"""What the running demo tells the commands of a second terminal: ``manage.py`` reads it where nothing else is set."""

import os
from collections.abc import Mapping
from pathlib import Path

NAMES = (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "REDIS_URL",
    "SMTP_URL",
    "KEY_FILE",
    "ALLOWED_HOSTS",
    "PUBLIC_URL",
    "LEDGER_KEY",
    "LEDGER_WITNESSES",
    "STEWARD_VAR",
    "STEWARD_DEMO",
    "STEWARD_SECURE",
)


def leave(folder: Path, values: Mapping[str, str]) -> Path:
    """Write the file, readable by its owner alone; the demo removes it when it ends."""
    path = folder / "demo.env"
    path.unlink(missing_ok=True)
    lines = [f"{name}={values[name]}" for name in NAMES if name in values]
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write("\n".join(lines) + "\n")
    return path
