"""Movements into their table by COPY: a staging table of the transaction, checked and compared as a set, then written.

COPY does not work on tables with row-level security; what is written from the staging table goes through the policies,
fires the capture triggers and meets every constraint.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper as Cursor

from clients.operations.intake import batches
from clients.rules.intake import Counts, LineError, LinesRefused
from core.jobs import Progress, silent
from portfolios.feeds import columns
from portfolios.feeds.reading import MOST_ERRORS
from portfolios.feeds.rows import TransactionRow

CHUNK = 20_000
ROOM = "SELECT set_config('work_mem', '96MB', true), set_config('jit', 'off', true)"
"""What the sets of one file and the events of one statement stay in memory with, until the transaction ends."""
STAGE = """
    CREATE TEMPORARY TABLE IF NOT EXISTS feed_stage (
        line integer, reference text, account text, value_date date, kind text, amount numeric(20,4), currency text,
        balance numeric(20,4), counterparty text, text text, instrument text
    ) ON COMMIT DROP;
    TRUNCATE feed_stage;
    DROP TABLE IF EXISTS feed_plan"""
SAID = "account, value_date, kind, amount, currency, balance, counterparty, text, instrument"
TWICE = f"""
    SELECT s.line, (SELECT min(o.line) FROM feed_stage o WHERE o.reference = s.reference AND o.line <> s.line)
    FROM feed_stage s JOIN (
        SELECT reference FROM feed_stage GROUP BY reference HAVING count(DISTINCT ({SAID})) > 1 LIMIT {MOST_ERRORS}
    ) twice USING (reference) ORDER BY s.line LIMIT {MOST_ERRORS}"""  # noqa: S608  (constants)
AGAIN = """
    DELETE FROM feed_stage s USING (
        SELECT reference, min(line) AS first FROM feed_stage GROUP BY reference HAVING count(*) > 1
    ) again WHERE s.reference = again.reference AND s.line > again.first"""
PLAN = """
    CREATE TEMPORARY TABLE feed_plan ON COMMIT DROP AS
    SELECT row_number() OVER (ORDER BY a.client_id, a.id, s.value_date, s.line) AS place,
           s.line, s.reference, a.id AS account_id, a.client_id,
           a.currency AS account_currency, k.id AS known_id,
           k.client_id AS known_client, s.value_date, s.kind, s.amount, s.currency,
           coalesce(s.balance, k.balance) AS balance,
           coalesce(s.counterparty, k.counterparty, '') AS counterparty, coalesce(s.text, k.text, '') AS text,
           coalesce(i.id, k.instrument_id) AS instrument_id, s.instrument IS NOT NULL AND i.id IS NULL AS unknown,
           CASE WHEN k.id IS NULL THEN 'new'
                WHEN (k.account_id, k.value_date, k.kind, k.amount, k.currency) IS DISTINCT FROM
                     (a.id, s.value_date, s.kind, s.amount, s.currency)
                  OR s.balance IS DISTINCT FROM k.balance AND s.balance IS NOT NULL
                  OR s.counterparty IS DISTINCT FROM k.counterparty AND s.counterparty IS NOT NULL
                  OR s.text IS DISTINCT FROM k.text AND s.text IS NOT NULL
                  OR i.id IS DISTINCT FROM k.instrument_id AND s.instrument IS NOT NULL THEN 'changed'
                ELSE 'same' END AS fate
    FROM feed_stage s
    LEFT JOIN portfolios_account a ON a.reference = s.account
    LEFT JOIN portfolios_instrument i ON i.reference = s.instrument
    LEFT JOIN portfolios_transaction k ON k.reference = s.reference AND k.superseded_at IS NULL;
    CREATE UNIQUE INDEX ON feed_plan (place)"""
"""Places go from client to client, so that each page of an index is written once and not once a row."""
WRONG = f"""
    SELECT line, account_id IS NULL, currency IS DISTINCT FROM account_currency, account_currency,
           known_client IS NOT NULL AND known_client IS DISTINCT FROM client_id,
           unknown
    FROM feed_plan
    WHERE account_id IS NULL OR currency IS DISTINCT FROM account_currency
       OR known_client IS NOT NULL AND known_client IS DISTINCT FROM client_id
       OR unknown
    ORDER BY line LIMIT {MOST_ERRORS}"""  # noqa: S608
END = """
    UPDATE portfolios_transaction t SET superseded_at = %s FROM feed_plan p
    WHERE t.id = p.known_id AND p.fate = 'changed' AND p.fate = ANY (%s)"""
WRITE = """
    INSERT INTO portfolios_transaction (client_id, account_id, reference, value_date, kind, amount, currency, balance,
        counterparty, text, instrument_id, known_at)
    SELECT client_id, account_id, reference, value_date, kind, amount, currency, balance, counterparty, text,
           instrument_id, %s
    FROM feed_plan WHERE fate = ANY (%s) AND place > %s AND place <= %s ORDER BY place"""
FATES = {"both": ["new", "changed"], "create": ["new"], "update": ["changed"]}
"""What each strategy writes."""


@dataclass
class Taken:
    """What became of the movements: counts, how many a strategy left out, and the accounts that were touched."""

    counts: Counts = field(default_factory=Counts)
    skipped: int = 0
    accounts: list[int] = field(default_factory=list)


@transaction.atomic
def upsert_transactions(
    *,
    rows: Iterable[TransactionRow] = (),
    blocks: Iterable[str] = (),
    wrong: Sequence[LineError] = (),
    strategy: str = "both",
    now: dt.datetime,
    progress: Progress = silent,
) -> Taken:
    """Add movements and correct known ones by reference, keeping what was believed before; empty words change nothing.

    They come typed or in ``blocks`` (``portfolios.feeds.columns``); ``wrong`` fills up while blocks are read, and with
    it nothing is written.

    Raises:
        LinesRefused: of ``wrong``, or a reference comes twice and differs, an account is unknown or has another
            currency, or a movement would go to another client.
    """
    with connection.cursor() as cursor:
        cursor.execute(ROOM)
        cursor.execute(STAGE)
        with cursor.copy(f"COPY feed_stage (line, {', '.join(columns.COLUMNS)}) FROM STDIN") as copy:
            for block in chain(blocks, map(columns.block_of, batches(rows))):
                copy.write(block)
        cursor.execute("ANALYZE feed_stage")
        _refuse([*wrong, *_twice(cursor)])
        cursor.execute(AGAIN)
        cursor.execute(PLAN)
        _refuse(_unknown(cursor))
        return _write(cursor, FATES[strategy], now, progress)


def _refuse(errors: list[LineError]) -> None:
    if errors:
        raise LinesRefused(errors)


def _twice(cursor: Cursor) -> list[LineError]:
    cursor.execute(TWICE)
    return [LineError(line, "reference", "different", (("other", str(other)),)) for line, other in cursor.fetchall()]


def _unknown(cursor: Cursor) -> list[LineError]:
    """Return what the tables have against the lines."""
    cursor.execute(WRONG)
    errors = []
    for line, missing, differs, currency, foreign, unknown in cursor.fetchall():
        if missing:
            errors.append(LineError(line, "account", "no-account"))
            continue
        if differs:
            errors.append(LineError(line, "currency", "currency-differs", (("known", currency),)))
        if foreign:
            errors.append(LineError(line, "account", "owner-differs"))
        if unknown:
            errors.append(LineError(line, "instrument", "no-instrument"))
    return errors


def _write(cursor: Cursor, fates: list[str], now: dt.datetime, progress: Progress) -> Taken:
    cursor.execute("SELECT fate, count(*) FROM feed_plan GROUP BY fate")
    found: dict[str, int] = dict(cursor.fetchall())
    kept = {fate: found.get(fate, 0) for fate in fates}
    total = sum(found.values()) if any(kept.values()) else 0
    cursor.execute(END, [now, fates])
    for begin in range(0, total, CHUNK):
        cursor.execute(WRITE, [now, fates, begin, begin + CHUNK])
        progress(min(begin + CHUNK, total), total)
    cursor.execute("SELECT DISTINCT account_id FROM feed_plan WHERE fate = ANY (%s) ORDER BY 1", [fates])
    accounts = [row[0] for row in cursor.fetchall()]
    counts = Counts(kept.get("new", 0), kept.get("changed", 0), found.get("same", 0))
    skipped = sum(count for fate, count in found.items() if fate not in {*fates, "same"})
    return Taken(counts, skipped, accounts)
