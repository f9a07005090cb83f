"""A witness: another department's process that remembers how far it saw the log and takes no shorter or other one.

It speaks C2SP tlog-witness: a checkpoint with a consistency proof comes in, a cosignature goes out. Its memory is one
file for each log, in a folder that the database's administrator cannot reach.
"""

import datetime as dt
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from compliance.ledger.notes import Signer
from compliance.ledger.verifier import (
    EMPTY,
    LONGEST_PROOF,
    SLACK,
    Checkpoint,
    Key,
    Wrong,
    check_consistency,
    checkpoint,
    decoded,
    number,
)

OLD = "old "
PLAIN, SIZE = "text/plain; charset=utf-8", "text/x.tlog.size"


@dataclass(frozen=True)
class Answer:
    """What a witness says: a status of HTTP, the kind of its text, and the text."""

    status: int
    text: str
    kind: str = PLAIN


class Witness:
    """Cosigns checkpoints of the logs it knows, each only when it continues what was cosigned before."""

    def __init__(self, folder: Path, signer: Signer, logs: list[Key]) -> None:
        self.folder = folder
        self.signer = signer
        self.logs = {log.name: log for log in logs}
        self.lock = Lock()

    def add_checkpoint(self, said: str, *, now: dt.datetime) -> Answer:
        """Answer one request: 200 with a cosignature, or why not.

        Raises:
            Wrong: the witness's own memory was touched.
        """
        head, blank, note = said.partition("\n\n")
        log = self.logs.get(note.partition("\n")[0])
        if not blank or not head.startswith(OLD):
            return Answer(400, "not a request\n")
        if log is None:
            return Answer(404, "not a log of mine\n")
        try:
            new = checkpoint(note, log)
        except Wrong as error:
            return Answer(403, f"{error}\n")
        try:
            first, *lines = head.split("\n")
            claimed, proof = number(first.removeprefix(OLD)), [decoded(line) for line in lines[: LONGEST_PROOF + 1]]
        except Wrong as error:
            return Answer(400, f"{error}\n")
        with self.lock:
            if refused := self._refused(log, new, claimed, proof, now):
                return refused
            line = self.signer.cosign(new.text, int(now.timestamp()))
            self._keep(log, f"{note}{line}")
        return Answer(200, line)

    def _refused(self, log: Key, new: Checkpoint, claimed: int, proof: list[bytes], now: dt.datetime) -> Answer | None:
        """Return why a checkpoint does not continue what was seen; None where it does."""
        if new.time > now.timestamp() + SLACK:
            return Answer(422, "signed later than it is now: a clock was set\n")
        size, root = self._known(log)
        if claimed > new.size:
            return Answer(400, "a log does not become smaller\n")
        if claimed != size or (size == new.size and root != new.root):
            return Answer(409, f"{size}\n", SIZE)
        try:
            check_consistency(size, root, new.size, new.root, proof)
        except Wrong as error:
            return Answer(422, f"{error}\n")
        return None

    def _path(self, log: Key) -> Path:
        """Return the file that remembers a log; its name comes from the log's, whatever signs that has."""
        return self.folder / f"{hashlib.sha256(log.name.encode()).hexdigest()[:16]}.txt"

    def _known(self, log: Key) -> tuple[int, bytes]:
        """Return how far a log was seen; its own signature is checked again, because a file can be changed."""
        path = self._path(log)
        if not path.exists():
            return 0, EMPTY
        last = checkpoint(path.read_text(encoding="utf-8"), log, [self.signer.public])
        if self.signer.public.name not in last.times:
            raise Wrong(f"{path} is not what this witness cosigned")
        return last.size, last.root

    def _keep(self, log: Key, note: str) -> None:
        """Remember a checkpoint through a power cut before anybody hears of it."""
        path = self._path(log)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        with part.open("w", encoding="utf-8") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
