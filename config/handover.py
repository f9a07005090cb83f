"""Make the secret files of docker-compose.yml once: ``make secrets``.

The folder is closed to others; the files in it are readable, because each container reads its own as another user.
"""

import secrets
import sys

from compliance.ledger.notes import make_key
from config.environment import BASE, write_keys

FOLDER = BASE / "secrets"


def main() -> int:
    """Write the files, or nothing when there are some already."""
    if FOLDER.exists():
        print(f"{FOLDER} exists already; losing its keys would lose the data encrypted with them")
        return 1
    FOLDER.mkdir(mode=0o700)
    passwords = {name: secrets.token_urlsafe(32) for name in ("postgres", "app", "migrator", "sealer")}
    for name, password in passwords.items():
        (FOLDER / f"{name}_password").write_text(password)
    write_keys(FOLDER / "keys.env")
    keys = (FOLDER / "keys.env").read_text()
    (FOLDER / "keys.env").unlink()
    make_key(FOLDER / "ledger.key", "steward.example/ledger")
    make_key(FOLDER / "witness.key", "compliance.steward.example/witness", witness=True)
    log, witness = ((FOLDER / f"{name}.pub").read_text().strip() for name in ("ledger", "witness"))
    app = f"DATABASE_URL=postgresql://steward_app:{passwords['app']}@postgres:5432/steward\n"
    app += f"LEDGER_KEY={log}\nLEDGER_WITNESSES={witness}\n"
    sealer = f"DATABASE_SEALER_URL=postgresql://steward_sealer:{passwords['sealer']}@postgres:5432/steward\n"
    (FOLDER / "sealer.env").write_text(f"{sealer}WITNESSES={witness}@http://witness:8300\n")
    (FOLDER / "witness.env").write_text(f"WITNESS_LOGS={log}\n")
    owner = f"postgresql://steward_migrator:{passwords['migrator']}@postgres:5432/steward"
    (FOLDER / "app.env").write_text(keys + app)
    (FOLDER / "migrate.env").write_text(f"{keys}{app}DATABASE_OWNER_URL={owner}?options=-c%20role%3Dsteward_owner\n")
    names = sorted(path.name for path in FOLDER.iterdir())
    for name in names:
        (FOLDER / name).chmod(0o644)
    (FOLDER / ".gitignore").write_text("*\n")
    print(f"wrote {', '.join(names)} in {FOLDER.relative_to(BASE)}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
