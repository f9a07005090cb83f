"""Rows that were changed behind the trail's back, and guards that were changed, are found though no hash knows."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from clients import operations
from clients.models import Client
from compliance.ledger import kept
from compliance.ledger.fingerprint import sign
from compliance.ledger.reconciling import reconcile
from core.models import AuditValue
from core.walls import acting, service
from tests import factories
from tests.compliance.ledgers import NOW, Ledger, connect, ledger
from tests.compliance.test_ledger_attacks import one, superuser
from tests.people import People

HIDDEN = {
    "changed": (
        "UPDATE clients_client SET tier = CASE tier WHEN 'core' THEN 'ultra' ELSE 'core' END WHERE id = {client}",
        "clients_client {client}: tier is not what the trail said last",
    ),
    "a name changed": (
        "UPDATE clients_client SET name = 'Somebody else' WHERE id = {client}",
        "clients_client {client}: name is not what the trail said last",
    ),
    "removed": (
        "DELETE FROM clients_task WHERE id = {task}",
        "clients_task {task}: was removed without the trail",
    ),
    "added": (
        "INSERT INTO core_team (name) VALUES ('Ghosts')",
        "core_team {team}: was added without the trail",
    ),
}
NOTHING = """
    CREATE OR REPLACE FUNCTION steward_capture_insert() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"""
GUARDS = {
    "left off": ("ALTER TABLE clients_client DISABLE TRIGGER steward_capture_update", "enabled D"),
    "no longer always": ("ALTER TABLE clients_client ENABLE TRIGGER steward_capture_insert", "enabled O"),
    "dropped": ("DROP TRIGGER steward_capture_delete ON clients_task", "gone: trigger steward_capture_delete"),
    "doing nothing": (
        NOTHING,
        "unsigned: function steward_capture_insert()",
    ),
    "granted": ("GRANT UPDATE ON core_auditevent TO steward_app", "unsigned: table core_auditevent"),
    "without a wall": ("ALTER TABLE clients_client DISABLE ROW LEVEL SECURITY", "unsigned: table clients_client"),
    "a new policy": ("CREATE POLICY open_door ON clients_client TO steward_app USING (true)", "policy open_door"),
}


@pytest.fixture
def book(committed: People, tmp_path: Path) -> Iterator[Ledger]:
    """Give a ledger whose guards are signed."""
    with ledger(tmp_path) as made:
        with connect("steward_sealer") as connection:
            sign(connection, made.log, now=NOW)
        yield made


def found() -> list[str]:
    """Return what the comparison finds."""
    with acting(service()):
        return list(reconcile(20))


def test_rows_that_the_trail_knows_are_not_reported(committed: People, book: Ledger) -> None:
    client = factories.owned_by(committed.client_id)
    factories.deposit(client)
    factories.hold(client, committed.compliance)
    with acting(committed.manager):
        operations.log_contact(
            user=committed.manager, client_id=client.pk, now=NOW, channel="phone", happened_at=NOW, text="Called."
        )
    assert found() == []


@pytest.mark.parametrize("way", HIDDEN)
def test_a_row_changed_without_the_trail_is_named(committed: People, book: Ledger, way: str) -> None:
    task = factories.task(factories.owned_by(committed.client_id), committed.manager)
    statement, told = HIDDEN[way]
    names = {"client": committed.client_id, "task": task.pk}
    with superuser() as connection:
        for table in ("clients_client", "clients_task", "core_team"):
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        connection.execute(statement.format(**names))
        for table in ("clients_client", "clients_task", "core_team"):
            connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        names["team"] = one(connection, "SELECT max(id) FROM core_team")
    assert found() == [told.format(**names)]


def test_what_was_erased_is_left_out(committed: People, book: Ledger) -> None:
    with superuser() as connection:
        connection.execute("DELETE FROM core_auditvalue WHERE client_id = %s", [committed.client_id])
    with acting(service()):
        assert not AuditValue.objects.filter(client_id=committed.client_id).exists()
        assert Client.objects.filter(pk=committed.client_id).exists()
    assert found() == []


def test_guards_that_nobody_touched_are_as_they_were_signed(committed: People, book: Ledger) -> None:
    with acting(service()):
        assert kept.unsigned() == []


@pytest.mark.parametrize("way", GUARDS)
def test_a_guard_that_was_changed_is_named(committed: People, book: Ledger, way: str) -> None:
    statement, told = GUARDS[way]
    with superuser() as connection:
        connection.execute(statement)
    with acting(service()):
        assert told in "\n".join(kept.unsigned())


def test_a_fingerprint_that_was_written_anew_is_not_taken(committed: People, book: Ledger) -> None:
    with superuser() as connection:
        connection.execute("ALTER TABLE compliance_fingerprint DISABLE TRIGGER USER")
        connection.execute("UPDATE compliance_fingerprint SET lines = 'nothing'")
    with acting(service()):
        assert kept.unsigned() == ["the fingerprint is not the one that was signed"]
