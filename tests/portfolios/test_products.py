"""Products and their prices, and the value that somebody says by hand."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from core.models import AuditEvent
from core.walls import acting, service
from portfolios import feeds, operations, queries
from portfolios.models import Instrument, Price
from tests import factories
from tests.conftest import SignIn
from tests.core.test_lists_exports import file, lines
from tests.people import People


@pytest.fixture
def house(people: People) -> Instrument:
    """Let the covered client own a house."""
    row = factories.instrument(name="House by the lake", asset_class="real_estate")
    factories.holding(factories.owned_by(people.client_id), instrument=row, quantity=Decimal(1))
    return row


def sent(day: dt.date, price: str = "8500000") -> dict[str, str]:
    return {"price": price, "value_date": day.isoformat(), "source": "Appraiser Zhou, report 14"}


def test_a_value_by_hand_is_an_estimate_everywhere_and_its_correction_keeps_it(
    people: People, house: Instrument, sign_in: SignIn
) -> None:
    browser, today = sign_in(people.operations), timezone.localdate()
    address = f"/portfolios/products/{house.pk}/"
    assert "No price yet" in browser.get(address).text
    assert browser.post(f"{address}value/", sent(today)).status_code == 302
    assert browser.post(f"{address}value/", sent(today, "8600000")).status_code == 302
    page = browser.get(address).text
    assert "8,600,000" in page
    assert "8,500,000" in page
    with acting(service()):
        told = Price.objects.filter(instrument=house).order_by("id").values_list("estimated", "superseded_at")
        assert [(estimated, ended is None) for estimated, ended in told] == [(True, False), (True, True)]
        assert AuditEvent.objects.filter(verb="price:value", row_id=house.pk).count() == 2
    with acting(people.manager):
        book = queries.book(user=people.manager, client_id=people.client_id, as_of=today, known_at=timezone.now())
    (line,) = book.holdings
    assert (line.value, line.estimated, line.source) == (Decimal(8_600_000), True, "Appraiser Zhou, report 14")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"value_date": "2199-01-01"}, "value_date"),
        ({"price": "-5"}, "price"),
        ({"price": "dear"}, "price"),
        ({"source": ""}, "source"),
        ({"value_date": factories.TODAY.isoformat()}, "value_date"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(
    people: People, house: Instrument, sign_in: SignIn, given: dict[str, str], field: str
) -> None:
    factories.price(house, source="exchange")
    answer = sign_in(people.operations).post(
        f"/portfolios/products/{house.pk}/value/", {**sent(dt.date(2026, 3, 2)), **given}
    )
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]


def test_who_keeps_no_products_neither_sees_nor_values_them(people: People, house: Instrument, sign_in: SignIn) -> None:
    address = f"/portfolios/products/{house.pk}/"
    for who in (people.manager, people.lead, people.auditor):
        assert sign_in(who).get("/portfolios/products/").status_code == 403
        assert sign_in(who).get(address).status_code == 403
    browser = sign_in(people.compliance)
    assert "House by the lake" in browser.get(address).text
    assert "Value by hand" not in browser.get(address).text
    assert browser.post(f"{address}value/", sent(dt.date(2026, 3, 2))).status_code == 403


def test_the_list_tells_what_has_no_or_an_old_price_and_loads_again(people: People, sign_in: SignIn) -> None:
    autodiscover_modules("tasks")
    today = timezone.localdate()
    bond = {"coupon": Decimal("0.04"), "coupon_frequency": 2, "matures_on": dt.date(2030, 3, 11)}
    made = {
        "none": factories.instrument(name="Unpriced", multiplier=Decimal("0.01"), asset_class="bond", **bond),
        "stale": factories.instrument(name="Old"),
        "estimated": factories.instrument(name="By hand"),
        "priced": factories.instrument(name="Fresh"),
    }
    factories.price(made["stale"], value_date=today - dt.timedelta(days=90))
    factories.price(made["estimated"], value_date=today, estimated=True)
    factories.price(made["priced"], value_date=today)
    browser = sign_in(people.operations)
    for state, row in made.items():
        shown = browser.get(f"/portfolios/products/?state={state}").context["shown"].rows
        assert [one.pk for one in shown] == [row.pk]
    content = file(browser, "/portfolios/products/")
    assert {line["record"] for line in lines(content)} == {"instrument"}
    again = feeds.read("prices", content)
    assert again.errors == []
    with acting(service()):
        assert operations.apply_rows(rows=again.rows, now=timezone.now()).counts.unchanged == 4
