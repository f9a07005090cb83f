"""Three years of one client: money comes and goes, deposits are placed and repaid, products bought and sold.

Everything happens in the order of its day, so nothing is spent that is not there yet.
"""

import datetime as dt
import heapq
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from random import Random
from typing import NamedTuple

from config.book import income, instruments, market, numbers, words
from config.book.dates import on_or_after, term
from config.book.instruments import Product
from config.book.ledger import Ledger, units, whole
from config.book.market import Market
from config.book.people import Profile
from core.money import rounded
from portfolios.feeds.rows import AccountRow, DepositRow, HoldingRow, LotRow, TransactionRow
from portfolios.rules.daycount import year_fraction
from portfolios.rules.deposits import at_maturity

Act = Callable[[dt.date], object]
"""What happens on a day."""
REPAYMENT, INFLOW, OUTFLOW, USE = range(4)
"""The order within a day: money arrives before it is used."""
STEP = {"CNY": 10_000, "USD": 1_000, "HKD": 10_000, "EUR": 1_000}
LEAST = {"CNY": 50_000, "USD": 10_000, "HKD": 50_000, "EUR": 10_000}
LEAST_CD = 200_000
UNITS = {"bond": "10", "fund": "0.01", "equity": "100", "insurance": "1", "other": "100"}
UNITS |= {"structured_product": "100", "option": "1"}
FACE = 100
DAY_COUNT = {"CNY": "30/360", "USD": "ACT/360", "HKD": "ACT/365F", "EUR": "ACT/360"}
CASH_RATE = {"CNY": Decimal("0.0005"), "USD": Decimal("0.0005"), "HKD": Decimal("0.0001"), "EUR": Decimal("0.0001")}


class Mark(NamedTuple):
    """Something worth a word with the client: what, about which contract or product, and the figures."""

    day: dt.date
    topic: str
    about: str
    what: str
    amount: Decimal
    currency: str


@dataclass(slots=True)
class Purchase:
    """What is left of one purchase, and what that part cost."""

    reference: str
    acquired_on: dt.date
    quantity: Decimal
    cost: Decimal
    said: tuple[Decimal, Decimal] | None = None


@dataclass(slots=True)
class Position:
    """What is held of one product now."""

    reference: str
    quantity: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)
    lots: list[Purchase] = field(default_factory=list)


@dataclass(slots=True)
class History:
    """What came of one client."""

    accounts: list[AccountRow] = field(default_factory=list)
    deposits: dict[str, DepositRow] = field(default_factory=dict)
    holdings: list[HoldingRow] = field(default_factory=list)
    lots: dict[tuple[str, dt.date], LotRow] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)
    ledgers: dict[str, Ledger] = field(default_factory=dict)

    @property
    def transactions(self) -> list[TransactionRow]:
        """Return the movements of all accounts."""
        return [row for ledger in self.ledgers.values() for row in ledger.rows]


class Story:
    """A client's days. ``plan`` fills the queue, ``run`` lives it until the day before ``as_of``."""

    def __init__(self, rng: Random, market_: Market, profile: Profile, as_of: dt.date, *, full: bool) -> None:
        self.full = full
        self.rng = rng
        self.market = market_
        self.profile = profile
        self.as_of = as_of
        self.history = History()
        self.positions: dict[str, Position] = {}
        self.place = rng.randrange(100)
        self._queue: list[tuple[dt.date, int, int, Act]] = []
        self._number = 0

    # --- the days ---

    def at(self, day: dt.date, order: int, act: Act) -> None:
        """Let something happen on ``day``, when that is within the history."""
        if self.profile.joined_on <= day < self.as_of:
            self._number += 1
            heapq.heappush(self._queue, (day, order, self._number, act))

    def run(self) -> History:
        """Live the days in their order."""
        while self._queue:
            day, _, _, act = heapq.heappop(self._queue)
            act(day)
        self.history.holdings.sort(key=lambda row: (row.value_date, row.reference))
        return self.history

    # --- accounts and movements ---

    def open_accounts(self) -> None:
        """Open a cash account per currency and one for custody."""
        tail = self.profile.reference[1:]
        for currency in self.profile.currencies:
            banks = instruments.FOREIGN_BANKS.get(currency, (instruments.HOME_BANK,))
            reference = f"A{tail}-{currency}"
            self._open(reference, self.rng.choice(banks), currency, "cash")
            self.history.ledgers[currency] = Ledger(reference, currency, self.profile.joined_on)
        self._open(f"A{tail}-SEC", instruments.HOME_BANK, "CNY", "custody")

    def _open(self, reference: str, bank: str, currency: str, kind: str) -> None:
        number = numbers.account(self.rng)
        row = AccountRow(reference, self.profile.reference, number, bank, currency, self.profile.joined_on, kind)
        self.history.accounts.append(row)

    def balance(self, currency: str = "CNY") -> Decimal:
        """Return what is on the account of a currency."""
        return self.history.ledgers[currency].balance

    def post(
        self,
        day: dt.date,
        kind: str,
        key: str,
        amount: Decimal,
        *values: object,
        currency: str = "CNY",
        instrument: str = "",
    ) -> None:
        """Move an account with the words of ``key``."""
        chinese = self.profile.chinese
        text = words.text(key, *values, chinese=chinese)
        other = words.counterparty(key, self.place, chinese=chinese)
        self.history.ledgers[currency].post(day, kind, amount, text, other, instrument=instrument)

    def receive(self, key: str, amount: Decimal, currency: str = "CNY") -> Act:
        """Return the act of money coming in, a little more or less each time."""
        return lambda day: self.post(day, "transfer", key, self.about(amount), currency=currency)

    def spend(self, key: str, amount: Decimal, kind: str = "transfer") -> Act:
        """Return the act of money going out of the yuan account, at most a third of what is there."""

        def act(day: dt.date) -> None:
            paid = min(self.about(amount), rounded(self.balance() / 3, "CNY"))
            if paid >= 100:
                self.post(day, kind, key, -paid)

        return act

    def about(self, amount: Decimal) -> Decimal:
        """Return an amount within fifteen per cent of ``amount``."""
        return rounded(amount * self.rng.randrange(8500, 11500) / 10_000, "CNY")

    def settle(self, day: dt.date) -> None:
        """Credit the quarter's interest on every cash account (21st, 结息)."""
        for currency, ledger in self.history.ledgers.items():
            if ledger.rows and (earned := ledger.interest(day, CASH_RATE[currency])) >= Decimal("0.01"):
                self.post(day, "interest", "interest", earned, currency=currency)

    def exchange(self, day: dt.date, amount: Decimal, currency: str) -> bool:
        """Buy ``amount`` of a foreign currency with yuan, where there are enough."""
        price = rounded(amount * self.market.rate(currency, day), "CNY")
        if price > self.balance():
            return False
        self.post(day, "transfer", "exchange_out", -price)
        self.post(day, "transfer", "exchange_in", amount, currency=currency)
        return True

    # --- deposits ---

    def place_deposit(self, day: dt.date, kind: str, currency: str, months: int, amount: Decimal) -> DepositRow | None:
        """Place a deposit of a whole sum within what is there; None when it is too little."""
        amount = whole(min(amount, self.balance(currency)), STEP[currency])
        if amount < LEAST[currency] or (kind == "large_cd" and amount < LEAST_CD):
            return None
        return self._contract(day, kind, currency, months, amount)

    def _contract(
        self, day: dt.date, kind: str, currency: str, months: int, amount: Decimal, *, before: DepositRow | None = None
    ) -> DepositRow:
        reference = f"D{self.profile.reference[1:]}-{len(self.history.deposits) + 1:02d}"
        timed = kind not in {"demand", "notice"}
        row = DepositRow(
            reference=reference,
            account=self.history.ledgers[currency].account,
            kind=kind,
            currency=currency,
            principal=amount,
            rate=market.listed(kind, currency, months, day),
            value_date=day,
            day_count=self._day_count(kind, currency),
            term_months=months if timed else None,
            notice_days=months if kind == "notice" else None,
            matures_on=term(day, months)[1] if timed else None,
            instruction=self.rng.choices(("none", "principal", "all"), (45, 25, 30))[0] if timed else "",
            institution=before.institution if before else self._bank(currency),
        )
        self.history.deposits[reference] = row
        what = words.kind(kind, chinese=self.profile.chinese)
        if before:
            self.post(day, "deposit", "renewed", -amount, reference, currency=currency)
        else:
            self.post(day, "deposit", "placed", -amount, reference, what, currency=currency)
            self.history.marks.append(Mark(day, "placed", reference, what, amount, currency))
        self._schedule(row)
        return row

    @staticmethod
    def _day_count(kind: str, currency: str) -> str:
        if kind == "structured":
            return "ACT/365F"
        return "ACT/360" if kind in {"demand", "notice"} and currency != "HKD" else DAY_COUNT[currency]

    def _bank(self, currency: str) -> str:
        banks = instruments.FOREIGN_BANKS.get(currency, instruments.CNY_BANKS)
        return (
            instruments.HOME_BANK
            if self.rng.random() < 0.35 and instruments.HOME_BANK in banks
            else self.rng.choice(banks)
        )

    def _schedule(self, row: DepositRow) -> None:
        """Let the contract end at maturity, a notice deposit be withdrawn, demand interest be credited."""
        if row.matures_on is not None:
            self.at(row.matures_on, REPAYMENT, lambda day: self._repay(day, row))
        elif row.kind == "notice" and self.rng.random() < 0.5:
            withdrawn = on_or_after(row.value_date + dt.timedelta(days=self.rng.randrange(60, 420)))
            self.at(withdrawn, REPAYMENT, lambda day: self._repay(day, row))
        elif row.kind == "demand":
            for credit in credit_days(row.value_date, self.as_of):
                self.at(credit, REPAYMENT, lambda day: self._credit(day, row))

    def _credit(self, day: dt.date, row: DepositRow) -> None:
        """Pay a demand deposit's interest of the quarter to the account."""
        before = max([row.value_date, *(credit for credit in credit_days(row.value_date, day))])
        earned = rounded(row.principal * row.rate * year_fraction(before, day, row.day_count), row.currency)
        if earned > 0:
            self.post(day, "interest", "deposit_interest", earned, row.reference, currency=row.currency)

    def _repay(self, day: dt.date, row: DepositRow) -> None:
        """Pay principal and interest back, and renew what was asked for."""
        total = at_maturity(
            principal=row.principal,
            rate=row.rate,
            day_count=row.day_count,
            currency=row.currency,
            value_date=row.value_date,
            matures_on=day,
        )
        interest = (total or row.principal) - row.principal
        self.history.deposits[row.reference] = replace(row, closed_on=day)
        self.post(day, "deposit", "repaid", row.principal, row.reference, currency=row.currency)
        if interest > 0:
            self.post(day, "interest", "deposit_interest", interest, row.reference, currency=row.currency)
        what = words.kind(row.kind, chinese=self.profile.chinese)
        renewed = row.instruction in {"principal", "all"}
        topic = "renewed" if renewed else "matured"
        self.history.marks.append(Mark(day, topic, row.reference, what, row.principal + interest, row.currency))
        if renewed:
            amount = row.principal + (interest if row.instruction == "all" else 0)
            months = self._renewal(day, row.term_months or 12)
            self._contract(day, row.kind, row.currency, months, amount, before=row)
        elif row.kind != "notice" and self.rng.random() < 0.75:
            self._place_again(day, row)

    def _renewal(self, day: dt.date, months: int) -> int:
        """Return the term of a renewal: the same, or the next that ends on a business day."""
        return next((n for n in (months, *market.terms("USD")) if term(day, n)[0] == day), months)

    def _place_again(self, day: dt.date, row: DepositRow) -> None:
        months = market.draw_term(self.rng, row.currency)
        later, _ = term(day + dt.timedelta(days=self.rng.randrange(3, 20)), months)
        self.at(later, USE, lambda on: self._use(on, row.kind, row.currency, months, row.principal))

    def _use(self, day: dt.date, kind: str, currency: str, months: int, amount: Decimal) -> None:
        self.place_deposit(day, kind, currency, months, min(amount, self.balance(currency) * Decimal("0.85")))

    # --- products ---

    def buy(self, day: dt.date, product: Product, amount: Decimal) -> None:
        """Buy for at most ``amount`` of what is there."""
        price = self.unit(product, day)
        step = "0.01" if price < 10 and product.asset_class == "insurance" else UNITS[product.asset_class]
        quantity = units(min(amount, self.balance(product.currency) * Decimal("0.95")), price, step)
        paid = rounded(quantity * price, product.currency)
        if paid <= 0:
            return
        position = self.positions.setdefault(
            product.reference, Position(f"H{self.profile.reference[1:]}-{product.reference}")
        )
        position.quantity += quantity
        position.cost += paid
        number = f"L{position.reference[1:]}-{len(position.lots) + 1}"
        position.lots.append(Purchase(number, day, quantity, paid))
        self._trade(day, "bought", product, quantity, -paid)

    def sell(self, day: dt.date, product: Product, share: Decimal) -> None:
        """Sell a share of what is held."""
        position = self.positions.get(product.reference)
        if position is None or position.quantity == 0:
            return
        quantity = (
            position.quantity
            if share >= 1
            else units(position.quantity * share, Decimal(1), UNITS[product.asset_class])
        )
        if quantity == 0:
            return
        position.cost -= rounded(position.cost * quantity / position.quantity, product.currency)
        position.quantity -= quantity
        left = quantity
        for lot in position.lots:  # first in, first out
            gone = min(left, lot.quantity)
            if gone:
                lot.cost -= rounded(lot.cost * gone / lot.quantity, product.currency)
                lot.quantity -= gone
                left -= gone
        self._trade(day, "sold", product, quantity, rounded(quantity * self.unit(product, day), product.currency))

    def unit(self, product: Product, day: dt.date) -> Decimal:
        """Return what one unit is worth on a day, the interest since the last coupon included."""
        terms = income.terms(product.reference, product.asset_class, product.multiplier)
        return terms.unit(self.market.price(product.reference, day), day)

    def pays(self, product: Product) -> None:
        """Let a product pay its coupons or dividends, and become more units where its issuer gave some."""
        reference, since = product.reference, self.profile.joined_on
        if coupon := income.COUPONS.get(reference):
            each = FACE * coupon.rate / coupon.frequency
            for day in coupon.days(since, self.as_of):
                self.at(on_or_after(day), REPAYMENT, lambda on: self._pay(on, product, "interest", "coupon", each))
        if reference in income.DIVIDENDS:
            paid = income.DIVIDENDS[reference][2]
            for day in income.dividend_days(reference, since, self.as_of):
                self.at(day, REPAYMENT, lambda on: self._pay(on, product, "dividend", "shares", paid))
        if reference == income.BONUS[0]:
            self.at(income.bonus_day(self.as_of), REPAYMENT, lambda on: self._grow(on, product, income.BONUS[1]))

    def _pay(self, day: dt.date, product: Product, kind: str, key: str, each: Decimal) -> None:
        position = self.positions.get(product.reference)
        if position and position.quantity:
            name = product.name_zh if self.profile.chinese else product.name
            amount = rounded(position.quantity * each, product.currency)
            self.post(day, kind, key, amount, name, currency=product.currency, instrument=product.reference)

    def _grow(self, day: dt.date, product: Product, factor: Decimal) -> None:
        """Let each unit become more."""
        position = self.positions.get(product.reference)
        if position and position.quantity:
            position.quantity *= factor
            for lot in position.lots:
                lot.quantity *= factor
            self.hold(day, product, position)

    def bring(self, day: dt.date, product: Product, quantity: Decimal, cost: Decimal) -> None:
        """Let the bank hold something that was not bought through it, or a future, which is entered for nothing."""
        position = Position(f"H{self.profile.reference[1:]}-{product.reference}", quantity, cost)
        self.positions[product.reference] = position
        self.hold(day, product, position)

    def _trade(self, day: dt.date, topic: str, product: Product, quantity: Decimal, amount: Decimal) -> None:
        name = product.name_zh if self.profile.chinese else product.name
        self.post(day, "trade", topic, amount, f"{quantity.normalize():f}", name, currency=product.currency)
        position = self.positions[product.reference]
        self.hold(day, product, position)
        self.history.marks.append(Mark(day, topic, position.reference, name, abs(amount), product.currency))

    def hold(self, day: dt.date, product: Product, position: Position) -> None:
        """Note how much of a product is held from a day on, and what is left of each purchase."""
        custody, currency = f"A{self.profile.reference[1:]}-SEC", product.currency
        row = HoldingRow(
            position.reference, custody, product.reference, position.quantity, position.cost, day, currency
        )
        kept = [held for held in self.history.holdings if (held.reference, held.value_date) != (row.reference, day)]
        self.history.holdings = [*kept, row]
        if self.full:
            for lot in position.lots:
                self._left(day, lot, row)

    def _left(self, day: dt.date, lot: Purchase, held: HoldingRow) -> None:
        """Note what is left of a purchase, unless that is what was said last."""
        if lot.said != (lot.quantity, lot.cost):
            lot.said = (lot.quantity, lot.cost)
            where = (lot.reference, held.account, held.instrument, lot.acquired_on)
            self.history.lots[lot.reference, day] = LotRow(*where, lot.quantity, lot.cost, day, held.currency)


def credit_days(after: dt.date, before: dt.date) -> list[dt.date]:
    """Return the days between on which a quarter's interest is credited."""
    days = (dt.date(year, month, 21) for year in range(after.year, before.year + 1) for month in (3, 6, 9, 12))
    return [day for day in days if after < day < before]
