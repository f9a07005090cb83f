"""A month of the trail goes after its time, by two officers; the ledger still proves everything else."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import DatabaseError, connection
from django.urls import reverse
from django.utils import timezone

from compliance import operations
from compliance.ledger import kept
from compliance.ledger.reconciling import reconcile
from compliance.models import Leaf
from core import audit
from core.errors import Refused
from core.models import Approval, AuditEvent, AuditValue
from core.walls import acting, service
from tests import factories
from tests.compliance.ledgers import Ledger, connect, ledger, now
from tests.compliance.test_ledger_attacks import superuser
from tests.conftest import SignIn
from tests.people import People

OLD = dt.datetime(2014, 5, 20, 9, tzinfo=dt.UTC)
REASON = "Ten years are over and nothing holds it"
BACK_THEN = """
    UPDATE core_auditevent SET at = %(at)s, body = jsonb_set(body, '{at}', to_jsonb(%(text)s::text)),
        digest = sha256(convert_to(jsonb_set(body, '{at}', to_jsonb(%(text)s::text))::text, 'UTF8'))"""


@pytest.fixture
def book(committed: People, tmp_path: Path) -> Iterator[Ledger]:
    """Give a ledger that began in May 2014, with everything that was written so far, and went on today."""
    factories.note(factories.owned_by(committed.client_id), committed.manager, text="Spoke of the harbour")
    with superuser() as connection:
        connection.execute("SELECT steward_partition('2014-05-01')")
        connection.execute(BACK_THEN, {"at": OLD, "text": f"{OLD:%Y-%m-%dT%H:%M:%S.%fZ}"})
        for table in ("core_auditevent", "compliance_leaf", "compliance_tile", "compliance_checkpoint"):
            connection.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER steward_no_truncate")
    with ledger(tmp_path) as made:
        made.seal(OLD)
        made.anchor(OLD)
        made.grow(committed.manager)
        yield made


def retired(people: People) -> Approval:
    """Retire the oldest month, as two officers do."""
    with acting(people.compliance):
        row = operations.ask_retirement(user=people.compliance, reason=REASON, now=now())
    factories.approved(row, people.deputy)
    return row


def test_the_month_goes_and_the_ledger_proves_the_rest(committed: People, book: Ledger) -> None:
    assert book.findings() == []
    with acting(service()):
        old = list(AuditEvent.objects.filter(at=OLD).values_list("pk", flat=True))
        places = Leaf.objects.filter(event_id__in=old).count()
        assert places == len(old) > 30
        assert AuditValue.objects.filter(pk__in=old).exists()
    row = retired(committed)
    assert row.content == {"month": "2014-05", "events": len(old)}
    book.grow(committed.manager)
    assert book.findings() == []
    with acting(service()):
        assert not AuditEvent.objects.filter(pk__in=old).exists()
        assert not AuditValue.objects.filter(pk__in=old).exists()
        assert Leaf.objects.filter(event_id__in=old).count() == places
        event = AuditEvent.objects.get(verb="trail:retire")
        assert event.behalf == committed.deputy
        assert event.body["data"]["places"] == [[0, places]]
        assert event.body["data"]["rows"]["clients_client"] > 0
        assert list(reconcile(20)) == []
        assert kept.proof(event_id=event.pk).text


def test_a_row_that_comes_without_the_trail_afterwards_is_still_found(committed: People, book: Ledger) -> None:
    retired(committed)
    with superuser() as connection:
        connection.execute("ALTER TABLE core_team DISABLE TRIGGER USER")
        connection.execute("INSERT INTO core_team (name) VALUES ('Ghosts')")
        connection.execute("ALTER TABLE core_team ENABLE TRIGGER USER")
    with acting(service()):
        assert any("core_team" in finding and "was added" in finding for finding in reconcile(20))


def test_what_is_taken_without_being_retired_is_found(committed: People, book: Ledger) -> None:
    retired(committed)
    size = book.grow(committed.manager)
    with superuser() as connection:
        connection.execute("DELETE FROM core_auditevent WHERE verb = 'test:act'")
    assert any("is not the one that was sealed" in finding for finding in book.findings())
    assert size


def test_a_young_month_is_not_believed_to_be_retired(committed: People, book: Ledger) -> None:
    """Whoever forges an event that retires young ones is found, though the event itself was sealed."""
    with superuser() as connection:
        connection.execute(
            "INSERT INTO core_auditevent (verb, table_name, body, digest) SELECT verb, table_name, body,"
            " sha256(convert_to(body::text, 'UTF8')) FROM (SELECT 'trail:retire' AS verb, table_name, body ||"
            ' \'{"verb": "trail:retire", "data": {"places": [[0, 100000]]}}\' AS body'
            " FROM core_auditevent WHERE verb = 'test:act' ORDER BY id DESC LIMIT 1) forged"
        )
    book.grow(committed.manager)
    with superuser() as connection:
        connection.execute("DELETE FROM core_auditevent WHERE verb = 'test:act'")
    assert any("is not the one that was sealed" in finding for finding in book.findings())


def test_a_month_that_is_not_sealed_stays(committed: People, book: Ledger) -> None:
    with superuser() as connection:
        connection.execute(
            "INSERT INTO core_auditevent (at, verb, table_name, body, digest) SELECT at, verb, table_name, body, digest"
            " FROM core_auditevent WHERE at = %s LIMIT 1",
            [OLD],
        )
    with pytest.raises(Refused) as refusal:
        retired(committed)
    assert refusal.value.code == "retire-unsealed"


def test_without_a_month_old_enough_nothing_is_asked(people: People, sign_in: SignIn) -> None:
    with acting(people.compliance), pytest.raises(Refused) as refusal:
        operations.ask_retirement(user=people.compliance, reason=REASON, now=timezone.now())
    assert refusal.value.code == "retire-young"
    browser, page = sign_in(people.compliance), reverse("compliance:retire")
    assert "kept long enough" in browser.get(page).text
    assert browser.post(page, {"reason": REASON}).status_code == 422


def test_no_other_door_retires_or_says_so(committed: People, book: Ledger) -> None:
    for statement in ("SELECT steward_retire('2014-05-01')", "SELECT steward_retire(date_trunc('month', now())::date)"):
        with pytest.raises(DatabaseError), acting(service()), connection.cursor() as cursor:
            cursor.execute(statement)
        with connect("postgres") as superuser_, pytest.raises(psycopg.Error):
            superuser_.execute(statement)
    for verb, data in (("trail:retire", {"places": [[0, 9]]}), ("ledger:restore", {"kept": 1, "root": "", "lost": 9})):
        with pytest.raises(DatabaseError), acting(committed.compliance):
            audit.record(verb, data=data)


def test_it_is_asked_on_a_page(committed: People, book: Ledger, sign_in: SignIn) -> None:
    browser = sign_in(committed.compliance)
    assert reverse("compliance:retire") in browser.get(reverse("compliance:ledger")).text
    asked = browser.post(reverse("compliance:retire"), {"reason": REASON}, follow=True)
    assert "2014-05" in asked.text
