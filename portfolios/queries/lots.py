"""What is left of single purchases, and whether they make the positions that the bank tells."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import OuterRef, QuerySet, Subquery

from clients.access import Permission, scoped
from core.models import User
from portfolios.models import Holding, Lot, Price
from portfolios.queries.actions import actions_of
from portfolios.queries.held import held
from portfolios.queries.rates import known
from portfolios.rules.holdings import Action, carried, quoted


@dataclass(frozen=True)
class Bought:
    """One purchase on a day: what is left of it is worth, and has gained, in the instrument's currency.

    ``apart`` is by how much all purchases of its position differ from the quantity that the bank tells.
    """

    quantity: Decimal
    value: Decimal | None
    gain: Decimal | None
    return_: float | None
    days: int
    apart: Decimal


def lots(*, user: User, client_id: int, on: dt.date) -> QuerySet[Lot]:
    """Return what was left of a client's purchases at the end of a day, each with the last ``price`` up to it."""
    said = known(Lot.objects.filter(client_id=client_id, value_date__lte=on), None)
    last = said.order_by("reference", "-value_date").distinct("reference").values("pk")
    priced = known(Price.objects.filter(instrument=OuterRef("instrument"), value_date__lte=on), None)
    priced = priced.order_by("-value_date")
    rows = scoped(Lot.objects.filter(pk__in=last), user, Permission.PORTFOLIO_READ).exclude(quantity=0)
    rows = rows.select_related("instrument", "account")
    return rows.annotate(
        price=Subquery(priced.values("price")[:1]), price_date=Subquery(priced.values("value_date")[:1])
    )


def bought(*, user: User, client_id: int, on: dt.date, rows: Sequence[Lot]) -> dict[int, Bought]:
    """Return what each of some purchases is worth on a day, by its number; splits since the bank's word are counted."""
    left: list[Lot] = list(lots(user=user, client_id=client_id, on=on))
    positions: list[Holding] = list(held(user=user, client_id=client_id, on=on))
    instruments = {row.instrument_id for row in left} | {row.instrument_id for row in positions}
    splits = actions_of(instruments, dt.date.min, on, None).units
    apart: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for lot in left:
        apart[lot.account_id, lot.instrument_id] += _quantity(lot, splits, on)
    for position in positions:
        apart[position.account_id, position.instrument_id] -= _quantity(position, splits, on)
    return {row.pk: _bought(row, on, splits, apart[row.account_id, row.instrument_id]) for row in rows}


def _quantity(row: Lot | Holding, splits: Mapping[int, Sequence[Action]], on: dt.date) -> Decimal:
    return carried(row.quantity, splits.get(row.instrument_id, ()), row.value_date, on)


def _bought(row: Lot, on: dt.date, splits: Mapping[int, Sequence[Action]], apart: Decimal) -> Bought:
    terms, price, of = row.instrument.terms, row.price, row.price_date  # type: ignore[attr-defined]  # annotated
    quantity, days = _quantity(row, splits, on), (on - row.acquired_on).days
    if price is None:
        return Bought(quantity, None, None, None, days, apart)
    price = quoted(price, splits.get(row.instrument_id, ()), of, on)
    value = terms.worth(quantity, price, row.cost, on, row.instrument.currency)
    gain = value if terms.settled else value - quantity * terms.accrued(on) * terms.multiplier - row.cost
    return Bought(quantity, value, gain, float(gain / row.cost) if row.cost > 0 else None, days, apart)
