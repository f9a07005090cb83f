"""A record through time: what it is, what it was on a day, and who changed it."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from clients.access import GRANTS, Permission
from clients.models import Household
from compliance import queries
from compliance.queries.grants import REACH, WORDS
from core.models import AuditEvent, Role
from core.walls import acting, service
from tests import factories
from tests.compliance.ledgers import connect
from tests.conftest import SignIn
from tests.people import People

SHIFT = "ALTER TABLE core_auditevent DISABLE TRIGGER USER", "ALTER TABLE core_auditevent ENABLE TRIGGER USER"


def test_it_is_what_it_was_at_the_end_of_the_day(committed: People) -> None:
    today = timezone.localdate()
    with acting(service()):
        row = Household.objects.create(reference="H-1", name="Before")
        Household.objects.filter(pk=row.pk).update(name="After")
        first, second = AuditEvent.objects.filter(table_name="clients_household", row_id=row.pk).order_by("id")
    with connect("postgres") as superuser:
        superuser.execute("SELECT steward_partition('2025-01-01')")
        superuser.execute(SHIFT[0])
        superuser.execute("UPDATE core_auditevent SET at = '2025-01-10 09:00+08' WHERE id = %s", [first.pk])
        superuser.execute("UPDATE core_auditevent SET at = '2025-01-12 09:00+08' WHERE id = %s", [second.pk])
        superuser.execute(SHIFT[1])
    known = {}
    with acting(committed.compliance):
        for day in (dt.date(2025, 1, 9), dt.date(2025, 1, 10), dt.date(2025, 1, 11), dt.date(2025, 1, 12), today):
            found = queries.history(table="clients_household", row_id=row.pk, on=day)
            known[day.day if day != today else 0] = dict(found.known).get("name") if found.stood else None
    assert known == {9: None, 10: "Before", 11: "Before", 12: "After", 0: "After"}


def test_what_was_removed_is_not_there(people: People) -> None:
    with acting(service()):
        row = Household.objects.create(reference="H-1", name="Gone")
        number = row.pk
        row.delete()
    with acting(people.compliance):
        found = queries.history(table="clients_household", row_id=number, on=timezone.localdate())
    assert (found.stood, found.known, len(found.versions)) == (False, [], 2)


def test_a_record_nobody_knows_is_none(people: People) -> None:
    with acting(people.compliance), pytest.raises(AuditEvent.DoesNotExist):
        queries.history(table="clients_household", row_id=999_999, on=timezone.localdate())


def test_the_page_asks_for_a_purpose_and_is_in_the_trail(people: People, sign_in: SignIn) -> None:
    browser = sign_in(people.compliance)
    client = factories.client(name="Canary Abroad")
    page = reverse("compliance:record", args=["clients_client", client.pk])
    assert "/purpose/" in browser.get(page)["Location"]
    factories.purpose(people.compliance, client)
    shown = browser.get(page).text
    assert "Canary Abroad" in shown
    assert "base currency" in shown.lower()
    assert browser.get(page, {"on": "1999-01-01"}).text.count("was not there yet") == 1
    assert browser.get(page, {"on": "soon"}).status_code == 422
    assert browser.get(page, {"day": "1999-01-01"}).status_code == 400
    with acting(people.compliance):
        assert AuditEvent.objects.filter(verb="history:read", client_id=client.pk).count() == 3
    assert sign_in(people.manager).get(page).status_code == 403


def test_the_page_of_grants_is_the_table_of_the_doors(people: People, sign_in: SignIn) -> None:
    assert set(WORDS) == set(Permission)
    rows = queries.grants()
    told = {(one.permission, role, words) for one in rows for role, words in one.reach if words}
    held = {
        (permission, role, str(REACH[scope]))
        for role, grants in GRANTS.items()
        if role != Role.SYSTEM
        for permission, scope in grants.items()
    }
    assert told == held
    for name in ("compliance", "administrator", "auditor"):
        assert "Ask for a handover" in sign_in(getattr(people, name)).get(reverse("compliance:grants")).text
    assert sign_in(people.manager).get(reverse("compliance:grants")).status_code == 403
