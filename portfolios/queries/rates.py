"""What the bank believed at an instant, and the rates that turn one currency into another on a date."""

import datetime as dt
from decimal import Decimal
from typing import TypeVar

from django.db.models import Q, QuerySet

from core.models import Versioned
from portfolios.models import FxRate
from portfolios.rules.book import RATE_DAYS, Converter

V = TypeVar("V", bound=Versioned)


def known(rows: QuerySet[V], known_at: dt.datetime | None) -> QuerySet[V]:
    """Keep the versions that the bank believed at ``known_at``; None is what it believes now."""
    if known_at is None:
        return rows.filter(superseded_at__isnull=True)
    return rows.filter(Q(superseded_at__isnull=True) | Q(superseded_at__gt=known_at), known_at__lte=known_at)


class Rates:
    """The rates of the latest day within a week before ``as_of``, as known at ``known_at``: one query."""

    def __init__(self, as_of: dt.date, known_at: dt.datetime | None) -> None:
        first = as_of - dt.timedelta(days=RATE_DAYS)
        rows = known(FxRate.objects.filter(value_date__range=(first, as_of)), known_at).order_by("value_date")
        self.pairs: dict[tuple[str, str], Decimal] = {}
        for row in rows:
            self.pairs[row.base, row.quote] = row.rate
            self.pairs[row.quote, row.base] = 1 / row.rate

    def converter(self, into: str) -> Converter:
        """Return what turns amounts into a currency.

        A pair quoted the other way round is inverted; two currencies that share a quote are crossed.
        """
        found = {base: rate for (base, quote), rate in self.pairs.items() if quote == into}
        crossed = {
            base: rate * found[quote]
            for (base, quote), rate in self.pairs.items()
            if quote in found and base not in found
        }
        return Converter(into, {**crossed, **found})
