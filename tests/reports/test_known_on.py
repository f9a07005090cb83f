"""What was said stays said: after any number of back-dated corrections each statement and page reads as it did then."""

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from clients.models import Client
from core.models import User
from core.walls import acting, service
from portfolios import operations, queries
from portfolios.models import CorporateAction, Deposit, FxRate, Holding, Instrument, Price, Transaction
from reports import operations as reports
from reports import statements
from reports.models import Statement
from reports.operations.freezing import frozen
from reports.statements import Parties, Person
from tests import factories
from tests.conftest import SignIn
from tests.factories import TODAY
from tests.people import People
from tests.portfolios.drawn import BEGAN, Drawn, rates

PERIOD = (TODAY.replace(day=1), TODAY)
FIRST = dt.datetime(2026, 4, 2, tzinfo=dt.UTC)
STEP = dt.timedelta(hours=3)
WORTH_THE_SAME = dt.date.max
"""What a correction says in place of its day when it changes returns alone."""
PARTIES = Parties(Person("Bank", "desk@bank.example"), "C1", "Li Wen", None, None)


@dataclass(frozen=True)
class Said:
    """What statement and pages said of a client at an instant."""

    statement: str
    wealth: str
    performance: str


def said(client: Client, known_at: dt.datetime) -> Said:
    """Read a client's statement, book and performance as known at an instant."""
    with acting(user := service()):
        snapshot = frozen(
            client_id=client.pk, period=PERIOD, language="en", known_at=known_at, parties=PARTIES, ledger=None
        )
        book = queries.book(user=user, client_id=client.pk, as_of=TODAY, known_at=known_at)
        found = queries.performance(user=user, client_id=client.pk, as_of=TODAY, known_at=known_at)
        added = queries.contributions(user=user, found=found, span=found.spans[-1], known_at=known_at)
    told = (found.points, found.spans, added)
    return Said(statements.digest(snapshot), digest(book), digest(told))


def digest(values: object) -> str:
    """Return the digest of plain values."""
    return hashlib.sha256(repr(values).encode()).hexdigest()


def total(client: Client, day: dt.date, known_at: dt.datetime) -> Decimal:
    """Return what the client was worth on a day as known at an instant."""
    with acting(user := service()):
        return queries.book(user=user, client_id=client.pk, as_of=day, known_at=known_at).total


class Corrector:
    """Corrects what is believed of a client, at random and always in the past; returns the day that it concerns."""

    def __init__(self, drawn: Drawn, rng: Random) -> None:
        self.drawn, self.client, self.rng = drawn, drawn.client, rng
        self.ways: list[Callable[[dt.datetime], dt.date]] = [
            self.movement, self.late_movement, self.no_movement, self.quantity, self.price, self.rate, self.terms,
            self.units
        ]  # fmt: skip

    def __call__(self, now: dt.datetime) -> dt.date:
        """Correct something."""
        return self.rng.choice(self.ways)(now)

    def _believed(self, model: Any, **chosen: Any) -> list[Any]:
        with acting(service()):
            return list(model.objects.filter(superseded_at__isnull=True, **chosen).order_by("pk"))

    def _again(self, row: Any, now: dt.datetime, **changed: Any) -> dt.date:
        """End a belief and add another."""
        names = [field.attname for field in row._meta.concrete_fields if field.name != "id"]
        values = {name: getattr(row, name) for name in names}
        row.superseded_at = now
        factories.save(row)
        factories.save(type(row)(**{**values, **changed, "known_at": now, "superseded_at": None}))
        day: dt.date = row.value_date
        return day

    def movement(self, now: dt.datetime) -> dt.date:
        """Change an amount."""
        row = self.rng.choice(self._believed(Transaction, client=self.client))
        return self._again(row, now, amount=row.amount + self.rng.randrange(1, 9999))

    def late_movement(self, now: dt.datetime) -> dt.date:
        """Learn of a movement late."""
        account = self.rng.choice(self.drawn.accounts)
        day = max(self.drawn.day(), account.opened_on)
        factories.transaction(account, amount=Decimal(self.rng.randrange(1, 9999)), value_date=day, known_at=now)
        return day

    def no_movement(self, now: dt.datetime) -> dt.date:
        """Learn that there was no such movement."""
        row = self.rng.choice(self._believed(Transaction, client=self.client))
        row.superseded_at = now
        factories.save(row)
        day: dt.date = row.value_date
        return day

    def quantity(self, now: dt.datetime) -> dt.date:
        """Change how much was held, on a day that had a price."""
        return self._again(self._held(), now, quantity=Decimal(self.rng.randrange(1, 9999)))

    def price(self, now: dt.datetime) -> dt.date:
        """Change the price of something held, or learn it late."""
        row = self._held()
        (known,) = self._believed(Price, instrument=row.instrument_id, value_date=row.value_date) or [None]
        price = Decimal(self.rng.randrange(1_000, 90_000)) / 100
        if known is not None:
            return self._again(known, now, price=price)
        said = {"price": price, "value_date": row.value_date, "known_at": now, "source": "late"}
        factories.save(Price(instrument_id=row.instrument_id, **said))
        return row.value_date

    def _held(self) -> Holding:
        rows = self._believed(Holding, client=self.client, quantity__gt=1)
        priced = [
            row for row in rows if self._believed(Price, instrument=row.instrument_id, value_date__lte=row.value_date)
        ]
        chosen: Holding = self.rng.choice(priced)
        return chosen

    def rate(self, now: dt.datetime) -> dt.date:
        """Change what a currency was worth."""
        abroad = next(one.currency for one in self.drawn.accounts if one.currency != self.client.base_currency)
        row = self.rng.choice(self._believed(FxRate, base=abroad, value_date__gt=BEGAN + dt.timedelta(days=30)))
        return self._again(row, now, rate=row.rate + Decimal("0.5"))

    def terms(self, now: dt.datetime) -> dt.date:
        """Change a contract."""
        with acting(service()):
            rows = list(Deposit.objects.filter(client=self.client, closed_on__isnull=True).order_by("pk"))
        row = self.rng.choice(rows)
        factories.instructed(row, row.instruction, principal=row.principal + 1000, known_at=now)
        return max(row.value_date, BEGAN)

    def units(self, now: dt.datetime) -> dt.date:
        """Learn late of what an issuer did: it changes returns and no worth."""
        number, day = self._held().instrument_id, self.drawn.day()
        with acting(service()):
            instrument = Instrument.objects.get(pk=number)
        for known in self._believed(CorporateAction, instrument=instrument, value_date=day):
            known.superseded_at = now
            factories.save(known)
        factories.action(instrument, factor=Decimal("1.1"), value_date=day, known_at=now)
        return WORTH_THE_SAME


@pytest.mark.parametrize("count", [12, pytest.param(200, marks=pytest.mark.full)])
def test_every_statement_and_page_reads_as_it_did(people: People, count: int) -> None:
    rates(count)
    drawn = Drawn(factories.client(), count)
    value(drawn.client, FIRST)
    told, correct, now = [(FIRST, said(drawn.client, FIRST))], Corrector(drawn, Random(count)), FIRST
    for _ in range(count):
        before, now = now, now + STEP
        day = correct(now)
        if day != WORTH_THE_SAME:
            assert total(drawn.client, day, before) != total(drawn.client, day, now)
        value(drawn.client, now)
        told.append((now, said(drawn.client, now)))
    for known_at, then in told:
        assert said(drawn.client, known_at) == then
    assert len({then.performance for _known_at, then in told}) > count / 2  # some concern no valued day


def test_a_statement_of_an_earlier_format_comes_out_again_too(people: People, client_ready: Client) -> None:
    with acting(service()):
        reports.issue(client_ids=[client_ready.pk], period_end=TODAY, now=FIRST)
        row = Statement.objects.get(client=client_ready)
        row.snapshot = statements.as_format(row.snapshot, 2)
        row.digest = statements.digest(row.snapshot)
        row.save()
    assert "rates" not in row.snapshot
    with acting(people.manager):
        assert reports.replay(user=people.manager, statement_id=row.pk, known_at=FIRST + STEP).same


def test_the_page_makes_a_statement_again(people: People, client_ready: Client, sign_in: SignIn) -> None:
    account = factories.account(client_ready, opened_on=BEGAN)
    row = factories.transaction(account, amount=Decimal(5_000), value_date=TODAY.replace(day=10), known_at=FIRST)
    with acting(service()):
        reports.issue(client_ids=[client_ready.pk], period_end=TODAY, now=FIRST)
    browser, statement = sign_in(people.manager), Statement.objects.filter(client=client_ready)
    with acting(service()):
        address = f"/reports/statements/{statement.get().pk}/"
    assert "Make it again and compare" in browser.get(address).text
    text = browser.get(address, {"again": "1"}).text
    assert "it comes out the same" in text
    assert "Nothing was corrected" in text
    row.superseded_at = FIRST + STEP
    factories.save(row)
    text = browser.get(address, {"again": "1"}).text
    assert "it comes out the same" in text
    assert "<code>totals.total</code>" in text


def value(client: Client, now: dt.datetime) -> None:
    """Value the client at once."""
    with acting(service()):
        operations.value(client_ids=[client.pk], until=TODAY, now=now)


def test_a_frozen_statement_comes_out_again_and_tells_what_was_learned_since(
    people: People, client_ready: Client
) -> None:
    account = factories.account(client_ready, opened_on=BEGAN)
    row = factories.transaction(account, amount=Decimal(5_000), value_date=TODAY.replace(day=10), known_at=FIRST)
    with acting(service()):
        reports.issue(client_ids=[client_ready.pk], period_end=TODAY, now=FIRST)
    manager: User = people.manager
    with acting(manager):
        statement = Statement.objects.get(client=client_ready)
        again = reports.replay(user=manager, statement_id=statement.pk, known_at=FIRST + STEP)
    assert (again.same, again.differences) == (True, [])
    row.superseded_at = FIRST + STEP
    factories.save(row)
    with acting(manager):
        later = reports.replay(user=manager, statement_id=statement.pk, known_at=FIRST + 2 * STEP)
    assert later.same
    assert ("totals.total", "1026944.44", "1021944.44") in [(one.place, one.then, one.now) for one in later.differences]
