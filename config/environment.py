"""The environment, read in one pass into typed values.

Every variable Steward understands is a field of ``Environment``; README.md lists them for the operator.
"""

import base64
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

BASE = Path(__file__).resolve().parent.parent
KEY_NAMES = ("SECRET_KEY", "CONTEXT_KEY", "FIELD_KEY", "INDEX_KEY")
KEY_BYTES = {"SECRET_KEY": 48}


class MissingSettingError(RuntimeError):
    """A required variable is neither in the environment nor in the key file."""


@dataclass(frozen=True)
class Environment:
    """What the process was told from outside."""

    var: Path
    database_url: str
    database_owner_url: str
    redis_url: str
    smtp_url: str
    secret_key: str
    context_key: bytes
    field_key: bytes
    index_key: bytes
    hosts: list[str]
    public_url: str
    demo: bool
    secure: bool
    time_zone: str
    mail_from: str
    inbox: Path | None
    webhook_hosts: list[str]
    ledger_keys: list[str]
    ledger_witnesses: list[str]


def write_keys(path: Path) -> None:
    """Create the key file of a demo or test installation once, readable by its owner only."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    made = {name: secrets.token_bytes(KEY_BYTES.get(name, 32)) for name in KEY_NAMES}
    lines = [f"{name}={base64.urlsafe_b64encode(key).decode()}" for name, key in made.items()]
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write("\n".join(lines) + "\n")


def lines_of(path: Path) -> dict[str, str]:
    """Return the values of a file with lines ``NAME=value``."""
    return {name: value for name, _, value in (line.partition("=") for line in path.read_text().splitlines())}


def read() -> Environment:
    """Read ``os.environ``, with ``KEY_FILE`` (lines of NAME=value) behind it for the four keys.

    Without ``DATABASE_URL`` the values of the demo that runs in this folder are taken, so that commands reach it.
    """
    values = dict(os.environ)
    running = Path(values.get("STEWARD_VAR", BASE / "var"), "run", "demo.env")
    if "DATABASE_URL" not in values and running.exists():
        values = {**lines_of(running), **values}
    if key_file := values.get("KEY_FILE"):
        values = {**lines_of(Path(key_file)), **values}
    missing = [name for name in ("DATABASE_URL", "REDIS_URL", *KEY_NAMES) if not values.get(name)]
    if missing:
        raise MissingSettingError(f"not set: {', '.join(missing)}; see README.md, Configuration")
    return Environment(
        var=Path(values.get("STEWARD_VAR", BASE / "var")),
        database_url=values["DATABASE_URL"],
        database_owner_url=values.get("DATABASE_OWNER_URL", values["DATABASE_URL"]),
        redis_url=values["REDIS_URL"],
        smtp_url=values.get("SMTP_URL", "smtp://localhost:25"),
        secret_key=values["SECRET_KEY"],
        context_key=base64.urlsafe_b64decode(values["CONTEXT_KEY"]),
        field_key=base64.urlsafe_b64decode(values["FIELD_KEY"]),
        index_key=base64.urlsafe_b64decode(values["INDEX_KEY"]),
        hosts=values.get("ALLOWED_HOSTS", "localhost,127.0.0.1").split(","),
        public_url=values.get("PUBLIC_URL", "http://localhost:8000"),
        demo=values.get("STEWARD_DEMO") == "1",
        secure=values.get("STEWARD_SECURE", "1") == "1",
        time_zone=values.get("BANK_TIME_ZONE", "Asia/Shanghai"),
        mail_from=values.get("MAIL_FROM", "Steward Private Banking <statements@steward.example>"),
        inbox=_inbox(values),
        webhook_hosts=[host for host in values.get("WEBHOOK_HOSTS", "").split(",") if host],
        ledger_keys=values.get("LEDGER_KEY", "").split(),
        ledger_witnesses=values.get("LEDGER_WITNESSES", "").split(),
    )


def _inbox(values: dict[str, str]) -> Path | None:
    """Return the folder that is watched for bank files: none unless named, ``inbox`` among the demo's own files."""
    if folder := values.get("STEWARD_INBOX"):
        return Path(folder)
    return Path(values.get("STEWARD_VAR", BASE / "var"), "inbox") if values.get("STEWARD_DEMO") == "1" else None


def database(url: str) -> dict[str, object]:
    """Django's connection settings from ``postgresql://user:password@host:port/name?host=/socket/folder``."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", None) or parts.hostname or "",
        "PORT": str(parts.port or query.pop("port", "")),
        "OPTIONS": {**query, "application_name": "steward"},
    }
