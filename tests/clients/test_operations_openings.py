"""A client opened for a while: who opens what to whom, for how long, and what no door changes about it."""

import datetime as dt
import time
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from clients import operations, queries
from clients.models import Client, Opening
from core.errors import Conflict, Refused
from core.models import Role, User
from core.walls import acting, service
from tests import factories
from tests.people import People, user

REASON = "The client waits at the counter"
MINUTE = dt.timedelta(minutes=1)


def open_to(people: People, person: User, **given: Any) -> Opening:
    """Open the stranger's client to somebody, by the operation."""
    told = {"client_id": people.foreign_id, "person_id": person.pk, "minutes": 30, "reason": REASON, **given}
    with acting(people.compliance):
        return operations.open_client(user=people.compliance, now=timezone.now(), **told)


def reads(person: User, client_id: int) -> bool:
    """Say whether both walls let somebody read a client; raise as a door would where they do not."""
    with acting(person):
        return queries.client(user=person, client_id=client_id).pk == client_id


def test_an_emergency_opens_one_client_to_one_person_to_read(committed: People) -> None:
    with pytest.raises(Client.DoesNotExist):
        reads(committed.colleague, committed.foreign_id)
    opening = open_to(committed, committed.colleague)
    assert reads(committed.colleague, committed.foreign_id)
    assert MINUTE * 29 < opening.valid.upper - opening.valid.lower <= MINUTE * 30
    with pytest.raises(Client.DoesNotExist), acting(committed.colleague):
        operations.log_contact(
            user=committed.colleague,
            client_id=committed.foreign_id,
            channel="call",
            happened_at=timezone.now(),
            people="",
            text="Spoke",
            confidential=False,
            about="",
            promises=(),
            now=timezone.now(),
        )
    with acting(committed.colleague), connection.cursor() as cursor:
        cursor.execute("UPDATE clients_client SET alias = 'x' WHERE id = %s", [committed.foreign_id])
        assert cursor.rowcount == 0
    for other in (committed.manager, committed.lead):
        with pytest.raises(Client.DoesNotExist):
            reads(other, committed.foreign_id)


def test_it_ends_by_itself(committed: People) -> None:
    factories.opening(committed.compliance, committed.foreign_id, committed.colleague, minutes=0.02)
    assert reads(committed.colleague, committed.foreign_id)
    time.sleep(1.3)
    with pytest.raises(Client.DoesNotExist):
        reads(committed.colleague, committed.foreign_id)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"person_id": 0}, "opening-whom"),
        ({"person_id": "compliance"}, "opening-whom"),
        ({"person_id": "auditor"}, "opening-whom"),
        ({"person_id": "administrator"}, "opening-whom"),
        ({"person_id": "leaver"}, "opening-whom"),
        ({"person_id": "stranger"}, "opening-seen"),
        ({"person_id": "other_lead"}, "opening-seen"),
        ({"minutes": 61}, "opening-long"),
        ({"minutes": 0}, "opening-long"),
        ({"minutes": -5}, "opening-long"),
    ],
)
def test_what_may_not_be_opened_is_refused(people: People, given: dict[str, Any], code: str) -> None:
    whom = given.get("person_id", people.colleague.pk)
    given["person_id"] = getattr(people, whom).pk if isinstance(whom, str) else whom
    with pytest.raises(Refused) as refusal:
        open_to(people, people.colleague, **given)
    assert refusal.value.code == code


def test_it_is_reviewed_once_by_another_and_ends_with_it(people: People) -> None:
    second, third = user("second", Role.COMPLIANCE), user("third", Role.COMPLIANCE)
    opening = open_to(people, people.colleague)

    def review(by: User) -> Opening:
        with acting(by):
            return operations.review_opening(user=by, opening_id=opening.pk, finding="As it should", now=timezone.now())

    with pytest.raises(Refused, match="Another person"):
        review(people.compliance)
    reviewed = review(second)
    assert reviewed.reviewed_by == second
    assert reviewed.valid.upper <= timezone.now()
    with pytest.raises(Conflict):
        review(third)
    with pytest.raises(Refused, match="already"), acting(second):
        operations.end_opening(user=second, opening_id=opening.pk, now=timezone.now())


def test_a_purpose_stands_for_hours_and_the_next_replaces_it(people: People) -> None:
    client = factories.client()
    for purpose in ("file", "alert"):
        with acting(people.compliance):
            operations.state_purpose(
                user=people.compliance, client_id=client.pk, purpose=purpose, reason="", now=timezone.now()
            )
    with acting(people.compliance):
        rows = list(Opening.objects.filter(client=client).order_by("pk"))
    assert [row.purpose for row in rows] == ["file", "alert"]
    assert rows[0].valid.upper <= rows[1].valid.lower
    assert rows[1].valid.upper - rows[1].valid.lower <= operations.openings.PURPOSE_STANDS


def test_a_manager_does_not_learn_that_compliance_looks(people: People) -> None:
    with acting(people.manager):
        assert not Opening.objects.exists()
    with acting(people.lead):
        assert not Opening.objects.exists()
    open_to(people, people.colleague)
    with acting(people.stranger):
        assert [row.kind for row in Opening.objects.all()] == ["emergency"]


FORGED = {
    "from the past": {"valid": "tstzrange(now() - interval '1 day', now())"},
    "to oneself": {"person_id": "{compliance}"},
    "to an auditor as an emergency": {"person_id": "{auditor}"},
    "to somebody shut out": {"person_id": "{leaver}"},
    "without a reason": {"reason": "'short'"},
    "in another's name": {"opened_by_id": "{lead}"},
    "reviewed at once": {"reviewed_at": "now()", "reviewed_by_id": "{compliance}", "finding": "'fine'"},
    "a sample nobody drew": {"kind": "'sample'", "person_id": "{auditor}", "origin": "'audit:1'"},
    "a purpose for somebody else": {"kind": "'purpose'", "purpose": "'file'"},
}


def insert(people: People, changes: dict[str, str]) -> str:
    """Return an INSERT of an emergency with other values."""
    row = {
        "client_id": str(people.foreign_id),
        "person_id": str(people.colleague.pk),
        "kind": "'emergency'",
        "purpose": "''",
        "reason": f"'{REASON}'",
        "opened_by_id": str(people.compliance.pk),
        "valid": "tstzrange(now(), now() + interval '30 minutes')",
        "origin": "''",
        "finding": "''",
        **{
            name: value.format(**{k: getattr(v, "pk", v) for k, v in vars(people).items()})
            for name, value in changes.items()
        },
    }
    into = f"INSERT INTO clients_opening ({', '.join(row)}) VALUES ({', '.join(row.values())})"
    return f"{into} RETURNING upper(valid) - lower(valid)"


@pytest.mark.parametrize("way", FORGED)
def test_no_statement_opens_more(people: People, way: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), acting(people.compliance), connection.cursor() as cursor:
        cursor.execute(insert(people, FORGED[way]))


def test_what_is_opened_for_longer_is_opened_for_an_hour(people: People) -> None:
    with acting(people.compliance), connection.cursor() as cursor:
        cursor.execute(insert(people, {"valid": "tstzrange(now(), now() + interval '1 day')"}))
        assert cursor.fetchone() == (dt.timedelta(hours=1),)


@pytest.mark.parametrize("person", ["manager", "colleague", "lead", "operations", "administrator", "auditor", None])
def test_nobody_but_compliance_opens_by_a_statement(people: People, person: str | None) -> None:
    actor = getattr(people, person) if person else service()
    with pytest.raises(DatabaseError), transaction.atomic(), acting(actor), connection.cursor() as cursor:
        cursor.execute(insert(people, {"opened_by_id": str(actor.pk)}))


CHANGES = {
    "made longer": "UPDATE clients_opening SET valid = tstzrange(lower(valid), upper(valid) + interval '1 minute')",
    "made endless": "UPDATE clients_opening SET valid = tstzrange(lower(valid), NULL)",
    "begun before": "UPDATE clients_opening SET valid = tstzrange(lower(valid) - interval '1 day', upper(valid))",
    "given another person": "UPDATE clients_opening SET person_id = {manager}",
    "given another client": "UPDATE clients_opening SET client_id = {near}",
    "given another reason": "UPDATE clients_opening SET reason = 'Nothing happened here at all'",
    "reviewed by who opened it": (
        "UPDATE clients_opening SET reviewed_by_id = {compliance}, reviewed_at = now(), finding = 'fine'"
    ),
    "reviewed in another's name": (
        "UPDATE clients_opening SET reviewed_by_id = {lead}, reviewed_at = now(), finding = 'fine'"
    ),
    "forgotten": "DELETE FROM clients_opening",
}


@pytest.mark.parametrize("way", CHANGES)
def test_no_statement_changes_what_was_opened(people: People, way: str) -> None:
    opening = open_to(people, people.colleague)
    numbers = {"manager": people.manager.pk, "near": people.client_id, "lead": people.lead.pk}
    statement = CHANGES[way].format(compliance=people.compliance.pk, **numbers) + f" WHERE id = {opening.pk}"
    with pytest.raises(DatabaseError), transaction.atomic(), acting(people.compliance), connection.cursor() as cursor:
        cursor.execute(statement)
        if cursor.rowcount == 0:
            raise DatabaseError("the wall left nothing to change")
    with acting(people.compliance):
        assert Opening.objects.get(pk=opening.pk).valid == opening.valid


def test_one_emergency_at_once_for_a_person_and_a_client(people: People) -> None:
    open_to(people, people.colleague)
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.opening(people.compliance, people.foreign_id, people.colleague)
    with pytest.raises(Refused, match="already"):
        open_to(people, people.colleague)
