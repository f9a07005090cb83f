"""Run a command with a migrated database of its own: ``python -m config.run python manage.py check``.

With ``--empty`` first, the database has the roles and no tables: for ``makemigrations`` while migrations do not run.
"""

import os
import subprocess
import sys

from config.scratch import Scratch


def main(command: list[str]) -> int:
    """Start the servers, run, stop them; the answer is the command's own."""
    empty = command[:1] == ["--empty"]
    command = command[1:] if empty else command
    scratch = Scratch(empty=empty)
    scratch.start()
    try:
        return subprocess.run(command, env={**os.environ, **scratch.clone("run")}, check=False).returncode
    finally:
        scratch.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
