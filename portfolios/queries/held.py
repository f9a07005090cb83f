"""The rows behind a client's book of a day, as they are believed now: for lists, whose figures the book tells."""

import datetime as dt

from django.db.models import Q, QuerySet

from clients.access import Permission, scoped
from core.models import User
from portfolios.models import Account, Deposit, Holding
from portfolios.queries.rates import known


def held_deposits(*, user: User, client_id: int, on: dt.date) -> QuerySet[Deposit]:
    """Return the deposits that a client had at the end of a day."""
    rows = scoped(Deposit.objects.filter(client_id=client_id, value_date__lte=on), user, Permission.PORTFOLIO_READ)
    return rows.filter(Q(closed_on__isnull=True) | Q(closed_on__gt=on)).select_related("institution")


def held(*, user: User, client_id: int, on: dt.date) -> QuerySet[Holding]:
    """Return the positions that a client had at the end of a day: of each the last word up to it."""
    said = known(Holding.objects.filter(client_id=client_id, value_date__lte=on), None)
    last = said.order_by("reference", "-value_date").distinct("reference").values("pk")
    rows = scoped(Holding.objects.filter(pk__in=last), user, Permission.PORTFOLIO_READ)
    return rows.exclude(quantity=0).select_related("instrument", "account__institution")


def cash_accounts(*, user: User, client_id: int, on: dt.date) -> QuerySet[Account]:
    """Return the cash accounts of a client that were open at the end of a day."""
    rows = Account.objects.filter(client_id=client_id, kind=Account.Kind.CASH, opened_on__lte=on)
    rows = rows.filter(Q(closed_on__isnull=True) | Q(closed_on__gt=on))
    return scoped(rows, user, Permission.PORTFOLIO_READ).select_related("institution")
