"""``manage.py load_berka FOLDER``: load the public Berka extract and say whether its accounts add up."""

import io
import json
import time
import zipfile
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError

from core import clock
from core.models import Role, User
from core.walls import acting, service
from portfolios import operations
from portfolios.feeds.mapping import understood
from portfolios.models import FeedRun
from portfolios.queries.feeds import unreconciled
from portfolios.rules.reconcile import Reason

MAPPING = Path(__file__).parents[2] / "mappings" / "berka.toml"
BANK = "BERKA"


def _packed(folder: Path, files: list[str]) -> BinaryIO:
    """Return the files of the extract in one ZIP, the same bytes each time."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as package:
        for name in files:
            package.writestr(zipfile.ZipInfo(name), (folder / name).read_bytes(), zipfile.ZIP_DEFLATED)
    content.seek(0)
    return content


class Command(BaseCommand):
    """All files are one run, as a service of the bank; loaded twice, nothing is new."""

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
        text = MAPPING.read_text()
        files = sorted(understood(text).files)
        if missing := [name for name in files if not (folder / name).is_file()]:
            raise CommandError(f"{folder} lacks {', '.join(missing)}.")
        managers = json.dumps(self._managers(options["manager"]))
        self._load(text.replace('["manager.username"]', managers), _packed(folder, files))
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

    def _load(self, text: str, content: BinaryIO) -> None:
        """Send the files in one ZIP through the mapping, and apply them here and now."""
        started, user = time.monotonic(), service()
        with acting(user):
            mapping = operations.save_mapping(user=user, name="berka", text=text, now=clock.now())
            wishes = operations.Wishes(mapping_id=mapping.pk, source=FeedRun.Source.COMMAND)
            run = operations.receive(
                user=user, kind="mapped", file_name="berka.zip", content=content, now=clock.now(), wishes=wishes
            )
        with acting(user):
            run = operations.apply(run_id=run.pk, now=clock.now(), progress=self._progress)
        if run.state == FeedRun.State.REFUSED:
            first = run.errors[0]
            raise CommandError(
                f"Nothing was loaded, {len(run.errors)} lines were refused."
                f" Line {first['line']}, {first['field']}: {first['message']}"
            )
        self.stdout.write(f"{run.created:,} created, {run.changed:,} changed, {run.unchanged:,} unchanged")
        self.stdout.write(f"  in {time.monotonic() - started:.1f} s")

    def _progress(self, done: int, total: int, /) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{done:,} of {total:,}", ending="\r")

    def _reconcile(self, *, every: bool) -> None:
        total: Counter[Reason] = Counter()
        accounts = 0
        with acting(service()):
            for reference, days in unreconciled(institution=BANK):
                accounts += 1
                reasons = Counter(broken.reason for broken in days)
                total += reasons
                worst = max(abs(broken.difference) for broken in days)
                told = ", ".join(f"{count} {reason}" for reason, count in reasons.items())
                self.stdout.write(f"  {reference}: {told}; at most {worst:,.2f}")
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
