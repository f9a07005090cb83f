"""Reviews through the API: listed, shown, and decided by whoever covers the client and read the latest version."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from clients.models import Client
from core.walls import acting, service
from portfolios.models import Deposit
from reviews.models import Review
from tests import factories
from tests.api.conftest import MISSING, Calls, refused, verbs
from tests.people import People

RENEW = {"decision": "renew_all", "version": 1}


@pytest.fixture
def waiting(near: Client) -> Review:
    """Return the open review of a deposit that falls due in three weeks."""
    matures_on = timezone.localdate() + dt.timedelta(days=21)
    deposit = factories.deposit(near, matures_on=matures_on, instruction="all")
    return factories.review(near, maturity=factories.maturity(deposit))


def test_reviews_are_listed_by_state_and_kind(people: People, calls: Calls, near: Client, waiting: Review) -> None:
    periodic, call = factories.review(near), calls(people.manager)
    assert [row["id"] for row in call.get("reviews/").json()["results"]] == [periodic.pk, waiting.pk]
    assert [row["id"] for row in call.get("reviews/", kind="maturity").json()["results"]] == [waiting.pk]
    assert call.get("reviews/", state="decided").json()["results"] == []
    assert verbs()[-1] == "reviews:read"


def test_a_review_says_what_may_be_decided(people: People, calls: Calls, waiting: Review) -> None:
    shown = calls(people.manager).get(f"reviews/{waiting.pk}/").json()
    assert shown["decisions"] == ["renew_all", "renew_principal", "split", "move", "pay_out"]
    assert (shown["decision"], shown["decided_by"], shown["on_hold"], shown["version"]) == ("", None, False, 1)


def test_the_manager_decides_and_the_deposit_follows(people: People, calls: Calls, waiting: Review) -> None:
    answer = calls(people.manager).post(f"reviews/{waiting.pk}/decide/", RENEW)
    assert answer.status_code == 200, answer.content
    shown = answer.json()
    assert (shown["decision"], shown["decided_by"], shown["version"], shown["decisions"]) == ("renew_all", "mei", 2, [])
    with acting(service()):
        assert Deposit.objects.get(pk=shown["deposit"]).instruction == "all"
    assert "review:decide" in verbs()


def test_a_split_says_which_part(people: People, calls: Calls, near: Client, waiting: Review) -> None:
    call, said = calls(people.manager), factories.note(near, people.manager, happened_at=timezone.now())
    split = {"decision": "split", "version": 1, "evidence": said.pk}
    document = refused(call.post(f"reviews/{waiting.pk}/decide/", split), 400)
    assert list(document["errors"]) == ["renew_amount"]
    answer = call.post(f"reviews/{waiting.pk}/decide/", {**split, "renew_amount": "250000.00"})
    assert answer.status_code == 200, answer.content
    assert answer.json()["renew_amount"] == "250000.00"
    assert call.get(f"deposits/{answer.json()['deposit']}/").json()["renew_amount"] == "250000.00"


def test_another_decision_than_the_contracts_names_its_evidence(
    people: People, calls: Calls, near: Client, waiting: Review
) -> None:
    call, other = calls(people.manager), {"decision": "pay_out", "version": 1}
    document = refused(call.post(f"reviews/{waiting.pk}/decide/", other), 400)
    assert (document["code"], list(document["errors"])) == ("evidence-missing", ["evidence"])
    said = factories.note(near, people.manager, happened_at=timezone.now())
    answer = call.post(f"reviews/{waiting.pk}/decide/", {**other, "evidence": said.pk})
    assert answer.status_code == 200, answer.content
    assert answer.json()["evidence"] == said.pk
    with acting(service()):
        assert Deposit.objects.get().instruction == "none"


def test_whoever_read_an_older_version_is_told_what_was_decided(people: People, calls: Calls, waiting: Review) -> None:
    calls(people.backup).post(f"reviews/{waiting.pk}/decide/", RENEW)
    document = refused(calls(people.manager).post(f"reviews/{waiting.pk}/decide/", RENEW), 409)
    assert document["code"] == "conflict"
    assert document["theirs"] == {"decision": "Renew principal and interest", "note": ""}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"decision": "reviewed"}, "decision"),
        ({"decision": "burn"}, "decision"),
        ({"decision": "move", "note": "short"}, "note"),
        ({"version": 0.1}, "version"),
        ({"version": True}, "version"),
        ({"decided_by": 1}, "decided_by"),
    ],
)
def test_a_decision_that_does_not_fit_is_refused_by_its_field(
    people: People, calls: Calls, waiting: Review, change: dict[str, Any], field: str
) -> None:
    document = refused(calls(people.manager).post(f"reviews/{waiting.pk}/decide/", {**RENEW, **change}), 400)
    assert list(document["errors"]) == [field]
    with acting(service()):
        assert Review.objects.get(pk=waiting.pk).decision == ""


def test_a_decision_waits_while_compliance_holds_the_client(
    people: People, calls: Calls, near: Client, waiting: Review
) -> None:
    factories.hold(near, people.compliance)
    call = calls(people.manager)
    assert call.get(f"reviews/{waiting.pk}/").json()["on_hold"] is True
    assert refused(call.post(f"reviews/{waiting.pk}/decide/", RENEW), 400)["code"] == "on-hold"


@pytest.mark.parametrize("name", ["stranger", "colleague", "other_lead"])
def test_whoever_is_far_from_the_client_decides_nothing(
    people: People, calls: Calls, waiting: Review, name: str
) -> None:
    call = calls(getattr(people, name))
    shown = [call.get(f"reviews/{pk}/") for pk in (waiting.pk, MISSING)]
    done = [call.post(f"reviews/{pk}/decide/", RENEW) for pk in (waiting.pk, MISSING)]
    for foreign, missing in (shown, done):
        refused(foreign, 404)
        assert foreign.content == missing.content
    assert call.get("reviews/").json()["results"] == []


def test_compliance_reads_every_review_and_decides_none(people: People, calls: Calls, waiting: Review) -> None:
    call = calls(people.compliance)
    assert call.get(f"reviews/{waiting.pk}/").status_code == 200
    refused(call.post(f"reviews/{waiting.pk}/decide/", RENEW), 403)
