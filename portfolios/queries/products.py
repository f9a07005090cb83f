"""Products as operations keep them: terms, the last price and those before, what issuers did."""

import datetime as dt
from dataclasses import dataclass

from django.db import models
from django.db.models import Case, F, OuterRef, QuerySet, Subquery, Value, When

from core.models import Parameter
from portfolios.models import CorporateAction, Instrument, Price

SHOWN = 40


@dataclass(frozen=True)
class ProductCard:
    """One product with its latest prices, every version of them, and what its issuer did to the number of units."""

    instrument: Instrument
    prices: list[Price]
    actions: list[CorporateAction]

    @property
    def last(self) -> Price | None:
        """Return the price that holds, None where there is none."""
        return next((price for price in self.prices if price.superseded_at is None), None)


def products(*, on: dt.date) -> QuerySet[Instrument]:
    """Return every product with the last price up to a day: ``price``, its day and source, and ``state``.

    ``state`` is ``none``, ``stale``, ``estimated`` or ``priced``; what is both stale and estimated is stale.
    """
    believed = Price.objects.filter(instrument=OuterRef("pk"), value_date__lte=on, superseded_at__isnull=True)
    last = believed.order_by("-value_date")
    oldest = on - dt.timedelta(days=Parameter.objects.value("price.stale_days", on=on))
    rows = Instrument.objects.select_related("issuer").annotate(
        price=Subquery(last.values("price")[:1]),
        price_date=Subquery(last.values("value_date")[:1]),
        price_source=Subquery(last.values("source")[:1]),
        estimated=Subquery(last.values("estimated")[:1]),
    )
    return rows.annotate(
        state=Case(
            When(price__isnull=True, then=Value("none")),
            When(price_date__lt=oldest, then=Value("stale")),
            When(estimated=True, then=Value("estimated")),
            default=Value("priced"),
            output_field=models.CharField(),
        )
    )


def product(*, instrument_id: int) -> ProductCard:
    """Return one product.

    Raises:
        Instrument.DoesNotExist: there is no such product.
    """
    row = Instrument.objects.select_related("issuer").get(pk=instrument_id)
    prices = Price.objects.filter(instrument=row).order_by("-value_date", F("superseded_at").desc(nulls_first=True))
    actions = CorporateAction.objects.filter(instrument=row, superseded_at__isnull=True).order_by("-value_date")
    return ProductCard(row, list(prices[:SHOWN]), list(actions))
