"""Reads about movements, line by line."""

import datetime as dt

from django.db.models import QuerySet

from clients.access import Permission, scoped
from core.models import User
from portfolios.models import Account, Transaction
from portfolios.queries.breaks import break_of_day


def accounts(*, user: User, client_id: int) -> QuerySet[Account]:
    """Return a client's accounts."""
    rows = scoped(Account.objects.filter(client_id=client_id), user, Permission.ACCOUNT_READ)
    return rows.select_related("institution").order_by("reference")


def transactions(
    *,
    user: User,
    client_id: int,
    account_id: int | None = None,
    since: dt.date | None = None,
    until: dt.date | None = None,
) -> QuerySet[Transaction]:
    """Return a client's movements as known now, newest first; dates are inclusive.

    ``apart`` is the id of the break of a movement's day, None where the day adds up.
    """
    rows = scoped(Transaction.objects.filter(client_id=client_id), user, Permission.PORTFOLIO_READ)
    rows = rows.filter(superseded_at__isnull=True)
    if account_id is not None:
        rows = rows.filter(account_id=account_id)
    if since:
        rows = rows.filter(value_date__gte=since)
    if until:
        rows = rows.filter(value_date__lte=until)
    return rows.select_related("account", "instrument").annotate(apart=break_of_day()).order_by("-value_date", "-id")
