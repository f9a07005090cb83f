"""The contact drawer refuses an instant that no table can give back."""

from django.urls import reverse

from tests.conftest import SignIn
from tests.people import People


def test_a_contact_before_anybody_lived_is_refused_beside_its_field(people: People, sign_in: SignIn) -> None:
    browser = sign_in(people.manager)
    form = {"channel": "call", "happened_at": "0001-01-01T00:00", "text": "Spoke"}
    answer = browser.post(reverse("clients:log_contact", args=[people.client_id]), form)
    assert answer.status_code == 422
    assert "1900" in answer.text
    assert browser.get(reverse("clients:contacts", args=[people.client_id])).status_code == 200
