"""A list costs the same queries for one row and for three."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.models import Client
from tests import factories
from tests.api.conftest import Calls
from tests.people import People

Make = Callable[[Client, People], Any]


def covered(_owner: Client, people: People) -> Any:
    """Let the manager cover one more client, of a household."""
    factories.coverage(factories.client(household=factories.household()), people.manager)


def reviewed(owner: Client, _people: People) -> Any:
    """Open a review of a maturity, decided already."""
    factories.review(owner, maturity=factories.maturity(factories.deposit(owner)))


def sent(owner: Client, _people: People) -> Any:
    """Put a statement of its own on its way."""
    statement = factories.statement(owner, version=factories.next_number())
    factories.delivery(statement)


def released(owner: Client, people: People) -> Any:
    """Hold a client and release it."""
    factories.hold(owner, people.compliance, lifted_by=people.compliance, lifted_at=factories.NOW)


LISTS: list[tuple[str, str, Make]] = [
    ("manager", "clients/", covered),
    ("manager", "clients/{}/contacts/", lambda owner, people: factories.note(owner, people.manager)),
    ("manager", "clients/{}/deposits/?as_of=2026-03-31", lambda owner, _people: factories.deposit(owner)),
    ("manager", "clients/{}/holdings/?as_of=2026-03-31", lambda owner, _people: factories.holding(owner)),
    ("manager", "clients/{}/book/?as_of=2026-03-31", lambda owner, _people: factories.deposit(owner)),
    ("manager", "clients/{}/transactions/", lambda owner, _p: factories.transaction(factories.account(owner))),
    ("manager", "clients/{}/statements/", sent),
    ("manager", "tasks/", lambda owner, people: factories.task(owner, people.backup)),
    ("manager", "reviews/", reviewed),
    ("manager", "deliveries/", sent),
    ("compliance", "holds/", released),
    ("compliance", "trail/?verb=row:insert&page_size=200", lambda owner, people: factories.task(owner, people.manager)),
    (
        "operations",
        "feeds/",
        lambda _owner, people: factories.feed_run(people.operations, str(factories.next_number()).encode()),
    ),
]


@pytest.mark.parametrize("case", LISTS, ids=[path for _name, path, _make in LISTS])
def test_a_list_costs_the_same_for_one_row_and_for_three(
    people: People, calls: Calls, near: Client, case: tuple[str, str, Make]
) -> None:
    name, path, make = case
    call, counts, sizes = calls(getattr(people, name)), [], []
    address = f"/api/{path.format(near.pk)}"
    for more in (1, 2):
        for _each in range(more):
            make(near, people)
        call.browser.get(address)
        with CaptureQueriesContext(connection) as queries:
            answer = call.browser.get(address)
        counts.append(len(queries))
        sizes.append(len(answer.content))
    assert counts[0] == counts[1]
    assert sizes[0] < sizes[1]
