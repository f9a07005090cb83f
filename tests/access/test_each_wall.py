"""Each of the two walls holds with the other removed; with both removed the tests would see it."""

import os
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from clients import access
from clients.models import Client
from tests import factories
from tests.access.answers import ask, body, said
from tests.access.routes import CANARY, OF_THE_HOUSE, WITH_OBJECT, Route, build, missing, number
from tests.conftest import SignIn
from tests.people import People

OF_CLIENTS = [route for route in WITH_OBJECT if not OF_THE_HOUSE & set(route.names)]
NEAR = ("manager", "backup", "colleague", "lead", "administrator", "auditor")
LOOKING = pytest.mark.parametrize(
    "near", [("colleague", "lead", "auditor"), pytest.param(NEAR, marks=pytest.mark.full)], ids=["some", "all"]
)
"""Who looks at clients of others."""


@pytest.fixture
def without_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every query see every client, as far as the code goes."""
    monkeypatch.setattr(access, "visible", lambda user, permission: Client.objects.order_by().values("pk"))


@pytest.fixture
def without_database(committed: People) -> None:
    """Take row-level security off every table of this test's own database."""
    with psycopg.connect(os.environ["SUPERUSER_URL"], dbname=os.environ["TEST_DATABASE"]) as connection:
        walled = "SELECT relname FROM pg_class WHERE relrowsecurity AND relname NOT LIKE 'core_audit%'"
        for (table,) in connection.execute(walled).fetchall():
            for change in ("DISABLE", "NO FORCE"):
                statement = f"ALTER TABLE {{}} {change} ROW LEVEL SECURITY"
                connection.execute(sql.SQL(statement).format(sql.Identifier(table)))


def leaks(people: People, sign_in: SignIn, near: tuple[str, ...] = NEAR) -> Iterator[tuple[Route, str, str]]:
    """Yield every route and person to whom a client of others answers otherwise than a missing one."""
    for route in OF_CLIENTS:
        far = factories.client(pk=number(), name=f"{CANARY} West")
        factories.coverage(far, people.stranger)
        values = build(route, far, people)
        for name in near:
            browser = sign_in(getattr(people, name))
            for method in route.rules:
                answer, nothing = ask(browser, method, route, values), ask(browser, method, route, missing(route))
                if said(answer) != said(nothing) or CANARY.encode() in body(answer):
                    yield route, name, method


@LOOKING
@pytest.mark.usefixtures("without_code")
def test_the_database_s_wall_holds_alone(people: People, sign_in: SignIn, near: tuple[str, ...]) -> None:
    assert [(route.pattern, *rest) for route, *rest in leaks(people, sign_in, near)] == []


@LOOKING
@pytest.mark.usefixtures("without_database")
def test_the_wall_in_code_holds_alone(committed: People, sign_in: SignIn, near: tuple[str, ...]) -> None:
    assert [(route.pattern, *rest) for route, *rest in leaks(committed, sign_in, near)] == []


@pytest.mark.full
@pytest.mark.usefixtures("without_database", "without_code")
def test_with_neither_wall_the_leak_is_seen(committed: People, sign_in: SignIn) -> None:
    leaking = {route.pattern for route, _name, _method in leaks(committed, sign_in)}
    grants = {permission for name in NEAR for permission in access.GRANTS[getattr(committed, name).role]}
    open_to_some = [one for one in OF_CLIENTS if any(rule.permission in grants for rule in one.rules.values())]
    assert len(leaking) > len(open_to_some) * 3 // 4
