"""Positions as spans of one quantity, what each of them grew by being bought, and what issuers made of them."""

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from decimal import Decimal

import numpy as np

from portfolios.models import Holding, Instrument
from portfolios.queries.actions import Actions, actions_of
from portfolios.queries.columns import Columns, array, numbers
from portfolios.queries.rates import known
from portfolios.rules.holdings import Position, bought, carried, got
from portfolios.rules.valuation import NEVER, Ints

ORDINAL = "({} - DATE '0001-01-01') + 1"
KNOWN = "known_at <= %(now)s AND (superseded_at IS NULL OR superseded_at > %(now)s)"
PIECES = f"""
    SELECT client_id AS client, id, instrument_id AS instrument, day, before, next, quantity, rise, entered, spent,
           closing
    FROM (
        SELECT client_id, id, instrument_id, {ORDINAL.format("value_date")} AS day,
               value_date <= %(start)s AS before,
               coalesce({ORDINAL.format("lag(value_date) OVER own")}, {NEVER}) AS next,
               quantity::float8 AS quantity,
               (quantity - coalesce(lead(quantity) OVER own, 0))::float8 AS rise,
               CASE WHEN quantity <> 0 AND instrument_id = ANY (%(futures)s::bigint[]) THEN cost::float8 ELSE 0 END
                   AS entered,
               (cost - coalesce(lead(cost) OVER own, 0))::float8 AS spent,
               abs(quantity) <= abs(coalesce(lead(quantity) OVER own, 0)) AS closing
        FROM portfolios_holding
        WHERE client_id = ANY (%(ids)s::bigint[]) AND value_date <= %(end)s AND {KNOWN}
        WINDOW own AS (PARTITION BY client_id, reference ORDER BY value_date DESC)) h
    WHERE next > {ORDINAL.format("%(start)s::date")} AND (quantity <> 0 OR rise <> 0)"""  # noqa: S608
PIECE_TYPES = {
    "client": "i8",
    "id": "i8",
    "instrument": "i8",
    "day": "i4",
    "before": "b",
    "next": "i4",
    "quantity": "f8",
    "rise": "f8",
    "entered": "f8",
    "spent": "f8",
    "closing": "b",
}


def pieces(client_ids: Sequence[int], *, start: dt.date, end: dt.date, now: dt.datetime) -> Columns:
    """Return the positions of some clients from after ``start`` to ``end``, as known at ``now``.

    Dates are ordinals. ``rise`` is by how much a position grew by being bought, ``spent`` by how much the sum at which
    it was entered changed, ``closing`` says that it did not become larger.
    """
    futures = Instrument.objects.filter(asset_class=Instrument.AssetClass.FUTURE).values_list("pk", flat=True)
    params = {"ids": array(client_ids), "start": start, "end": end, "now": now, "futures": array(futures)}
    found = numbers(PIECES, params, PIECE_TYPES)
    actions = actions_of(None, dt.date.min, end, now)
    concerned = list(actions.instruments)
    places = np.flatnonzero(np.isin(found["instrument"], concerned))
    if not len(places):
        return found
    owners = np.unique(found["client"][places]).tolist()
    own = Holding.objects.filter(client_id__in=owners, instrument_id__in=concerned, value_date__lte=end)
    rows = list(known(own, now).order_by("client_id", "reference", "value_date"))
    return _cut(_grown(found, places, rows, actions), places, actions, start)


def quantity(holding_id: int, on: dt.date, now: dt.datetime) -> Decimal:
    """Return how much a holding is of on a day, to its last decimal."""
    row = Holding.objects.get(pk=holding_id)
    actions = actions_of([row.instrument_id], row.value_date, on, now)
    return carried(row.quantity, actions.units.get(row.instrument_id, ()), row.value_date, on)


def _grown(found: Columns, places: Ints, rows: Sequence[Holding], actions: Actions) -> Columns:
    """Take out of the rises what corporate actions made of positions."""
    before: dict[int, tuple[dt.date, Decimal]] = {}
    held: dict[int, list[Position]] = {}
    told = {row.pk: row.position for row in rows}
    for row in rows:
        held.setdefault(row.client_id, []).append(row.position)
    for row, following in itertools.pairwise(rows):
        if (row.client_id, row.reference) == (following.client_id, following.reference):
            before[following.pk] = (row.value_date, row.quantity)
    rise = found["rise"].copy()
    for place in places:
        pk, instrument = int(found["id"][place]), int(found["instrument"][place])
        units, grants = actions.units.get(instrument, ()), actions.grants.get(instrument, ())
        rose = bought(before.get(pk), (told[pk].day, told[pk].quantity), units)
        given = got(told[pk], held[int(found["client"][place])], grants, actions.units)
        rise[place] = float(rose - sum(given.values()))
    return {**found, "rise": rise}


def _cut(found: Columns, places: Ints, actions: Actions, start: dt.date) -> Columns:
    """Cut pieces where a split falls between two words of the bank: from then on there are as many units as it made."""
    following, further = found["next"].copy(), list[dict[str, object]]()
    for place in places:
        units = actions.units.get(int(found["instrument"][place]), ())
        began, until = int(found["day"][place]), int(found["next"][place])
        told = Decimal(repr(float(found["quantity"][place])))
        days = [one.day.toordinal() for one in units if one.factor and began < one.day.toordinal() < until]
        if not told or not days:
            continue
        following[place] = days[0]
        for day, end in itertools.pairwise([*days, until]):
            made = carried(told, units, dt.date.fromordinal(began), dt.date.fromordinal(day))
            further.append({**dict(_piece(found, place, day, end, start)), "quantity": float(made)})
    if not further:
        return found
    whole = {**found, "next": following}
    return {
        name: np.append(column, [one[name] for one in further]).astype(column.dtype) for name, column in whole.items()
    }


def _piece(found: Columns, place: int, day: int, end: int, start: dt.date) -> Iterator[tuple[str, object]]:
    """Yield the columns of a further piece of a position."""
    other = {"day": day, "next": end, "before": day <= start.toordinal()}
    other |= {"rise": 0, "spent": 0, "closing": False}
    for name, column in found.items():
        yield name, other.get(name, column[place])
