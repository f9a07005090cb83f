"""Evidence: what the trail says of a client in a period, each event with a proof that a stranger checks alone."""

import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from django.template.loader import render_to_string

from compliance.ledger import verifier
from compliance.ledger.kept import Prover
from compliance.queries import Line
from core.lists import Field
from core.lists.files import CsvFile

STEM = "events/{:012}"


class Pack:
    """A ZIP in the making: events as they were sealed, the values they hide, proofs, and what checks them."""

    def __init__(self, out: IO[bytes], fields: Sequence[Field], title: str) -> None:
        self.package = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=5)
        self.told = io.BytesIO()
        self.table = CsvFile(self.told, fields)
        self.title = title
        self.prover: Prover | None = None
        self.count = self.proved = 0

    def rows(self, rows: Sequence[Line]) -> None:
        """Write some events, all by the checkpoint that was the newest when the first came."""
        self.prover = self.prover or Prover()
        self.table.rows(rows)
        for event_id, body, secrets, proof in self.prover.evidence([row.pk for row in rows]):
            stem = STEM.format(event_id)
            self.package.writestr(f"{stem}.json", body)
            if secrets:
                self.package.writestr(f"{stem}.values.json", json.dumps(secrets, ensure_ascii=False, indent=1))
            if proof:
                self.package.writestr(f"{stem}.tlog-proof", proof)
                self.proved += 1
            self.count += 1

    def finish(self) -> None:
        """Write the table, the checkpoint, the verifier, the keys, and how to use them."""
        prover = self.prover or Prover()
        self.table.finish()
        shown = {
            "pack": self,
            "waiting": self.count - self.proved,
            "checkpoint": prover.checkpoint,
            "keys": prover.keys,
        }
        self.package.writestr("README.txt", render_to_string("compliance/pack.txt", shown))
        self.package.writestr("events.csv", self.told.getvalue())
        self.package.writestr("checkpoint.txt", prover.note)
        self.package.writestr("keys.txt", "".join(f"{one}\n" for one in prover.keys))
        self.package.writestr("verifier.py", Path(verifier.__file__).read_bytes())
        self.package.close()
