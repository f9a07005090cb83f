"""A client is handed over by two persons at one minute, whatever door is tried; the old access ends with it."""

import datetime as dt
import os
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from clients import operations, queries
from clients.models import Client, Coverage, Task
from core import approvals, jobs
from core.errors import Conflict, Refused
from core.models import Approval, AuditEvent, Role, User
from core.walls import acting, service
from tests import factories
from tests.conftest import SignIn
from tests.people import PASSWORD, People


@pytest.fixture(autouse=True)
def tasks() -> None:
    autodiscover_modules("tasks")


WHY = "Moves to another desk in May"


def ask(people: People, by: User | None = None, at: dt.datetime | None = None, **given: Any) -> Approval:
    """Ask that the client goes from ``manager`` to ``colleague``."""
    asker = by or people.manager
    told = {"client_ids": [people.client_id], "person": people.colleague.pk, "reason": WHY, **given}
    with acting(asker):
        return operations.ask_handover(user=asker, now=timezone.now(), at=at, **told)


def decide(row: Approval, by: User, *, approve: bool = True, digest: str | None = None) -> Approval:
    """Decide as somebody who saw the page."""
    with acting(by):
        shown = bytes(row.digest).hex() if digest is None else digest
        return approvals.decide(user=by, approval_id=row.pk, approve=approve, digest=shown, note="", now=timezone.now())


def sees(person: User, client_id: int) -> bool:
    """Say whether the person sees the client, through the wall in the database alone."""
    with acting(person):
        return Client.objects.filter(pk=client_id).exists()


def test_the_client_and_what_is_owed_change_hands_at_once(committed: People) -> None:
    owed = factories.task(factories.owned_by(committed.client_id), committed.manager, text="Send the rates")
    row = ask(committed)
    assert sees(committed.manager, committed.client_id)
    decide(row, committed.lead)
    assert not sees(committed.manager, committed.client_id)
    assert sees(committed.colleague, committed.client_id)
    assert sees(committed.backup, committed.client_id)
    with acting(committed.colleague):
        assert queries.primary_manager(committed.client_id) == committed.colleague
        assert Task.objects.get(pk=owed.pk).owner == committed.colleague
    with acting(service()):
        spans = dict(
            Coverage.objects.filter(client=committed.client_id, kind="primary").values_list("manager_id", "valid")
        )
        event = AuditEvent.objects.get(verb="client:handover")
    assert spans[committed.manager.pk].upper == spans[committed.colleague.pk].lower
    assert event.client_id == committed.client_id
    assert event.body["data"]["from"] == committed.manager.pk
    assert event.behalf == committed.lead


def test_at_a_stated_minute_the_access_stays_until_then(committed: People) -> None:
    owed = factories.task(factories.owned_by(committed.client_id), committed.manager)
    at = timezone.now() + dt.timedelta(hours=3)
    decide(ask(committed, at=at), committed.lead)
    assert sees(committed.manager, committed.client_id)
    assert not sees(committed.colleague, committed.client_id)
    with acting(service()):
        rows = Coverage.objects.filter(client=committed.client_id, kind="primary")
        assert {row.valid.lower for row in rows} >= {at}
        assert Task.objects.get(pk=owed.pk).owner == committed.manager
    assert jobs.due(now=timezone.now()) == []
    (job_id,) = jobs.due(now=at)
    assert jobs.run(job_id, now=at)
    with acting(service()):
        assert Task.objects.get(pk=owed.pk).owner == committed.colleague


def test_a_back_up_becomes_the_dedicated_manager(committed: People) -> None:
    decide(ask(committed, person=committed.backup.pk), committed.lead)
    with acting(committed.backup):
        parts = [
            row.kind for row in queries.current_coverage(committed.client_id) if row.manager_id == committed.backup.pk
        ]
    assert parts == ["primary"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"person": 0}, "person"),
        ({"person": "manager"}, "person"),
        ({"person": "leaver"}, "person"),
        ({"person": "lead"}, "person"),
        ({"at": dt.timedelta(minutes=-1)}, "at"),
        ({"at": dt.timedelta(days=91)}, "at"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(people: People, given: dict[str, Any], field: str) -> None:
    if isinstance(given.get("person"), str):
        given = {"person": getattr(people, given["person"]).pk}
    if "at" in given:
        given = {"at": timezone.now() + given["at"]}
    with pytest.raises(Refused) as refusal:
        ask(people, **given)
    assert refusal.value.field == field


def test_nobody_asks_for_a_client_that_is_not_theirs(people: People) -> None:
    for person in (people.colleague, people.stranger, people.other_lead):
        with pytest.raises(Client.DoesNotExist):
            ask(people, by=person)
    with pytest.raises(Refused):
        ask(people, by=people.backup)
    with pytest.raises(Client.DoesNotExist):
        ask(people, client_ids=[people.client_id, people.foreign_id])


def test_the_same_is_not_asked_for_twice(people: People) -> None:
    ask(people)
    with pytest.raises(Refused) as refusal:
        ask(people)
    assert refusal.value.code == "asked-already"


def test_a_request_that_fits_no_more_is_refused_and_stays_open(committed: People) -> None:
    first, second = ask(committed), ask(committed, person=committed.stranger.pk)
    decide(first, committed.lead)
    with pytest.raises(Refused) as refusal:
        decide(second, committed.compliance)
    assert refusal.value.code == "handover-stale"
    with acting(committed.compliance):
        assert Approval.objects.get(pk=second.pk).state == "open"


Attempt = Callable[[People, Approval], object]


def expired(people: People, row: Approval) -> object:
    """A decision after the request ended."""
    with acting(people.compliance):
        return approvals.decide(
            user=people.compliance,
            approval_id=row.pk,
            approve=True,
            digest=bytes(row.digest).hex(),
            note="",
            now=timezone.now() + dt.timedelta(days=15),
        )


def by_role(name: str) -> Attempt:
    """Somebody whose role decides no handover, or who does not see the request."""

    def attempt(people: People, row: Approval) -> object:
        return decide(row, getattr(people, name))

    attempt.__name__ = f"by_{name}"
    return attempt


def written(sql: str, who: str) -> Attempt:
    """A statement of the application's role, as a person or nobody."""

    def attempt(people: People, row: Approval) -> object:
        values: dict[str, Any] = {"id": row.pk, "lead": people.lead.pk, "other": people.compliance.pk}
        values |= {"digest": bytes(row.digest)}
        values |= {"client": people.client_id, "to": people.stranger.pk, "person": people.compliance.person}
        if who == "nobody":
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql, values)
                return cursor.rowcount
        with acting(service() if who == "service" else getattr(people, who)), connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.rowcount

    return attempt


def superuser(sql: str) -> Attempt:
    """A statement of the database's superuser, whom no policy holds back."""

    def attempt(people: People, row: Approval) -> object:
        values: dict[str, Any] = {"id": row.pk, "lead": people.lead.pk, "other": people.compliance.pk}
        values |= {"digest": bytes(row.digest)}
        values |= {"client": people.client_id, "to": people.stranger.pk, "person": people.compliance.person}
        with psycopg.connect(os.environ["SUPERUSER_URL"], dbname=os.environ["TEST_DATABASE"]) as other:
            return other.execute(sql, values).rowcount

    return attempt


APPROVE = (
    "UPDATE core_approval SET state = 'approved', decided_digest = %(digest)s, decided_by_id = {} WHERE id = %(id)s"
)
GRANT = (
    "INSERT INTO clients_coverage (client_id, manager_id, kind, valid{}) "
    "VALUES (%(client)s, %(to)s, 'primary', tstzrange(now(), NULL){})"
)
END = (
    "UPDATE clients_coverage SET valid = tstzrange(lower(valid), now()) "
    "WHERE client_id = %(client)s AND kind = 'primary'; "
)
ATTEMPTS: dict[str, Attempt] = {
    "too late": expired,
    "a manager of the team": by_role("colleague"),
    "a lead of another team": by_role("other_lead"),
    "operations": by_role("operations"),
    "the administrator": by_role("administrator"),
    "SQL as the asker": written(APPROVE.format("%(lead)s"), "lead"),
    "SQL in another's name": written(APPROVE.format("%(other)s"), "lead"),
    "SQL as the service": written(APPROVE.format("%(other)s"), "service"),
    "SQL as nobody": written(APPROVE.format("%(other)s"), "nobody"),
    "SQL as the superuser": superuser(APPROVE.format("%(other)s, decided_person = %(person)s")),
    "another content": written("UPDATE core_approval SET content = '{}' WHERE id = %(id)s", "lead"),
    "a longer time": written(
        "UPDATE core_approval SET expires_at = now() + interval '1 year' WHERE id = %(id)s", "lead"
    ),
    "another asker": written("UPDATE core_approval SET asked_by_id = %(other)s WHERE id = %(id)s", "lead"),
    "deleted": written("DELETE FROM core_approval WHERE id = %(id)s", "lead"),
    "born approved": written(
        "INSERT INTO core_approval (kind, content, digest, reason, asked_by_id, asked_person, asked_at, expires_at,"
        " state, decided_by_id, decided_person, decided_digest, note) SELECT kind, content, digest, reason, %(lead)s,"
        " asked_person, asked_at, expires_at, 'approved', %(other)s, %(person)s, digest, '' FROM core_approval"
        " WHERE id = %(id)s",
        "lead",
    ),
    "another kind's rule": written("UPDATE core_approvalkind SET asks = decides", "lead"),
    "coverage without a request": written(END + GRANT.format("", ""), "service"),
    "coverage by the open request": written(END + GRANT.format(", approval_id", ", %(id)s"), "service"),
    "coverage by the superuser": superuser(END + GRANT.format(", approval_id", ", %(id)s")),
    "the row turned to another manager": written(
        "UPDATE clients_coverage SET manager_id = %(to)s WHERE client_id = %(client)s AND kind = 'primary'", "service"
    ),
    "the part turned": written(
        "UPDATE clients_coverage SET kind = 'primary' WHERE client_id = %(client)s AND kind = 'backup'", "service"
    ),
    "coverage forgotten": written(
        "DELETE FROM clients_coverage WHERE client_id = %(client)s AND kind = 'primary'; " + GRANT.format("", ""),
        "service",
    ),
}


@pytest.mark.parametrize("name", ATTEMPTS)
def test_no_door_goes_round_the_second_person(committed: People, name: str) -> None:
    row = ask(committed, by=committed.lead)
    try:
        done = ATTEMPTS[name](committed, row)
    except (Refused, DatabaseError, psycopg.Error, Approval.DoesNotExist):
        done = 0
    assert done == 0
    with acting(committed.compliance):
        assert Approval.objects.get(pk=row.pk).state == "open"
    assert sees(committed.manager, committed.client_id)
    assert not sees(committed.stranger, committed.client_id)


def test_an_old_approval_hands_over_nothing_else(committed: People) -> None:
    row = ask(committed)
    decide(row, committed.lead)
    span = DateTimeTZRange(timezone.now(), None)
    with acting(service()), pytest.raises(DatabaseError, match="approved request"), transaction.atomic():
        Coverage.objects.filter(client=committed.foreign_id).update(
            valid=DateTimeTZRange(factories.LONG_AGO, span.lower)
        )
        Coverage.objects.create(
            client_id=committed.foreign_id, manager=committed.colleague, kind="primary", valid=span, approval=row
        )


def test_who_lost_the_role_had_asked_in_vain(committed: People) -> None:
    row = ask(committed)
    factories.given_role(committed, committed.manager, Role.OPERATIONS)
    with pytest.raises(Refused) as refusal:
        decide(row, committed.compliance)
    assert refusal.value.code == "asker-gone"
    with pytest.raises(DatabaseError, match="not yours to decide"):
        written(APPROVE.format("%(other)s"), "compliance")(committed, row)


def test_two_decide_at_once_and_one_of_them_did(committed: People) -> None:
    row = ask(committed)
    decide(row, committed.lead, approve=False)
    with pytest.raises(Conflict):
        decide(row, committed.compliance)
    assert sees(committed.manager, committed.client_id)


def test_the_asker_withdraws_and_nobody_else(committed: People) -> None:
    row = ask(committed)
    with acting(committed.lead), pytest.raises(Refused):
        approvals.withdraw(user=committed.lead, approval_id=row.pk)
    with acting(committed.manager):
        assert approvals.withdraw(user=committed.manager, approval_id=row.pk).state == "withdrawn"


def test_the_database_knows_the_kinds_of_the_code(people: People) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, asks, decides FROM core_approvalkind")
        kept = {kind: (set(asks), set(decides)) for kind, asks, decides in cursor.fetchall()}
    assert kept == {kind.name: (set(kind.asks), set(kind.decides)) for kind in approvals.KINDS.values()}


def test_it_is_asked_decided_and_told_on_pages(committed: People, sign_in: SignIn) -> None:
    desk, lead = sign_in(committed.manager), sign_in(committed.lead)
    form = {"person": "colleague", "at": "", "reason": WHY}
    assert (
        desk.post(reverse("clients:hand_over", args=[committed.client_id]), {**form, "person": ""}).status_code == 422
    )
    asked = desk.post(reverse("clients:hand_over", args=[committed.client_id]), form, follow=True)
    address = asked.redirect_chain[-1][0]
    assert WHY in asked.content.decode()
    assert (
        b"Li Wen" in lead.get("/approvals/?state=mine").content
        or WHY in lead.get("/approvals/?state=mine").content.decode()
    )
    lead.post("/accounts/reauthenticate/", {"password": PASSWORD})
    shown = lead.get(address).content.decode()
    digest = shown.split('name="digest" value="')[1][:64]
    assert "Li Wen" in shown
    assert lead.post(address, {"act": "approve", "digest": "1" * 64, "note": ""}).status_code == 422
    assert lead.post(address, {"act": "approve", "digest": digest, "note": "Agreed"}, follow=True).status_code == 200
    assert desk.get(reverse("clients:page", args=[committed.client_id])).status_code == 404
    after = desk.get(address).content.decode()
    assert "Li Wen" not in after
    assert sign_in(committed.stranger).get(address).status_code == 404


def test_a_decision_wants_the_password_of_a_moment_ago(committed: People, sign_in: SignIn) -> None:
    row = ask(committed)
    lead = sign_in(committed.lead)
    address = reverse("approval", args=[row.pk])
    answer = lead.post(address, {"act": "approve", "digest": bytes(row.digest).hex(), "note": ""})
    assert answer.status_code == 302
    assert "reauthenticate" in answer["Location"]
    assert sees(committed.manager, committed.client_id)
