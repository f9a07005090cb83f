"""The sealer: ``python -m config.sealing`` seals the trail every few seconds and carries checkpoints outside.

It runs as a user of its own, where the web and the workers do not reach its key, and is told everything by its
environment, or by the file SEALER_FILE names: DATABASE_SEALER_URL, LEDGER_KEY_FILE, ANCHOR_FOLDER, WITNESSES, and for
a daily time stamp TIMESTAMP_URL and TIMESTAMP_ROOTS (certificates in PEM). With ``--sign`` it signs what guards the
trail, once, after a release.
"""

import datetime as dt
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psycopg

from compliance.ledger.anchoring import Reached, Refused, ask_witness, keep_in_folder
from compliance.ledger.fingerprint import sign
from compliance.ledger.notes import signer
from compliance.ledger.sealing import clocks, seal
from compliance.ledger.stamping import authority, stamp
from compliance.ledger.verifier import key
from config.environment import lines_of

EVERY = 3.0
APART = dt.timedelta(seconds=60)
LOG = logging.getLogger("steward.sealing")


def witnesses(text: str) -> list[Reached]:
    """Read the witnesses of the environment.

    Raises:
        ValueError: one of them has no key.
    """
    return [Reached(key(name), url) for name, _, url in (one.rpartition("@") for one in text.split())]


def once(connection: psycopg.Connection, values: dict[str, str], *, now: dt.datetime) -> Iterator[str]:
    """Seal, then anchor with everybody who is named; yield what failed. One that fails holds up no other.

    While the clocks of database and sealer differ nothing is sealed: which of them is wrong a person has to find out.
    """
    if abs(ahead := clocks(connection, now=now)) > APART:
        yield f"the database's clock is {ahead.total_seconds():+.0f} s from the sealer's: nothing is sealed"
        return
    own = signer(Path(values["LEDGER_KEY_FILE"]))
    reached = witnesses(values.get("WITNESSES", ""))
    steps: list[Callable[[], object]] = [
        partial(seal, connection, own, now=now),
        *(partial(ask_witness, connection, one, own.public, now=now) for one in reached),
    ]
    if folder := values.get("ANCHOR_FOLDER"):
        steps.append(partial(keep_in_folder, connection, Path(folder), now=now))
        if url := values.get("TIMESTAMP_URL"):
            by = authority(url, Path(values["TIMESTAMP_ROOTS"]))
            steps.append(partial(stamp, connection, by, Path(folder), now=now))
    for step in steps:
        try:
            step()
        except (Refused, psycopg.errors.IntegrityError) as error:
            yield str(error)


def told(name: str) -> dict[str, str]:
    """Return the environment, with the file it names (lines of NAME=value, where secrets lie) behind it."""
    values = dict(os.environ)
    return {**lines_of(Path(values[name])), **values} if name in values else values


def main() -> None:
    """Seal until told to end. A database that is away is waited for."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
    values = told("SEALER_FILE")
    if "--sign" in sys.argv:
        with psycopg.connect(values["DATABASE_SEALER_URL"]) as connection:
            sign(connection, signer(Path(values["LEDGER_KEY_FILE"])), now=dt.datetime.now(dt.UTC))
        return
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    while not stopped.is_set():
        try:
            with psycopg.connect(values["DATABASE_SEALER_URL"], autocommit=True) as connection:
                LOG.info("sealing every %s s", EVERY)
                while not stopped.wait(EVERY):
                    for failed in once(connection, values, now=dt.datetime.now(dt.UTC)):
                        LOG.error("ALARM %s", failed)
        except psycopg.OperationalError as error:
            LOG.error("ALARM the database is away: %s", error)  # noqa: TRY400  (its text says it)
            stopped.wait(EVERY)


if __name__ == "__main__":
    main()
