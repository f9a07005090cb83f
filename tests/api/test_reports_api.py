"""Statements and deliveries through the API: never a secret, never twice at once."""

import pytest

from clients.models import Client
from core.walls import acting, service
from reports.models import Delivery, Statement
from tests import factories
from tests.api.conftest import MISSING, Calls, refused, verbs
from tests.people import People


@pytest.fixture
def statement(near: Client) -> Statement:
    """Return a printed statement of a client who may be mailed."""
    factories.contact_point(near)
    factories.secret(near)
    return factories.statement(near, snapshot={"total": "1.00"}, pdf_name="one.pdf")


def test_a_client_s_statements_are_listed_with_their_deliveries(
    people: People, calls: Calls, near: Client, statement: Statement
) -> None:
    factories.delivery(statement, state="failed")
    rows = calls(people.manager).get(f"clients/{near.pk}/statements/").json()["results"]
    assert [(row["id"], [one["state"] for one in row["deliveries"]]) for row in rows] == [(statement.pk, ["failed"])]
    assert verbs()[-1] == "statements:read"


def test_a_statement_shows_what_it_says_and_no_secret(people: People, calls: Calls, statement: Statement) -> None:
    answer = calls(people.manager).get(f"statements/{statement.pk}/")
    assert answer.json()["snapshot"] == {"total": "1.00"}
    assert answer.json()["may_send"] is True
    for hidden in (b"ABCD-EFGH", b"secret", b"one.pdf", b"li.wen@mail.example"):
        assert hidden not in answer.content
    assert verbs()[-1] == "statement:read"


def test_a_statement_goes_out_once_more(people: People, calls: Calls, statement: Statement) -> None:
    factories.delivery(statement, state="failed")
    answer = calls(people.manager).post(f"statements/{statement.pk}/send/")
    assert answer.status_code == 201, answer.content
    assert (answer.json()["attempt"], answer.json()["state"]) == (2, "waiting")
    assert "statement:send" in verbs()


def test_a_statement_on_its_way_is_not_sent_again(people: People, calls: Calls, statement: Statement) -> None:
    call = calls(people.manager)
    call.post(f"statements/{statement.pk}/send/")
    assert refused(call.post(f"statements/{statement.pk}/send/"), 400)["code"] == "under-way"
    with acting(service()):
        assert Delivery.objects.count() == 1


def test_an_address_of_two_clients_wants_to_be_confirmed(people: People, calls: Calls, statement: Statement) -> None:
    factories.delivery(statement, state="skipped", reason="shared")
    call = calls(people.manager)
    document = refused(call.post(f"statements/{statement.pk}/send/"), 400)
    assert (document["code"], list(document["errors"])) == ("shared", ["confirmed"])
    assert call.post(f"statements/{statement.pk}/send/", {"confirmed": True}).status_code == 201


def test_compliance_reads_a_statement_and_sends_none(people: People, calls: Calls, statement: Statement) -> None:
    call = calls(people.compliance)
    assert call.get(f"statements/{statement.pk}/").json()["may_send"] is False
    refused(call.post(f"statements/{statement.pk}/send/"), 403)


@pytest.mark.parametrize("name", ["stranger", "colleague", "other_lead"])
def test_whoever_is_far_from_the_client_sends_nothing(
    people: People, calls: Calls, statement: Statement, name: str
) -> None:
    call = calls(getattr(people, name))
    shown = [call.get(f"statements/{pk}/") for pk in (statement.pk, MISSING)]
    done = [call.post(f"statements/{pk}/send/") for pk in (statement.pk, MISSING)]
    for foreign, missing in (shown, done):
        refused(foreign, 404)
        assert foreign.content == missing.content
    with acting(service()):
        assert not Delivery.objects.exists()


def test_deliveries_are_listed_by_state_and_month(people: People, calls: Calls, statement: Statement) -> None:
    one = factories.delivery(statement, state="failed")
    call = calls(people.manager)
    assert [row["id"] for row in call.get("deliveries/", state="failed", month="2026-02-01").json()["results"]] == [
        one.pk
    ]
    assert call.get("deliveries/", month="2026-01-31").json()["results"] == []
    assert calls(people.stranger).get("deliveries/").json()["results"] == []
