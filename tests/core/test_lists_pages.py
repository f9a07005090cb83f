"""Pages lead both ways through a list: over ties and empty values, and while rows come and go."""

import base64
import json

import pytest
from django.core.exceptions import BadRequest
from django.db.models import QuerySet

from clients.models import Client
from core.walls import acting, service
from core.web import COUNT_MOST, Page, counted, page
from tests import factories
from tests.people import People

ORDERS = [
    ("sort_name", "id"),
    ("-sort_name", "-id"),
    ("born_on", "id"),
    ("-born_on", "-id"),
    ("household__name", "id"),
    ("-household__name", "-id"),
    ("-born_on", "sort_name", "id"),
    ("tier", "id"),
]


@pytest.fixture
def many(people: People) -> QuerySet[Client]:
    """Create clients of whom several share name and household, and some have neither birthday nor household."""
    homes = [factories.household(name="Alder"), factories.household(name="Birch"), None]
    for number in range(17):
        born = factories.TODAY.replace(day=1 + number % 3) if number % 4 else None
        factories.client(name=f"Name {number % 5}", born_on=born, household=homes[number % 3])
    with acting(service()):
        return Client.objects.select_related("household")


def forwards(rows: QuerySet[Client], order: tuple[str, ...], size: int) -> list[Page]:
    """Return every page from the first to the last."""
    pages = [page(rows, order=order, size=size)]
    while pages[-1].next:
        pages.append(page(rows, order=order, after=pages[-1].next, size=size))
    return pages


def ids(found: Page) -> list[int]:
    return [row.pk for row in found.rows]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("size", [1, 4, 7])
def test_the_way_back_shows_the_same_pages(many: QuerySet[Client], order: tuple[str, ...], size: int) -> None:
    with acting(service()):
        pages = forwards(many, order, size)
        shown = [pk for one in pages for pk in ids(one)]
        assert len(shown) == len(set(shown)) == many.count()
        at = pages[-1]
        for known in reversed(pages[:-1]):
            at = page(many, order=order, before=at.previous, size=size)
            assert ids(at) == ids(known)
        assert at.first
        assert at.previous == ""


@pytest.mark.parametrize("falling", [False, True])
def test_empty_values_stand_last_in_either_direction(many: QuerySet[Client], falling: bool) -> None:  # noqa: FBT001
    order = ("-born_on", "-id") if falling else ("born_on", "id")
    with acting(service()):
        found = [row.born_on for one in forwards(many, order, 5) for row in one.rows]
    filled = [day for day in found if day is not None]
    assert filled == sorted(filled, reverse=falling)
    assert None in found
    assert None not in found[: len(filled)]


def test_a_row_that_comes_or_goes_shifts_nothing(many: QuerySet[Client]) -> None:
    order = ("sort_name", "id")
    with acting(service()):
        first, second, third = forwards(many, order, 5)[:3]
        edge = first.rows[-1]
        edge.status = "closed"
        Client.objects.filter(pk=edge.pk).update(sort_name="zzz")
        factories.client(name="Aaa")
        assert ids(page(many, order=order, after=first.next, size=5)) == ids(second)
        back = page(many, order=order, before=third.previous, size=5)
        assert ids(back) == ids(second)


def test_a_page_before_the_beginning_is_the_first_one_whole(many: QuerySet[Client]) -> None:
    order = ("sort_name", "id")
    with acting(service()):
        second = forwards(many, order, 5)[1]
        Client.objects.filter(sort_name="name 0").update(sort_name="zzz")
        back = page(many, order=order, before=second.previous, size=5)
        assert back.first
        assert ids(back) == ids(page(many, order=order, size=5))
        assert len(back.rows) == 5


def token(values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize("side", ["after", "before"])
@pytest.mark.parametrize(
    "forged", ["!!!", token(["a"]), token([None, "1"]), token(["a", None]), token([["a"], "1"]), token(["a", "x"])]
)
def test_a_forged_place_is_not_understood(people: People, side: str, forged: str) -> None:
    with acting(service()), pytest.raises(BadRequest):
        page(Client.objects.all(), order=("sort_name", "id"), **{side: forged})  # type: ignore[arg-type]  # a place, never the size


def test_an_empty_value_in_a_place_is_one_only_where_a_column_may_be_empty(people: People) -> None:
    with acting(service()):
        assert page(Client.objects.all(), order=("born_on", "id"), after=token([None, "0"])).rows == []


def test_a_count_stops_at_its_cap(people: People) -> None:
    with acting(service()):
        factories.client()
        assert counted(Client.objects.all(), most=2) == (2, True)
        assert counted(Client.objects.all(), most=3) == (3, False)
    assert COUNT_MOST == 1000
