"""What guards the trail, as lines of text: triggers, functions, grants, policies, roles. Signed at each release.

A trigger that was switched off, a function that does nothing, a new superuser: each is a line that nobody signed.
Partitions count as their table, so that a new month changes nothing.
"""

import datetime as dt
import hashlib

import psycopg

from compliance.ledger.notes import Signer
from compliance.ledger.verifier import TIME, Key, Wrong, opened

LINES = """
    WITH ours AS (
        SELECT coalesce(p.inhparent::regclass::text, c.oid::regclass::text) AS name, c.*
        FROM pg_class c LEFT JOIN pg_inherits p ON p.inhrelid = c.oid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    )
    SELECT DISTINCT regexp_replace(line, '\\s+', ' ', 'g') FROM (
        SELECT format('table %s owner %s walls %s %s grants %s', name, pg_get_userbyid(relowner), relrowsecurity,
                      relforcerowsecurity, (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(relacl) a))
               AS line FROM ours WHERE NOT relispartition
        UNION ALL
        SELECT format('trigger %s on %s enabled %s fires %s %s %s runs %s with %s', tgname, name, tgenabled, tgtype,
                      tgattr, substring(pg_get_triggerdef(pg_trigger.oid) FROM ' WHEN (.*) EXECUTE '),
                      tgfoid::regprocedure, encode(tgargs, 'hex'))
        FROM pg_trigger JOIN ours ON ours.oid = tgrelid WHERE NOT tgisinternal
        UNION ALL
        SELECT format('constraint %s on %s %s', conname, name, pg_get_constraintdef(pg_constraint.oid))
        FROM pg_constraint JOIN ours ON ours.oid = conrelid WHERE contype IN ('c', 'x') AND NOT relispartition
        UNION ALL
        SELECT format('policy %s on %s %s for %s to %s using %s check %s', policyname, tablename, permissive, cmd,
                      roles, qual, with_check)
        FROM pg_policies WHERE schemaname = 'public'
        UNION ALL
        SELECT format('function %s owner %s definer %s set %s grants %s does %s', p.oid::regprocedure,
                      pg_get_userbyid(proowner), prosecdef, proconfig,
                      (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(proacl) a),
                      encode(sha256(convert_to(prosrc, 'UTF8')), 'hex'))
        FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
            AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
        UNION ALL
        SELECT format('kind %s asked by %s decided by %s', kind, asks, decides) FROM core_approvalkind
        UNION ALL
        SELECT format('role %s superuser %s passes walls %s makes roles %s logs in %s settings %s', rolname, rolsuper,
                      rolbypassrls, rolcreaterole, rolcanlogin, rolconfig)
        FROM pg_roles WHERE rolsuper OR rolbypassrls OR rolcreaterole OR rolname LIKE 'steward\\_%'
        UNION ALL
        SELECT format('member %s of %s', member::regrole, roleid::regrole) FROM pg_auth_members
        WHERE roleid::regrole::text LIKE 'steward\\_%'
    ) everything ORDER BY 1"""
KEEP = "INSERT INTO compliance_fingerprint (signed_at, lines, note) VALUES (%s, %s, %s)"


def lines(connection: psycopg.Connection) -> list[str]:
    """Return what guards the trail now."""
    return [row[0] for row in connection.execute(LINES).fetchall()]


def sign(connection: psycopg.Connection, signer: Signer, *, now: dt.datetime) -> None:
    """Sign what guards the trail now. Done by whoever releases, never by what runs every day."""
    found = lines(connection)
    text = _text(signer.public, found, int(now.timestamp()))
    connection.execute(KEEP, [now, "\n".join(found), f"{text}\n{signer.sign(text)}"])


def _text(key: Key, found: list[str], time: int) -> str:
    digest = hashlib.sha256("\n".join(found).encode()).hexdigest()
    return f"{key.name}/fingerprint\n{digest}\n{TIME}{time}\n"


def compare(signed: str, note: str, now: list[str], key: Key) -> list[str]:
    """Return how what guards the trail differs from what was signed."""
    then = signed.split("\n")
    try:
        text, signed_by = opened(note, [key])
    except Wrong as error:
        return [f"the fingerprint: {error}"]
    time = text.rpartition(TIME)[2].strip()
    if key not in signed_by or not time.isdecimal() or text != _text(key, then, int(time)):
        return ["the fingerprint is not the one that was signed"]
    return [f"gone: {line}" for line in then if line not in set(now)] + [
        f"unsigned: {line}" for line in now if line not in set(then)
    ]
