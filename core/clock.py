"""What time it is. Only doors ask; everything behind them takes ``as_of`` or ``now`` as an input."""

import datetime as dt

from django.utils import timezone


def now() -> dt.datetime:
    """Return the present instant in UTC."""
    return timezone.now()


def today() -> dt.date:
    """Return the business date at the bank, in the zone of ``BANK_TIME_ZONE``."""
    return timezone.localdate()
