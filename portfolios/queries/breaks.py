"""Reads about days that do not add up, scoped to the person who asks."""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

from django.db.models import Max, OuterRef, QuerySet, Subquery

from clients.access import Permission, scoped
from core.models import User
from portfolios.models import Account, Break, Transaction
from portfolios.rules import reconcile
from portfolios.rules.reconcile import Posting

NOBODY, MINE, LIVE = "nobody", "me", "live"


def breaks(*, user: User, state: str = "", owner: str = "", kind: str = "", run: int | None = None) -> QuerySet[Break]:
    """Return the breaks that ``user`` may see, newest first.

    ``state`` is one of ``Break.State`` or ``live`` for those not resolved, ``owner`` is ``me`` or ``nobody``; ``run``
    is the number of a file. Empty filters keep everything.
    """
    rows = scoped(Break.objects.all(), user, Permission.BREAK_READ)
    if state:
        rows = rows.exclude(state=Break.State.RESOLVED) if state == LIVE else rows.filter(state=state)
    if owner:
        rows = rows.filter(owner=user if owner == MINE else None)
    if kind:
        rows = rows.filter(kind=kind)
    if run is not None:
        rows = rows.filter(run_id=run)
    return rows.select_related("account__institution", "client", "owner", "closed_by").order_by("-id")


def break_of_day() -> Subquery:
    """Return the id of the live break on a movement's account and day, for annotating movements."""
    live = Break.objects.exclude(state=Break.State.RESOLVED)
    return Subquery(live.filter(account_id=OuterRef("account_id"), day=OuterRef("value_date")).values("pk")[:1])


def days_apart(account_ids: list[int]) -> Iterator[tuple[Account, list[reconcile.Break]]]:
    """Yield each of some accounts with its days that do not add up; for the service account.

    An account whose first movement is the day of its opening began at nothing; of any other the past is not known here,
    and the balance of its first day is believed.
    """
    accounts = Account.objects.in_bulk(account_ids)
    rows = Transaction.objects.filter(account_id__in=account_ids, superseded_at__isnull=True)
    last = rows.aggregate(last=Max("value_date"))["last"]
    movements = rows.order_by("account_id", "value_date", "id")
    columns = movements.values_list("account_id", "value_date", "amount", "balance")
    grouped = {key: [Posting(*row[1:]) for row in group] for key, group in groupby(columns.iterator(), itemgetter(0))}
    for key, account in accounts.items():
        postings = grouped.get(key, [])
        begins = bool(postings) and postings[0].day <= account.opened_on
        yield account, list(reconcile.breaks(postings, last_day=last, opening=reconcile.NOTHING if begins else None))
