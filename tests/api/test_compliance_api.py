"""Holds and the trail through the API."""

import pytest

from clients.models import Client
from compliance.models import Hold
from core.walls import acting, service
from tests import factories
from tests.api.conftest import MISSING, Calls, refused, verbs
from tests.people import People

REASON = {"reason": "Source of wealth unexplained"}


def test_compliance_places_and_lifts_a_hold(people: People, calls: Calls, near: Client) -> None:
    call = calls(people.compliance)
    placed = call.post(f"clients/{near.pk}/holds/", REASON)
    assert placed.status_code == 201, placed.content
    assert (placed.json()["client"], placed.json()["placed_by"], placed.json()["lifted_at"]) == (
        near.pk,
        "compliance",
        None,
    )
    lifted = call.post(f"holds/{placed.json()['id']}/lift/", {"reason": "Papers were produced"})
    assert lifted.json()["lifted_by"] == "compliance"
    listed = call.get("holds/").json()["results"]
    assert [row["reasons"] for row in listed] == [["Source of wealth unexplained", "Papers were produced"]]
    assert [verb for verb in verbs() if verb.startswith("hold:")] == ["hold:place", "hold:lift"]


def test_a_second_hold_and_a_second_lift_are_refused(people: People, calls: Calls, near: Client) -> None:
    call = calls(people.compliance)
    hold = call.post(f"clients/{near.pk}/holds/", REASON).json()["id"]
    assert refused(call.post(f"clients/{near.pk}/holds/", REASON), 400)["code"] == "held-already"
    call.post(f"holds/{hold}/lift/", REASON)
    assert refused(call.post(f"holds/{hold}/lift/", REASON), 400)["code"] == "lifted-already"


@pytest.mark.parametrize(
    "body",
    [{}, {"reason": "short"}, {"reason": None}, {"reason": 12345678901.5}, {"reason": 10**10}, {"reason": ["x" * 10]}],
)
def test_a_hold_wants_a_reason(people: People, calls: Calls, near: Client, body: dict[str, object]) -> None:
    document = refused(calls(people.compliance).post(f"clients/{near.pk}/holds/", body), 400)
    assert list(document["errors"]) == ["reason"]


def test_the_client_s_own_manager_neither_sees_nor_places_holds(people: People, calls: Calls, near: Client) -> None:
    hold, call = factories.hold(near, people.compliance), calls(people.manager)
    for answer in (
        call.get("holds/"),
        call.post(f"clients/{near.pk}/holds/", REASON),
        call.post(f"holds/{hold.pk}/lift/", REASON),
    ):
        refused(answer, 403)
    with acting(service()):
        assert Hold.objects.get().lifted_at is None


def test_a_hold_that_is_not_there_is_not_lifted(people: People, calls: Calls) -> None:
    refused(calls(people.compliance).post(f"holds/{MISSING}/lift/", REASON), 404)
    refused(calls(people.compliance).post(f"clients/{MISSING}/holds/", REASON), 404)


def test_compliance_reads_one_client_s_trail(people: People, calls: Calls, near: Client) -> None:
    calls(people.manager).get(f"clients/{near.pk}/")
    rows = calls(people.compliance).get("trail/", client=near.pk, verb="client:read").json()["results"]
    assert [(row["actor"], row["client"], row["client_name"]) for row in rows] == [("mei", near.pk, "Li Wen")]
    assert rows[0]["request"] is not None


def test_the_trail_says_what_changed(people: People, calls: Calls, near: Client) -> None:
    task = factories.task(near, people.manager)
    calls(people.manager).post(f"tasks/{task.pk}/done/")
    rows = calls(people.compliance).get("trail/", client=near.pk, verb="row:update", actor="mei").json()["results"]
    changes = {change["field"]: (change["before"], change["after"]) for change in rows[0]["changes"]}
    assert changes["done_by_id"] == ("", str(people.manager.pk))


def test_everybody_reads_the_own_acts_alone(people: People, calls: Calls, near: Client) -> None:
    for person in (people.backup, people.manager):
        calls(person).get(f"clients/{near.pk}/")
    rows = calls(people.manager).get("trail/own/", verb="client").json()["results"]
    assert [row["actor"] for row in rows] == ["mei"]


def test_a_manager_does_not_read_the_trail(people: People, calls: Calls) -> None:
    refused(calls(people.manager).get("trail/"), 403)


def test_a_lead_asks_for_another_team_s_client_in_vain(people: People, calls: Calls) -> None:
    call = calls(people.lead)
    foreign, missing = call.get("trail/", client=people.foreign_id), call.get("trail/", client=MISSING)
    refused(foreign, 404)
    assert foreign.content == missing.content


@pytest.mark.parametrize("day", ["2027-02-29", "0001-01-01", "9999-12-31", "yesterday", ""])
def test_a_day_that_cannot_be_is_refused(people: People, calls: Calls, day: str) -> None:
    assert list(refused(calls(people.compliance).get("trail/", since=day), 400)["errors"]) == ["since"]
