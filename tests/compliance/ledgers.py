"""A ledger to test with: its keys, its sealer's connection, a witness, a folder, and the files a stranger gets."""

import datetime as dt
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import psycopg
from django.test import override_settings

from compliance.ledger import kept
from compliance.ledger.anchoring import Reached, ask_witness, keep_in_folder
from compliance.ledger.notes import Signer, make_key, signer
from compliance.ledger.sealing import seal
from compliance.ledger.verifier import Key, Log, check_log
from compliance.ledger.witness import Witness
from config.witness import serve
from core import audit
from core.models import User
from core.walls import acting, service

PATIENCE = 60
LEFT = """
    SELECT count(*) FROM core_auditevent
    WHERE xid >= coalesce((SELECT below FROM compliance_checkpoint ORDER BY size DESC LIMIT 1), '0')"""


def now() -> dt.datetime:
    """Return the time, in whole seconds: events carry the database's own, so a ledger's time is the real one."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


def connect(role: str) -> psycopg.Connection:
    """Connect to the test's database as another role."""
    url = re.sub(r"://[^/@]*@", f"://{role}@", os.environ["DATABASE_URL"])
    return psycopg.connect(url, autocommit=True)


@dataclass
class Ledger:
    """Everything about one ledger of a test."""

    folder: Path
    log: Signer
    witness: Signer
    url: str
    watcher: Witness
    earlier: list[Key] = field(default_factory=list)

    @property
    def reached(self) -> Reached:
        """Return the witness as the sealer knows it."""
        return Reached(self.witness.public, self.url)

    def seal(self, at: dt.datetime | None = None, by: Signer | None = None) -> int:
        """Seal everything that is written. Transactions of other databases on the server may have to end first."""
        until = time.monotonic() + PATIENCE
        with connect("steward_sealer") as connection:
            while time.monotonic() < until:
                size = seal(connection, by or self.log, now=at or now())
                if connection.execute(LEFT).fetchone() == (0,):
                    return size
                time.sleep(0.05)
        raise TimeoutError("events wait to be sealed")

    def anchor(self, at: dt.datetime | None = None) -> None:
        """Carry the newest checkpoint to the witness and into the folder."""
        with connect("steward_sealer") as connection:
            ask_witness(connection, self.reached, self.log.public, now=at or now())
            keep_in_folder(connection, self.folder / "anchors", now=at or now())

    def grow(self, user: User, events: int = 3, at: dt.datetime | None = None) -> int:
        """Let somebody act, and seal and anchor it."""
        with acting(user):
            for number in range(events):
                audit.record("test:act", data={"number": number})
        size = self.seal(at)
        self.anchor(at)
        return size

    def anchors(self) -> list[str]:
        """Return what is kept outside: the folder's files and the witness's memory."""
        kept_by = [*sorted((self.folder / "anchors").glob("*.txt")), *(self.folder / "witness").glob("*.txt")]
        return [path.read_text() for path in kept_by]

    def findings(self) -> list[str]:
        """Read everything as a stranger does: what the database gives, and what was kept outside it."""
        with acting(service()):
            log = kept.sealed()
            whole = Log(list(log.events), list(log.leaves), log.checkpoints, [*log.anchors, *self.anchors()])
        return check_log(whole, self.log.public, [self.witness.public], self.earlier)[1]


@contextmanager
def ledger(folder: Path) -> Iterator[Ledger]:
    """Make keys, run a witness, and tell the application the public keys."""
    make_key(folder / "ledger.key", "steward.example/ledger")
    make_key(folder / "witness.key", "witness.example", witness=True)
    log, witness = signer(folder / "ledger.key"), signer(folder / "witness.key")
    watcher = Witness(folder / "witness", witness, [log.public])
    with serve(("127.0.0.1", 0), watcher) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        host, port = server.server_address[:2]
        try:
            with override_settings(LEDGER_KEYS=[str(log.public)], LEDGER_WITNESSES=[str(witness.public)]):
                yield Ledger(folder, log, witness, f"http://{host!s}:{port}", watcher)
        finally:
            server.shutdown()
            thread.join()
