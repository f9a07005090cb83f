"""One client's tables of any day: the rows and sums of the book, on the page and as a file."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from core.models import AuditEvent
from core.walls import acting, service
from portfolios import queries
from portfolios.models import Holding
from tests import factories
from tests.conftest import SignIn
from tests.core.test_lists_exports import file, lines
from tests.people import People

TODAY = dt.date(2026, 3, 31)
BEFORE = dt.date(2026, 1, 15)


@pytest.fixture
def client_id(people: People) -> int:
    """Give a client deposits, positions and accounts, some of which were not there before, or are gone."""
    autodiscover_modules("tasks")
    client = factories.owned_by(people.client_id)
    factories.fx_rate()
    factories.fx_rate(value_date=BEFORE)
    factories.deposit(client, account=factories.account(client))
    factories.deposit(client, value_date=dt.date(2026, 2, 2), matures_on=dt.date(2027, 2, 2))
    factories.deposit(client, closed_on=dt.date(2026, 2, 10), principal=Decimal(7_000))
    dollars = factories.account(client, currency="USD")
    factories.transaction(dollars, amount=Decimal("120.50"), currency="USD", value_date=BEFORE)
    factories.account(client, closed_on=dt.date(2026, 3, 1))
    share = factories.instrument(currency="USD")
    factories.price(share)
    factories.price(share, value_date=BEFORE - dt.timedelta(days=60), price=Decimal(11), estimated=True)
    held = factories.holding(client, instrument=share, value_date=dt.date(2026, 1, 2), quantity=Decimal(10))
    factories.holding(client, instrument=share, reference=held.reference, account=held.account, quantity=Decimal(30))
    gone = factories.holding(client, instrument=factories.instrument(), value_date=dt.date(2026, 1, 2))
    factories.holding(
        client, instrument=gone.instrument, reference=gone.reference, account=gone.account, quantity=Decimal(0)
    )
    return client.pk


@pytest.mark.parametrize("day", [BEFORE, TODAY])
@pytest.mark.parametrize("part", ["deposits", "holdings", "cash"])
def test_a_table_has_the_lines_of_the_book(
    people: People, client_id: int, sign_in: SignIn, day: dt.date, part: str
) -> None:
    with acting(people.manager):
        book = queries.book(user=people.manager, client_id=client_id, as_of=day, known_at=timezone.now())
    wanted = {line.reference: line for line in getattr(book, part)}
    browser = sign_in(people.manager)
    address = f"/portfolios/clients/{client_id}/{part}/?on={day}"
    shown = browser.get(address).context["shown"].rows
    assert {row.reference: row.line for row in shown} == wanted
    told = lines(file(browser, address))
    worth = sum((line.base_value or Decimal(0) for line in wanted.values()), Decimal(0))
    assert sum((Decimal(line["worth"] or 0) for line in told), Decimal(0)) == worth > 0


def test_marks_stand_beside_the_price(people: People, client_id: int, sign_in: SignIn) -> None:
    address = f"/portfolios/clients/{client_id}/holdings/?on={BEFORE}"
    page = sign_in(people.manager).get(address)
    assert "2025-11-16 · test · stale · estimated" in page.text
    assert "no price" in page.text
    told = {line["reference"]: line for line in lines(file(page.client, address))}
    with acting(service()):
        names = set(Holding.objects.values_list("reference", flat=True))
    assert set(told) == names
    assert sorted((line["stale"], line["estimated"], line["value"]) for line in told.values()) == [
        ("no", "no", ""),
        ("yes", "yes", "110.00"),
    ]


def test_cover_at_each_bank_is_that_of_the_page(people: People, client_id: int, sign_in: SignIn) -> None:
    with acting(people.manager):
        found = queries.insurance(user=people.manager, client_id=client_id, as_of=TODAY, known_at=timezone.now())
    told = lines(file(sign_in(people.manager), f"/portfolios/clients/{client_id}/insurance/banks/?on={TODAY}"))
    assert len(told) == len(found.banks) > 1
    wanted = {one.bank.name: one for one in found.banks}
    for line in told:
        cover = wanted[line["institution"]]
        assert line["as_of"] == TODAY.isoformat()
        if cover.bank.scheme:
            assert Decimal(line["insured"]) + Decimal(line["uninsured"]) == Decimal(line["balance"]) == cover.balance
        else:
            assert (line["balance"], line["state"]) == ("", "unknown")


@pytest.mark.parametrize("sort", ["-gain", "gain", "position", "-share"])
def test_what_each_position_added_makes_the_gain(people: People, sign_in: SignIn, sort: str) -> None:
    client = factories.owned_by(people.client_id)
    factories.valued_year(client, until=TODAY)
    factories.transaction(factories.account(client), kind="interest", amount=Decimal(50), value_date=BEFORE)
    address = f"/portfolios/clients/{client.pk}/performance/positions/"
    shown = sign_in(people.manager).get(f"{address}?span=y1&sort={sort}").context["shown"].rows
    with acting(people.manager):
        found = queries.performance(user=people.manager, client_id=client.pk, as_of=TODAY, known_at=timezone.now())
    span = next(one for one in found.spans if one.key == "y1")
    assert sum(row.said.gain for row in shown) == span.gain
    assert {row.said.kind for row in shown} == {"cash", "rest"}
    key = {"gain": "gain", "position": "label", "share": "share"}[sort.lstrip("-")]
    values = [getattr(row.said, key) for row in shown]
    assert values == sorted(values, reverse=sort.startswith("-"))


def test_what_falls_due_is_that_of_the_ladder(people: People, client_id: int, sign_in: SignIn) -> None:
    with acting(people.manager):
        found = queries.maturity_ladder(user=people.manager, client_id=client_id, as_of=TODAY, known_at=timezone.now())
    told = lines(file(sign_in(people.manager), f"/portfolios/clients/{client_id}/ladder/"))
    assert len(told) == len([*found.overdue, *found.rungs]) > 1
    due = [line for line in told if line["matures_on"] >= TODAY.isoformat()]
    assert sum(Decimal(line["worth"]) for line in due) == found.total
    shown = sign_in(people.manager).get(f"/portfolios/clients/{client_id}/ladder/?whose=household&sort=-worth")
    worth = [row.said.worth for row in shown.context["shown"].rows]
    assert worth == sorted(worth, reverse=True)


def test_each_of_a_household_whose_ladder_is_listed_is_looked_at(people: People, sign_in: SignIn) -> None:
    house = factories.household()
    client, other = (factories.client(household=house) for _ in range(2))
    for one in (client, other):
        factories.coverage(one, people.manager)
        factories.deposit(one)
    browser, address = sign_in(people.manager), f"/portfolios/clients/{client.pk}/ladder/"

    def looked_at() -> set[int | None]:
        with acting(service()):
            return set(AuditEvent.objects.filter(verb="ladder:read").values_list("client_id", flat=True))

    assert len(browser.get(address).context["shown"].rows) == 1
    assert looked_at() == {client.pk}
    assert len(browser.get(f"{address}?whose=household").context["shown"].rows) == 2
    assert looked_at() == {client.pk, other.pk}
