"""A relationship ends by four eyes; years later everything known of the client goes, and the ledger still verifies."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from clients.models import Client
from clients.operations.intake import upsert_clients
from clients.rules.intake import ClientRow, LinesRefused
from compliance import operations, queries
from compliance.ledger import kept
from compliance.ledger.fingerprint import sign
from compliance.models import Hold
from core import approvals
from core.errors import Refused
from core.models import Approval, AuditEvent, AuditValue, Parameter, User, WebhookCall
from core.walls import acting, service
from tests import factories
from tests.compliance.ledgers import Ledger, connect, ledger, now
from tests.compliance.test_ledger_rows import found
from tests.conftest import SignIn
from tests.people import PASSWORD, People

CANARY = "Zhēnzhū Canary"
WHY = "The client asked for it in writing"
ENDED = dt.date(2012, 2, 29)


def decide(row: Approval, by: User, *, approve: bool = True) -> Approval:
    """Decide as somebody who saw the page."""
    with acting(by):
        digest = bytes(row.digest).hex()
        return approvals.decide(
            user=by, approval_id=row.pk, approve=approve, digest=digest, note="", now=timezone.now()
        )


def ask_closing(people: People, by: User | None = None, client_id: int | None = None) -> Approval:
    asker = by or people.manager
    with acting(asker):
        return operations.ask_closing(
            user=asker, client_id=client_id or people.client_id, reason=WHY, now=timezone.now()
        )


def ask_erasure(people: People, client_id: int, by: User | None = None) -> Approval:
    asker = by or people.compliance
    with acting(asker):
        return operations.ask_erasure(user=asker, client_id=client_id, reason=WHY, now=timezone.now())


def ended(people: People, **given: Any) -> Client:
    """Return a client whose relationship ended long ago, with compliance looking for a purpose."""
    row = factories.client(**{"name": CANARY, "status": "closed", "closed_on": ENDED, **given})
    for officer in (people.compliance, people.deputy):
        factories.purpose(officer, row)
    return row


# --- the end of a relationship ----------------------------------------------------------------------------------------


def test_a_relationship_ends_by_two_people(committed: People) -> None:
    row = ask_closing(committed)
    with pytest.raises(Refused, match="own"):
        decide(row, committed.manager)
    decide(row, committed.lead)
    with acting(service()):
        client = Client.objects.get(pk=committed.client_id)
        told = list(AuditEvent.objects.filter(client_id=client.pk, verb="client:close"))
    assert (client.status, client.closed_on) == ("closed", timezone.localdate())
    assert [(event.actor.role, event.behalf_id) for event in told if event.actor] == [("system", committed.lead.pk)]
    with pytest.raises(Refused, match="ended already"):
        ask_closing(committed)


OPEN: dict[str, Callable[[People, Client], object]] = {
    "deposits": lambda _people, own: factories.deposit(own),
    "holdings": lambda _people, own: factories.holding(own),
    "money": lambda _people, own: factories.transaction(factories.account(own), balance="10.00"),
    "reviews": lambda _people, own: factories.review(own),
    "tasks": lambda people, own: factories.task(own, people.manager),
    "a hold": lambda people, own: factories.hold(own, people.compliance),
}


@pytest.mark.parametrize("what", OPEN)
def test_it_does_not_end_while_something_stands_open(people: People, what: str) -> None:
    OPEN[what](people, factories.owned_by(people.client_id))
    with pytest.raises(Refused, match=what):
        ask_closing(people)


@pytest.mark.parametrize("what", OPEN)
def test_what_was_opened_since_it_was_asked_stops_it(people: People, what: str) -> None:
    row = ask_closing(people)
    OPEN[what](people, factories.owned_by(people.client_id))
    with pytest.raises(Refused, match=what):
        decide(row, people.lead)


def test_a_legal_hold_stops_no_closing_and_is_nobody_s_to_know(people: People) -> None:
    factories.hold(factories.owned_by(people.client_id), people.compliance, kind="legal")
    with acting(people.compliance):
        placed = operations.place_hold(
            user=people.compliance, client_id=people.foreign_id, reason=WHY, kind="legal", now=timezone.now()
        )
        operations.lift_hold(user=people.compliance, hold_id=placed.pk, reason=WHY, now=timezone.now())
        told = AuditEvent.objects.filter(table_name="compliance_hold", verb__contains=":", row_id=placed.pk)
        assert set(told.values_list("verb", flat=True)) == {"legal:place", "legal:lift", "row:insert", "row:update"}
    with acting(people.manager):
        assert not Hold.objects.exists()
        assert not queries.on_hold(people.client_id)
    decide(ask_closing(people), people.lead)


@pytest.mark.parametrize("by", ["stranger", "colleague", "other_lead", "compliance", "operations", "administrator"])
def test_only_who_covers_or_leads_asks(people: People, by: str) -> None:
    with pytest.raises(Client.DoesNotExist):
        ask_closing(people, by=getattr(people, by))


def test_no_statement_ends_it(committed: People) -> None:
    for actor in (committed.manager, service()):
        with acting(actor), pytest.raises(DatabaseError, match="approved request"), transaction.atomic():
            Client.objects.filter(pk=committed.client_id).update(status="closed", closed_on=ENDED)
    with connect("postgres") as held, pytest.raises(Exception, match="approved request"):
        held.execute("UPDATE clients_client SET status = 'closed', closed_on = current_date")


def test_a_file_neither_ends_it_nor_begins_it_again(people: People) -> None:
    own, gone = factories.owned_by(people.client_id), factories.client(status="closed", closed_on=ENDED)
    for client, status in ((own, "closed"), (gone, "active")):
        line = ClientRow(client.reference, "person", client.name, status=status, line=2)
        with acting(service()), pytest.raises(LinesRefused) as refused:
            upsert_clients(rows=[line], now=timezone.now())
        assert [(error.line, error.field, error.code) for error in refused.value.errors] == [(2, "status", "closing")]


@pytest.fixture
def book(committed: People, tmp_path: Path) -> Iterator[Ledger]:
    """Give a ledger whose guards are signed."""
    with ledger(tmp_path) as made:
        with connect("steward_sealer") as connection:
            sign(connection, made.log, now=now())
        yield made


# --- erasure ----------------------------------------------------------------------------------------------------------


def fill(people: People, gone: Client) -> None:
    """Put the canary into every personal column of every table, and into a file."""
    home = factories.household(name=f"House of {CANARY}")
    gone.household, gone.alias, gone.preferences, gone.avoid = home, CANARY, CANARY, CANARY
    factories.save(gone)
    factories.contact_point(gone, f"{CANARY}@mail.example", hint=CANARY)
    factories.document(gone, CANARY, hint=CANARY)
    factories.note(gone, people.manager, text=CANARY, people=CANARY, about=CANARY)
    factories.task(gone, people.manager, text=CANARY)
    factories.opening(people.compliance, gone, people.colleague, reason=f"Urgent matter of {CANARY}")
    account = factories.account(gone, number=CANARY)
    factories.transaction(account, counterparty=CANARY, text=CANARY)
    factories.deposit(gone, account=account)
    factories.holding(gone)
    factories.break_of(gone, people.operations, note=CANARY)
    factories.review(gone, note=CANARY)
    statement = factories.statement(gone, snapshot={"name": CANARY})
    name = default_storage.save("statements/canary.pdf", ContentFile(CANARY.encode()))
    type(statement).objects.filter(pk=statement.pk)
    with acting(service()):
        type(statement).objects.filter(pk=statement.pk).update(pdf_name=name)
    factories.delivery(statement, hint=CANARY)
    factories.saved_view(people.manager, name=CANARY, query=[["q", CANARY]])
    factories.export(people.manager, query=[["q", CANARY]])
    factories.feed_run(people.operations, preview=[{"name": CANARY}], errors=[{"message": CANARY}])
    held = factories.hold(gone, people.compliance, reason=CANARY)
    with acting(people.compliance):
        operations.lift_hold(user=people.compliance, hold_id=held.pk, reason=CANARY, now=timezone.now())


def places(words: str) -> list[str]:
    """Return the tables in which ``words`` stand anywhere, as the superuser sees them."""
    with connect("postgres") as held:
        tables = held.execute(
            "SELECT c.oid::regclass::text FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        ).fetchall()
        return [
            table
            for (table,) in tables
            if held.execute(f"SELECT EXISTS (SELECT FROM {table} t WHERE strpos(t::text, %s) > 0)", [words]).fetchone()
            == (True,)
        ]


def test_everything_goes_and_the_ledger_verifies(committed: People, book: Ledger) -> None:
    gone = ended(committed)
    fill(committed, gone)
    book.seal()
    assert len(places(CANARY)) > 15
    with acting(service()):
        events = AuditEvent.objects.filter(client_id=gone.pk).count()
        others = AuditValue.objects.filter(client_id=committed.client_id).count()

    factories.webhook(committed.administrator, events=["approval:approve", "client:erase"])
    row = ask_erasure(committed, gone.pk)
    with pytest.raises(Refused, match="own"):
        decide(row, committed.compliance)
    decide(row, committed.deputy)

    with acting(service()):
        told = WebhookCall.objects.filter(client_id=gone.pk).order_by("id").values_list("verb", flat=True)
        assert list(told) == ["approval:approve", "client:erase"]
    assert places(CANARY) == []
    assert not default_storage.exists("statements/canary.pdf")
    with acting(service()):
        assert not Client.objects.filter(pk=gone.pk).exists()
        assert AuditEvent.objects.filter(client_id=gone.pk).count() > events
        assert not AuditValue.objects.filter(client_id=gone.pk).exists()
        assert AuditValue.objects.filter(client_id=committed.client_id).count() == others
    book.seal()
    assert found() == []
    with acting(service()):
        assert kept.unsigned() == []


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "while it lives": ({"status": "active", "closed_on": None}, "lives"),
    "too early": ({"closed_on": timezone.localdate() - dt.timedelta(days=3650)}, "must be kept until"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_it_is_not_erased(people: People, why: str) -> None:
    given, words = REFUSED[why]
    with pytest.raises(Refused, match=words):
        ask_erasure(people, ended(people, **given).pk)


@pytest.mark.parametrize("kind", ["stop", "legal"])
def test_a_hold_wins_even_after_it_was_asked(people: People, kind: str) -> None:
    gone = ended(people)
    row = ask_erasure(people, gone.pk)
    factories.hold(gone, people.compliance, kind=kind)
    with pytest.raises(Refused, match="hold"):
        decide(row, people.deputy)
    with pytest.raises(Refused, match="hold"):
        ask_erasure(people, gone.pk)


def test_it_is_kept_ten_years_to_the_day(people: People) -> None:
    with acting(people.compliance):
        assert queries.kept_until(ended(people), timezone.localdate()) == dt.date(2022, 2, 28)


def test_without_a_rule_nothing_is_erased(committed: People) -> None:
    gone = ended(committed)
    row = ask_erasure(committed, gone.pk)
    with connect("postgres") as owner:
        owner.execute("SET ROLE steward_owner")
        owner.execute("UPDATE core_parameter SET valid_to = '2020-01-01' WHERE key = 'retention.client_years'")
    with pytest.raises(Parameter.DoesNotExist):
        decide(row, committed.deputy)


@pytest.mark.parametrize("by", ["manager", "lead", "operations", "administrator", "auditor"])
def test_only_compliance_asks(people: People, by: str) -> None:
    gone = ended(people)
    factories.coverage(gone, people.manager)
    with pytest.raises(Client.DoesNotExist):
        ask_erasure(people, gone.pk, by=getattr(people, by))


@pytest.mark.parametrize("call", ["steward_erase(%(gone)s, '2199-01-01')", "steward_forget(%(gone)s, 'x', NULL)"])
def test_no_call_erases_without_the_second_person(committed: People, call: str) -> None:
    gone = ended(committed)
    ask_erasure(committed, gone.pk)
    for actor in (committed.compliance, committed.deputy, service()):
        with acting(actor), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SELECT {call}", {"gone": gone.pk})
    with connect("postgres") as held, pytest.raises(Exception, match=r"erased|approved request"):
        held.execute(f"SELECT {call}", {"gone": gone.pk})


def test_an_approved_request_serves_once(committed: People) -> None:
    gone, other = ended(committed), ended(committed)
    decide(ask_erasure(committed, gone.pk), committed.deputy)
    with acting(committed.deputy), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT steward_erase(%s, current_date)", [other.pk])


def test_it_is_asked_and_decided_on_pages(committed: People, sign_in: SignIn) -> None:
    gone = ended(committed)
    asker, other = sign_in(committed.compliance), sign_in(committed.deputy)
    panel = asker.get(reverse("compliance:client_panel", args=[gone.pk]))
    address = reverse("compliance:erase_client", args=[gone.pk])
    assert address in panel.content.decode()
    assert "goes for good" in asker.get(address).content.decode()
    assert asker.post(address, {"reason": "short"}).status_code == 422
    asked = asker.post(address, {"reason": WHY}, follow=True)
    place = asked.redirect_chain[-1][0]
    other.post("/accounts/reauthenticate/", {"password": PASSWORD})
    shown = other.get(place).content.decode()
    digest = shown.split('name="digest" value="')[1][:64]
    assert CANARY in shown
    done = other.post(place, {"act": "approve", "digest": digest, "note": ""}, follow=True)
    assert done.status_code == 200
    assert gone.reference in done.content.decode()
    assert CANARY not in done.content.decode()
    assert asker.get(reverse("clients:page", args=[gone.pk])).status_code == 404


def test_closing_is_asked_on_a_page_that_says_what_stands_open(people: People, sign_in: SignIn) -> None:
    desk = sign_in(people.manager)
    address = reverse("compliance:close_client", args=[people.client_id])
    assert address in desk.get(reverse("compliance:client_panel", args=[people.client_id])).content.decode()
    factories.task(factories.owned_by(people.client_id), people.manager)
    refused = desk.get(address).content.decode()
    assert "tasks" in refused
    assert 'name="reason"' not in refused
    assert desk.post(address, {"reason": WHY}).status_code == 422
    assert desk.get(reverse("compliance:close_client", args=[people.foreign_id])).status_code == 404
