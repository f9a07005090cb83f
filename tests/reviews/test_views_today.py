"""Today shows what is owed, to whom it is owed, in the order in which it should be done."""

import datetime as dt

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.conftest import SignIn
from tests.people import People


def test_the_manager_sees_the_own_and_nobody_elses(people: People, sign_in: SignIn) -> None:
    today = timezone.localdate()
    mine, theirs = factories.owned_by(people.client_id), factories.owned_by(people.foreign_id)
    factories.task(mine, people.manager, text="Send the tax letter", due_on=today)
    factories.task(theirs, people.stranger, text="Secret of the stranger", due_on=today)
    answer = sign_in(people.manager).get(reverse("reviews:today"))
    assert "Send the tax letter" in answer.text
    assert "Secret of the stranger" not in answer.text


def test_cover_is_a_choice_and_not_the_morning_of_the_back_up(people: People, sign_in: SignIn) -> None:
    factories.task(factories.owned_by(people.client_id), people.manager, text="Tax letter", due_on=timezone.localdate())
    browser = sign_in(people.backup)
    assert "Tax letter" not in browser.get(reverse("reviews:today")).text
    assert "Tax letter" in browser.get(reverse("reviews:today"), {"whose": "cover"}).text


def test_the_page_costs_the_same_for_one_row_and_for_three(people: People, sign_in: SignIn) -> None:
    client, today = factories.owned_by(people.client_id), timezone.localdate()
    browser, counts = sign_in(people.manager), []
    for more in (1, 2):
        for each in range(more):
            factories.task(client, people.manager, due_on=today)
            due_on = today + dt.timedelta(days=5)
            deposit = factories.deposit(client, value_date=today - dt.timedelta(days=90), matures_on=due_on)
            factories.review(client, maturity=factories.maturity(deposit, due_on=due_on), due_on=due_on)
            factories.document(client, number=f"E{more}{each}", expires_on=today)
        browser.get(reverse("reviews:today"))
        with CaptureQueriesContext(connection) as queries:
            browser.get(reverse("reviews:today"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_lead_sees_what_waits_for_approval_and_the_asker_does_not(people: People, sign_in: SignIn) -> None:
    row = factories.approval(people.manager, factories.owned_by(people.client_id), people.colleague)
    address = reverse("approval", args=[row.pk])
    shown = {
        name: address in sign_in(getattr(people, name)).get("/reviews/today/").text for name in ("lead", "manager")
    }
    assert shown == {"lead": True, "manager": False}
    assert address not in sign_in(people.other_lead).get("/reviews/today/").text
