"""What banks list for deposits on a day, as it was known at an instant."""

import datetime as dt

from django.db.models import QuerySet

from portfolios.models import Institution, ListedRate
from portfolios.queries.rates import known


def board(*, on: dt.date, known_at: dt.datetime | None = None) -> QuerySet[ListedRate]:
    """Return what every bank lists on a day: of each kind, currency, term and tier the latest word up to that day.

    What a bank lists no more is left out. The board belongs to nobody: whoever is signed in may read it.
    """
    said = known(ListedRate.objects.filter(value_date__lte=on), known_at)
    latest = said.order_by(*ListedRate.KEY, "-value_date").distinct(*ListedRate.KEY).values("pk")
    return ListedRate.objects.filter(pk__in=latest, rate__isnull=False).select_related("institution")


def listing_banks() -> list[Institution]:
    """Return the banks that ever listed a rate, by name."""
    listing = ListedRate.objects.order_by().values("institution")
    return sorted(Institution.objects.filter(pk__in=listing), key=str)
