"""What every test of the API asks for: somebody who calls it, and a client of the manager with one of everything."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client as Browser

from clients.models import Client
from core.models import AuditEvent, User
from core.walls import acting, service
from tests import factories
from tests.conftest import SignIn
from tests.people import People

MISSING = 7_999_999_999


@dataclass(frozen=True)
class Caller:
    """A program that acts for a person and speaks JSON."""

    browser: Browser

    def get(self, path: str, **parameters: Any) -> Any:
        """Read."""
        return self.browser.get(f"/api/{path}", parameters)

    def post(self, path: str, body: Any = None, **more: Any) -> Any:
        """Write; text and bytes go out as they are."""
        raw = body if isinstance(body, (str, bytes)) else json.dumps(body or {})
        return self.browser.post(f"/api/{path}", raw, **{"content_type": "application/json", **more})

    def patch(self, path: str, body: Any) -> Any:
        """Change."""
        return self.browser.patch(f"/api/{path}", json.dumps(body), content_type="application/json")


Calls = Callable[[User], Caller]


@pytest.fixture
def calls(sign_in: SignIn) -> Calls:
    """Return a function that gives a caller for a person."""
    return lambda user: Caller(sign_in(user))


@pytest.fixture
def near(people: People) -> Client:
    """Return the client whom the manager covers."""
    return factories.owned_by(people.client_id)


@pytest.fixture
def far(people: People) -> Client:
    """Return the client of the stranger."""
    return factories.owned_by(people.foreign_id)


def verbs() -> list[str]:
    """Return what the trail holds of acts and looks, in order."""
    with acting(service()):
        return list(AuditEvent.objects.exclude(verb__startswith="row:").order_by("id").values_list("verb", flat=True))


def refused(answer: Any, status: int) -> dict[str, Any]:
    """Return the problem document of a refusal."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert (document["type"], document["status"]) == ("about:blank", status)
    assert document["title"]
    return document
