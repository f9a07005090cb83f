"""A stranger at every route: somebody else's object answers exactly as one that is not there."""

import datetime as dt

import pytest
from django.conf import settings
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.http.response import HttpResponseBase
from django.test import Client as Browser
from django.utils import timezone

from clients.access import Permission, Scope, scope_of
from clients.models import Client
from core.models import AuditEvent, User
from core.walls import acting, service
from core.web import Rule
from tests import factories
from tests.access.answers import ask, body, said
from tests.access.routes import (
    CANARY,
    OBJECTS,
    OF_A_PERSON,
    OF_THE_HOUSE,
    OWNERS,
    ROUTES,
    WITH_OBJECT,
    Route,
    build,
    missing,
    number,
)
from tests.conftest import SignIn
from tests.people import People

GUARDED = [route for route in ROUTES if not route.public]
FAR_AWAY = ("stranger", "other_lead")


def may_reach(person: User, rule: Rule, route: Route) -> bool:
    """Say whether the role may open such an object of any client."""
    permission = Permission(str(rule.permission))
    scope = scope_of(person, permission)
    return scope is Scope.ALL or (scope is not None and bool(OF_THE_HOUSE & set(route.names)))


def names(route: Route) -> str:
    """Name a test by its route."""
    return route.pattern


@pytest.fixture
def owners(people: People) -> dict[str, Client]:
    """Return clients with ids that stand out: of the East desk, of the West desk, and gone West yesterday."""
    near = factories.client(pk=number(), name=f"{CANARY} East")
    far = factories.client(pk=number(), name=f"{CANARY} West")
    factories.coverage(near, people.manager)
    factories.coverage(near, people.backup, kind="backup")
    factories.coverage(far, people.stranger)
    gone, yesterday = factories.client(pk=number(), name=f"{CANARY} Gone"), timezone.now() - dt.timedelta(days=1)
    factories.coverage(gone, people.stranger, valid=DateTimeTZRange(yesterday, None))
    for manager, kind in ((people.manager, "primary"), (people.backup, "backup")):
        factories.coverage(gone, manager, kind=kind, valid=DateTimeTZRange(factories.LONG_AGO, yesterday))
    return {"near": near, "far": far, "gone": gone}


def strange(name: str, route: Route) -> list[str]:
    """Return which of the clients are not the person's; what a person asked for stays the person's."""
    if name in FAR_AWAY:
        return ["near"]
    return ["far"] if OF_A_PERSON & set(route.names) else ["far", "gone"]


@pytest.mark.parametrize("route", WITH_OBJECT, ids=names)
def test_every_name_in_an_address_can_be_made(route: Route) -> None:
    assert set(route.names) <= set(OBJECTS), "say in tests/access/routes.py how such an object is made"


@pytest.mark.parametrize("route", WITH_OBJECT, ids=names)
def test_a_foreign_object_answers_as_a_missing_one(
    people: People, owners: dict[str, Client], sign_in: SignIn, route: Route
) -> None:
    of = {place: build(route, owner, people) for place, owner in owners.items()}
    for name, person in people.everybody().items():
        browser = sign_in(person)
        for method, rule in route.rules.items():
            if may_reach(person, rule, route):
                continue
            nothing = said(ask(browser, method, route, missing(route)))
            for place in strange(name, route):
                answer = ask(browser, method, route, of[place])
                assert said(answer) == nothing, (name, method, place)
                assert answer.status_code in {403, 404}, (name, method, place, answer.status_code)
                assert CANARY.encode() not in body(answer), (name, method, place)


@pytest.mark.parametrize("route", WITH_OBJECT, ids=names)
def test_what_a_stranger_tried_changed_nothing_and_was_written_down(
    people: People, owners: dict[str, Client], sign_in: SignIn, route: Route
) -> None:
    values = build(route, owners["far"], people)
    with acting(service()):
        before = AuditEvent.objects.latest("id").pk
    browser = sign_in(people.manager)
    tried = [method for method, rule in route.rules.items() if not may_reach(people.manager, rule, route)]
    for method in tried:
        ask(browser, method, route, values)
    with acting(service()):
        left = AuditEvent.objects.filter(id__gt=before).exclude(table_name="core_user")
        assert list(left.values_list("verb", flat=True)) == ["access:denied"] * len(tried)


@pytest.mark.parametrize("route", WITH_OBJECT, ids=names)
def test_the_object_opens_for_whom_it_should(people: People, sign_in: SignIn, route: Route) -> None:
    for method, rule in route.rules.items():
        statuses = []
        for person in (people.manager, people.lead, people.compliance, people.operations, people.administrator):
            if scope_of(person, Permission(str(rule.permission))) is None:
                continue
            owner = factories.client(pk=number(), **OWNERS.get(route.pattern, {}))
            factories.coverage(owner, people.manager)
            factories.purpose(people.compliance, owner)
            statuses.append(ask(sign_in(person), method, route, build(route, owner, people)).status_code)
        assert min(statuses) < 400, f"{method} answers {statuses}: look at OBJECTS and FORMS in tests/access/routes.py"
        assert max(statuses) < 500, statuses


@pytest.mark.django_db
def test_somebody_who_is_not_signed_in_learns_nothing_at_any_route() -> None:
    left = Browser()
    left.cookies[settings.SESSION_COOKIE_NAME] = "x" * 32
    for route in GUARDED:
        for method in route.rules:
            for browser in (Browser(), left):
                answer = ask(browser, method, route, missing(route))
                assert turned_away(answer, route), (route.pattern, method)


def turned_away(answer: HttpResponseBase, route: Route) -> bool:
    """Say whether an answer asks to sign in, as a page or as a program is asked."""
    if route.pattern.startswith("api/"):
        return answer.status_code == 401
    return (answer.status_code, answer["Location"].split("?")[0]) == (302, "/accounts/login/")


def test_somebody_deactivated_is_nobody_at_any_route(
    people: People, owners: dict[str, Client], sign_in: SignIn
) -> None:
    browser = sign_in(people.manager)
    with acting(service()):
        User.objects.filter(pk=people.manager.pk).update(is_active=False)
    for route in GUARDED:
        values = build(route, factories.client(), people)
        for method in route.rules:
            assert turned_away(ask(browser, method, route, values), route), (route.pattern, method)


def test_no_method_is_answered_that_was_not_declared(people: People, sign_in: SignIn) -> None:
    browser = sign_in(people.manager)
    for route in GUARDED:
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - set(route.rules):
            answer = browser.generic(method, route.path(missing(route)))
            assert answer.status_code in {401, 403, 404, 405}, (route.pattern, method)
