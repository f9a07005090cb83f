"""Every route of the project with what fills its address, for one client or another.

A new name in an address needs an entry in ``OBJECTS`` that makes such an object for a client; a new form needs one in
``FORMS`` with values its owner may send.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from clients.models import Client
from core import checks
from core.web import Rule, rules_of
from tests import factories
from tests.people import People, user

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")
FIRST_ID, MISSING = 7_100_000_000, 7_999_999_999
CANARY = "Canary"
Make = Callable[[Client, People], Any]


@dataclass(frozen=True)
class Route:
    """An address with its rules by method, and the names it is filled with."""

    pattern: str
    callback: Any

    @property
    def names(self) -> list[str]:
        """Return the names in the address."""
        return [next(filter(None, match)) for match in PARAMETER.findall(self.pattern)]

    @property
    def rules(self) -> dict[str, Rule]:
        """Return the rule of each method."""
        return {method: rule for method, rule in rules_of(self.callback).items() if rule}

    @property
    def public(self) -> bool:
        """Say whether anybody may come."""
        return any(rule.permission is None for rule in self.rules.values())

    def path(self, values: dict[str, Any]) -> str:
        """Fill the address."""
        filled = iter(self.names)
        plain = PARAMETER.sub(lambda _: str(values[next(filled)]), self.pattern)
        return "/" + plain.replace("^", "").replace("$", "").replace("\\", "")


ROUTES = [Route(pattern, callback) for pattern, callback in checks.routes()]
WITH_OBJECT = [route for route in ROUTES if route.names]
WITHOUT_OBJECT = [route for route in ROUTES if not route.names]


def deposit(owner: Client, people: People) -> Any:
    """Make a deposit."""
    return factories.deposit(owner, pk=number(), reference=f"{CANARY}-D{number()}")


def review(owner: Client, people: People) -> Any:
    """Make an open review of a maturity."""
    return factories.review(owner, pk=number(), maturity=factories.maturity(deposit(owner, people)))


def statement(owner: Client, people: People) -> Any:
    """Make a statement that is stored and could be mailed."""
    factories.contact_point(owner, f"client{number()}@mail.example", preferred=False)
    factories.secret(owner)
    name = default_storage.save(f"{CANARY}-{number()}.pdf", ContentFile(b"%PDF-1.7"))
    return factories.statement(owner, pk=number(), version=factories.next_number(), pdf_name=name)


def number() -> int:
    """Return an id that stands out in a page."""
    return FIRST_ID + factories.next_number()


OBJECTS: dict[str, Make] = {
    "client_id": lambda owner, _people: owner.pk,
    "task_id": lambda owner, people: factories.task(owner, people.manager, pk=number(), text=f"{CANARY} promise").pk,
    "note_id": lambda owner, people: factories.note(owner, people.manager, pk=number(), text=f"{CANARY} words").pk,
    "deposit_id": lambda owner, people: deposit(owner, people).pk,
    "review_id": lambda owner, people: review(owner, people).pk,
    "hold_id": lambda owner, people: factories.hold(owner, people.compliance, pk=number(), reason=CANARY).pk,
    "statement_id": lambda owner, people: statement(owner, people).pk,
    "delivery_id": lambda owner, people: factories.delivery(statement(owner, people), pk=number(), state="failed").pk,
    "run_id": lambda _owner, people: (
        factories.feed_run(people.operations, str(number()).encode(), pk=number(), file_name=f"{CANARY}.csv").pk
    ),
    "user_id": lambda _owner, _people: user(f"canary{number()}", pk=number(), name=f"{CANARY} Person").pk,
}
OF_THE_HOUSE = {"run_id", "user_id"}
"""Objects that belong to no client: whoever holds the permission may open them all."""

REASON = {"reason": "Source of wealth unexplained"}
CALL = {"channel": "call", "happened_at": "2025-01-02T10:00", "text": "Spoke"}
FORMS: dict[str, dict[str, Any]] = {
    "api/clients/<int:client_id>/contacts/": CALL,
    "api/clients/<int:client_id>/holds/": REASON,
    "api/holds/<int:hold_id>/lift/": REASON,
    "api/reviews/<int:review_id>/decide/": {"decision": "pay_out", "version": 1},
    "clients/<int:client_id>/contacts/log/": CALL,
    "compliance/clients/<int:client_id>/hold/": REASON,
    "compliance/holds/<int:hold_id>/lift/": REASON,
    "reviews/<int:review_id>/": {"decision": "pay_out", "note": "As agreed", "version": "1"},
}


def build(route: Route, owner: Client, people: People) -> dict[str, Any]:
    """Make what fills a route's address, all of one client."""
    return {name: OBJECTS[name](owner, people) for name in route.names}


def missing(route: Route) -> dict[str, Any]:
    """Return ids that nothing has, as long as those that something has."""
    return dict.fromkeys(route.names, MISSING)
