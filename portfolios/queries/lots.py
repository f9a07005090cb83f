"""What is left of single purchases, and whether they make the positions that the bank tells."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import OuterRef, QuerySet, Subquery

from clients.access import Permission, scoped
from core.models import User
from portfolios.models import Lot, Price
from portfolios.queries.held import held
from portfolios.queries.rates import known


@dataclass(frozen=True)
class Bought:
    """One purchase on a day: what is left of it is worth, and has gained, in the instrument's currency.

    ``apart`` is by how much all purchases of its position differ from the quantity that the bank tells.
    """

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
    rows = scoped(Lot.objects.filter(pk__in=last), user, Permission.PORTFOLIO_READ).exclude(quantity=0)
    rows = rows.select_related("instrument", "account")
    return rows.annotate(price=Subquery(priced.order_by("-value_date").values("price")[:1]))


def bought(*, user: User, client_id: int, on: dt.date, rows: Sequence[Lot]) -> dict[int, Bought]:
    """Return what each of some purchases is worth on a day, by its number."""
    whole: dict[tuple[int, int], Decimal] = {}
    for position in held(user=user, client_id=client_id, on=on):
        key = (position.account_id, position.instrument_id)
        whole[key] = whole.get(key, Decimal(0)) + position.quantity
    parts: dict[tuple[int, int], Decimal] = {}
    for account, instrument, quantity in lots(user=user, client_id=client_id, on=on).values_list(
        "account_id", "instrument_id", "quantity"
    ):
        parts[account, instrument] = parts.get((account, instrument), Decimal(0)) + quantity
    return {row.pk: _bought(row, on, whole, parts) for row in rows}


def _bought(
    row: Lot, on: dt.date, whole: dict[tuple[int, int], Decimal], parts: dict[tuple[int, int], Decimal]
) -> Bought:
    terms, price = row.instrument.terms, row.price  # type: ignore[attr-defined]  # annotated
    key = (row.account_id, row.instrument_id)
    apart = parts.get(key, Decimal(0)) - whole.get(key, Decimal(0))
    days = (on - row.acquired_on).days
    if price is None:
        return Bought(None, None, None, days, apart)
    value = terms.worth(row.quantity, price, row.cost, on, row.instrument.currency)
    gain = value if terms.settled else value - row.quantity * terms.accrued(on) * terms.multiplier - row.cost
    return Bought(value, gain, float(gain / row.cost) if row.cost > 0 else None, days, apart)
