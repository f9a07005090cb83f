"""The ledger of a demo: keys, a sealer and a witness, each in a folder of its own. Real ones live on other machines."""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from compliance.ledger.notes import make_key

LEDGER, WITNESS, ANCHORS = "ledger", "witness", "anchors"


@dataclass(frozen=True)
class Program:
    """A program of the ledger and what its environment has more than the others'."""

    name: str
    command: list[str]
    values: dict[str, str]


@dataclass(frozen=True)
class Ledger:
    """Where a demo keeps its ledger, and the database's address for the sealer."""

    var: Path
    sealer_url: str
    port: int

    @property
    def public(self) -> dict[str, str]:
        """Return what the web and the worker know of it; the keys are made on first use."""
        make_key(self.var / LEDGER / "ledger.key", "steward.example/ledger")
        make_key(self.var / WITNESS / "witness.key", "compliance.steward.example/witness", witness=True)
        log, witness = ((self.var / name / f"{name}.pub").read_text().strip() for name in (LEDGER, WITNESS))
        return {"LEDGER_KEY": log, "LEDGER_WITNESSES": witness}

    def programs(self) -> list[Program]:
        """Return the witness and the sealer."""
        public, address = self.public, f"127.0.0.1:{self.port}"
        watching = {
            "WITNESS_KEY_FILE": str(self.var / WITNESS / "witness.key"),
            "WITNESS_FOLDER": str(self.var / WITNESS),
            "WITNESS_LOGS": public["LEDGER_KEY"],
            "WITNESS_ADDRESS": address,
        }
        sealing = {
            "DATABASE_SEALER_URL": self.sealer_url,
            "LEDGER_KEY_FILE": str(self.var / LEDGER / "ledger.key"),
            "ANCHOR_FOLDER": str(self.var / ANCHORS),
            "WITNESSES": f"{public['LEDGER_WITNESSES']}@http://{address}",
        }
        return [
            Program("witness", [sys.executable, "-m", "config.witness"], watching),
            Program("sealer", [sys.executable, "-m", "config.sealing"], sealing),
        ]


def forget(var: Path) -> None:
    """Remove a ledger: a new database begins a new one, which an old witness would refuse."""
    for name in (LEDGER, WITNESS, ANCHORS):
        shutil.rmtree(var / name, ignore_errors=True)
