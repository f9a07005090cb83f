"""Reads about bank files: the runs, and whether accounts add up after one."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import Field, Max, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.access import Permission, scope_of
from core.jobs import Pace, pace
from core.models import Job, User
from portfolios import feeds
from portfolios.models import FeedRun, Transaction
from portfolios.queries.traces import ADDED, CHANGED, told_of
from portfolios.rules.reconcile import Break, Posting, breaks


@dataclass(frozen=True)
class FeedError:
    """A refused line, in the reader's language."""

    line: int
    field: str
    message: str


@dataclass(frozen=True)
class Change:
    """One value of a previewed row; ``old`` is None where the row is new."""

    label: str
    old: str | None
    new: str


@dataclass(frozen=True)
class PreviewRow:
    """A row that a dry run would add or change."""

    what: str
    values: list[Change]


@dataclass(frozen=True)
class PreviewPart:
    """The first rows of one fate."""

    fate: str
    title: str
    count: int
    rows: list[PreviewRow]

    @property
    def more(self) -> bool:
        """Say whether there are others."""
        return self.count > len(self.rows)


@dataclass(frozen=True)
class FeedCard:
    """One run with what its page shows. ``failed`` means the job gave up; the run then waits for somebody."""

    run: FeedRun
    errors: list[FeedError]
    pace: Pace
    failed: bool
    preview: list[PreviewPart]
    breaks: int

    @property
    def waiting(self) -> bool:
        """Say whether the page should look again."""
        return self.run.state in (FeedRun.State.WAITING, FeedRun.State.UNDOING) and not self.failed

    @property
    def gone(self) -> bool:
        """Say whether the bytes of a dry run are no longer kept."""
        return not self.run.stored


def feed_runs(*, user: User) -> QuerySet[FeedRun]:
    """Return the runs that ``user`` may read, without the bytes of their files."""
    rows = FeedRun.objects.all() if scope_of(user, Permission.FEED_READ) else FeedRun.objects.none()
    return rows.defer("preview", "errors").select_related("uploaded_by").order_by("-id")


def senders(*, user: User) -> list[tuple[int, str]]:
    """Return id and name of everybody who sent a file that the user may read about."""
    people = feed_runs(user=user).order_by("uploaded_by__name", "uploaded_by_id")
    return list(people.values_list("uploaded_by_id", "uploaded_by__name").distinct())


def feed(*, user: User, run_id: int) -> FeedCard:
    """Return one run.

    Raises:
        FeedRun.DoesNotExist: missing, or the user may not read runs.
    """
    run = feed_runs(user=user).defer(None).select_related("mapping", "undone_by").get(pk=run_id)
    failed = run.job_id is not None and Job.objects.filter(pk=run.job_id, state=Job.State.FAILED).exists()
    open_breaks = run.breaks.exclude(state="resolved").count() if run.state == FeedRun.State.APPLIED else 0
    return FeedCard(run, [_error(one) for one in run.errors], pace(run.job_id), failed, _preview(run), open_breaks)


def _preview(run: FeedRun) -> list[PreviewPart]:
    counts = {ADDED: (_("New"), run.created), CHANGED: (_("Changed"), run.changed)}
    parts = []
    for fate, (title, count) in counts.items():
        rows = [_row(told) for told in run.preview if told["fate"] == fate]
        if rows:
            parts.append(PreviewPart(fate, title, count, rows))
    return parts


def _row(told: dict[str, Any]) -> PreviewRow:
    model = told_of(told["table"])
    if model is None:
        return PreviewRow(told["table"], [])
    fields = {field.column: field for field in model._meta.concrete_fields}  # noqa: SLF001
    values = [
        Change(
            str(fields[name].verbose_name),
            None if told["fate"] == ADDED else _text(fields[name], old),
            _text(fields[name], new),
        )
        for name, (old, new) in told["values"].items()
        if name in fields
    ]
    return PreviewRow(NOUNS.get(told["table"], told["table"]), values)


def _text(field: "Field[Any, Any]", value: object) -> str:
    """Write a value as the screens do where it is one of a few."""
    choices: dict[object, object] = dict(field.flatchoices)
    return "" if value is None else str(choices.get(value, value))


NOUNS: dict[str, Any] = {
    "clients_client": gettext_lazy("Client"),
    "clients_household": gettext_lazy("Household"),
    "clients_coverage": gettext_lazy("Coverage"),
    "clients_contactpoint": gettext_lazy("Contact"),
    "clients_identitydocument": gettext_lazy("Identity document"),
    "portfolios_institution": gettext_lazy("Institution"),
    "portfolios_account": gettext_lazy("Account"),
    "portfolios_accountparty": gettext_lazy("Party"),
    "portfolios_deposit": gettext_lazy("Deposit"),
    "portfolios_holding": gettext_lazy("Holding"),
    "portfolios_lot": gettext_lazy("Purchase"),
    "portfolios_transaction": gettext_lazy("Transaction"),
    "portfolios_instrument": gettext_lazy("Instrument"),
    "portfolios_price": gettext_lazy("Price"),
    "portfolios_corporateaction": gettext_lazy("Corporate action"),
    "portfolios_fxrate": gettext_lazy("FX rate"),
    "portfolios_listedrate": gettext_lazy("Listed rate"),
    "portfolios_rateexception": gettext_lazy("Rate above the board"),
    "portfolios_maturity": gettext_lazy("Maturity"),
    "reports_statement": gettext_lazy("Statement"),
}
"""What the rows of a table are called."""


def _error(entry: dict[str, object]) -> FeedError:
    values = {str(name): str(value) for name, value in dict(entry.get("values") or {}).items()}  # type: ignore[call-overload]
    if "table" in values:
        values["table"] = str(NOUNS.get(values["table"], values["table"]))
    return FeedError(int(str(entry["line"])), str(entry["field"]), feeds.sentence(str(entry["code"]), values))


def unreconciled(*, institution: str) -> Iterator[tuple[str, list[Break]]]:
    """Yield the accounts of an institution that do not add up, each with the days; for the service account.

    Movements without a balance are left out: they can neither confirm nor contradict.
    """
    rows = Transaction.objects.filter(account__institution__reference=institution, superseded_at__isnull=True)
    rows = rows.filter(balance__isnull=False)
    last: dt.date | None = rows.aggregate(last=Max("value_date"))["last"]
    if last is None:
        return
    columns = ("account__reference", "value_date", "amount", "balance")
    movements = rows.order_by("account_id", "value_date", "id").values_list(*columns)
    for reference, group in groupby(movements.iterator(chunk_size=5000), key=itemgetter(0)):
        found = list(breaks((Posting(*row[1:]) for row in group), last_day=last))
        if found:
            yield reference, found
