"""The ledger from the command line: check it, write it out for a stranger, make the keys of a sealer or a witness."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from compliance import operations
from compliance.ledger import kept
from compliance.ledger.notes import make_key
from core import clock
from core.errors import Refused
from core.walls import acting, service


class Command(BaseCommand):
    """``ledger check``, ``ledger export FOLDER``, ``ledger key FILE --name NAME``."""

    help = "Checks the ledger, writes it out, or makes a key."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the three acts."""
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("check", help="read everything again; the answer is 1 when something was changed")
        acts.add_parser("export", help="write the log for the verifier").add_argument("folder", type=Path)
        made = acts.add_parser("key", help="make a key file and its public part beside it")
        made.add_argument("file", type=Path)
        made.add_argument("--name", required=True, help="an address without http://, such as bank.example/ledger")
        made.add_argument("--witness", action="store_true")

    def handle(self, *_arguments: Any, act: str, **given: Any) -> None:
        """Do one of them."""
        if act == "key":
            make_key(given["file"], given["name"], witness=given["witness"])
            self.stdout.write(given["file"].with_suffix(".pub").read_text().strip())
            return
        with acting(service()):
            if act == "check":
                self._check()
            else:
                kept.write(given["folder"])

    def _check(self) -> None:
        try:
            findings = operations.check_ledger(now=clock.now())
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        if findings:
            raise CommandError("\n".join(findings))
        self.stdout.write("nothing was changed")
