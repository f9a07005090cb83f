"""What the bank believed at an instant, and the rates that turn one currency into another on a date."""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TypeVar

from django.db.models import Q, QuerySet

from core.models import Versioned
from portfolios.models import FxRate
from portfolios.rules.book import RATE_DAYS, Converter, Source

WEEK = dt.timedelta(days=RATE_DAYS)
V = TypeVar("V", bound=Versioned)


def known(rows: QuerySet[V], known_at: dt.datetime | None) -> QuerySet[V]:
    """Keep the versions that the bank believed at ``known_at``; None is what it believes now."""
    if known_at is None:
        return rows.filter(superseded_at__isnull=True)
    return rows.filter(Q(superseded_at__isnull=True) | Q(superseded_at__gt=known_at), known_at__lte=known_at)


class Rates:
    """The rates of the latest day within a week before ``as_of``, as known at ``known_at``: one query."""

    def __init__(self, as_of: dt.date, known_at: dt.datetime | None, rows: Iterable[FxRate] | None = None) -> None:
        """Read the rates; ``rows`` are those of the week where they have been read, the oldest first."""
        first = as_of - WEEK
        rows = _read(first, as_of, known_at) if rows is None else rows
        self.pairs: dict[tuple[str, str], Decimal] = {}
        self.sources: dict[tuple[str, str], Source] = {}
        for row in rows:
            source = Source(row.value_date, row.source)
            self.pairs[row.base, row.quote], self.sources[row.base, row.quote] = row.rate, source
            self.pairs[row.quote, row.base], self.sources[row.quote, row.base] = 1 / row.rate, source

    def converter(self, into: str) -> Converter:
        """Return what turns amounts into a currency.

        A pair quoted the other way round is inverted; two currencies that share a quote are crossed, and the rate is
        as old as the older of the two.
        """
        found = {base: (rate, self.sources[base, into]) for (base, quote), rate in self.pairs.items() if quote == into}
        crossed = {
            base: (rate * found[quote][0], min(self.sources[base, quote], found[quote][1]))
            for (base, quote), rate in self.pairs.items()
            if quote in found and base not in found
        }
        both = {**crossed, **found}
        return Converter(
            into,
            {base: rate for base, (rate, _source) in both.items()},
            {base: source for base, (_rate, source) in both.items()},
        )


def _read(first: dt.date, last: dt.date, known_at: dt.datetime | None) -> QuerySet[FxRate]:
    return known(FxRate.objects.filter(value_date__range=(first, last)), known_at).order_by("value_date")


def rates_of(days: Sequence[dt.date], known_at: dt.datetime | None) -> dict[dt.date, Rates]:
    """Return the rates of some days: one query for any number of them."""
    rows = list(_read(min(days) - WEEK, max(days), known_at))
    dates = [row.value_date for row in rows]
    found = {}
    for day in days:
        week = rows[bisect_left(dates, day - WEEK) : bisect_right(dates, day)]
        found[day] = Rates(day, known_at, week)
    return found
