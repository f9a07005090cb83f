"""Every way round the second person, tried for every kind of request: none ends with an approval.

What belongs to one kind alone is tried where the kind lives: coverage (tests of the handover), roles, figures,
deputies.
"""

import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from core import approvals
from core.checks import routes
from core.errors import Conflict, Refused
from core.lists import REGISTRY
from core.models import Approval, AuditEvent, User
from core.walls import acting, service
from core.web import rules_of
from tests.compliance.ledgers import connect
from tests.conftest import SignIn
from tests.people import PASSWORD, People, user
from tests.portfolios.test_feeds_operations import CLIENTS, send

Attempt = Callable[[People, Approval, User, User], object]
KINDS = sorted(approvals.KINDS)
GIVEN: dict[str, Any] = {"state": "approved", "note": ""}


def asked(people: People, kind: str) -> tuple[Approval, User, User]:
    """Ask for something of a kind by somebody who also decides it where the kind knows such people; name a decider."""
    known = approvals.KINDS[kind]
    both = [role for role in known.asks if role in known.decides]
    asker = person_of(people, (both or list(known.asks))[0])
    decider = people.deputy if asker == people.compliance else people.compliance
    content = {"clients": [people.client_id], "kind": kind}
    with acting(asker):
        row = approvals.ask(user=asker, kind=known, content=content, reason="A try", now=timezone.now())
    return row, asker, decider


def person_of(people: People, role: str) -> User:
    """Return somebody of a role."""
    return next(one for one in people.everybody().values() if one.role == role and one.is_active)


def decide(row: Approval, by: User, *, digest: bytes | None = None) -> Approval:
    """Decide through the operation that every door uses."""
    with acting(by):
        shown = (digest or bytes(row.digest)).hex()
        return approvals.decide(user=by, approval_id=row.pk, approve=True, digest=shown, note="", now=timezone.now())


def own(people: People, row: Approval, asker: User, decider: User) -> object:
    """Decide the own request."""
    return decide(row, asker)


def twin(people: People, row: Approval, asker: User, decider: User) -> object:
    """Decide it by a second account of the same person."""
    return decide(row, user("twin", decider.role, person=asker.person))


def robot(people: People, row: Approval, asker: User, decider: User) -> object:
    """Let the service account decide."""
    return decide(row, service())


def forged_digest(people: People, row: Approval, asker: User, decider: User) -> object:
    """Decide on something else than what was asked for."""
    return decide(row, decider, digest=bytes(32))


def saved(people: People, row: Approval, asker: User, decider: User) -> object:
    """Save the row as the asker, from a shell."""
    row.state, row.decided_by, row.decided_person, row.decided_digest = "approved", decider, decider.person, row.digest
    with acting(asker):
        row.save()
    return 1


def updated(people: People, row: Approval, asker: User, decider: User) -> object:
    """Update by a query set, as the service account."""
    given = {**GIVEN, "decided_by": decider, "decided_person": decider.person, "decided_digest": row.digest}
    with acting(service()):
        return Approval.objects.filter(pk=row.pk).update(**given)


def in_bulk(people: People, row: Approval, asker: User, decider: User) -> object:
    """Update many at once."""
    row.state, row.decided_by, row.decided_person, row.decided_digest = "approved", decider, decider.person, row.digest
    fields = ["state", "decided_by", "decided_person", "decided_digest"]
    with acting(service()):
        return Approval.objects.bulk_update([row], fields)


def edited(people: People, row: Approval, asker: User, decider: User) -> object:
    """Change what is asked for, after it was shown."""
    with acting(asker):
        return Approval.objects.filter(pk=row.pk).update(content={"clients": [people.foreign_id]})


def by_statement(people: People, row: Approval, asker: User, decider: User) -> object:
    """Approve by a statement of the application's role that nobody signed."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE core_approval SET state = 'approved' WHERE id = %s", [row.pk])
        return cursor.rowcount


def superuser_orm(people: People, row: Approval, asker: User, decider: User) -> object:
    """Update by the ORM over a connection of the database's superuser."""
    settings = {**connections.settings["default"], "USER": "postgres", "PASSWORD": "", "OPTIONS": {}}
    connections.settings["super"] = settings
    try:
        given = {**GIVEN, "decided_by": decider, "decided_person": decider.person, "decided_digest": row.digest}
        return Approval.objects.using("super").filter(pk=row.pk).update(**given)
    finally:
        connections["super"].close()
        del connections["super"], connections.settings["super"]


def superuser_sql(people: People, row: Approval, asker: User, decider: User) -> object:
    """Approve by a statement of the database's superuser."""
    with connect("postgres") as other:
        return other.execute("UPDATE core_approval SET state = 'approved' WHERE id = %s", [row.pk]).rowcount


ATTEMPTS: list[Attempt] = [
    *(own, twin, robot, forged_digest, saved, updated, in_bulk, edited, by_statement, superuser_orm, superuser_sql)
]


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda one: one.__name__)
def test_nobody_goes_round_the_second_person(committed: People, attempt: Attempt) -> None:
    for kind in KINDS:
        row, asker, decider = asked(committed, kind)
        try:
            done = attempt(committed, row, asker, decider)
        except (Refused, DatabaseError, psycopg.Error, Approval.DoesNotExist):
            done = 0
        assert done == 0, kind
        with acting(committed.compliance):
            assert Approval.objects.get(pk=row.pk).state == "open", kind
            assert not AuditEvent.objects.filter(verb="approval:approve").exists(), kind
        with acting(service()):
            User.objects.filter(username="twin").update(username=f"twin-of-{row.pk}", email=f"{row.pk}@bank.example")


@pytest.mark.parametrize("kind", KINDS)
def test_decided_once_is_decided(committed: People, kind: str) -> None:
    row, _asker, decider = asked(committed, kind)
    answers: list[str] = []
    start = threading.Barrier(2)

    def decline() -> None:
        start.wait()
        try:
            with acting(decider):
                shown = bytes(row.digest).hex()
                approvals.decide(
                    user=decider, approval_id=row.pk, approve=False, digest=shown, note="", now=timezone.now()
                )
            answers.append("decided")
        except Conflict:
            answers.append("conflict")
        finally:
            connection.close()

    threads = [threading.Thread(target=decline) for _turn in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["conflict", "decided"]
    with pytest.raises(Conflict):
        decide(row, decider)
    with pytest.raises(DatabaseError), acting(decider):
        Approval.objects.filter(pk=row.pk).update(state="approved")
    with acting(committed.compliance):
        assert AuditEvent.objects.filter(verb="approval:decline", row_id=row.pk).count() == 1


@pytest.mark.parametrize("kind", KINDS)
def test_whoever_lost_the_role_had_asked_in_vain(committed: People, kind: str) -> None:
    row, asker, decider = asked(committed, kind)
    with acting(service()):
        User.objects.filter(pk=asker.pk).update(is_active=False)
    with pytest.raises(Refused) as refusal:
        decide(row, decider)
    assert refusal.value.code == "asker-gone"


def test_a_form_that_says_more_than_was_offered_is_refused(committed: People, sign_in: SignIn) -> None:
    row, _asker, decider = asked(committed, "parameter:change")
    browser = sign_in(decider)
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page, digest = reverse("approval", args=[row.pk]), bytes(row.digest).hex()
    good = {"act": "approve", "note": "", "digest": digest}
    for more in ({"id": "1"}, {"form-0-id": str(row.pk)}, {"approved_by": "compliance"}, {"_method": "PUT"}):
        assert browser.post(page, {**good, **more}).status_code == 400, more
    for bulk in ({"do": "approve", "row": str(row.pk)}, {"do": "decide", "scope": "all", "sure": "on"}):
        assert browser.post(reverse("approvals"), bulk).status_code in {400, 404, 422}, bulk
    with acting(committed.compliance):
        assert Approval.objects.get(pk=row.pk).state == "open"


def test_there_is_no_other_door(committed: People) -> None:
    doors = {pattern for pattern, callback in routes() if "approval" in pattern}
    assert {one for one in doors if one.startswith("api/")} == set()
    writes = {pattern for pattern, callback in routes() if "approval" in pattern and rules_of(callback).get("POST")}
    assert writes == {"approvals/", "approvals/<int:approval_id>/", "approvals/deputy/"} | {
        "approvals/deputy/<int:delegation_id>/end/"
    }
    assert not any(pattern.startswith("admin") or "impersonat" in pattern for pattern, _callback in routes())
    assert REGISTRY["approvals"].acts == ()
    assert Browser().get("/admin/").status_code == 404


@pytest.mark.parametrize("column", ["approved_by", "state", "decided_by_id", "approval_id"])
def test_no_bank_file_brings_a_decision(committed: People, column: str) -> None:
    row, _asker, _decider = asked(committed, "client:handover")
    head, *lines = CLIENTS.splitlines()
    run = send(committed, "clients", "\n".join([f"{head},{column}", *(f"{line},compliance" for line in lines)]))
    assert run.state == "refused"
    assert run.errors != []
    with acting(committed.compliance):
        assert Approval.objects.get(pk=row.pk).state == "open"
