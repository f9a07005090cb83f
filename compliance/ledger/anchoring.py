"""Carry checkpoints out of the database: to a witness that compares, and into a folder that only grows."""

import base64
import datetime as dt
import hashlib
import os
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import psycopg

from compliance.ledger.sealing import tree_of
from compliance.ledger.verifier import Key, Wrong, checkpoint
from compliance.ledger.witness import OLD, SIZE

FOLDER, STAMP = "folder", "timestamp"
"""Keepers that sign no note: a folder that only grows, a time-stamping authority."""
TIMEOUT = 10
UNANCHORED = """
    SELECT c.size, c.note FROM compliance_checkpoint c
    WHERE c.size > (SELECT coalesce(max(size), 0) FROM compliance_anchor WHERE keeper = %s)
    ORDER BY c.size DESC LIMIT 1"""
KEEP = """
    INSERT INTO compliance_anchor (size, keeper, anchored_at, said) VALUES (%s, %s, %s, %s)
    ON CONFLICT (size, keeper) DO NOTHING"""
SAID = "SELECT said FROM compliance_anchor WHERE size = %s AND keeper <> ALL (%s) ORDER BY keeper"


class Refused(RuntimeError):  # noqa: N818  (an alarm)
    """A keeper outside the database does not take a checkpoint: the log is not what it saw, or nobody answers."""


@dataclass(frozen=True)
class Reached:
    """A witness and where it answers."""

    key: Key
    url: str


def ask_witness(connection: psycopg.Connection, witness: Reached, log: Key, *, now: dt.datetime) -> int | None:
    """Have the newest checkpoint cosigned; return its size, None when the witness has seen it.

    Raises:
        Refused: the witness saw another log, a longer one, or does not answer.
    """
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    with connection.transaction():
        if (row := connection.execute(UNANCHORED, [witness.key.name]).fetchone()) is None:
            return None
        size, note = row
        line = _cosigned(connection, witness, size, note)
        try:
            seen = checkpoint(note + line, log, [witness.key])
        except Wrong as error:
            raise Refused(f"{witness.key.name} answered with a false signature") from error
        if witness.key.name not in seen.times:
            raise Refused(f"{witness.key.name} did not sign")
        connection.execute(KEEP, [size, witness.key.name, now, line])
    return int(size)


def _cosigned(connection: psycopg.Connection, witness: Reached, size: int, note: str) -> str:
    """Return the witness's signature line, after it told how far it has seen the log."""
    known, answered = 0, (409, "")
    for _attempt in range(2):
        if known > size:
            raise Refused(f"{witness.key.name} saw {known} events, the log has {size}: its tail was cut")
        proof = tree_of(connection, size).consistency(known, size)
        lines = "".join(f"{base64.b64encode(one).decode()}\n" for one in proof)
        answered = _post(f"{witness.url}/add-checkpoint", f"{OLD}{known}\n{lines}\n{note}")
        if answered[0] == 200:  # noqa: PLR2004
            return answered[1]
        if answered[0] != 409 or not answered[1].strip().isdecimal() or int(answered[1]) == known:  # noqa: PLR2004
            break
        known = int(answered[1])
    raise Refused(f"{witness.key.name} refused: {answered[0]} {answered[1].strip()}")


def _post(url: str, text: str) -> tuple[int, str]:
    """Ask over HTTP; a refusal is an answer too."""
    request = urllib.request.Request(url, text.encode(), {"Content-Type": "text/plain", "Accept": SIZE})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310  (an address of the settings)
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")
    except (OSError, ValueError) as error:
        raise Refused(f"{url} does not answer: {error}") from error


def keep_in_folder(connection: psycopg.Connection, folder: Path, *, now: dt.datetime) -> int | None:
    """Write the newest checkpoint and what witnesses said of it into a file that is never written again.

    Return its size, None when it lies there already.

    Raises:
        Refused: the folder cannot be written, or holds another checkpoint of this size.
    """
    with connection.transaction():
        if (row := connection.execute(UNANCHORED, [FOLDER]).fetchone()) is None:
            return None
        size, note = row
        lines = "".join(said for (said,) in connection.execute(SAID, [size, [FOLDER, STAMP]]))
        epoch = hashlib.sha256(note.partition("\n")[0].encode()).hexdigest()[:8]
        path = folder / f"{size:020}-{epoch}.txt"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444), "w") as file:
                file.write(note + lines)
                file.flush()
                os.fsync(file.fileno())
        except FileExistsError as error:
            if not path.read_text(encoding="utf-8").startswith(note):
                raise Refused(f"{path} holds another checkpoint of {size} events") from error
        except OSError as error:
            raise Refused(f"{path}: {error.strerror}") from error
        connection.execute(KEEP, [size, FOLDER, now, path.name])
    return int(size)
