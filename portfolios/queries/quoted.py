"""Prices and rates of exchange, day by day, for many positions at once."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

import numpy as np
from django.db import connection

from portfolios.models import Instrument, Price
from portfolios.queries.actions import actions_of
from portfolios.queries.columns import array
from portfolios.queries.pieces import KNOWN
from portfolios.queries.rates import known, rates_of
from portfolios.queries.sources import DayFacts
from portfolios.rules.holdings import Action, Terms, quoted
from portfolios.rules.valuation import Floats, Ints, Quotes, units

CURRENCIES = """
    SELECT currency FROM portfolios_instrument UNION SELECT base FROM portfolios_fxrate UNION
    SELECT quote FROM portfolios_fxrate UNION
    SELECT currency FROM portfolios_account WHERE client_id = ANY (%(ids)s::bigint[])"""


def every_currency(client_ids: Sequence[int]) -> list[str]:
    """Return every currency that something of some clients may be in, in order."""
    with connection.cursor() as cursor:
        cursor.execute(CURRENCIES, {"ids": array(client_ids)})
        return sorted(row[0] for row in cursor.fetchall())


def rates(dates: Ints, currencies: list[str], into: str, now: dt.datetime) -> Floats:
    """Return the rates of currencies on some days, which are ordinals: one query for any number of them."""
    days = [dt.date.fromordinal(int(date)) for date in dates]
    if not days or currencies == [into]:
        return np.ones((len(days), len(currencies)))
    found = [one.converter(into).rates for one in rates_of(days, now).values()]
    return _floats([[Decimal(1) if name == into else one.get(name) for name in currencies] for one in found])


def quotes(instruments: Ints, facts: Sequence[DayFacts], into: str, currencies: list[str], now: dt.datetime) -> Quotes:
    """Return the prices of some instruments, in the order of their ids, and the rates of currencies, day by day."""
    rows = Instrument.objects.in_bulk(instruments.tolist())
    days = [one.day for one in facts]
    prices = known(Price.objects.filter(instrument_id__in=list(rows), value_date__lte=days[-1]), now)
    before = prices.filter(value_date__lte=days[0]).order_by("instrument_id", "-value_date").distinct("instrument_id")
    names = ("instrument_id", "value_date", "price")
    found: dict[int, list[tuple[dt.date, Decimal]]] = {}
    for query in (before, prices.filter(value_date__gt=days[0]).order_by("value_date")):
        for instrument, day, price in query.values_list(*names):
            found.setdefault(instrument, []).append((day, price))
    splits = actions_of(list(rows), dt.date.min, days[-1], now).units
    carried = [
        _carried(found.get(int(pk), []), facts, rows[int(pk)].terms, splits.get(int(pk), ())) for pk in instruments
    ]
    lines = [[line[place] for line, _stale in carried] for place in range(len(days))]
    exact = [[one.rate(currency, into) for currency in currencies] for one in facts]
    return Quotes(
        prices=_floats(lines),
        exact_prices=lines,
        settled=np.array([rows[int(pk)].terms.settled for pk in instruments], dtype=bool),
        stale=np.array([stale for _line, stale in carried], dtype=bool).reshape(len(instruments), len(days)).T,
        currency_of=np.array([currencies.index(rows[int(pk)].currency) for pk in instruments], dtype=np.int64),
        rates=_floats(exact),
        exact_rates=exact,
        units=np.array([units(currency) for currency in currencies]),
        into=units(into),
    )


PRICED = f"""
    SELECT u.n, p.value_date, p.price
    FROM unnest(%(instruments)s::bigint[], %(days)s::date[]) WITH ORDINALITY u (instrument, day, n)
    CROSS JOIN LATERAL (
        SELECT value_date, price FROM portfolios_price
        WHERE instrument_id = u.instrument AND value_date <= u.day AND {KNOWN} ORDER BY value_date DESC LIMIT 1) p"""  # noqa: S608


def units_on(instruments: Ints, dates: Ints, now: dt.datetime) -> Floats:
    """Return what one unit of each of some instruments was worth on a date of its own, which is an ordinal."""
    found: Floats = np.full(len(dates), np.nan)
    if not len(dates):
        return found
    rows = Instrument.objects.in_bulk(np.unique(instruments).tolist())
    days = [dt.date.fromordinal(int(date)) for date in dates]
    splits = actions_of(list(rows), dt.date.min, max(days), now).units
    with connection.cursor() as cursor:
        cursor.execute(PRICED, {"instruments": array(instruments.tolist()), "days": days, "now": now})
        for n, priced_on, price in cursor.fetchall():
            row = rows[int(instruments[n - 1])]
            found[n - 1] = float(_unit(priced_on, price, days[n - 1], row.terms, splits.get(row.pk, ())))
    return found


def _unit(priced_on: dt.date, price: Decimal, day: dt.date, terms: Terms, splits: Sequence[Action]) -> Decimal:
    return terms.unit(quoted(price, splits, priced_on, day) if splits else price, day)


def _carried(
    prices: list[tuple[dt.date, Decimal]], facts: Sequence[DayFacts], terms: Terms, splits: Sequence[Action]
) -> tuple[list[Decimal | None], list[bool]]:
    """Return what a unit is worth each day at the last price, and whether that is older than the house allows."""
    line: list[Decimal | None] = []
    stale, place = [], -1
    for fact in facts:
        while place + 1 < len(prices) and prices[place + 1][0] <= fact.day:
            place += 1
        line.append(_unit(*prices[place], fact.day, terms, splits) if place >= 0 else None)
        stale.append(place >= 0 and (fact.day - prices[place][0]).days > fact.stale_days)
    return line, stale


def _floats(lines: list[list[Decimal | None]]) -> Floats:
    """Return decimals as floats; what is not known is no number."""
    return np.array([[np.nan if one is None else float(one) for one in line] for line in lines], dtype=np.float64)
