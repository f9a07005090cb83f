"""A whole bank file taken back: what it added goes, what it changed is as before, unless something rests on it.

The trail says what it did; every step back is written to the trail again.
"""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper as Cursor
from django.utils.translation import gettext as _

from clients.operations.intake import forget_keys, renew_keys
from core import audit, jobs
from core.errors import Refused
from core.models import User
from portfolios.models import FeedRun
from portfolios.operations.breaks import look_for_breaks
from portfolios.operations.rows import lock
from portfolios.operations.upserts import tell_tails

TABLE = "portfolios_feedrun"
ORDER = (
    *("portfolios_lot", "portfolios_listedrate", "portfolios_corporateaction", "portfolios_fxrate", "portfolios_price"),
    *("portfolios_transaction", "portfolios_holding", "portfolios_depositchange", "portfolios_deposit"),
    *("portfolios_accountparty", "portfolios_account", "portfolios_instrument", "portfolios_institution"),
    *("clients_identitydocument", "clients_contactpoint", "clients_coverage", "clients_client", "clients_household"),
)
"""The tables that a file writes, those that name others first."""
CHANGES = """
    CREATE TEMPORARY TABLE feed_undo ON COMMIT DROP AS
    SELECT e.id, e.table_name, e.row_id, e.client_id, e.verb, e.body -> 'data' AS data, v.secrets
    FROM core_auditevent e LEFT JOIN core_auditvalue v ON v.event_id = e.id
    WHERE e.id > %s AND e.id <= %s AND e.xid = %s::xid8 AND e.verb IN ('row:insert', 'row:update')
      AND e.table_name = ANY (%s);
    CREATE INDEX ON feed_undo (table_name, row_id);
    ANALYZE feed_undo"""
LATER = """
    SELECT u.table_name FROM feed_undo u WHERE EXISTS (
        SELECT FROM core_auditevent e WHERE e.table_name = u.table_name AND e.row_id = u.row_id AND e.id > %s
           AND e.verb LIKE 'row:%%') LIMIT 1"""
RESTS = """
    SELECT e.table_name FROM core_auditevent e WHERE e.id > %s AND e.verb = 'row:insert' AND e.table_name = ANY (%s)
       AND e.client_id IN (SELECT client_id FROM feed_undo) LIMIT 1"""
ADDED = "SELECT row_id FROM feed_undo WHERE table_name = 'clients_client' AND verb = 'row:insert'"
TOUCHED = """
    SELECT DISTINCT client_id FROM feed_undo WHERE client_id IS NOT NULL
       AND (table_name LIKE 'clients_%' OR table_name = 'portfolios_account')"""
BEFORE = """
    CREATE TEMPORARY TABLE feed_before ON COMMIT DROP AS
    SELECT u.row_id, jsonb_object_agg(d.key, CASE WHEN d.value -> 0 ? 'sha256'
               THEN u.secrets -> (d.key || '.0') -> 1 ELSE d.value -> 0 END ORDER BY u.id DESC) AS before,
           bool_or(d.value -> 0 ? 'sha256' AND u.secrets -> (d.key || '.0') IS NULL) AS erased
    FROM feed_undo u CROSS JOIN LATERAL jsonb_each(u.data) d
    WHERE u.table_name = %s AND u.verb = 'row:update'
      AND NOT EXISTS (SELECT FROM feed_undo i WHERE i.table_name = u.table_name AND i.row_id = u.row_id
                        AND i.verb = 'row:insert')
    GROUP BY u.row_id"""
UNVALUED = """
    UPDATE portfolios_valuation v SET superseded_at = %(now)s
    FROM (SELECT client_id, min(value_date) AS day FROM (
        SELECT t.client_id, t.value_date FROM portfolios_transaction t JOIN feed_undo u ON u.row_id = t.id
         WHERE u.table_name = 'portfolios_transaction'
        UNION ALL SELECT t.client_id, t.value_date FROM portfolios_holding t JOIN feed_undo u ON u.row_id = t.id
         WHERE u.table_name = 'portfolios_holding'
        UNION ALL SELECT t.client_id, t.value_date FROM portfolios_deposit t JOIN feed_undo u ON u.row_id = t.id
         WHERE u.table_name = 'portfolios_deposit'
        UNION ALL SELECT t.client_id, t.value_date FROM portfolios_depositchange t JOIN feed_undo u ON u.row_id = t.id
         WHERE u.table_name = 'portfolios_depositchange'
        UNION ALL SELECT h.client_id, t.value_date FROM portfolios_price t JOIN feed_undo u ON u.row_id = t.id
         JOIN portfolios_holding h USING (instrument_id) WHERE u.table_name = 'portfolios_price'
        UNION ALL SELECT h.client_id, t.value_date FROM portfolios_corporateaction t JOIN feed_undo u ON u.row_id = t.id
         JOIN portfolios_holding h USING (instrument_id) WHERE u.table_name = 'portfolios_corporateaction'
        UNION ALL SELECT c.id, t.value_date FROM portfolios_fxrate t JOIN feed_undo u ON u.row_id = t.id
         CROSS JOIN clients_client c WHERE u.table_name = 'portfolios_fxrate'
    ) rows GROUP BY client_id) changed
    WHERE v.client_id = changed.client_id AND v.value_date >= changed.day AND v.superseded_at IS NULL"""
State = FeedRun.State


@transaction.atomic
def undo(*, user: User, run_id: int, now: dt.datetime) -> FeedRun:
    """Ask for a run to be taken back; a job does it, or says on the run what rests on it.

    Raises:
        Refused: it is not applied, or was applied before runs could be taken back.
        FeedRun.DoesNotExist: there is no such run.
    """
    run = FeedRun.objects.select_for_update(of=("self",)).get(pk=run_id)
    if run.state != State.APPLIED or run.last_event is None:
        raise Refused("feed-state", _("Only a run that is applied can be taken back."))
    run.state, run.undone_by, run.errors = State.UNDOING, user, []
    run.job_id = jobs.enqueue("portfolios.undo_feed", now=now, requested_by=user, run_id=run.pk)
    run.save()
    audit.record("feed:undo", row=(TABLE, run.pk))
    return run


@transaction.atomic
def take_back(*, run_id: int, now: dt.datetime) -> FeedRun:
    """Take a run back whole, or leave it applied with the reason. Safe to run twice."""
    run = FeedRun.objects.select_for_update(of=("self",)).get(pk=run_id)
    if run.state != State.UNDOING:
        return run
    lock()
    try:
        with transaction.atomic():
            accounts = _take_back(run, now)
    except (Refused, IntegrityError) as reason:
        table = reason.values["table"] if isinstance(reason, _Rests) else _named(reason)
        run.state, run.undone_by = State.APPLIED, None
        run.errors = [{"line": 0, "field": "", "code": "undo-rests", "values": {"table": table}, "message": table}]
        run.save()
        return run
    run.state, run.undone_at = State.UNDONE, now
    run.save()
    audit.record("feed:undone", row=(TABLE, run.pk))
    look_for_breaks(run_id=run.pk, account_ids=accounts, now=now, by=run.uploaded_by)
    return run


class _Rests(Refused):
    """Something was built on what a run did."""

    def __init__(self, table: str) -> None:
        super().__init__("undo-rests", table)
        self.values = {"table": table}


def _named(reason: Exception) -> str:
    """Return the table whose constraint spoke."""
    cause = reason.__cause__
    return str(getattr(getattr(cause, "diag", None), "table_name", None) or "")


def _take_back(run: FeedRun, now: dt.datetime) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS feed_undo")
        cursor.execute(CHANGES, [run.first_event, run.last_event, run.xid, list(ORDER)])
        _refuse_if(cursor, LATER, [run.last_event])
        _refuse_if(cursor, RESTS, [run.last_event, list(settings.FEED_DEPENDENTS)])
        accounts = _touched(cursor)
        added, touched = _clients(cursor, ADDED), _clients(cursor, TOUCHED)
        forget_keys(client_ids=added)
        cursor.execute(UNVALUED, {"now": now})
        cursor.execute("DELETE FROM portfolios_valuation WHERE client_id = ANY (%s)", [list(added)])
        for table in ORDER:
            cursor.execute(
                f"DELETE FROM {table} t USING feed_undo u"  # noqa: S608  (a constant's name)
                " WHERE u.table_name = %s AND u.verb = 'row:insert' AND t.id = u.row_id",
                [table],
            )
        for table in ORDER:
            _restore(cursor, table)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    renew_keys(client_ids=touched - added)
    tell_tails(touched - added)
    return accounts


def _refuse_if(cursor: Cursor, question: str, values: list[Any]) -> None:
    cursor.execute(question, values)
    if found := cursor.fetchone():
        raise _Rests(found[0])


def _clients(cursor: Cursor, question: str) -> set[int]:
    cursor.execute(question)
    return {row[0] for row in cursor.fetchall()}


def _touched(cursor: Cursor) -> list[int]:
    """Return the accounts whose movements the run touched and which stay."""
    cursor.execute(
        "SELECT DISTINCT t.account_id FROM portfolios_transaction t JOIN feed_undo u ON u.row_id = t.id"
        " WHERE u.table_name = 'portfolios_transaction' AND NOT EXISTS (SELECT FROM feed_undo a"
        " WHERE a.table_name = 'portfolios_account' AND a.verb = 'row:insert' AND a.row_id = t.account_id)"
    )
    return sorted(row[0] for row in cursor.fetchall())


def _restore(cursor: Cursor, table: str) -> None:
    """Give the rows that a run changed what they had before it.

    Raises:
        Refused: a personal value of before was erased.
    """
    cursor.execute("DROP TABLE IF EXISTS feed_before")
    cursor.execute(BEFORE, [table])
    cursor.execute("SELECT count(*), bool_or(erased) FROM feed_before")
    count, erased = cursor.fetchone()
    if erased:
        raise _Rests(table)
    if not count:
        return
    cursor.execute(
        "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attname <> 'id'",
        [table],
    )
    names = cursor.fetchone()[0]
    cursor.execute(
        f"UPDATE {table} t SET ({names}) = (SELECT {names} FROM jsonb_populate_record(t, b.before))"  # noqa: S608
        " FROM feed_before b WHERE t.id = b.row_id"
    )
