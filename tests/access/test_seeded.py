"""Seeded leaks: wherever the code keeps a person's rows, it is made to forget to, and a pass of the matrix tells.

The wall in the database is taken down first: with it, a forgotten scope leaks nothing, and nothing would be tested.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients import access
from clients.models import Client
from tests import factories
from tests.access.answers import ask, body, said
from tests.access.routes import (
    CANARY,
    OBJECTS,
    OF_THE_HOUSE,
    WITH_OBJECT,
    WITHOUT_OBJECT,
    Route,
    build,
    missing,
    number,
)
from tests.access.test_each_wall import without_database  # noqa: F401  (a fixture)
from tests.conftest import SignIn
from tests.people import People

LEAST = 20
OPENING = {"opening_id", "audit_id"}
"""What would open the client to those who are near."""
NEAR = ("colleague", "lead", "auditor")
Site = tuple[str, str, str]
"""Where a query is scoped: module, function, and for what permission."""


BEHIND = {
    ("clients.queries", "_own", "statement:send"),
    ("compliance.queries.holds", "held", "hold:status"),
    ("portfolios.queries.transactions", "accounts", "account:read"),
}
"""What leaks nothing when forgotten: the same page asks for the client, or shows only what another scope left."""


class Cell(NamedTuple):
    """One knock: by whom, by which method, at which route."""

    name: str
    method: str
    route: Route


@dataclass
class Scopes:
    """Stands in for ``scoped`` everywhere: notes who calls it, and leaves the rows of ``seed`` as they are."""

    seed: Site | None = None
    called: set[Site] = field(default_factory=set)

    def __call__(self, rows: Any, user: Any, permission: Any, *, path: str = "client_id") -> Any:
        frame = sys._getframe(1)
        site = (str(frame.f_globals["__name__"]), frame.f_code.co_name, str(permission))
        self.called.add(site)
        return rows if site == self.seed else access.scoped(rows, user, permission, path=path)


@pytest.fixture
def scopes(monkeypatch: pytest.MonkeyPatch) -> Scopes:
    """Put the stand-in wherever ``scoped`` is known by name."""
    found = Scopes()
    for module in list(sys.modules.values()):
        if module is not access and vars(module).get("scoped") is access.scoped:
            monkeypatch.setattr(module, "scoped", found)
    return found


def cells(people: People) -> Iterator[Cell]:
    """Yield every knock at what belongs to a client, or lists what does, by somebody whose role may knock there."""
    of_clients = [route for route in WITH_OBJECT if not OF_THE_HOUSE & set(route.names)]
    for route in (*of_clients, *WITHOUT_OBJECT):
        for method, rule in route.rules.items():
            for name in NEAR:
                granted = rule.permission in access.GRANTS[getattr(people, name).role]
                if granted and (route.names or method == "GET"):
                    yield Cell(name, method, route)


@dataclass
class Desk:
    """Everybody signed in, and what belongs to a client of others."""

    people: People
    far: Client
    browsers: dict[str, Browser]

    def leaks(self, cell: Cell) -> bool:
        """Say whether the knock brings anything of the client of others."""
        browser, route = self.browsers[cell.name], cell.route
        if not route.names:
            return CANARY.encode() in body(ask(browser, cell.method, route, {}))
        answer = ask(browser, cell.method, route, build(route, self.far, self.people))
        nothing = ask(browser, cell.method, route, missing(route))
        return said(answer) != said(nothing) or CANARY.encode() in body(answer)


@pytest.fixture
def desk(committed: People, sign_in: SignIn) -> Desk:
    """Give a client of another team, with a row of everything."""
    far = factories.client(pk=number(), name=f"{CANARY} West")
    factories.coverage(far, committed.stranger)
    for name in OBJECTS.keys() - OPENING:
        OBJECTS[name](far, committed)
    factories.document(far, expires_on=timezone.localdate())
    return Desk(committed, far, {name: sign_in(getattr(committed, name)) for name in NEAR})


@pytest.mark.usefixtures("without_database")
def test_wherever_the_code_forgets_whose_it_is_the_matrix_tells(desk: Desk, scopes: Scopes) -> None:
    through: dict[Site, list[Cell]] = defaultdict(list)
    for cell in cells(desk.people):
        scopes.called.clear()
        assert not desk.leaks(cell), cell
        for site in scopes.called:
            through[site].append(cell)
    unseen: list[Site] = []
    for site, tried in sorted(through.items()):
        scopes.seed = site
        if not any(desk.leaks(cell) for cell in tried):
            unseen.append(site)
    assert set(unseen) == BEHIND
    assert len(through) - len(unseen) >= LEAST
