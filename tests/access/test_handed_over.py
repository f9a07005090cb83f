"""After a handover nothing that the old manager had begun gives the client: no page, file, job, token or repeat."""

import json

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from core import jobs
from core.models import Export
from core.walls import acting, service
from tests import factories
from tests.access.answers import body
from tests.access.routes import WITH_OBJECT, Route, build, missing
from tests.conftest import SignIn
from tests.people import People

NAME = "Li Wen"
WRITE = {"channel": "call", "happened_at": "2025-01-02T10:00:00Z", "text": "Spoke of the canary"}


@pytest.fixture(autouse=True)
def tasks() -> None:
    autodiscover_modules("tasks")


def handed_over(people: People) -> None:
    """Hand the client over to the colleague."""
    row = factories.approval(people.manager, factories.owned_by(people.client_id), people.colleague)
    factories.approved(row, people.lead)


def test_whatever_was_begun_gives_nothing_after_it(committed: People, sign_in: SignIn) -> None:
    desk = sign_in(committed.manager)
    token = factories.token(committed.manager, scope="write")[1]
    client = committed.client_id

    def program(method: str, path: str, values: object = None, key: str = "") -> tuple[int, bytes]:
        """Ask the API as the manager's program."""
        headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {})
        answer = Browser().generic(
            method, f"/api/{path}", json.dumps(values), content_type="application/json", headers=headers
        )
        return answer.status_code, body(answer)

    page = reverse("clients:page", args=[client])
    assert desk.get(page).status_code == 200
    desk.post("/clients/", {"do": "save", "name": "Mine"})
    written = program("POST", f"clients/{client}/contacts/", WRITE, key="the-same-key")
    assert written[0] == 201
    ready = desk.post("/clients/", {"do": "export", "form": "csv"})["Location"]
    for job_id in jobs.due(now=timezone.now()):
        assert jobs.run(job_id, now=timezone.now())
    file = f"{ready}file/"
    assert NAME.encode() in body(desk.get(file))
    desk.post("/clients/", {"do": "export", "form": "csv"})  # waits for a worker while the client leaves
    panels = [
        reverse(f"clients:{name}", args=[client]) for name in ("profile_panel", "tasks_panel", "contacts", "side")
    ]

    handed_over(committed)

    assert desk.get(page).status_code == 404
    assert [desk.get(one, headers={"HX-Request": "true"}).status_code for one in panels] == [404] * len(panels)
    for address in ("/clients/", "/clients/?q=li%20wen", "/clients/tasks/", "/reviews/today/", "/reviews/"):
        assert NAME.encode() not in body(desk.get(address, follow=True)), address
    for job_id in jobs.due(now=timezone.now()):
        assert jobs.run(job_id, now=timezone.now())
    with acting(service()):
        waited = Export.objects.latest("pk")
    assert NAME.encode() not in body(desk.get(f"/exports/{waited.pk}/file/"))
    old = desk.get(file)
    assert old.status_code == 404 or NAME.encode() not in body(old)
    assert program("GET", f"clients/{client}/")[0] == 404
    assert program("POST", f"clients/{client}/contacts/", WRITE, key="the-same-key")[0] == 404
    assert NAME.encode() not in program("GET", "clients/")[1]
    assert sign_in(committed.colleague).get(page).status_code == 200


@pytest.mark.parametrize(
    "route", [one for one in WITH_OBJECT if one.names == ["client_id"]], ids=lambda one: one.pattern
)
def test_a_client_handed_over_answers_as_a_missing_one(committed: People, sign_in: SignIn, route: Route) -> None:
    desk = sign_in(committed.manager)
    values = build(route, factories.owned_by(committed.client_id), committed)
    handed_over(committed)
    for method in route.rules:
        gone = desk.generic(method, route.path(values))
        never = desk.generic(method, route.path(missing(route)))
        assert gone.status_code == never.status_code, method
        assert NAME.encode() not in body(gone)
