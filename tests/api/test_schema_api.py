"""The schema tells the truth: no warning, every operation described, every answer among those it names."""

import io
import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client as Browser
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft4Validator

from clients.models import Client
from core.api import operations
from tests import factories
from tests.access.routes import MISSING, OBJECTS, ROUTES
from tests.conftest import SignIn
from tests.people import People

BODIES: dict[str, Any] = {
    "clients_contacts_create": {"channel": "call", "happened_at": "2025-01-02T10:00:00Z", "text": "Spoke"},
    "clients_holds_create": {"reason": "Source of wealth unexplained"},
    "clients_purposes_create": {"purpose": "file"},
    "holds_lift_create": {"reason": "Papers were produced"},
    "reviews_decide_create": {"decision": "pay_out", "version": 1},
    "feeds_create": {"kind": "prices", "file_name": "p.csv", "content": "reference\n"},
    "me_partial_update": {"language": "en"},
    "tasks_move_create": {"due_on": "2199-01-01", "version": 1},
}


def test_the_schema_has_no_warning_and_is_valid() -> None:
    GENERATOR_STATS.reset()
    call_command("spectacular", "--fail-on-warn", "--validate", stdout=io.StringIO())


def test_every_operation_is_described_in_one_line() -> None:
    found = operations()
    assert all(operation.summary and operation.summary.endswith(".") for operation in found)
    declared = {
        (method, "/" + route.pattern.replace("<int:", "{").replace(">", "}"))
        for route in ROUTES
        if route.pattern.startswith("api/") and hasattr(route.callback, "actions")
        for method in route.rules
        if method != "HEAD"
    }
    assert {(operation.method, operation.path) for operation in found} == declared


def test_the_documentation_page_lists_every_operation(people: People, sign_in: SignIn) -> None:
    page = sign_in(people.manager).get("/api/docs/").text
    for operation in operations():
        assert operation.path in page
    assert sign_in(people.manager).get("/api/schema/").status_code == 200


def each(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield (method, path, operation)."""
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def check(schema: dict[str, Any], operation: dict[str, Any], answer: Any) -> None:
    """Hold an answer against what the schema says of its status."""
    described = operation["responses"].get(str(answer.status_code))
    assert described is not None, (operation["operationId"], answer.status_code, answer.content)
    told = described["content"][answer["Content-Type"]]["schema"]
    Draft4Validator(nullable({"allOf": [told], "components": schema["components"]})).validate(answer.json())


def nullable(part: Any) -> Any:
    """Say null as JSON Schema does, where OpenAPI 3.0 has a word of its own."""
    if isinstance(part, list):
        return [nullable(one) for one in part]
    if not isinstance(part, dict):
        return part
    plain = {name: nullable(value) for name, value in part.items() if name != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if part.get("nullable") is True else plain


def owned(people: People) -> Client:
    """Return a new client whom the manager covers."""
    client = factories.client()
    factories.coverage(client, people.manager)
    factories.purpose(people.compliance, client)
    return client


@pytest.mark.parametrize(
    ("name", "successes"),
    [
        ("manager", 30),
        ("lead", 26),
        ("compliance", 32),
        ("operations", 10),
        ("administrator", 4),
        ("auditor", 9),
        ("", 0),
    ],
)
def test_every_operation_answers_as_the_schema_says(people: People, sign_in: SignIn, name: str, successes: int) -> None:
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    browser = sign_in(getattr(people, name)) if name else Browser()
    good = 0
    for method, path, operation in each(schema):
        names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        owner = owned(people)
        filled = path.format(**{one: OBJECTS[one](owner, people) for one in names})
        body = json.dumps(BODIES.get(operation["operationId"], {}))
        answers: list[Any] = []
        for where in (f"{filled}?unknown=1", path.format(**dict.fromkeys(names, MISSING)), filled):
            answers.append(browser.generic(method, where, body, content_type="application/json"))
            check(schema, operation, answers[-1])
        good += answers[-1].status_code < HTTPStatus.MULTIPLE_CHOICES
    assert good == successes
