"""Reads about bank files: the runs, and whether accounts add up after one."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from django.core.cache import cache
from django.db.models import Max, QuerySet

from clients.access import Permission, scope_of
from core.models import Job, User
from portfolios import feeds
from portfolios.models import FeedRun, Transaction
from portfolios.rules.reconcile import Break, Posting, breaks


@dataclass(frozen=True)
class FeedError:
    """A refused line, in the reader's language."""

    line: int
    field: str
    message: str


@dataclass(frozen=True)
class FeedCard:
    """One run with what its page shows. ``failed`` means the job gave up; the run then waits for somebody."""

    run: FeedRun
    errors: list[FeedError]
    done: int
    total: int
    failed: bool

    @property
    def waiting(self) -> bool:
        """Say whether the page should look again."""
        return self.run.state == FeedRun.State.WAITING and not self.failed


def feed_runs(*, user: User) -> QuerySet[FeedRun]:
    """Return the runs that ``user`` may read, without the bytes of their files."""
    rows = FeedRun.objects.all() if scope_of(user, Permission.FEED_READ) else FeedRun.objects.none()
    return rows.defer("content", "errors").select_related("uploaded_by").order_by("-id")


def senders(*, user: User) -> list[tuple[int, str]]:
    """Return id and name of everybody who sent a file that the user may read about."""
    people = feed_runs(user=user).order_by("uploaded_by__name", "uploaded_by_id")
    return list(people.values_list("uploaded_by_id", "uploaded_by__name").distinct())


def feed(*, user: User, run_id: int) -> FeedCard:
    """Return one run.

    Raises:
        FeedRun.DoesNotExist: missing, or the user may not read runs.
    """
    run = feed_runs(user=user).defer(None).defer("content").get(pk=run_id)
    done, total = cache.get(f"job:{run.job_id}") or (0, 0)
    failed = run.job_id is not None and Job.objects.filter(pk=run.job_id, state=Job.State.FAILED).exists()
    return FeedCard(run, [_error(entry) for entry in run.errors], done, total, failed)


def _error(entry: dict[str, object]) -> FeedError:
    values = {str(name): str(value) for name, value in dict(entry.get("values") or {}).items()}  # type: ignore[call-overload]
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
