"""Prices, exchange rates and deposit rates of three years: a random walk per product and currency."""

import bisect
import datetime as dt
import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

from config.book import income
from config.book.dates import business_days, first_day
from config.book.instruments import APPRAISED, EXTRAS, INDICES, PRODUCTS, Product
from portfolios.feeds.rows import FxRow, InstrumentRow, PriceRow

HOME = "CNY"
FX_LEVELS = {"USD": (7.12, 0.030), "HKD": (0.912, 0.030), "EUR": (7.74, 0.055)}
"""Yuan for one unit, and how far it sways in a year."""
DAILY, FLOOR = 45, 0.55
"""Business days with a price of their own; the part of its first price below which nothing falls."""
YEAR = 250
SOURCE, APPRAISER = "invented market", "appraiser"


@dataclass(frozen=True, slots=True)
class Market:
    """What anything was worth on any business day of the history."""

    days: list[dt.date]
    prices: dict[str, list[Decimal]]
    rates: dict[str, list[Decimal]]

    def _at(self, day: dt.date) -> int:
        """Return the place of the last business day up to ``day``."""
        return max(bisect.bisect_right(self.days, day) - 1, 0)

    def price(self, reference: str, day: dt.date) -> Decimal:
        """Return the price that held on ``day``."""
        return self.prices[reference][self._at(day)]

    def rate(self, currency: str, day: dt.date) -> Decimal:
        """Return how many yuan one unit was worth on ``day``."""
        return Decimal(1) if currency == HOME else self.rates[currency][self._at(day)]


@functools.lru_cache(maxsize=4)
def of(seed: int, as_of: dt.date) -> Market:
    """Draw the market of the history, which ends the business day before ``as_of``; the same for all of a book."""
    rng = Random(f"{seed}/market")
    days = business_days(first_day(as_of), as_of)
    prices = {product.reference: _walk(rng, product, len(days)) for product in PRODUCTS}
    rates = {currency: _fx(rng, currency, len(days)) for currency in FX_LEVELS}
    levels = Random(f"{seed}/indices")
    prices |= {index.reference: _walk(levels, index, len(days)) for index in INDICES}
    others = Random(f"{seed}/extras")
    prices |= {product.reference: _walk(others, product, len(days)) for product in EXTRAS}
    reference, factor, _days = income.BONUS
    place = bisect.bisect_left(days, income.bonus_day(as_of))
    diluted = [(price / factor).quantize(Decimal("0.0001")) for price in prices[reference][place:]]
    prices[reference] = [*prices[reference][:place], *diluted]
    return Market(days, prices, rates)


def _walk(rng: Random, product: Product, count: int) -> list[Decimal]:
    step, sway = product.drift / YEAR, product.sway / math.sqrt(YEAR)
    price, found = product.price, []
    for _ in range(count):
        found.append(Decimal(f"{price:.4f}"))
        price = max(price * (1 + step + sway * rng.gauss(0, 1)), product.price * FLOOR)
    return found


def _fx(rng: Random, currency: str, count: int) -> list[Decimal]:
    """Draw a rate that is pulled back to its level."""
    level, sway = FX_LEVELS[currency]
    rate, found = level, []
    for _ in range(count):
        found.append(Decimal(f"{rate:.4f}"))
        rate += (level - rate) * 0.01 + rate * sway / math.sqrt(YEAR) * rng.gauss(0, 1)
    return found


def published(days: list[dt.date]) -> list[int]:
    """Return the places of the days whose prices the book keeps: the last of each month, and every recent one."""
    last = {(day.year, day.month): place for place, day in enumerate(days)}
    return sorted({*last.values(), *range(max(len(days) - DAILY, 0), len(days))})


def _appraisals(days: list[dt.date]) -> list[int]:
    """Return the places of the days on which a residence is appraised: the first of each half-year."""
    first = {(day.year, day.month > 6): place for place, day in reversed(list(enumerate(days)))}
    return sorted(first.values())


def instrument_rows() -> list[InstrumentRow]:
    """Return the products as a feed tells them."""
    return [
        InstrumentRow(
            p.reference,
            p.name,
            p.asset_class,
            p.currency,
            name_zh=p.name_zh,
            issuer=p.issuer,
            country=p.country,
            sector=p.sector,
            risk_level=p.risk,
            multiplier=Decimal(p.multiplier),
            **_coupon(p.reference),
        )
        for p in (*PRODUCTS, *INDICES, *EXTRAS)
    ]


def _coupon(reference: str) -> dict[str, Any]:
    paid = income.COUPONS.get(reference)
    return {"coupon": paid.rate, "coupon_frequency": paid.frequency, "matures_on": paid.matures_on} if paid else {}


def price_rows(market: Market) -> Iterator[PriceRow | FxRow]:
    """Yield the prices and every day's exchange rates."""
    places = published(market.days)
    for product in (*PRODUCTS, *INDICES, *EXTRAS):
        prices, appraised = market.prices[product.reference], product.reference == APPRAISED
        for place in _appraisals(market.days) if appraised else places:
            said = (APPRAISER, product.currency, "yes") if appraised else (SOURCE, product.currency)
            yield PriceRow(product.reference, market.days[place], prices[place], *said)
    for currency, rates in market.rates.items():
        for day, rate in zip(market.days, rates, strict=True):
            yield FxRow(currency, HOME, day, rate, SOURCE)


# --- what deposits paid -----------------------------------------------------------------------------------------------

FIRST_LISTED = 2023
LISTED = {
    "CNY": {
        3: (1.55, 1.45, 1.15, 0.95, 0.85),
        6: (1.80, 1.65, 1.35, 1.15, 1.05),
        12: (2.00, 1.85, 1.50, 1.30, 1.20),
        24: (2.30, 2.10, 1.70, 1.45, 1.35),
        36: (2.65, 2.40, 1.95, 1.70, 1.55),
        60: (2.70, 2.45, 2.00, 1.75, 1.60),
    },
    "USD": {3: (4.90, 5.00, 4.40, 4.10, 4.00), 6: (5.00, 5.05, 4.35, 4.10, 4.00), 12: (5.00, 4.95, 4.30, 4.15, 4.05)},
    "HKD": {3: (4.30, 4.40, 3.50, 2.90, 2.80), 6: (4.40, 4.35, 3.45, 2.95, 2.85), 12: (4.50, 4.30, 3.40, 3.00, 2.90)},
    "EUR": {3: (2.60, 3.60, 2.60, 2.00, 1.95), 6: (2.90, 3.65, 2.50, 2.05, 2.00), 12: (3.10, 3.55, 2.45, 2.10, 2.05)},
}
"""Per cent a year at the beginning of 2023 and the four years after, by term in months; between them on a line."""
TERMS = (3, 6, 12, 24, 36, 60)
LIKING = {3: 6, 6: 16, 12: 36, 24: 24, 36: 14, 60: 4}
ABOVE = {"time": 0.0, "large_cd": 0.20, "structured": 0.75}
DEMAND, NOTICE = {"CNY": 0.15, "USD": 0.60, "HKD": 0.50, "EUR": 0.30}, {1: 0.45, 7: 0.90}
BASIS_POINT = Decimal("0.0001")


def terms(currency: str) -> list[int]:
    """Return the months for which time deposits of a currency are offered."""
    return list(LISTED[currency])


def draw_term(rng: Random, currency: str, among: tuple[int, ...] = TERMS) -> int:
    """Draw a term that the currency is offered for, most often a year."""
    offered = [months for months in among if months in LISTED[currency]]
    return rng.choices(offered, [LIKING[months] for months in offered])[0]


def listed(kind: str, currency: str, months: int, day: dt.date) -> Decimal:
    """Return the rate offered on ``day`` for a kind and term, as a fraction of one in whole basis points."""
    if kind == "demand":
        percent = DEMAND[currency]
    elif kind == "notice":
        percent = NOTICE[months]
    else:
        percent = _between(LISTED[currency][months], day) + ABOVE[kind]
    return (Decimal(str(percent)) / 100).quantize(BASIS_POINT)


def _between(points: tuple[float, ...], day: dt.date) -> float:
    place = min(max(day.year - FIRST_LISTED + day.timetuple().tm_yday / 366, 0), len(points) - 1.0001)
    left = int(place)
    return points[left] + (points[left + 1] - points[left]) * (place - left)
