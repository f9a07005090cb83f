"""A value that somebody says by hand, of what no market prices: a house, a private holding, a policy."""

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from core import audit
from core.errors import Refused
from core.models import User
from portfolios.models import Instrument, Price
from portfolios.operations.plans import Plan, versioned, write
from portfolios.operations.upserts import SIGNED


@transaction.atomic
def value_by_hand(
    *, user: User, instrument_id: int, price: Decimal, value_date: dt.date, source: str, now: dt.datetime
) -> None:
    """Say what one unit of an instrument was worth on a day and who says so; it is marked as an estimate everywhere.

    A value said by hand before for that day is ended and kept.

    Raises:
        Instrument.DoesNotExist: there is no such instrument.
        Refused: the day lies ahead, the price is below zero where it cannot be, or that day has a price of a market.
    """
    instrument = Instrument.objects.select_for_update(of=("self",)).get(pk=instrument_id)
    if value_date > localdate(now):
        raise Refused("price-ahead", _("Nobody knows the price of a day to come."), field="value_date")
    if price < 0 and instrument.asset_class not in SIGNED:
        raise Refused("price-negative", _("Only a future or a swap has a price below zero."), field="price")
    believed = Price.objects.filter(instrument=instrument, value_date=value_date, superseded_at__isnull=True)
    known = believed.first()
    if known is not None and not known.estimated:
        words = _("That day has a price already, from %(source)s. A file corrects it.")
        raise Refused("price-there", words % {"source": known.source}, field="value_date")
    plan = Plan[Price]()
    said = {"instrument_id": instrument.pk, "value_date": value_date, "price": price, "source": source}
    versioned(plan, Price, known, {**said, "estimated": True}, now)
    write(plan, Price, [], now)
    audit.record(
        "price:value",
        row=("portfolios_instrument", instrument.pk),
        data={"day": value_date, "price": price, "source": source, "by": user.pk},
    )
