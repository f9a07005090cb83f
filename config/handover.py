"""Make the secret files of docker-compose.yml once: ``make secrets``.

The folder is closed to others; the files in it are readable, because each container reads its own as another user.
"""

import secrets
import sys

from config.environment import BASE, write_keys

FOLDER = BASE / "secrets"


def main() -> int:
    """Write five files, or nothing when there are some already."""
    if FOLDER.exists():
        print(f"{FOLDER} exists already; losing its keys would lose the data encrypted with them")
        return 1
    FOLDER.mkdir(mode=0o700)
    passwords = {name: secrets.token_urlsafe(32) for name in ("postgres", "app", "migrator")}
    for name, password in passwords.items():
        (FOLDER / f"{name}_password").write_text(password)
    write_keys(FOLDER / "keys.env")
    keys = (FOLDER / "keys.env").read_text()
    (FOLDER / "keys.env").unlink()
    app = f"DATABASE_URL=postgresql://steward_app:{passwords['app']}@postgres:5432/steward\n"
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
