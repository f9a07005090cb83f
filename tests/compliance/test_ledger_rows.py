"""Rows that were changed behind the trail's back, and guards that were changed, are found though no hash knows."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from clients import operations
from clients.models import Client
from compliance.ledger import fingerprint, kept
from compliance.ledger.fingerprint import sign
from compliance.ledger.reconciling import reconcile
from compliance.models import Fingerprint
from core.models import AuditValue
from core.walls import acting, service
from tests import factories
from tests.compliance.ledgers import Ledger, connect, ledger, now
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
    CREATE OR REPLACE FUNCTION steward_capture_insert_core_team() RETURNS trigger
    LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"""
GUARDS = {
    "left off": ("ALTER TABLE clients_client DISABLE TRIGGER steward_capture_update", "enabled D"),
    "no longer always": ("ALTER TABLE clients_client ENABLE TRIGGER steward_capture_insert", "enabled O"),
    "dropped": ("DROP TRIGGER steward_capture_delete ON clients_task", "gone: trigger steward_capture_delete"),
    "doing nothing": (
        NOTHING,
        "unsigned: function steward_capture_insert_core_team()",
    ),
    "granted": ("GRANT UPDATE ON core_auditevent TO steward_app", "unsigned: table core_auditevent"),
    "without a wall": ("ALTER TABLE clients_client DISABLE ROW LEVEL SECURITY", "unsigned: table clients_client"),
    "one person is enough": (
        "ALTER TABLE core_approval DROP CONSTRAINT approval_by_another_person",
        "gone: constraint approval_by_another_person",
    ),
    "nobody guards the coverage": (
        "ALTER TABLE clients_coverage DISABLE TRIGGER steward_guard_coverage",
        "unsigned: trigger steward_guard_coverage on clients_coverage enabled D",
    ),
    "a guard that never fires": (
        (
            "DROP TRIGGER steward_guard_role ON core_user; CREATE TRIGGER steward_guard_role BEFORE UPDATE ON core_user"
            " FOR EACH ROW WHEN (false) EXECUTE FUNCTION steward_guard_role()"
        ),
        "gone: trigger steward_guard_role",
    ),
    "managers decide": (
        "UPDATE core_approvalkind SET decides = '{manager}' WHERE kind = 'client:handover'",
        "unsigned: kind client:handover",
    ),
    "a new policy": ("CREATE POLICY open_door ON clients_client TO steward_app USING (true)", "policy open_door"),
}


@pytest.fixture
def book(committed: People, tmp_path: Path) -> Iterator[Ledger]:
    """Give a ledger whose guards are signed."""
    with ledger(tmp_path) as made:
        with connect("steward_sealer") as connection:
            sign(connection, made.log, now=now())
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
            user=committed.manager, client_id=client.pk, now=now(), channel="phone", happened_at=now(), text="Called."
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


CAPTURED = {
    "as a replica": ("SET session_replication_role = replica; UPDATE clients_client SET tier = 'ultra'", "row:update"),
    "with deferred rules": ("SET CONSTRAINTS ALL DEFERRED; UPDATE clients_client SET tier = 'ultra'", "row:update"),
    "a table put back": (
        (
            "CREATE TEMP TABLE old AS TABLE clients_client; DELETE FROM clients_searchkey; "
            "SET session_replication_role = replica; DELETE FROM clients_client; INSERT INTO clients_client TABLE old"
        ),
        "row:delete",
    ),
    "by COPY": ("COPY core_team (name) FROM PROGRAM 'echo Ghosts'", "row:insert"),
    "in a block": ("DO $$ BEGIN UPDATE clients_client SET tier = 'ultra'; END $$", "row:update"),
    "with settings": (
        "SET pgtrigger.ignore = 'all'; SET row_security = on; UPDATE clients_client SET tier = 'ultra'",
        "row:update",
    ),
}


@pytest.mark.parametrize("way", CAPTURED)
def test_what_a_superuser_writes_is_in_the_trail(committed: People, book: Ledger, way: str) -> None:
    statement, verb = CAPTURED[way]
    with superuser() as connection:
        before = one(connection, "SELECT max(id) FROM core_auditevent")
        connection.execute(statement)
        told = connection.execute(
            "SELECT verb, actor_id, body ->> 'session' FROM core_auditevent WHERE id > %s", [before]
        ).fetchall()
    assert verb in {line[0] for line in told}
    assert all(line[1] is None for line in told)
    assert "steward_app" not in {line[2] for line in told}
    assert found() == []


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


def test_a_new_superuser_is_named(committed: People, book: Ledger) -> None:
    with acting(service()):
        row = Fingerprint.objects.latest("id")
    with superuser() as connection, connection.transaction(force_rollback=True):
        connection.execute("CREATE ROLE steward_ghost SUPERUSER LOGIN")
        told = fingerprint.compare(row.lines, row.note, fingerprint.lines(connection), book.log.public)
    assert [line for line in told if "unsigned: role steward_ghost superuser t" in line]


def test_a_fingerprint_that_was_written_anew_is_not_taken(committed: People, book: Ledger) -> None:
    with superuser() as connection:
        connection.execute("ALTER TABLE compliance_fingerprint DISABLE TRIGGER USER")
        connection.execute("UPDATE compliance_fingerprint SET lines = 'nothing'")
    with acting(service()):
        assert kept.unsigned() == ["the fingerprint is not the one that was signed"]
