"""What a person is changes by two persons; nobody gives a role, oneself included, by any other door."""

import os
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError
from django.urls import reverse
from django.utils import timezone

from core import approvals
from core.approvals import staff
from core.errors import Refused
from core.models import Approval, AuditEvent, Role, User
from core.walls import acting, service
from tests import factories
from tests.conftest import SignIn
from tests.people import PASSWORD, People


def ask(people: People, **given: Any) -> Approval:
    """Ask that the colleague becomes an auditor."""
    told = {"user_id": people.colleague.pk, "role": "auditor", "team_id": None, "reason": "Moves to audit", **given}
    with acting(people.administrator):
        return staff.ask_role(user=people.administrator, now=timezone.now(), **told)


def role_of(person: User) -> str:
    """Return the role as the database has it."""
    with acting(service()):
        return User.objects.get(pk=person.pk).role


def test_another_person_gives_the_role(people: People) -> None:
    factories.given_role(people, people.colleague, Role.AUDITOR)
    assert (people.colleague.role, people.colleague.team) == ("auditor", None)
    with acting(people.administrator):
        event = AuditEvent.objects.get(verb="staff:role")
    assert event.behalf == people.compliance
    assert event.body["data"] == {"from": "manager", "to": "auditor"}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"role": "system"}, "role-unknown"),
        ({"role": "king"}, "role-unknown"),
        ({"role": "lead"}, "role-team"),
        ({"team_id": 1}, "role-team"),
    ],
)
def test_what_cannot_be_is_refused(people: People, given: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refusal:
        ask(people, **given)
    assert refusal.value.code == code


def test_nobody_asks_for_oneself_or_without_a_change(people: People) -> None:
    with pytest.raises(User.DoesNotExist):
        ask(people, user_id=people.administrator.pk)
    with pytest.raises(Refused):
        ask(people, role="manager", team_id=people.colleague.team_id)


def test_the_administrator_does_not_decide_the_own_request(people: People) -> None:
    row = ask(people)
    with pytest.raises(Refused) as refusal:
        factories.approved(row, people.administrator)
    assert refusal.value.code == "own-request"
    assert role_of(people.colleague) == "manager"


def test_the_administrator_sees_no_request_about_clients(people: People) -> None:
    factories.approval(people.manager, factories.owned_by(people.client_id), people.colleague)
    row = ask(people)
    with acting(people.administrator):
        assert list(Approval.objects.all()) == [row]
        assert list(approvals.approvals(user=people.administrator)) == [row]


@pytest.mark.parametrize("who", ["administrator", "compliance", "service"])
def test_no_statement_gives_a_role(committed: People, who: str) -> None:
    ask(committed)
    actor = service() if who == "service" else getattr(committed, who)
    try:
        with acting(actor):
            done = User.objects.filter(pk=committed.colleague.pk).update(role="compliance", team=None)
    except DatabaseError:
        done = 0
    assert done == 0
    assert role_of(committed.colleague) == "manager"


def test_the_superuser_gives_none_either(committed: People) -> None:
    row = ask(committed)
    with (
        psycopg.connect(os.environ["SUPERUSER_URL"], dbname=os.environ["TEST_DATABASE"]) as other,
        pytest.raises(psycopg.Error, match="approved request"),
    ):
        other.execute("UPDATE core_user SET role = 'auditor', team_id = NULL WHERE id = %s", [committed.colleague.pk])
    assert row.state == "open"


def test_a_request_asked_before_another_change_fits_no_more(people: People) -> None:
    row = ask(people)
    factories.given_role(people, people.colleague, Role.OPERATIONS)
    with pytest.raises(Refused) as refusal:
        factories.approved(row, people.compliance)
    assert refusal.value.code == "role-stale"


def test_it_is_asked_on_a_page_and_decided_on_another(people: People, sign_in: SignIn) -> None:
    office, officer = sign_in(people.administrator), sign_in(people.compliance)
    address = reverse("staff_role", args=[people.colleague.pk])
    form = {"role": "auditor", "team": "", "reason": "Moves to audit"}
    assert office.post(address, {**form, "role": "lead"}).status_code == 422
    asked = office.post(address, form, follow=True)
    page = asked.redirect_chain[-1][0]
    officer.post("/accounts/reauthenticate/", {"password": PASSWORD})
    digest = officer.get(page).content.decode().split('name="digest" value="')[1][:64]
    assert officer.post(page, {"act": "approve", "digest": digest, "note": ""}, follow=True).status_code == 200
    assert role_of(people.colleague) == "auditor"
    assert office.get(reverse("staff_role", args=[people.administrator.pk])).status_code == 404


def test_the_administrator_makes_no_account_with_a_role(committed: People) -> None:
    with pytest.raises(DatabaseError, match="row-level security"), acting(committed.administrator):
        User.objects.create(username="ghost", email="ghost@bank.example", name="Ghost", role="compliance")


def test_nobody_decides_about_the_own_role(committed: People) -> None:
    row = ask(committed, user_id=committed.compliance.pk, role="administrator")
    with pytest.raises(Refused) as refusal:
        factories.approved(row, committed.compliance)
    assert refusal.value.code == "own-role"
    assert role_of(committed.compliance) == "compliance"
    with pytest.raises(DatabaseError, match="approved request"), acting(committed.compliance):
        Approval.objects.filter(pk=row.pk).update(
            state="approved", decided_by=committed.compliance, decided_digest=row.digest
        )
        with acting(service()):
            User.objects.filter(pk=committed.compliance.pk).update(role="administrator")
    assert role_of(committed.compliance) == "compliance"
