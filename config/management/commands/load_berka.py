"""``manage.py load_berka FOLDER``: load the public Berka extract and say whether its accounts add up."""

import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clients.rules.intake import Counts, LinesRefused
from core import audit, clock
from core.models import Role, User
from core.walls import acting, service
from portfolios import operations
from portfolios.feeds import Row, berka, sentence
from portfolios.queries.feeds import unreconciled
from portfolios.rules.reconcile import Reason


class Command(BaseCommand):
    """Each file is one transaction, as a service of the bank; loaded twice, nothing is new."""

    help = "Load the Berka extract (PKDD'99): clients, accounts and movements of a real bank."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the folder and who is to look after the clients."""
        parser.add_argument("folder", type=Path)
        parser.add_argument(
            "--manager", action="append", default=[], help="user name; several share the clients in turn"
        )
        parser.add_argument("--all", action="store_true", help="list every day that does not add up")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, then reconcile."""
        folder: Path = options["folder"]
        missing = [name for name in berka.FILES if not (folder / name).is_file()]
        if missing:
            raise CommandError(f"{folder} lacks {', '.join(missing)}.")
        managers = self._managers(options["manager"])
        self._load({"clients": berka.client_rows(folder, managers)})
        bank, accounts, disponents = berka.account_rows(folder)
        self._load({"institutions": [bank], "accounts": accounts, "disponents": disponents})
        self._load({"transactions": berka.transaction_rows(folder)})
        self._reconcile(every=options["all"])

    def _managers(self, names: list[str]) -> list[str]:
        with acting(service()):
            able = User.objects.filter(is_active=True, role__in=[Role.MANAGER, Role.LEAD]).order_by("username")
            known = list(
                (able.filter(username__in=names) if names else able.filter(role=Role.MANAGER)).values_list(
                    "username", flat=True
                )
            )
        unknown = sorted(set(names) - set(known))
        if unknown:
            raise CommandError(f"Nobody active looks after clients under the name {', '.join(unknown)}.")
        if not known:
            raise CommandError("There is no active relationship manager to give the clients to. Create one first.")
        return known

    def _load(self, parts: Mapping[str, Sequence[Row]]) -> None:
        """Apply the parts of one file in one transaction."""
        started, now = time.monotonic(), clock.now()
        counts: dict[str, Counts] = {}
        try:
            with acting(service()):
                for what, rows in parts.items():
                    counts[what] = operations.apply_rows(rows=rows, now=now, progress=self._progress(what))
                    audit.record("feed:apply", data={"source": "berka", "kind": what, **counts[what]._asdict()})
        except LinesRefused as refusal:
            first = refusal.errors[0]
            reason = sentence(first.code, dict(first.values))
            raise CommandError(
                f"{', '.join(parts)}: nothing was loaded, {len(refusal.errors)} lines were refused."
                f" Line {first.line}, {first.field}: {reason}"
            ) from refusal
        for what, (created, changed, unchanged) in counts.items():
            self.stdout.write(f"{what}: {created:,} created, {changed:,} changed, {unchanged:,} unchanged")
        self.stdout.write(f"  in {time.monotonic() - started:.1f} s")

    def _progress(self, what: str) -> operations.Progress:
        def tell(done: int, total: int, /) -> None:
            if self.stderr.isatty():
                self.stderr.write(f"\r{what}: {done:,} of {total:,}", ending="\r")

        return tell

    def _reconcile(self, *, every: bool) -> None:
        total: Counter[Reason] = Counter()
        accounts = 0
        with acting(service()):
            for reference, days in unreconciled(institution=berka.BANK):
                accounts += 1
                reasons = Counter(broken.reason for broken in days)
                total += reasons
                worst = max(abs(broken.difference) for broken in days)
                told = ", ".join(f"{count} {reason}" for reason, count in reasons.items())
                self.stdout.write(f"  {reference}: {told}; at most {worst}")
                for broken in days if every else ():
                    self.stdout.write(
                        f"    {broken.day}: {broken.opening} and the day's movements give {broken.expected},"
                        f" the bank says {broken.found} ({broken.reason})"
                    )
        self.stdout.write(f"reconciled by day: {accounts:,} accounts have days that do not add up")
        for reason, meaning in MEANINGS.items():
            self.stdout.write(f"  {reason}: {total[reason]:,} days {meaning}")


MEANINGS = {
    Reason.ROUNDED: "are off by a tenth or two: the source rounds balances it computed with more digits",
    Reason.CUT: "are the last of the extract, cut before the day was complete",
    Reason.UNEXPLAINED: "have no explanation",
}
