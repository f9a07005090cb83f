"""What is left of single purchases: what it gained, and whether it makes the position that the bank tells."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils.module_loading import autodiscover_modules

from core.walls import acting, service
from portfolios import feeds, operations
from portfolios.models import Lot
from tests import factories
from tests.conftest import SignIn
from tests.core.test_lists_exports import file, lines
from tests.factories import TODAY
from tests.people import People

HEAD = "record,reference,account,instrument,acquired_on,quantity,cost,value_date,currency\n"


def test_each_purchase_has_its_own_gain(people: People, sign_in: SignIn) -> None:
    autodiscover_modules("tasks")
    client = factories.owned_by(people.client_id)
    held = factories.holding(client, quantity=Decimal(1000), cost=Decimal(11_000))
    factories.price(held.instrument, price=Decimal(12))
    bought_on = TODAY - dt.timedelta(days=365)
    first = factories.lot(held, quantity=Decimal(600), cost=Decimal(6_000), acquired_on=bought_on)
    factories.lot(held, quantity=Decimal(400), cost=Decimal(5_000), acquired_on=TODAY - dt.timedelta(days=30))
    factories.lot(held, quantity=Decimal(0), cost=Decimal(0))
    address = f"/portfolios/clients/{client.pk}/lots/?on={TODAY}"
    browser = sign_in(people.manager)
    shown = browser.get(f"{address}&sort=bought").context["shown"].rows
    assert [(row.bought.days, row.bought.value, row.bought.gain) for row in shown] == [
        (365, Decimal(7_200), Decimal(1_200)),
        (30, Decimal(4_800), Decimal(-200)),
    ]
    assert "differ from the position" not in browser.get(address).text
    assert {line["gain"] for line in lines(file(browser, address))} == {"1200.00", "-200.00"}
    with acting(service()):
        Lot.objects.filter(pk=first.pk).update(quantity=Decimal(500))
    assert "differ from the position by -100" in browser.get(address).text
    assert sign_in(people.stranger).get(address).status_code == 404


def test_what_is_left_is_that_of_the_last_word_up_to_the_day(people: People, sign_in: SignIn) -> None:
    client = factories.owned_by(people.client_id)
    held = factories.holding(client, value_date=dt.date(2026, 1, 5), quantity=Decimal(100))
    lot = factories.lot(held, value_date=dt.date(2026, 1, 5), quantity=Decimal(100))
    factories.lot(held, reference=lot.reference, value_date=dt.date(2026, 2, 2), quantity=Decimal(40))
    browser = sign_in(people.manager)
    for day, quantity in (("2026-01-31", 100), ("2026-02-02", 40)):
        (row,) = browser.get(f"/portfolios/clients/{client.pk}/lots/?on={day}").context["shown"].rows
        assert row.quantity == quantity


def test_a_file_brings_and_corrects_purchases(people: People) -> None:
    held = factories.holding(factories.owned_by(people.client_id))
    with acting(service()):
        account, instrument = held.account.reference, held.instrument.reference
    line = f"lot,L-1,{account},{instrument},2025-03-03,60,640.00,2026-01-05,CNY\n"
    for text, counts in ((line, (1, 0, 0)), (line, (0, 0, 1)), (line.replace("640", "650"), (0, 1, 0))):
        found = feeds.read("holdings", (HEAD + text).encode())
        assert found.errors == []
        with acting(service()):
            told = operations.apply_rows(rows=found.rows, now=factories.NOW).counts
        assert (told.created, told.changed, told.unchanged) == counts
    with acting(service()):
        assert [lot.cost for lot in Lot.objects.order_by("id")] == [Decimal(640), Decimal(650)]


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("2025-03-03", "2027-03-03", "value_date"),
        ("2025-03-03", "", "acquired_on"),
        ("60,640.00", "60,", "cost"),
        ("A-1", "", "account"),
    ],
)
def test_a_line_that_does_not_fit_is_told_beside_its_cell(old: str, new: str, field: str) -> None:
    line = "lot,L-1,A-1,I-1,2025-03-03,60,640.00,2026-01-05,CNY\n".replace(old, new)
    found = feeds.read("holdings", (HEAD + line).encode())
    assert [(error.line, error.field) for error in found.errors] == [(2, field)]
