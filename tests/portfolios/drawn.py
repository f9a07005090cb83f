"""Clients whose wealth is drawn by chance, with figures that fall between two cents as often as they can."""

import datetime as dt
from decimal import Decimal
from random import Random
from typing import Any

from clients.models import Client
from portfolios.models import Account, Deposit, Transaction
from tests import factories
from tests.factories import TODAY

BEGAN = dt.date(2025, 10, 3)
KINDS = [kind for kind in Transaction.Kind.values if kind not in {"trade", "deposit"}]
KNOWN = dt.datetime(2026, 4, 1, tzinfo=dt.UTC)


VALUED = {
    "value_date": TODAY,
    "known_at": KNOWN,
    "currency": "CNY",
    **dict.fromkeys(("cash", "deposits", "holdings", "flow", "fees", "missing", "stale"), 0),
    "balances": {},
}
"""A valuation of nothing."""


def rates(seed: int) -> None:
    """Draw the rates of some days."""
    rng = Random(seed)
    for currency in ("USD", "JPY"):
        day = BEGAN - dt.timedelta(days=3)
        while day <= TODAY:
            rate = Decimal(rng.randrange(40_000, 80_000)) / 10_000
            factories.fx_rate(currency, "CNY", rate=rate, value_date=day, known_at=KNOWN)
            day += dt.timedelta(days=rng.randrange(1, 6))


class Drawn:
    """A client whose wealth is drawn by chance, with figures that fall between two cents as often as they can."""

    def __init__(self, client: Client, seed: int) -> None:
        self.rng = Random(seed)
        self.client = client
        currencies = self.rng.sample(["CNY", "USD", "JPY"], 2)
        self.accounts = [self._account(currency) for currency in currencies]
        for account in self.accounts:
            self._movements(account)
            self._deposits(account)
        for currency in currencies:
            self._holding(currency)

    def day(self) -> dt.date:
        """Draw a day of the history."""
        return BEGAN + dt.timedelta(days=self.rng.randrange((TODAY - BEGAN).days))

    def _account(self, currency: str) -> Account:
        opened = self.day() if self.rng.random() < 0.5 else BEGAN
        return factories.account(self.client, currency=currency, opened_on=opened)

    def _movements(self, account: Account) -> None:
        places = "1" if account.currency == "JPY" else "0.01"
        for _ in range(12):
            amount = Decimal(self.rng.randrange(-90_000, 300_000)) * Decimal(places)
            said = {"kind": self.rng.choice(KINDS), "amount": amount, "value_date": max(self.day(), account.opened_on)}
            factories.transaction(account, known_at=KNOWN, **said)

    def _deposits(self, account: Account) -> None:
        for kind in self.rng.sample(Deposit.Kind.values, 3):
            start = max(self.day() - dt.timedelta(days=self.rng.randrange(300)), dt.date(2025, 1, 31))
            months = self.rng.choice([3, 6, 12])
            ends = kind not in {"demand", "notice"}
            factories.deposit(
                self.client,
                account=account,
                kind=kind,
                principal=Decimal(self.rng.randrange(1, 400) * 2500),
                rate=Decimal(self.rng.randrange(1, 300)) / 10_000,
                day_count=self.rng.choice(Deposit.DayCount.values),
                value_date=start,
                matures_on=start + dt.timedelta(days=30 * months) if ends else None,
                term_months=months if ends else None,
                notice_days=7 if kind == "notice" else None,
                instruction=self.rng.choice(["none", "all"]),
                closed_on=self.day() if self.rng.random() < 0.3 and start < BEGAN else None,
                known_at=KNOWN,
            )

    def _holding(self, currency: str) -> None:
        bought = factories.instrument(currency=currency, **self._terms())
        custody = factories.account(self.client, currency=currency, kind="custody")
        named = f"P{factories.next_number()}"
        days = sorted({self.day() for _ in range(4)})
        for day in days:
            quantity = Decimal(self.rng.choice(["10", "125", "1000.25", "0", "700000.5", "0.0000000001", "-30"]))
            cost = Decimal(self.rng.randrange(9_000_000)) / self.rng.choice([1, 1000, 10_000])
            factories.holding(
                self.client, account=custody, instrument=bought, reference=named, quantity=quantity, value_date=day,
                cost=cost, known_at=KNOWN,
            )  # fmt: skip
        if self.rng.random() < 0.5:
            factor = Decimal(self.rng.choice(["2", "0.1", "1.3"]))
            factories.action(bought, factor=factor, value_date=self.day(), known_at=KNOWN)
        day = days[0] + dt.timedelta(days=self.rng.choice([0, 0, 5]))
        while day <= TODAY:
            price = Decimal(self.rng.randrange(10_000, 2_000_000)) / self.rng.choice([100, 1000, 10_000])
            factories.price(bought, price=price, value_date=day, known_at=KNOWN)
            day += dt.timedelta(days=self.rng.randrange(1, 9))

    def _terms(self) -> dict[str, Any]:
        """Draw what an instrument's worth depends on."""
        kind = self.rng.choice(["bond", "coupon", "equity", "fund", "option", "future"])
        if kind != "coupon":
            multiplier = {"option": "100", "future": "5", "bond": "0.01"}.get(kind, "1")
            return {"asset_class": kind, "multiplier": Decimal(multiplier)}
        return {
            "asset_class": "bond",
            "multiplier": Decimal("0.01"),
            "coupon": Decimal(self.rng.randrange(1, 900)) / 10_000,
            "coupon_frequency": self.rng.choice([1, 2, 4, 12]),
            "matures_on": self.day() + dt.timedelta(days=self.rng.choice([0, 900])),
        }
