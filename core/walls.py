"""The wall inside PostgreSQL: who acts, told to the database so that SQL cannot forge it, and the policies of a table.

``acting`` sets a short-lived signed token for the length of a transaction; a definer function checks it.
``wall`` and ``capture`` are what a migration says about a new table.
"""

import hashlib
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations import RunSQL

from core.models import Role, User

TOKEN_SECONDS = 900


class Reach(Enum):
    """Whose rows of a table a role may touch, as SQL conditions over ``{column}``, the column of the client's id."""

    COVERED = "{column} = ANY ((SELECT steward_covered())::bigint[])"
    VISIBLE = "{column} = ANY ((SELECT steward_visible())::bigint[])"
    OWN = "{column} = (SELECT steward_actor())"
    TEAM = "{column} = ANY ((SELECT steward_teammates())::bigint[])"
    ANYBODY = "true"
    SIGNED = "(SELECT steward_actor()) IS NOT NULL"
    HOUSEHOLD = "{column} IN (SELECT household_id FROM clients_client)"
    SYSTEM = "(SELECT steward_role()) = 'system'"
    COMPLIANCE = "(SELECT steward_role()) = 'compliance'"
    OPERATIONS = "(SELECT steward_role()) = 'operations'"
    ADMINISTRATOR = "(SELECT steward_role()) = 'administrator'"


def _signature(payload: str) -> str:
    key: bytes = settings.CONTEXT_KEY
    return hashlib.sha256(key + hashlib.sha256(key + payload.encode()).digest()).hexdigest()


def _token(actor: int, behalf: int | None, request_id: uuid.UUID | None) -> str:
    """Build the token: actor, on whose behalf, expiry, request, nonce, signature."""
    expires = int(time.time()) + TOKEN_SECONDS
    connection.ensure_connection()
    session = connection.connection.info.backend_pid  # a token read by another session is worth nothing there
    payload = f"{actor}.{behalf or ''}.{expires}.{request_id or ''}.{session}-{uuid.uuid4().hex}"
    return f"{payload}.{_signature(payload)}"


def _set(token: str) -> str:
    """Set the context until the transaction ends, and return the one before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT before, set_config('steward.context', %s, true)"
            " FROM (SELECT coalesce(current_setting('steward.context', true), '') AS before OFFSET 0) context",
            [token],
        )
        return str(cursor.fetchone()[0])


@contextmanager
def acting(user: User, *, behalf: User | None = None, request_id: uuid.UUID | None = None) -> Iterator[None]:
    """Run a transaction in which the database knows that ``user`` acts, for ``behalf`` when a job serves a person.

    The context ends with its transaction; inside an outer one it is put back, so nothing after it can read by it.
    """
    inner = connection.in_atomic_block
    with transaction.atomic():
        before = _set(_token(user.pk, behalf.pk if behalf else None, request_id))
        yield
        if inner and not connection.needs_rollback:  # a rolled back savepoint takes the context with it
            _set(before)


def service() -> User:
    """Return the account under which jobs run; it sees every client and cannot sign in."""
    return User.objects.get(role=Role.SYSTEM)


def _policy(table: str, name: str, command: str, condition: str) -> str:
    clauses = {
        "SELECT": f"USING ({condition})",
        "DELETE": f"USING ({condition})",
        "INSERT": f"WITH CHECK ({condition})",
        "UPDATE": f"USING ({condition}) WITH CHECK ({condition})",
    }
    return f"CREATE POLICY {name} ON {table} FOR {command} TO steward_app {clauses[command]};"


def wall(
    table: str,
    *,
    column: str = "client_id",
    read: tuple[Reach, ...],
    write: tuple[Reach, ...],
    add: tuple[Reach, ...] | None = None,
    internal: bool = False,
) -> RunSQL:
    """Force row-level security on ``table``: the application reads and writes only what one of the reaches admits.

    ``add`` admits new rows where it differs from ``write``. ``internal`` lets the definer functions read the table.
    The owner role keeps its own policy, for migrations.
    """
    statements = [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY;",
        f"CREATE POLICY owner_all ON {table} TO steward_owner USING (true) WITH CHECK (true);",
    ]
    if internal:
        statements += [
            f"GRANT SELECT ON {table} TO steward_access;",
            f"CREATE POLICY internal ON {table} FOR SELECT TO steward_access USING (true);",
        ]
    plan = {"SELECT": read, "INSERT": write if add is None else add, "UPDATE": write, "DELETE": write}
    for command, reaches in plan.items():
        for reach in reaches:
            name = f"{command.lower()}_{reach.name.lower()}"
            statements.append(_policy(table, name, command, reach.value.format(column=column)))
    return RunSQL("\n".join(statements), RunSQL.noop)


def capture(
    table: str, *, client: str = "client_id", personal: tuple[str, ...] = (), skip: tuple[str, ...] = ()
) -> RunSQL:
    """Record every change of ``table``'s rows in the trail; ``personal`` columns appear there as salted commitments.

    ``client`` names the column with the client's id, or is empty for rows that belong to nobody. ``skip`` leaves out
    large columns whose digest is a column of its own. Said again after every change of the table's columns.
    """
    row = f"'{client}', '{','.join(personal)}', '{','.join(skip)}'"
    return RunSQL(
        f"""
        DO $$ BEGIN
            IF to_regprocedure('public.steward_attach(regclass, text, text, text)') IS NOT NULL THEN
                PERFORM steward_attach('{table}', {row});
            ELSE -- before core's migration 0004, which turns these into triggers by statement
                CREATE TRIGGER steward_capture AFTER INSERT OR UPDATE OR DELETE ON {table}
                    FOR EACH ROW EXECUTE FUNCTION steward_capture({row});
                ALTER TABLE {table} ENABLE ALWAYS TRIGGER steward_capture;
            END IF;
        END $$;
        """,
        f"""
        DROP TRIGGER IF EXISTS steward_capture ON {table};
        DROP TRIGGER IF EXISTS steward_capture_insert ON {table};
        DROP TRIGGER IF EXISTS steward_capture_update ON {table};
        DROP TRIGGER IF EXISTS steward_capture_delete ON {table};
        """,
    )
