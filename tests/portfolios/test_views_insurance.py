"""The page of deposit insurance: what is covered, a split that was asked for, and what was typed wrongly."""

from decimal import Decimal

import pytest
from django.urls import reverse

from clients.models import Client
from core.models import AuditEvent
from core.walls import acting
from tests import factories
from tests.conftest import SignIn
from tests.people import People


@pytest.fixture
def address(people: People, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the page of a client who has more than a limit at one bank, on the day of the factories."""
    monkeypatch.setattr("core.clock.today", lambda: factories.TODAY)
    client = factories.owned_by(people.client_id)
    factories.deposit(client)
    return reverse("portfolios:insurance", args=[client.pk])


def test_what_is_insured_is_shown_and_the_look_recorded(people: People, address: str, sign_in: SignIn) -> None:
    page = sign_in(people.manager).get(address)
    assert page.status_code == 200
    for told in ("500,000.00", "519,444.44", "520,277.78 at maturity", "Partly uninsured", "存款保险"):
        assert told in page.text
    with acting(people.compliance):
        assert AuditEvent.objects.filter(verb="insurance:read", client_id=people.client_id).count() == 1


def test_a_client_without_money_and_a_bank_without_a_scheme(people: People, sign_in: SignIn) -> None:
    address = reverse("portfolios:insurance", args=[people.client_id])
    browser = sign_in(people.manager)
    assert "Nothing is deposited" in browser.get(address).text
    owner: Client = factories.owned_by(people.client_id)
    factories.transaction(factories.account(owner, institution=factories.institution(country="ZZ")))
    assert "No scheme known" in browser.get(address).text


def test_a_split_is_proposed(people: People, address: str, sign_in: SignIn) -> None:
    factories.institution(name="Second Bank")
    given = {"amount": "600000", "currency": "CNY", "months": "12", "rate": "1.5"}
    page = sign_in(people.manager).get(address, given)
    assert "Proposed split" in page.text
    assert "492,610.00" in page.text
    assert "new relationship" in page.text
    assert str(Decimal("107390.00")) in page.text.replace(",", "")


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"amount": "-5", "currency": "CNY"}, 422),
        ({"amount": "1e400", "currency": "CNY"}, 422),
        ({"amount": "NaN", "currency": "CNY"}, 422),
        ({"amount": "5", "currency": "cny"}, 422),
        ({"amount": "5", "currency": "CNY", "months": "99999"}, 422),
        ({"amount": "5", "currency": "CNY", "rate": "-1"}, 422),
        ({"amount": ""}, 422),
        ({"other": "5"}, 400),
        ({"amount": "5", "currency": "XAU"}, 200),
    ],
)
def test_what_is_typed_wrongly_is_told_beside_the_field(
    people: People, address: str, sign_in: SignIn, given: dict[str, str], status: int
) -> None:
    page = sign_in(people.manager).get(address, given)
    assert page.status_code == status
    assert ("invalid-feedback" in page.text) is (status == 422)
