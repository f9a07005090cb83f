"""What a client means to do in three years: what comes and goes, is placed and bought, and what is on purpose."""

import datetime as dt
from decimal import Decimal
from random import Random

from config.book import market
from config.book.dates import add_months, between, is_business, on_or_after, on_or_before, term
from config.book.instruments import EXTRAS, PRODUCTS, STAR, Product
from config.book.ledger import whole
from config.book.market import Market
from config.book.people import Profile
from config.book.wealth import INFLOW, LEAST, OUTFLOW, STEP, USE, Act, History, Story, credit_days
from core.money import rounded

KINDS = {
    "CNY": {"time": 48, "large_cd": 26, "structured": 11, "notice": 9, "demand": 6},
    "USD": {"time": 72, "structured": 8, "notice": 8, "demand": 12},
    "HKD": {"time": 80, "notice": 8, "demand": 12},
    "EUR": {"time": 80, "notice": 8, "demand": 12},
}
TERMS = {"time": market.TERMS, "large_cd": (6, 12, 24, 36), "structured": (3, 6, 12)}
INVESTED = (Decimal("0.05"), Decimal("0.12"), Decimal("0.22"), Decimal("0.32"), Decimal("0.45"))
"""The part of the wealth that goes into products, by appetite for risk."""
HALF, MOST = Decimal("0.5"), Decimal("0.88")
TUITION = Decimal(34_800)
THIS_WEEK = {
    "maturities": (
        (4, "time", "CNY", (12, 6, 24, 3)),
        (4, "large_cd", "CNY", (12, 24, 6)),
        (4, "time", "USD", (6, 12, 3)),
        (5, "structured", "CNY", (3, 6, 12)),
    ),
    "hold": ((4, "time", "CNY", (6, 12, 24)),),
    "overdue": ((5, "large_cd", "CNY", (12, 24, 6)),),
}
"""Maturities on purpose, before their cut-off: days from ``as_of``, kind, currency, the terms that may lead there."""


def history(rng: Random, market_: Market, profile: Profile, as_of: dt.date, *, full: bool = True) -> History:
    """Return the three years of one client; ``full`` with single purchases, and what few hold."""
    story = Story(rng, market_, profile, as_of, full=full)
    story.open_accounts()
    opening = _shares(story)
    story.at(profile.joined_on, INFLOW, lambda day: _open(story, day, opening))
    for day in credit_days(profile.joined_on, as_of):
        story.at(day, INFLOW, story.settle)
    _flows(story)
    special = {"concentrated": _concentrated, "need": _need}.get(profile.purpose)
    if special:
        special(story)
    else:
        _deposits(story, opening)
        _sweeps(story)
        _trades(story)
    for product in PRODUCTS:
        if product.currency in profile.currencies:
            story.pays(product)
    if full and profile.row.tier == "ultra":
        _extras(story)
    for when, kind, currency, months in THIS_WEEK.get(profile.purpose, ()):
        _maturing(story, as_of + dt.timedelta(days=when), kind, currency, months)
    return story.run()


# --- money in and out -------------------------------------------------------------------------------------------------


def _shares(story: Story) -> dict[str, Decimal]:
    """Return what each account begins with, in its currency; the yuan account gets the rest."""
    rest, found = Decimal(story.profile.wealth), {}
    for currency in story.profile.currencies[1:]:
        part = Decimal(story.profile.wealth * story.rng.randrange(6, 20) // 100)
        rest -= part
        rate = story.market.rate(currency, story.profile.joined_on)
        found[currency] = max(whole(part / rate, STEP[currency]), Decimal(STEP[currency]))
    return {"CNY": rest, **found}


def _open(story: Story, day: dt.date, opening: dict[str, Decimal]) -> None:
    for currency, amount in opening.items():
        story.post(day, "transfer", "opening", amount, currency=currency)


def _flows(story: Story) -> None:
    """Let income and spending come at the habits of a person, a company or a trust."""
    year = Decimal(story.profile.wealth) * story.rng.randrange(30, 60) / 1000
    if story.profile.row.kind == "company":
        _every(story, 2, "receipts", year * 4 / 6, income=True)
        _every(story, 2, "payroll", year * 3 / 6)
        _every(story, 12, "tax", year / 3)
    elif story.profile.row.kind == "trust":
        _every(story, 3, "distribution", year / 4, income=True)
        _every(story, 6, "beneficiary", year / 4)
        _every(story, 12, "trustee", year / 12)
    else:
        _personal(story, year)
    _every(story, 6, "custody", Decimal(story.profile.wealth) / 8000, kind="fee")


def _personal(story: Story, year: Decimal) -> None:
    if story.rng.random() < 0.45:
        _every(story, 1, "salary", year / 12, income=True)
    else:
        _every(story, 3, "dividend", year / 5, income=True)
        _every(story, 3, "rent", year / 20, income=True)
    if story.rng.random() < 0.6:
        _every(story, 1, "living", year / 20, kind="card")
    else:
        _every(story, 3, "household", year / 8)
    _every(story, 12, "insurance", year / 12)
    if story.rng.random() < 0.12:
        day = between(story.rng, add_months(story.profile.joined_on, 6), story.as_of)
        story.at(day, INFLOW, story.receive("proceeds", Decimal(story.profile.wealth) / 5))


def _every(
    story: Story, months: int, key: str, amount: Decimal, *, income: bool = False, kind: str = "transfer"
) -> None:
    """Let money move every so many months, on the business day nearest to the client's usual one."""
    first = add_months(story.profile.joined_on, months).replace(day=story.rng.randrange(3, 27))
    act = story.receive(key, amount) if income else story.spend(key, amount, kind)
    for number in range(0, 48, months):
        story.at(on_or_after(add_months(first, number)), INFLOW if income else OUTFLOW, act)


# --- deposits ---------------------------------------------------------------------------------------------------------


def _deposits(story: Story, opening: dict[str, Decimal]) -> None:
    """Place most of what was brought in the first weeks, in several contracts."""
    for currency, amount in opening.items():
        part = amount * story.rng.randrange(50, 76) / 100
        count = story.rng.randrange(1, 5) if currency == "CNY" else 1
        count = max(min(count, int(part / (3 * LEAST[currency]))), 1)
        for _ in range(count):
            _soon(story, currency, part / count, story.profile.joined_on, 50)


def _soon(story: Story, currency: str, amount: Decimal, first: dt.date, within: int) -> None:
    """Place a deposit of a drawn kind within some days."""
    kinds = KINDS[currency]
    kind = story.rng.choices(list(kinds), list(kinds.values()))[0]
    day = first + dt.timedelta(days=story.rng.randrange(1, within))
    if kind in {"demand", "notice"}:
        months = story.rng.choice((1, 7)) if kind == "notice" else 0
        day = on_or_after(day)
    else:
        months = market.draw_term(story.rng, currency, TERMS[kind])
        day, _ = term(day, months)
    story.at(day, USE, lambda on: story.place_deposit(on, kind, currency, months, amount))


def _sweeps(story: Story) -> None:
    """Once a year, put what has gathered on an account to work."""
    for currency in story.profile.currencies:
        for number in range(9, 36, 12):
            day = on_or_after(add_months(story.profile.joined_on, number))
            story.at(day, USE, _sweep(story, currency))


def _sweep(story: Story, currency: str) -> Act:
    def act(day: dt.date) -> None:
        there, worth = story.balance(currency), Decimal(story.profile.wealth) / story.market.rate(currency, day)
        if there > max(worth / 6, Decimal(LEAST[currency] * 3)):
            _soon(story, currency, there * HALF, day, 15)

    return act


def _maturing(story: Story, due: dt.date, kind: str, currency: str, months: tuple[int, ...]) -> None:
    """Place a deposit from money that came in for it, so that it falls due on the business day by ``due``."""
    due, length, begin = _aim(max(on_or_before(due), on_or_after(story.as_of)), months)
    amount = whole(Decimal(story.profile.wealth) / story.rng.randrange(8, 14), STEP["CNY"])

    def act(day: dt.date) -> None:
        story.post(day, "transfer", "surplus", amount)
        sum_ = whole(amount / story.market.rate(currency, day), STEP[currency])
        if currency == "CNY" or story.exchange(day, sum_, currency):
            story.place_deposit(day, kind, currency, length, sum_)

    story.at(begin, USE, act)


def _aim(due: dt.date, months: tuple[int, ...]) -> tuple[dt.date, int, dt.date]:
    """Return the day nearest to ``due`` that some term from a business day leads to, the term and its first day."""
    for day in (due, *(due + dt.timedelta(days=n) for n in (1, 2, 3))):
        for length in months:
            begin = add_months(day, -length)
            if is_business(day) and is_business(begin) and add_months(begin, length) == day:
                return day, length, begin
    raise ValueError(f"no business day leads to {due}")


# --- products ---------------------------------------------------------------------------------------------------------


def _trades(story: Story) -> None:
    """Buy what fits the client's appetite, sell some of it again."""
    fitting = [p for p in PRODUCTS if p.risk <= story.profile.risk and p.currency in story.profile.currencies]
    count = min(story.rng.randrange(1, 4) + story.profile.risk, len(fitting))
    amount = Decimal(story.profile.wealth) * INVESTED[story.profile.risk - 1] / count
    first = story.profile.joined_on
    for product in story.rng.sample(fitting, count):
        day = between(story.rng, first + dt.timedelta(days=20), min(first + dt.timedelta(days=500), story.as_of))
        story.at(day, USE, _purchase(story, product, amount))
        if story.rng.random() < 0.3:
            share = HALF if story.rng.random() < 0.6 else Decimal(1)
            later = on_or_after(day + dt.timedelta(days=story.rng.randrange(120, 600)))
            story.at(later, USE, _sale(story, product, share))
        elif story.rng.random() < 0.3:
            later = on_or_after(day + dt.timedelta(days=story.rng.randrange(60, 500)))
            story.at(later, USE, _purchase(story, product, amount * HALF))


def _purchase(story: Story, product: Product, amount: Decimal, most: Decimal = HALF) -> Act:
    def act(day: dt.date) -> None:
        wanted = amount / story.market.rate(product.currency, day)
        story.buy(day, product, rounded(min(wanted, story.balance(product.currency) * most), product.currency))

    return act


def _sale(story: Story, product: Product, share: Decimal) -> Act:
    return lambda day: story.sell(day, product, share)


def _extras(story: Story) -> None:
    """Give a very wealthy client a residence, a structured note, and a hedge against the index: puts, or a future."""
    rng = Random(f"{story.profile.reference}/extras")
    residence, note, put, future = EXTRAS
    wealth, first = Decimal(story.profile.wealth), story.profile.joined_on
    if rng.random() < 0.4:
        price = story.market.price(residence.reference, first)
        area = whole(wealth / 8 / price, 10)
        if area:
            day = on_or_after(first + dt.timedelta(days=20))
            story.at(day, USE, lambda on: story.bring(on, residence, area, rounded(area * price, "CNY")))
    if rng.random() < 0.5:
        day = on_or_after(story.as_of - dt.timedelta(days=rng.randrange(120, 300)))
        story.at(day, USE, _purchase(story, note, wealth / 25))
    hedged = on_or_after(story.as_of - dt.timedelta(days=rng.randrange(30, 110)))
    if story.profile.risk >= 3 and rng.random() < 0.4:
        story.at(hedged, USE, _purchase(story, put, wealth / 200))
    elif story.profile.risk >= 4:
        contracts = -Decimal(rng.randrange(1, 4))
        story.at(hedged, USE, lambda on: story.bring(on, future, contracts, contracts * story.unit(future, on)))


# --- on purpose -------------------------------------------------------------------------------------------------------


def _concentrated(story: Story) -> None:
    """Put nearly everything into one high-risk share, whatever was advised."""
    star = next(product for product in PRODUCTS if product.reference == STAR)
    first = story.profile.joined_on
    story.at(
        on_or_after(first + dt.timedelta(days=6)), USE, _purchase(story, star, Decimal(story.profile.wealth), MOST)
    )
    story.at(
        on_or_after(first + dt.timedelta(days=400)), USE, _purchase(story, star, Decimal(story.profile.wealth) / 20)
    )
    _soon(story, "CNY", Decimal(story.profile.wealth) / 25, first + dt.timedelta(days=10), 20)


def _need(story: Story) -> None:
    """Leave the money idle while fees of a university abroad go out twice a year: there is something to propose."""
    first = story.profile.joined_on
    idle = Decimal(story.profile.wealth) * 2 / 5
    day = on_or_after(first + dt.timedelta(days=12))
    story.at(day, USE, lambda on: story.place_deposit(on, "demand", "CNY", 0, idle))
    for year in range(first.year, story.as_of.year + 1):
        for month in (1, 8):
            story.at(on_or_after(dt.date(year, month, 12)), OUTFLOW, _tuition(story))


def _tuition(story: Story) -> Act:
    def act(day: dt.date) -> None:
        if story.exchange(day, TUITION, "USD"):
            story.post(day, "transfer", "tuition", -TUITION, currency="USD")

    return act
