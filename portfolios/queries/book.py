"""What a client holds on a date, as it was known at an instant: a constant number of queries for any number of rows."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import F, Func, Min, OuterRef, Q, QuerySet, Subquery, Sum

from clients import queries as clients
from clients.access import Permission, scoped
from core.models import Parameter, User
from core.money import rounded
from portfolios.models import Account, Deposit, DepositTerms, Holding, Price, Transaction
from portfolios.queries.actions import actions_of
from portfolios.queries.deposits import (
    contracts,
    earned,
    listed_demand_rate,
    principal_on,
    waits_overdue,
    with_changes,
)
from portfolios.queries.rates import Rates, known
from portfolios.rules.book import (
    AccountMovements,
    Book,
    CashLine,
    Converter,
    DepositLine,
    HoldingLine,
    Movement,
    assemble,
)
from portfolios.rules.holdings import Action, carried, quoted

TAIL = 4
NOTHING = Decimal(0)
BEFORE = Func(
    ArrayAgg(F("balance") - F("amount"), order_by=["value_date", "id"]),
    template="(%(expressions)s)[1]",
    output_field=Transaction._meta.get_field("balance").clone(),  # noqa: SLF001
)
"""What the bank says was on an account before its first movement."""


def book(*, user: User, client_id: int, as_of: dt.date, known_at: dt.datetime) -> Book:
    """Return everything a client held on ``as_of``, as known at ``known_at``.

    Raises:
        Client.DoesNotExist: missing or somebody else's.
    """
    return books(user=user, client_id=client_id, days=[as_of], known_at=known_at)[0]


def books(*, user: User, client_id: int, days: Sequence[dt.date], known_at: dt.datetime) -> list[Book]:
    """Return the book of each of some days; what they share is read once.

    Raises:
        Client.DoesNotExist: missing or somebody else's.
    """
    client = clients.client(user=user, client_id=client_id, permission=Permission.PORTFOLIO_READ)
    deposits = contracts_of(user, client_id, known_at)
    accounts = list(_accounts(user, client_id))
    found = []
    for day in days:
        convert, missing = Rates(day, known_at).converter(client.base_currency), set[str]()
        lines = {
            "deposits": _deposit_lines(deposits, day, convert, missing),
            "holdings": _holdings(user, client_id, as_of=day, known_at=known_at, convert=convert, missing=missing),
            "cash": _cash([one for one in accounts if stood(one, day)], day, known_at, convert),
        }
        found.append(
            assemble(
                client_id=client_id,
                as_of=day,
                known_at=known_at,
                currency=client.base_currency,
                missing=missing | convert.missing,
                rates=convert.told,
                **lines,  # type: ignore[arg-type]
            )
        )
    return found


def stood(account: Account, day: dt.date) -> bool:
    """Say whether an account was open at the end of a day."""
    return account.opened_on <= day and (account.closed_on is None or account.closed_on > day)


def contracts_of(user: User, client_id: int, known_at: dt.datetime) -> list[Deposit]:
    """Return a client's deposits, open and closed, as known at ``known_at``, the next to fall due first."""
    rows = scoped(Deposit.objects.filter(client_id=client_id), user, Permission.PORTFOLIO_READ)
    every = list(rows.select_related("institution"))
    found = [row for row in every if row.known_at <= known_at]
    if len(found) < len(every):  # only of a contract that was told anew since was something else known then
        before = scoped(DepositTerms.objects.filter(client_id=client_id), user, Permission.PORTFOLIO_READ)
        found += contracts(known(before, known_at).select_related("institution", "deposit"))
    found = with_changes(found, known_at)
    return sorted(found, key=lambda row: (row.matures_on is None, row.matures_on or dt.date.max, row.pk))


def _deposit_lines(rows: list[Deposit], as_of: dt.date, convert: Converter, missing: set[str]) -> list[DepositLine]:
    found = [row for row in rows if row.value_date <= as_of and (row.closed_on is None or row.closed_on > as_of)]
    waiting = [row.reference for row in found if waits_overdue(row, as_of)]
    demand_rate = listed_demand_rate(as_of) if waiting else None
    if demand_rate is None:
        missing.update(waiting)
    return [_deposit(row, as_of, demand_rate, convert) for row in found]


def _deposit(row: Deposit, as_of: dt.date, demand_rate: Decimal | None, convert: Converter) -> DepositLine:
    accrued = earned(row, as_of, demand_rate)
    principal = principal_on(row, as_of)
    value = principal + accrued
    return DepositLine(
        deposit_id=row.pk,
        reference=row.reference,
        kind=row.kind,
        institution=str(row.institution),
        currency=row.currency,
        principal=principal,
        rate=row.rate,
        day_count=row.day_count,
        value_date=row.value_date,
        matures_on=row.matures_on,
        accrued=accrued,
        value=value,
        base_value=convert(value, row.currency),
        instruction=row.instruction,
    )


def _holdings(
    user: User, client_id: int, *, as_of: dt.date, known_at: dt.datetime, convert: Converter, missing: set[str]
) -> list[HoldingLine]:
    priced = known(Price.objects.filter(instrument=OuterRef("instrument"), value_date__lte=as_of), known_at)
    rows = scoped(Holding.objects.filter(client_id=client_id), user, Permission.PORTFOLIO_READ)
    rows = (
        known(rows.filter(value_date__lte=as_of), known_at).order_by("reference", "-value_date").distinct("reference")
    )
    stale_days = Parameter.objects.value("price.stale_days", on=as_of)
    found = [
        row
        for row in rows.select_related("instrument", "account__institution").annotate(
            last=Subquery(priced.order_by("-value_date").values("pk")[:1])
        )
        if row.quantity
    ]
    prices = Price.objects.in_bulk([row.last for row in found if row.last])
    splits = actions_of([row.instrument_id for row in found], dt.date.min, as_of, known_at).units
    oldest = as_of - dt.timedelta(days=stale_days)
    told = ((row, _Told(prices.get(row.last), splits.get(row.instrument_id, ()), oldest, as_of)) for row in found)
    return [_holding(row, one, convert, missing) for row, one in told if one.quantity(row)]


class _Told(NamedTuple):
    """What a position is worth by: the last price, what issuers did, before which day a price is old, and the day."""

    last: Price | None
    splits: Sequence[Action]
    oldest: dt.date
    as_of: dt.date

    def quantity(self, row: Holding) -> Decimal:
        """Return how much is held, the splits since the bank's last word counted."""
        return carried(row.quantity, self.splits, row.value_date, self.as_of)


def _holding(row: Holding, told: _Told, convert: Converter, missing: set[str]) -> HoldingLine:
    """Return a position on a day; the bank's last word and the last price count after the splits since."""
    last, splits, oldest, as_of = told
    instrument, terms, quantity = row.instrument, row.instrument.terms, told.quantity(row)
    value, price, accrued = None, None, Decimal(0)
    if last is None:
        missing.add(instrument.name)
    else:
        price = quoted(last.price, splits, last.value_date, as_of)
        value = terms.worth(quantity, price, row.cost, as_of, instrument.currency)
        accrued = rounded(quantity * terms.accrued(as_of) * terms.multiplier, instrument.currency)
    return HoldingLine(
        reference=row.reference,
        name=instrument.name,
        name_zh=instrument.name_zh,
        asset_class=instrument.asset_class,
        currency=instrument.currency,
        quantity=quantity,
        cost=row.cost,
        price=price,
        price_date=last.value_date if last else None,
        stale=last is not None and last.value_date < oldest,
        value=value,
        base_value=convert(value, instrument.currency),
        gain=value if value is None or terms.settled else value - accrued - row.cost,
        risk_level=instrument.risk_level,
        institution=str(row.account.institution),
        source=last.source if last else "",
        estimated=last is not None and last.estimated,
        accrued=accrued,
        since=row.value_date,
        multiplier=terms.multiplier,
        instrument_id=instrument.pk,
    )


def account_balances(
    accounts: Sequence[Account], *, as_of: dt.date, known_at: dt.datetime | None = None
) -> dict[int, Decimal]:
    """Return the balance of each account at the end of ``as_of``: what it began with and the sum of what moved it."""
    rows = known(_of(accounts), known_at).order_by().values("account")
    opened = {account.pk: account.opened_on for account in accounts}
    moved = rows.annotate(since=Min("value_date"), before=BEFORE, moved=Sum("amount", filter=Q(value_date__lte=as_of)))
    return {
        account: (moved or NOTHING) + ((before or NOTHING) if since > opened[account] else NOTHING)
        for account, since, before, moved in moved.values_list("account", "since", "before", "moved")
    }


def _of(accounts: Sequence[Account]) -> QuerySet[Transaction]:
    """Return what moved the accounts; the owners are named too, because the index begins with them."""
    owners = {account.client_id for account in accounts}
    return Transaction.objects.filter(client_id__in=owners, account_id__in=[account.pk for account in accounts])


def beginnings(rows: QuerySet[Transaction]) -> dict[int, Decimal]:
    """Return what was on accounts whose first movement here is not their first: the bank's balance before it."""
    first = rows.order_by().values("account").annotate(since=Min("value_date"), before=BEFORE)
    later = first.filter(since__gt=F("account__opened_on")).values_list("account", "before")
    return {account: before for account, before in later if before is not None}


def _accounts(user: User, client_id: int) -> QuerySet[Account]:
    rows = scoped(Account.objects.filter(client_id=client_id, kind=Account.Kind.CASH), user, Permission.PORTFOLIO_READ)
    return rows.select_related("institution").order_by("reference")


def _cash(accounts: list[Account], as_of: dt.date, known_at: dt.datetime | None, convert: Converter) -> list[CashLine]:
    balances = account_balances(accounts, as_of=as_of, known_at=known_at)
    return [
        CashLine(
            account_id=row.pk,
            reference=row.reference,
            number_hint=f"•••• {row.number[-TAIL:]}",
            institution=str(row.institution),
            currency=row.currency,
            balance=balances.get(row.pk, Decimal(0)),
            base_value=convert(balances.get(row.pk, Decimal(0)), row.currency),
        )
        for row in accounts
    ]


def movements(
    *, user: User, client_id: int, start: dt.date, end: dt.date, known_at: dt.datetime | None = None
) -> list[AccountMovements]:
    """Return what moved each cash account from ``start`` to ``end``, both included, with opening and closing balance.

    Raises:
        Client.DoesNotExist: missing or somebody else's.
    """
    clients.client(user=user, client_id=client_id, permission=Permission.PORTFOLIO_READ)
    accounts = list(_accounts(user, client_id).filter(opened_on__lte=end))
    opening = account_balances(accounts, as_of=start - dt.timedelta(days=1), known_at=known_at)
    rows = known(_of(accounts), known_at).filter(value_date__range=(start, end))
    by_account: dict[int, list[Transaction]] = {}
    for row in rows.order_by("value_date", "id"):
        by_account.setdefault(row.account_id, []).append(row)
    return [_moved(one, opening.get(one.pk, Decimal(0)), by_account.get(one.pk, [])) for one in accounts]


def _moved(account: Account, opening: Decimal, rows: list[Transaction]) -> AccountMovements:
    balance, lines = opening, []
    for row in rows:
        balance += row.amount
        lines.append(Movement(row.value_date, row.text, row.counterparty, row.kind, row.amount, balance))
    return AccountMovements(account.pk, account.reference, account.currency, opening, lines, balance)
