"""Every change of a captured row is one event, by whatever way it came; the application cannot silence that."""

from collections.abc import Callable
from contextlib import nullcontext
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from clients.models import Client, Household, Opening
from compliance import operations
from core import approvals, audit
from core.approvals import deputies
from core.models import AuditEvent, AuditValue, Team, User
from core.walls import acting, service
from portfolios.models import AccountParty
from tests import factories
from tests.people import People, user


class Case(NamedTuple):
    """How to make a row, and a column with another value."""

    make: Callable[[People], models.Model]
    column: str
    value: Any


def own(people: People) -> Client:
    """Return the client that the manager covers."""
    with acting(service()):
        return Client.objects.get(pk=people.client_id)


def party(people: People) -> AccountParty:
    """Let the client operate an account."""
    owner = own(people)
    return factories.save(AccountParty(account=factories.account(owner), client=owner, capacity="owner"))


def reason(people: People) -> models.Model:
    """Return the reason of a hold."""
    placed = factories.hold(own(people), people.compliance)
    with acting(people.compliance):
        return placed.reasons.get()


def bare_hold(people: People) -> models.Model:
    """Place a hold without a reason, so that it can be removed."""
    with acting(people.compliance):
        return apps.get_model("compliance", "Hold").objects.create(
            client_id=people.client_id, placed_by=people.compliance, placed_at=factories.NOW
        )


LATER = factories.NOW.replace(year=2027)
CASES: dict[str, Case] = {
    "core_team": Case(lambda _: factories.save(Team(name="North desk")), "name", "South desk"),
    "core_user": Case(lambda _: user("newcomer"), "name", "Somebody Else"),
    "core_savedview": Case(lambda p: factories.saved_view(p.manager), "name", "Another"),
    "core_export": Case(lambda p: factories.export(p.manager), "state", "cancelled"),
    "core_token": Case(lambda p: factories.token(p.manager, pk=99)[0], "revoked_at", LATER),
    "core_holiday": Case(lambda _: factories.holiday(), "name", "Another"),
    "core_webhook": Case(lambda p: factories.webhook(p.administrator, pk=99)[0], "name", "Another"),
    "clients_household": Case(lambda _: factories.household(), "name", "Another"),
    "clients_client": Case(lambda _: unseen_client(), "name", "Another"),
    "clients_coverage": Case(
        lambda p: factories.coverage(own(p), p.colleague, kind="backup"),
        "valid",
        DateTimeTZRange(factories.LONG_AGO, LATER),
    ),
    "clients_contactpoint": Case(lambda p: factories.contact_point(own(p)), "hint", "…"),
    "clients_identitydocument": Case(lambda p: factories.document(own(p)), "country", "SG"),
    "clients_contactnote": Case(lambda p: factories.note(own(p), p.manager), "text", "other words"),
    "clients_task": Case(lambda p: factories.task(own(p), p.manager), "text", "other words"),
    "portfolios_institution": Case(lambda _: factories.institution(), "name", "Another Bank"),
    "portfolios_instrument": Case(lambda _: factories.instrument(), "name", "Another Fund"),
    "portfolios_price": Case(lambda _: factories.price(factories.instrument()), "source", "other"),
    "portfolios_corporateaction": Case(lambda _: factories.action(factories.instrument()), "source", "other"),
    "portfolios_listedrate": Case(lambda _: factories.listed_rate(), "source", "other"),
    "portfolios_fxrate": Case(lambda _: factories.fx_rate(), "source", "other"),
    "portfolios_account": Case(lambda p: factories.account(own(p)), "number", "1"),
    "portfolios_accountparty": Case(party, "capacity", "joint"),
    "portfolios_deposit": Case(lambda p: factories.deposit(own(p)), "instruction", "all"),
    "portfolios_maturity": Case(lambda p: factories.maturity(factories.deposit(own(p))), "due_on", factories.TODAY),
    "portfolios_rateexception": Case(
        lambda p: factories.rate_exception(factories.maturity(factories.deposit(own(p))), p.manager),
        "granted_at",
        LATER,
    ),
    "portfolios_holding": Case(lambda p: factories.holding(own(p)), "quantity", 7),
    "portfolios_depositchange": Case(
        lambda p: factories.change(factories.deposit(own(p)), Decimal(-5)), "amount", Decimal(-6)
    ),
    "portfolios_lot": Case(lambda p: factories.lot(factories.holding(own(p))), "quantity", 7),
    "portfolios_transaction": Case(lambda p: factories.transaction(factories.account(own(p))), "text", "other"),
    "portfolios_feedmapping": Case(lambda p: factories.mapping(p.operations), "text", "other"),
    "portfolios_feedrun": Case(lambda p: factories.feed_run(p.operations), "state", "applied"),
    "portfolios_break": Case(lambda p: factories.break_of(own(p), p.operations), "note", "Booked late"),
    "compliance_hold": Case(bare_hold, "placed_at", LATER),
    "compliance_holdreason": Case(reason, "text", "other"),
    "reviews_review": Case(lambda p: factories.review(own(p)), "due_on", factories.TODAY.replace(year=2027)),
    "reports_statement": Case(lambda p: factories.statement(own(p)), "pdf_name", "x.pdf"),
    "reports_delivery": Case(lambda p: factories.delivery(factories.statement(own(p))), "reason", "x"),
}


KEPT = {"core_approval", "core_delegation", "core_parameter", "clients_opening", "compliance_audit"}
"""Rows that nobody deletes."""


def unseen_client() -> Client:
    """Create a client without search keys, so that it can be removed."""
    return factories.save(Client(reference="C-new", kind="person", name="New", sort_name="new"))


def captured() -> set[str]:
    """Return the tables that PostgreSQL captures."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'steward_capture_insert'")
        return {row[0] for row in cursor.fetchall()}


def events(table: str) -> list[tuple[str, int | None]]:
    """Return (verb, row) of every event of a table, oldest first."""
    with acting(service()):
        return list(AuditEvent.objects.filter(table_name=table).order_by("id").values_list("verb", "row_id"))


@pytest.mark.django_db
def test_every_captured_table_has_a_case() -> None:
    assert captured() == set(CASES) | KEPT


def test_a_request_leaves_one_event_when_asked_and_one_when_decided(people: People) -> None:
    row = factories.approval(people.manager, own(people), people.colleague)
    with acting(people.manager):
        approvals.withdraw(user=people.manager, approval_id=row.pk)
    assert events("core_approval") == [("row:insert", row.pk), ("row:update", row.pk), ("approval:withdraw", row.pk)]


def test_a_figure_leaves_one_event_when_it_is_added(people: People) -> None:
    row = factories.parameter(people)
    assert events("core_parameter")[-2:] == [("row:insert", row.pk), ("parameter:change", row.pk)]


def test_a_delegation_leaves_one_event_when_given_and_one_when_ended(people: People) -> None:
    row = factories.delegation(people.lead, people.other_lead)
    with acting(people.lead):
        deputies.end(user=people.lead, delegation_id=row.pk, now=timezone.now())
    told = [
        ("row:insert", row.pk),
        ("approval:delegate", row.pk),
        ("row:update", row.pk),
        ("approval:undelegate", row.pk),
    ]
    assert events("core_delegation") == told


def test_an_opening_leaves_one_event_when_made_when_ended_and_when_reviewed(people: People) -> None:
    second = user("second", "compliance")
    row = factories.opening(people.compliance, own(people), people.colleague)
    with acting(people.compliance):
        Opening.objects.filter(pk=row.pk).update(valid=DateTimeTZRange(row.valid.lower, timezone.now()))
    with acting(second):
        given = {"reviewed_by": second, "reviewed_at": timezone.now(), "finding": "All was well"}
        Opening.objects.filter(pk=row.pk).update(**given)
    told = [event for event in events("clients_opening") if event[1] == row.pk]
    assert told == [("row:insert", row.pk), ("row:update", row.pk), ("row:update", row.pk)]


def test_an_audit_leaves_one_event_when_drawn_and_one_when_ended(people: People) -> None:
    row = factories.drawn(people)
    with acting(people.compliance):
        operations.end_audit(user=people.compliance, audit_id=row.pk, now=timezone.now())
    told = [("row:insert", row.pk), ("audit:draw", row.pk), ("row:update", row.pk), ("audit:end", row.pk)]
    assert events("compliance_audit") == told


@pytest.mark.parametrize("table", CASES)
def test_each_way_of_writing_leaves_one_event_for_each_row(people: People, table: str) -> None:
    case = CASES[table]
    row = case.make(people)
    model: Any = type(row)
    assert events(table)[-1] == ("row:insert", row.pk)
    before = len(events(table))
    writer = people.compliance if table.startswith("compliance") else getattr(row, "user", service())
    with acting(writer):
        assert model.objects.filter(pk=row.pk).update(**{case.column: case.value}) == 1
        assert model.objects.filter(pk=row.pk).update(**{case.column: case.value}) == 1  # changes nothing, says nothing
        model.objects.filter(pk=row.pk).delete()
        model.objects.bulk_create([row])
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET {case.column} = %s WHERE id = %s", [case.value, row.pk])
            cursor.execute(f"DELETE FROM {table} WHERE id = %s", [row.pk])
    verbs = ["row:update", "row:delete", "row:insert", "row:update", "row:delete"]
    assert events(table)[before:] == [(verb, row.pk) for verb in verbs]


def test_a_statement_over_many_rows_leaves_one_event_for_each_row_that_changed(people: People) -> None:
    with acting(service()), connection.cursor() as cursor:
        Household.objects.bulk_create(Household(reference=f"H{number}", name="House") for number in range(3))
        before = len(events("clients_household"))
        cursor.execute(
            "INSERT INTO clients_household (reference, name) VALUES ('H0', 'Court'), ('H1', 'House'), ('H9', 'Nine')"
            " ON CONFLICT (reference) DO UPDATE SET name = excluded.name"
        )
        rows = dict(Household.objects.values_list("reference", "pk"))
    told = events("clients_household")[before:]
    assert sorted(told) == sorted([("row:insert", rows["H9"]), ("row:update", rows["H0"])])


def test_an_update_hides_both_sides_of_a_personal_value(people: People) -> None:
    with acting(service()):
        Household.objects.bulk_create([Household(reference="H0", name="Before")])
        Household.objects.update(name="After")
        event = AuditEvent.objects.get(verb="row:update", table_name="clients_household", body__data__has_key="name")
        secrets = AuditValue.objects.get(event_id=event.pk).secrets
    assert [list(side) for side in event.body["data"]["name"]] == [["sha256"], ["sha256"]]
    assert {path: value for path, (_salt, value) in secrets.items()} == {"name.0": "Before", "name.1": "After"}


def test_an_id_does_not_change(people: People) -> None:
    with pytest.raises(DatabaseError, match="an id does not change"), acting(service()), connection.cursor() as cursor:
        Household.objects.create(reference="H0", name="House")
        cursor.execute("UPDATE clients_household SET id = id + 1000")


def test_an_event_names_who_for_whom_and_on_which_request(people: People) -> None:
    with acting(service(), behalf=people.manager):
        Household.objects.create(reference="HX", name="House")
    with acting(service()):
        event = AuditEvent.objects.get(table_name="clients_household", verb="row:insert")
        assert event.actor == service()
        assert event.behalf == people.manager


def test_a_personal_value_is_a_salted_commitment_in_the_event(people: People) -> None:
    with acting(service()):
        event = AuditEvent.objects.get(verb="row:insert", table_name="clients_client", client_id=people.client_id)
        salt, value = AuditValue.objects.get(event_id=event.pk).secrets["name"]
    assert "Li Wen" not in str(event.body)
    assert value == "Li Wen"
    with connection.cursor() as cursor:
        cursor.execute("SELECT encode(sha256(%s || convert_to(%s, 'UTF8')), 'hex')", [bytes.fromhex(salt), value])
        assert cursor.fetchone()[0] == event.body["data"]["name"]["sha256"]


def test_the_digest_is_of_the_body_as_stored(people: People) -> None:
    with acting(service()), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE digest = sha256(convert_to(body::text, 'UTF8')))"
            " FROM core_auditevent"
        )
        everything, good = cursor.fetchone()
    assert everything == good > 0


def test_the_application_says_verbs_of_the_business_only(people: People) -> None:
    for verb in ("row:insert", "Row:insert", "client", "client:read; drop", ""):
        with pytest.raises(DatabaseError, match="not a verb"), acting(people.manager):
            audit.record(verb)


def test_what_a_rolled_back_change_said_is_not_in_the_trail(people: People) -> None:
    before = len(events("clients_household"))
    with pytest.raises(ZeroDivisionError), acting(service()):
        Household.objects.create(reference="HX", name="House")
        raise ZeroDivisionError
    assert len(events("clients_household")) == before


ATTACKS = {
    "change an event": "UPDATE core_auditevent SET verb = 'x'",
    "change an event's partition": "UPDATE core_auditevent_rest SET verb = 'x'",
    "remove an event": "DELETE FROM core_auditevent",
    "remove from the partition": "DELETE FROM core_auditevent_rest",
    "empty the trail": "TRUNCATE core_auditevent",
    "empty the partition": "TRUNCATE core_auditevent_rest",
    "write an event by hand": (
        "INSERT INTO core_auditevent (verb, table_name, body, digest) VALUES ('client:read', '', '{}', '')"
    ),
    "change a personal value": "UPDATE core_auditvalue SET secrets = '{}'",
    "remove a personal value": "DELETE FROM core_auditvalue",
    "empty the personal values": "TRUNCATE core_auditvalue",
    "switch one trigger off": "ALTER TABLE clients_client DISABLE TRIGGER steward_capture_update",
    "switch all triggers off": "ALTER TABLE clients_client DISABLE TRIGGER ALL",
    "act as a replica": "SET session_replication_role = replica",
    "act as a replica for good": "ALTER ROLE steward_app SET session_replication_role = replica",
    "drop the trigger": "DROP TRIGGER steward_capture_update ON clients_client",
    "drop the trail": "DROP TABLE core_auditevent CASCADE",
    "detach a partition": "ALTER TABLE core_auditevent DETACH PARTITION core_auditevent_rest",
    "rename the trail": "ALTER TABLE core_auditevent RENAME TO gone",
    "rewrite the function": (
        "CREATE OR REPLACE FUNCTION steward_capture_update_clients_client() RETURNS trigger"
        " LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
    ),
    "call the writer": "SELECT steward_write('row:insert', 'clients_client', 1, 1, '{}', NULL)",
    "become the trail": "SET ROLE steward_trail",
    "become the owner": "SET SESSION AUTHORIZATION steward_owner",
    "take the wall away": "ALTER TABLE core_auditevent DISABLE ROW LEVEL SECURITY",
    "open the wall": "CREATE POLICY all_open ON core_auditevent USING (true)",
    "grant oneself": "DO $$ BEGIN GRANT ALL ON core_auditevent TO steward_app; DELETE FROM core_auditevent; END $$",
    "swallow inserts by a rule": "CREATE RULE nothing AS ON INSERT TO core_auditevent DO INSTEAD NOTHING",
    "empty a captured table unseen": "TRUNCATE clients_client CASCADE",
    "reset the numbers": "SELECT setval('core_auditevent_id_seq', 1)",
    "leave a gap in the numbers": "SELECT nextval('core_auditevent_id_seq')",
    "copy events in": "COPY core_auditevent FROM PROGRAM 'true'",
    "see the schema anew": "CREATE SCHEMA pg_temporary",
    "put a function in the way": "CREATE FUNCTION public.sha256(text) RETURNS text LANGUAGE sql AS 'SELECT 1::text'",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_application_is_denied_to(people: People, attack: str) -> None:
    before = events("clients_client")
    for attacker in (people.compliance, None):
        with (
            pytest.raises(DatabaseError),
            transaction.atomic(),
            acting(attacker) if attacker else nullcontext(),
            connection.cursor() as cursor,
        ):
            cursor.execute(ATTACKS[attack])
            if cursor.rowcount == 0:
                raise DatabaseError(f"{attack}: the wall left nothing to change")
    assert events("clients_client") == before


ALLOWED = {
    "a table of the same name first": "CREATE TEMP TABLE core_auditevent (LIKE public.core_auditevent) ON COMMIT DROP",
    "a function of the same name first": (
        "CREATE FUNCTION pg_temp.sha256(bytea) RETURNS bytea LANGUAGE sql AS $$ SELECT ''::bytea $$"
    ),
    "another path": "SET LOCAL search_path = pg_temp, public",
    "a setting of a library": "SET LOCAL pgtrigger.ignore = 'all'",
    "another zone": "SET LOCAL timezone = 'Pacific/Kiritimati'",
    "another format": "SET LOCAL bytea_output = 'escape'; SET LOCAL datestyle = 'SQL, DMY'",
    "constraints later": "SET CONSTRAINTS ALL DEFERRED",
}


@pytest.mark.parametrize("way", ALLOWED)
def test_what_the_application_may_say_silences_nothing(people: People, way: str) -> None:
    before = len(events("clients_client"))
    with acting(people.manager), connection.cursor() as cursor:
        cursor.execute(ALLOWED[way])
        cursor.execute("UPDATE public.clients_client SET preferences = 'quiet' WHERE id = %s", [people.client_id])
        cursor.execute("DROP TABLE IF EXISTS pg_temp.core_auditevent; DROP FUNCTION IF EXISTS pg_temp.sha256(bytea)")
        cursor.execute("RESET search_path; RESET timezone; RESET bytea_output; RESET datestyle")
    assert events("clients_client")[before:] == [("row:update", people.client_id)]
    with acting(service()), connection.cursor() as cursor:
        cursor.execute(
            "SELECT actor_id, digest = sha256(convert_to(body::text, 'UTF8')) FROM core_auditevent"
            " ORDER BY id DESC LIMIT 1"
        )
        assert cursor.fetchone() == (people.manager.pk, True)


def test_a_new_month_of_the_trail_is_as_closed_as_the_others(people: People) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT steward_partition('2031-05-01')")
    for attack in ("SELECT * FROM", "DELETE FROM", "TRUNCATE"):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"{attack} core_auditevent_203105")


def test_the_trail_is_read_by_whom_it_concerns(people: People) -> None:
    with acting(people.manager):
        audit.record("client:read", client_id=people.client_id)
    readers = {}
    for name, person in people.everybody().items():
        with acting(person):
            readers[name] = AuditEvent.objects.filter(verb="client:read").count()
    assert {name for name, count in readers.items() if count} == {"manager", "lead", "compliance", "deputy"}


def test_nobody_s_trail_is_empty(people: People) -> None:
    assert AuditEvent.objects.count() == 0
    assert User.objects.count() > 0
