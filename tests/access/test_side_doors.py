"""Lists, searches, counts and trails: what belongs to others changes nothing of what a person is shown."""

import pytest

from clients.access import Permission, Scope, scope_of
from clients.models import Client, Coverage
from core.models import User
from core.walls import acting, service
from tests import factories
from tests.access.answers import body, said
from tests.access.routes import CANARY, MISSING, OBJECTS, OF_A_PERSON, OF_THE_HOUSE, WITHOUT_OBJECT, Route, number
from tests.conftest import SignIn
from tests.people import People

SAME_FOR_ALL = {"api/schema/", "api/docs/"}
LISTS = [
    route for route in WITHOUT_OBJECT if "GET" in route.rules and not route.public and route.pattern not in SAME_FOR_ALL
]
GROWS = {
    "compliance/trail/",
    "compliance/trail/mine/",
    "api/trail/",
    "api/trail/own/",
    "portfolios/rates/",
    "api/rates/",
}
"""Lists that show the very request that asked for them, or what banks list, which belongs to no client."""
SEARCHED = {"clients/", "api/clients/"}
SEARCHES = ["?q=canary", "?q=canary%20abr", "?q=C-abroad", "?q=12"]


def filled(owner: Client, people: People) -> None:
    """Give a client everything there is a builder for."""
    for name in OBJECTS.keys() - OF_THE_HOUSE - OF_A_PERSON - {"hold_id"}:
        OBJECTS[name](owner, people)
    factories.hold(owner, people.compliance, reason=CANARY)


def limited(people: People, permission: str | None) -> dict[str, User]:
    """Return who sees every client neither by this permission nor by reading clients at all."""
    permissions = [Permission(str(permission)), Permission.CLIENT_READ]
    return {
        name: person
        for name, person in people.everybody().items()
        if Scope.ALL not in [scope_of(person, one) for one in permissions]
    }


@pytest.fixture
def desk(people: People) -> People:
    """Give the client of the East desk something of everything."""
    with acting(service()):
        own = Client.objects.get(pk=people.client_id)
    filled(own, people)
    return people


def arrive(people: People) -> Client:
    """Let a client come to a desk nobody here works at, with everything."""
    household = factories.household(name=f"{CANARY} house")
    abroad = factories.client(
        pk=number(), name=f"{CANARY} Abroad", reference="C-abroad", household=household, sort_name="aaa"
    )
    filled(abroad, people)
    return abroad


@pytest.mark.parametrize("route", LISTS, ids=lambda route: route.pattern)
def test_a_client_of_others_changes_nothing_of_a_list(desk: People, sign_in: SignIn, route: Route) -> None:
    people = limited(desk, route.rules["GET"].permission)
    browsers = {name: sign_in(person) for name, person in people.items()}
    asked = SEARCHES if route.pattern in SEARCHED else []
    paths = [route.path({}), *(route.path({}) + query for query in asked)]
    before = {(name, path): said(browser.get(path)) for name, browser in browsers.items() for path in paths}
    arrive(desk)
    for (name, path), answer in before.items():
        now = browsers[name].get(path)
        if route.pattern not in GROWS:
            assert said(now) == answer, (name, path)
        assert f"{CANARY} Abroad".encode() not in body(now), (name, path)
        assert now.status_code < 500


@pytest.mark.parametrize("path", ["/api/tasks/", "/api/trail/"])
def test_a_filter_by_a_client_of_others_answers_as_by_a_missing_one(desk: People, sign_in: SignIn, path: str) -> None:
    abroad = arrive(desk)
    for name, person in limited(desk, Permission.CLIENT_READ).items():
        browser = sign_in(person)
        foreign, nothing = browser.get(f"{path}?client={abroad.pk}"), browser.get(f"{path}?client={MISSING}")
        assert said(foreign) == said(nothing), name


def test_the_search_finds_a_client_for_whoever_covers_it_alone(desk: People, sign_in: SignIn) -> None:
    abroad = arrive(desk)
    factories.coverage(abroad, desk.stranger)
    found = {
        name: abroad.name.encode() in body(sign_in(person).get("/clients/?q=canary abroad", follow=True))
        for name, person in desk.everybody().items()
    }
    assert {name for name, there in found.items() if there} == {
        "stranger",
        "other_lead",
        "compliance",
        "deputy",
        "operations",
    }


def test_a_client_left_behind_is_gone_from_every_list(desk: People, sign_in: SignIn) -> None:
    browser = sign_in(desk.manager)
    assert b"Li Wen" in body(browser.get("/clients/"))
    with acting(service()):
        Coverage.objects.filter(client_id=desk.client_id).update(
            valid=(factories.LONG_AGO, factories.NOW.replace(year=2025))
        )
    for route in LISTS:
        assert b"Li Wen" not in body(browser.get(route.path({}))), route.pattern
