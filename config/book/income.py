"""What invented products pay and what became of their units: coupons, dividends, bonus shares."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from config.book.dates import add_months, on_or_after
from portfolios.feeds.rows import ActionRow
from portfolios.rules.holdings import Terms


@dataclass(frozen=True, slots=True)
class Coupon:
    """A year's rate, how often a year it is paid, and until when."""

    rate: Decimal
    frequency: int
    matures_on: dt.date

    def days(self, after: dt.date, before: dt.date) -> Iterator[dt.date]:
        """Yield the days between on which it is paid."""
        number, step = 0, 12 // self.frequency
        while (day := add_months(self.matures_on, -step * number)) > after:
            if day < before:
                yield day
            number += 1


COUPONS = {
    "BD-EAST-27": Coupon(Decimal("0.0260"), 1, dt.date(2027, 9, 15)),
    "BD-EAST-30": Coupon(Decimal("0.0285"), 2, dt.date(2030, 4, 20)),
    "BD-EAST-33": Coupon(Decimal("0.0305"), 2, dt.date(2033, 8, 8)),
    "BD-RAIL-28": Coupon(Decimal("0.0310"), 1, dt.date(2028, 6, 12)),
    "BD-RAIL-31": Coupon(Decimal("0.0335"), 1, dt.date(2031, 3, 24)),
    "BD-LUYUAN-28": Coupon(Decimal("0.0420"), 1, dt.date(2028, 11, 9)),
    "BD-PEAK-29": Coupon(Decimal("0.0575"), 2, dt.date(2029, 5, 17)),
    "BD-NORTH-30": Coupon(Decimal("0.0440"), 2, dt.date(2030, 10, 1)),
    "BD-RHEIN-29": Coupon(Decimal("0.0325"), 1, dt.date(2029, 7, 3)),
    "BD-HARB-28": Coupon(Decimal("0.0410"), 4, dt.date(2028, 12, 18)),
}
DIVIDENDS = {
    "EQ-HAIYUE": (7, 14, Decimal("0.42")),
    "EQ-RAIL": (7, 3, Decimal("0.21")),
    "EQ-JINGHUA": (6, 26, Decimal("2.80")),
    "EQ-HARB": (5, 21, Decimal("2.15")),
    "EQ-RHEIN": (5, 8, Decimal("1.60")),
}
"""Month, day and what a share pays a year."""
BONUS = ("EQ-JINGHUA", Decimal("1.3"), 190)
"""Three new shares for ten (10 送 3), and how many days before the book's."""
ISSUER = "the issuer"


def terms(reference: str, asset_class: str, multiplier: str = "1") -> Terms:
    """Return what the worth of a product depends on besides its price."""
    coupon = COUPONS.get(reference)
    if coupon is None:
        return Terms(asset_class, Decimal(multiplier))
    return Terms(asset_class, Decimal(multiplier), coupon.rate, coupon.frequency, coupon.matures_on)


def bonus_day(as_of: dt.date) -> dt.date:
    """Return the first day of the new shares."""
    return on_or_after(as_of - dt.timedelta(days=BONUS[2]))


def dividend_days(reference: str, after: dt.date, before: dt.date) -> Iterator[dt.date]:
    """Yield the days between on which a share pays its dividend."""
    month, day, _paid = DIVIDENDS[reference]
    days = (on_or_after(dt.date(year, month, day)) for year in range(after.year, before.year + 1))
    yield from (one for one in days if after < one < before)


def action_rows(as_of: dt.date) -> list[ActionRow]:
    """Return what issuers did, as a feed tells it."""
    reference, factor, _days = BONUS
    return [ActionRow(reference, "bonus", bonus_day(as_of), factor, ISSUER)]
