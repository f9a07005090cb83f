"""Every list and every file of a whole bank, by each role: ``python -m tests.bench.whole --clients 100000``.

A person's list is walked page by page to its end. Then it is written as CSV and as XLSX by the job that does so. Rows
and the totals of every number must be the same in all three, and the rows as many as an independent count finds. Files
that follow the layout of a bank file are loaded again: nothing may be new, nothing changed.
"""

import argparse
import csv
import io
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, BinaryIO

import openpyxl
import psycopg

from tests.bench.__main__ import prepare
from tests.bench.places import Place, database, stage

if TYPE_CHECKING:
    from core.lists import Listing
    from core.lists.asked import Asked
    from core.models import Export, User

VISIBLE = """
    SELECT c.id FROM clients_client c, core_user u WHERE u.username = %(name)s AND (
        u.role IN ('compliance', 'operations', 'administrator')
        OR EXISTS (SELECT FROM clients_opening o WHERE o.client_id = c.id AND o.person_id = u.id AND o.valid @> now())
        OR EXISTS (SELECT FROM clients_coverage v JOIN core_user m ON m.id = v.manager_id
                   WHERE v.client_id = c.id AND v.valid @> now() AND (m.id = u.id
                         OR u.role = 'lead' AND v.kind = 'primary' AND m.team_id = u.team_id)))"""
OURS = f"client_id IN ({VISIBLE})"
SECRET = """EXISTS (
    SELECT FROM clients_contactnote n, core_user u WHERE n.id = t.note_id AND n.confidential AND u.username = %(name)s
        AND u.role = 'lead' AND NOT EXISTS (SELECT FROM clients_coverage v
            WHERE v.client_id = t.client_id AND v.manager_id = u.id AND v.valid @> now()))"""
"""A promise from a confidential contact of a client whom a lead does not cover."""
COUNTS = {
    "clients": f"SELECT count(*) FROM clients_client WHERE id IN ({VISIBLE})",
    "tasks": f"SELECT count(*) FROM clients_task t WHERE done_at IS NULL AND {OURS} AND NOT {SECRET}",
    "deposits": f"SELECT count(*) FROM portfolios_deposit WHERE closed_on IS NULL AND {OURS}",
    "reviews": f"SELECT count(*) FROM reviews_review WHERE decision = '' AND {OURS}",
    "holds": f"SELECT count(*) FROM compliance_hold WHERE {OURS}",
    "transactions": "SELECT count(*) FROM portfolios_transaction"
    " WHERE superseded_at IS NULL AND client_id = %(within)s",
    "breaks": f"SELECT count(*) FROM portfolios_break WHERE state <> 'resolved' AND {OURS}",
    "deliveries": f"SELECT count(*) FROM reports_delivery WHERE {OURS}",
}
"""What a person must find, counted past all walls; ``%(name)s`` is who looks."""
ROLES = ("manager", "lead", "compliance", "operations", "auditor", "administrator")
MORE = 1000
NARROWED = {"trail": [("verb", "export:ask")]}
"""What is asked of a list that has as many rows as the trail."""


@dataclass
class Seen:
    """Rows and totals of a list, however it was read."""

    rows: int = 0
    totals: dict[str, Decimal] = field(default_factory=dict)
    seconds: float = 0.0

    def take(self, numbers: dict[str, Any]) -> None:
        """Count one row."""
        self.rows += 1
        for name, value in numbers.items():
            self.totals[name] = self.totals.get(name, Decimal(0)) + Decimal(str(value or 0))


def names_of(asked: "Asked", form: str) -> list[str]:
    """Return the fields of a file that are numbers."""
    from core.lists import Kind, exports  # noqa: PLC0415

    numbers = {Kind.MONEY, Kind.NUMBER, Kind.PERCENT}
    return [one.name for one in exports.fields(asked, form) if one.kind in numbers]


def walk(asked: "Asked", user: "User") -> Seen:
    """Turn the pages of a list to its end, as a person does."""
    from dataclasses import replace  # noqa: PLC0415

    from core.lists import exports  # noqa: PLC0415
    from core.lists.files import value_of  # noqa: PLC0415
    from core.lists.shown import show  # noqa: PLC0415
    from core.walls import acting  # noqa: PLC0415

    seen, begun = Seen(), time.perf_counter()
    numbers = [one for one in exports.fields(asked, "xlsx") if one.name in names_of(asked, "xlsx")]
    after: str | None = ""
    while after is not None:
        with acting(user):
            shown = show(replace(asked, after=after), [])
            for row in shown.rows:
                seen.take({one.name: value_of(one, row) for one in numbers})
        after = shown.page.next or None
    seen.seconds = time.perf_counter() - begun
    return seen


def written(asked: "Asked", user: "User", form: str, out: BinaryIO, rows: int) -> Seen:
    """Let the job write the list as a file, take the file, and read it. A trail, newest first, has grown by this."""
    from django.utils import timezone  # noqa: PLC0415

    from core import jobs  # noqa: PLC0415
    from core.lists import exports  # noqa: PLC0415
    from core.walls import acting  # noqa: PLC0415

    begun = time.perf_counter()
    with acting(user):
        export = exports.request(asked=asked, form=form, now=timezone.now())
    jobs.run(export.job_id or 0, now=timezone.now())
    with acting(user):
        export, chunks = exports.download(user=user, export_id=export.pk, now=timezone.now())
        out.writelines(chunks)
    seconds = time.perf_counter() - begun
    out.flush()
    seen = Seen(seconds=seconds)
    lines = list(lines_of(out, asked, export))
    for row in lines[len(lines) - rows :] if asked.listing.seen == "trail" else lines:
        seen.take(row)
    out.seek(0)
    return seen


def lines_of(out: BinaryIO, asked: "Asked", export: "Export") -> Iterator[dict[str, Any]]:
    """Yield the numbers of each line of a file."""
    from core.lists import exports  # noqa: PLC0415

    out.seek(0)
    names = set(names_of(asked, export.form))
    if export.form == "csv":
        text = io.TextIOWrapper(out, "utf-8-sig", newline="")
        for line in csv.DictReader(text):
            yield {name: value for name, value in line.items() if name in names}
        text.detach()
        return
    fields = exports.fields(asked, "xlsx")
    sheet: Any = openpyxl.load_workbook(out, read_only=True).active
    for cells in list(sheet.iter_rows(values_only=True, min_row=2)):
        yield {one.name: value for one, value in zip(fields, cells, strict=True) if one.name in names}


def loaded(kind: str, content: BinaryIO) -> tuple[str, float]:
    """Send a file to the feeds as operations do; say what came of it and in how many seconds."""
    from django.utils import timezone  # noqa: PLC0415

    from core.models import User  # noqa: PLC0415
    from core.walls import acting, service  # noqa: PLC0415
    from portfolios import operations  # noqa: PLC0415

    begun, now = time.perf_counter(), timezone.now()
    user = User.objects.filter(role="operations").order_by("pk")[0]
    with acting(user):
        run = operations.receive(user=user, kind=kind, file_name=f"{kind}.csv", content=content, now=now)
    with acting(service()):
        run = operations.apply(run_id=run.pk, now=now)
    told = f"{run.state}: {run.created} new, {run.changed} changed, {run.unchanged:,} the same {run.errors[:2] or ''}"
    return told, time.perf_counter() - begun


def more(clients: int) -> None:
    """Add what a book does not come with: statements that wait to be sent, and days that do not add up."""
    from django.utils import timezone  # noqa: PLC0415

    from clients.models import Client  # noqa: PLC0415
    from core import jobs  # noqa: PLC0415
    from core.models import Job  # noqa: PLC0415
    from core.walls import acting, service  # noqa: PLC0415
    from portfolios.models import Account  # noqa: PLC0415
    from reports import operations as reports  # noqa: PLC0415

    with acting(service()):
        ids = list(Client.objects.order_by("pk").values_list("pk", flat=True)[:clients])
        end = reports.month_end(timezone.localdate())
        reports.issue(client_ids=ids, period_end=end, now=timezone.now())
        accounts = Account.objects.filter(kind="cash", closed_on=None).order_by("-pk")[:clients]
        lines = [
            f"WRONG-{one.pk}-{day},{one.reference},{end:%Y-%m}-{day},other,1,{one.currency},{day}0"
            for one in accounts
            for day in (11, 12)
        ]
    header = "reference,account,value_date,kind,amount,currency,balance"
    print("  ", loaded("transactions", io.BytesIO("\n".join([header, *lines]).encode())))
    with acting(service()):
        looks = list(Job.objects.filter(name="portfolios.find_breaks").values_list("pk", flat=True))
    for job_id in looks:
        jobs.run(job_id, now=timezone.now())


def compared(
    listing: "Listing", user: "User", within: dict[str, int], connection: psycopg.Connection[Any]
) -> list[str]:
    """Look at one list of one person in every way; print it and return what does not agree."""
    from django.utils import timezone  # noqa: PLC0415

    from core.lists.asked import again  # noqa: PLC0415
    from core.lists.declared import Viewer  # noqa: PLC0415
    from core.walls import acting  # noqa: PLC0415

    pairs = NARROWED.get(listing.name, [])
    with acting(user):
        asked = again(listing, pairs, Viewer(user, timezone.now(), within))
    place = f"{user.role} {listing.name}"
    wrong = []
    seen = walk(asked, user)
    if query := COUNTS.get(listing.name):
        row = connection.execute(query, {"name": user.username, "within": within.get("client_id")}).fetchone()
        assert row is not None
        if row[0] != seen.rows:
            wrong.append(f"{place}: {seen.rows} rows seen, {row[0]} there")
    told = [f"{seen.rows:>9,} rows walked in {seen.seconds:6.1f} s"]
    if listing.fields and user.has_perm("list:export"):
        for form in ("csv", "xlsx"):
            with tempfile.TemporaryFile() as out:
                file = written(asked, user, form, out, seen.rows)
                told.append(f"{form} {file.seconds:6.1f} s")
                totals = {name: seen.totals.get(name, Decimal(0)) for name in file.totals}
                if (file.rows, file.totals) != (seen.rows, totals):
                    wrong.append(f"{place} as {form}: {file.rows} {file.totals}, seen {seen.rows} {seen.totals}")
                if form == "csv" and listing.feed and file.rows:
                    state, seconds = loaded(listing.feed, out)
                    told.append(f"loaded again in {seconds:5.1f} s, {state}")
                    if not state.startswith("applied: 0 new, 0 changed, "):
                        wrong.append(f"{place} loaded again: {state}")
    print(f"{place:32} {', '.join(told)}", flush=True)
    return wrong


def drawn() -> int:
    """Return the number of the audit that the book drew."""
    from compliance.models import Audit  # noqa: PLC0415  (needs Django, which the book's own settings set up)
    from core.walls import acting, service  # noqa: PLC0415

    with acting(service()):
        return Audit.objects.latest("pk").pk


def main() -> int:
    """Build a book, look at every list as everybody, tell."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.whole")
    parser.add_argument("--clients", type=int, default=100_000)
    given = parser.parse_args()
    with Place() as place:
        with stage(f"a book of {given.clients:,} clients"):
            book = place.book("whole", given.clients)
        prepare(book)
        from django.utils.module_loading import autodiscover_modules  # noqa: PLC0415

        from clients.queries import clients  # noqa: PLC0415
        from core.lists import REGISTRY, exports  # noqa: PLC0415
        from core.models import User  # noqa: PLC0415
        from core.walls import acting  # noqa: PLC0415

        autodiscover_modules("tasks")
        exports.MOST_AN_HOUR = len(REGISTRY) * len(ROLES) * 2
        more(min(MORE, given.clients))
        wrong: list[str] = []
        audit = drawn()
        with psycopg.connect(database(place.superuser, book), autocommit=True) as connection:
            for role in ROLES:
                user = User.objects.filter(role=role).order_by("pk")[0]
                for _name, listing in sorted(REGISTRY.items()):
                    if not user.has_perm(listing.permission):
                        continue
                    with acting(user):
                        first = clients(user=user).first()
                    if listing.within and first is None:
                        continue
                    near = {"client_id": first.pk if first else 0, "audit_id": audit}
                    within = {name: near[name] for name in listing.within}
                    wrong += compared(listing, user, within, connection)
        print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")
        print(f"{len(wrong)} disagree", *wrong, sep="\n  ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
