"""Keyset pages show every row once, whatever the order; a token that was not made here opens nothing."""

import base64
import json

import pytest
from django.core.exceptions import BadRequest
from django.db.models import F

from clients.models import Client
from core.walls import acting, service
from core.web import known_only, page
from tests import factories
from tests.people import People


def token(values: object) -> str:
    """Write a token as the pages do."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.fixture
def many(people: People) -> None:
    """Create clients of whom several share name and birthday, and some have none."""
    for number in range(11):
        born = None if number % 4 == 0 else factories.TODAY.replace(day=1 + number % 2)
        factories.client(name=f"Name {number % 3}", born_on=born)


def in_order(order: tuple[str, ...]) -> list[int]:
    """Return every client in an order, those without a value at its end."""
    terms = [
        F(name.lstrip("-")).desc(nulls_last=True) if name.startswith("-") else F(name).asc(nulls_last=True)
        for name in order
    ]
    return list(Client.objects.order_by(*terms).values_list("pk", flat=True))


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("order", [("name", "id"), ("-born_on", "-id"), ("born_on", "name", "id")])
def test_computed_rows_are_ordered_as_the_database_orders_its_own(order: tuple[str, ...]) -> None:
    with acting(service()):
        rows = list(Client.objects.all())
        assert [row.pk for row in page(rows, order=order, size=3).rows] == in_order(order)
        assert page(rows, order=order).whole
        with pytest.raises(BadRequest):
            page(rows, order=order, after=token(["x"] * len(order)))


@pytest.mark.parametrize(
    "order",
    [
        ("sort_name", "id"),
        ("-sort_name", "id"),
        ("born_on", "-id"),
        ("-created_at", "-id"),
        ("-born_on", "sort_name", "id"),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 13, 14])
@pytest.mark.usefixtures("many")
def test_pages_together_are_the_list(order: tuple[str, ...], size: int) -> None:
    found: list[int] = []
    after = ""
    with acting(service()):
        expected = in_order(order)
        while True:
            cut = page(Client.objects.all(), order=order, after=after, size=size)
            assert len(cut.rows) <= size
            found += [row.pk for row in cut.rows]
            if not cut.next:
                break
            after = cut.next
        assert found == expected
        back = [row.pk for row in cut.rows]
        while cut.previous:
            cut = page(Client.objects.all(), order=order, before=cut.previous, size=size)
            back = [row.pk for row in cut.rows if row.pk not in back] + back
    assert back == expected


FORGED = {
    "not base64": "!!!",
    "not json": base64.urlsafe_b64encode(b"nothing").decode(),
    "not a list": token({"a": 1}),
    "too short": token(["a"]),
    "too long": token(["a", "1", "2"]),
    "not text": token(["a", 1]),
    "not a number": token(["a", "b"]),
    "a number with a point": token(["a", "1.5"]),
    "a letter of another alphabet": "é",
    "a null byte": token(["\0", "1"]),
    "half a surrogate": token(["\ud800", "1"]),
    "a deep nest": base64.urlsafe_b64encode(b"[" * 5000).decode(),
    "nothing": token([]),
}


@pytest.mark.parametrize("forged", FORGED)
def test_a_forged_token_is_not_understood(people: People, forged: str) -> None:
    with acting(service()), pytest.raises(BadRequest):
        page(Client.objects.all(), order=("sort_name", "id"), after=FORGED[forged])


def test_a_forged_date_is_not_understood(people: People) -> None:
    with acting(service()), pytest.raises(BadRequest):
        page(Client.objects.all(), order=("born_on", "id"), after=token(["tomorrow", "1"]))


def test_a_number_beyond_any_row_shows_nothing_more(people: People) -> None:
    with acting(service()):
        assert page(Client.objects.all(), order=("id",), after=token(["9" * 40])).rows == []


def test_unknown_parameters_are_refused() -> None:
    known_only({"q": "x"}, {"q", "after"})
    with pytest.raises(BadRequest):
        known_only({"q": "x", "cleint": "1"}, {"q", "after"})
