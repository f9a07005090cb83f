"""What the rows of a book need to know: its day, the house's terms, and the ids of what they name by reference."""

import datetime as dt
import functools
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.conf import settings

from clients.models import Client
from config.book.dates import add_months, midnight
from config.book.parts import Order
from core.models import Parameter, User
from portfolios.models import Institution, Instrument


@dataclass(frozen=True, slots=True)
class Frame:
    """The day of the book, the months between reviews by tier, and how far ahead maturities are seen.

    ``now`` is the real instant of writing.
    """

    order: Order
    zone: ZoneInfo
    cycles: dict[str, int]
    window: dt.timedelta
    now: dt.datetime

    @property
    def as_of(self) -> dt.date:
        """Return the day of the book."""
        return self.order.as_of

    @property
    def opening(self) -> dt.datetime:
        """Return the instant at which the day of the book begins."""
        return midnight(self.as_of, self.zone)

    def over(self, day: dt.date) -> dt.datetime:
        """Return when a month was over, or the book begins: since then its rows are known."""
        return _over(day.replace(day=1), self.as_of, self.zone)


@functools.lru_cache(maxsize=256)
def _over(month: dt.date, as_of: dt.date, zone: ZoneInfo) -> dt.datetime:
    return midnight(min(add_months(month, 1), as_of), zone)


def frame(order: Order, *, now: dt.datetime) -> Frame:
    """Return the frame of a book by the house's parameters of its day."""
    cycles = {
        tier: int(Parameter.objects.value(f"review.cycle_months.{tier}", on=order.as_of)) for tier in Client.Tier.values
    }
    window = dt.timedelta(days=Parameter.objects.value("maturity.window_days", on=order.as_of))
    return Frame(order, ZoneInfo(settings.TIME_ZONE), cycles, window, now)


@dataclass(slots=True)
class Ids:
    """Ids by user name or reference; those of a part's own rows are added as they are written."""

    users: dict[str, int]
    banks: dict[str, int]
    instruments: dict[str, int]
    homes: dict[str, int] = field(default_factory=dict)
    clients: dict[str, int] = field(default_factory=dict)
    accounts: dict[str, int] = field(default_factory=dict)


def ids() -> Ids:
    """Return the ids of what every part names."""
    return Ids(
        dict(User.objects.values_list("username", "pk")),
        dict(Institution.objects.values_list("reference", "pk")),
        dict(Instrument.objects.values_list("reference", "pk")),
    )
