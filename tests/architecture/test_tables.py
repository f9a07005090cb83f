"""Every table stands behind a wall and is captured by the trail, or is on a short list with its reason."""

from typing import Any, NamedTuple

import pytest
from django.apps import apps
from django.db import connection, models

from core.models import ClientOwned

pytestmark = pytest.mark.django_db

SIGN_IN = "sign-in reads it before anybody acts; nothing of a client is in it"
FRAMEWORK = "belongs to Django or allauth; nothing of a client is in it"
WITHOUT_WALL = {
    "django_session": SIGN_IN,
    "account_emailaddress": FRAMEWORK,
    "account_emailconfirmation": FRAMEWORK,
    "auth_permission": FRAMEWORK,
    "auth_group": FRAMEWORK,
    "auth_group_permissions": FRAMEWORK,
    "django_content_type": FRAMEWORK,
}
WITHOUT_CAPTURE = {
    **{table: reason for table, reason in WITHOUT_WALL.items() if not table.startswith("core_")},
    "core_auditevent": "is the trail",
    "core_auditvalue": "is the trail",
    "core_job": "is how work is carried; what the work changes is captured",
    "core_webhookcall": "is how events are carried outside; the event itself is in the trail",
    "core_answer": "repeats what a captured write answered, for a day",
    "clients_searchkey": "is derived from captured rows",
    "portfolios_valuation": "is derived from captured rows; the run that made it is in the trail",
    "portfolios_depositterms": "repeats what a captured change wrote over",
    "compliance_leaf": "is the ledger over the trail",
    "compliance_checkpoint": "is the ledger over the trail",
    "compliance_anchor": "is the ledger over the trail",
    "compliance_fingerprint": "is the ledger over the trail",
}
NOT_PERSONAL = {
    "accounts and contracts": {"reference", "licence", "isin", "sector", "source", "file_name"},
    "keyed or hashed": {"index", "digest", "sha256", "pdf_sha256"},
    "made by the house": {"period", "origin", "about", "pdf_name", "reason", "country", "currency", "base", "quote"},
    "settings of a client without personal content": {"base_currency", "domicile", "language"},
}
"""Text columns of client tables that the trail shows in clear, and why they may be."""


class Table(NamedTuple):
    """What the catalogue says of a table."""

    walled: bool
    forced: bool
    trigger: str
    function_owner: str
    arguments: list[str]
    commands: set[str]


READ_ONLY = {
    *("core_auditevent", "core_auditvalue", "compliance_leaf", "compliance_checkpoint", "compliance_anchor"),
    *("compliance_fingerprint", "portfolios_depositterms"),
}


def catalogue() -> dict[str, Table]:
    """Read walls, triggers and policies from PostgreSQL."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, coalesce(t.tgenabled::text, ''),
                   coalesce(pg_get_userbyid(p.proowner), ''), coalesce(t.tgargs, ''),
                   (SELECT coalesce(array_agg(DISTINCT cmd), '{}') FROM pg_policies
                    WHERE tablename = c.relname AND 'steward_app' = ANY (roles))
            FROM pg_class c
            LEFT JOIN LATERAL (
                SELECT CASE WHEN count(*) = 3 AND bool_and(tgenabled = 'A') THEN 'A' ELSE 'incomplete' END AS tgenabled,
                       min(tgfoid) AS tgfoid, min(tgargs) AS tgargs
                FROM pg_trigger WHERE tgrelid = c.oid
                    AND tgname IN ('steward_capture_insert', 'steward_capture_update', 'steward_capture_delete')
                HAVING count(*) > 0
            ) t ON true
            LEFT JOIN pg_proc p ON p.oid = t.tgfoid
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
            """
        )
        return {
            row[0]: Table(row[1], row[2], row[3], row[4], bytes(row[5]).decode().split("\0")[:3], set(row[6]))
            for row in cursor.fetchall()
        }


def tables() -> dict[str, type[models.Model]]:
    """Return every model by its table."""
    return {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}


def test_every_table_is_behind_a_forced_wall_or_on_the_list() -> None:
    known = catalogue()
    open_tables = {name for name in tables() if not (known[name].walled and known[name].forced)}
    assert open_tables == set(WITHOUT_WALL)


def test_every_wall_says_who_reads_and_writes() -> None:
    known = catalogue()
    for name in tables().keys() - WITHOUT_WALL.keys() - READ_ONLY:
        assert known[name].commands == {"SELECT", "INSERT", "UPDATE", "DELETE"}, name


def test_the_trail_is_read_only_for_the_application() -> None:
    known = catalogue()
    assert [name for name in READ_ONLY if known[name].commands != {"SELECT"}] == []


def test_every_table_is_captured_always_or_on_the_list() -> None:
    known = catalogue()
    silent = {name for name in tables() if known[name].trigger != "A"}
    assert silent == set(WITHOUT_CAPTURE)


def test_the_capture_belongs_to_a_role_nobody_logs_in_as() -> None:
    owners = {table.function_owner for table in catalogue().values() if table.trigger}
    assert owners == {"steward_trail"}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname FROM pg_roles WHERE rolname LIKE 'steward\\_%%' AND rolcanlogin "
            "OR rolname LIKE 'steward\\_%%' AND (rolsuper OR rolbypassrls)"
        )
        assert {row[0] for row in cursor.fetchall()} == {"steward_app", "steward_migrator", "steward_sealer"}


def test_the_columns_a_capture_names_exist() -> None:
    known = catalogue()
    for name, model in tables().items():
        if not known[name].trigger:
            continue
        columns = {field.column for field in model._meta.concrete_fields}
        named = {column for argument in known[name].arguments for column in argument.split(",") if column}
        assert named <= columns, name


def test_rows_of_a_client_say_so_in_the_trail() -> None:
    known = catalogue()
    for name, model in tables().items():
        if issubclass(model, ClientOwned) and known[name].trigger:
            assert known[name].arguments[0] == "client_id", name
    assert known["clients_client"].arguments[0] == "id"


def test_free_text_of_a_client_is_a_commitment_in_the_trail() -> None:
    known, plain = catalogue(), set().union(*NOT_PERSONAL.values())
    for name, model in tables().items():
        if not known[name].trigger or not (issubclass(model, ClientOwned) or name == "clients_client"):
            continue
        personal = {column for argument in known[name].arguments[1:] for column in argument.split(",")}
        texts = {field.column for field in model._meta.concrete_fields if is_text(field)}
        assert texts <= personal | plain, f"{name}: {texts - personal - plain}"


def is_text(field: models.Field[Any, Any]) -> bool:
    """Say whether people write freely into a column."""
    return isinstance(field, models.CharField | models.TextField) and not field.choices


def test_the_application_owns_nothing_and_cannot_empty_a_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relowner = 'steward_app'::regrole")
        assert cursor.fetchone() == (0,)
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
            " AND has_table_privilege('steward_app', oid, 'TRUNCATE, TRIGGER, REFERENCES')"
        )
        assert cursor.fetchall() == []
        cursor.execute("SELECT current_user, session_user")
        assert cursor.fetchone() == ("steward_app", "steward_app")


def test_every_definer_function_fixes_its_search_path() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
            " AND NOT EXISTS (SELECT FROM unnest(proconfig) c WHERE c LIKE 'search_path=pg_catalog, %%pg_temp')"
        )
        assert cursor.fetchall() == []
