"""The wall in PostgreSQL: nobody reads a client's row without a context that the house has signed.

These tests commit: a token set in an outer transaction would let them pass falsely.
"""

import time
import uuid
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction

from clients.models import Client, Coverage, Household
from core import walls
from core.models import ClientOwned, User
from core.walls import acting, service
from tests import factories
from tests.conftest import SignIn
from tests.people import People

OWNED = [model for model in apps.get_models() if issubclass(model, ClientOwned) or model in (Client, Household)]


@pytest.fixture
def rows(committed: People) -> None:
    """Give both clients a row in every client table."""
    with acting(service()):
        clients = list(Client.objects.filter(pk__in=[committed.client_id, committed.foreign_id]))
    for number, owner in enumerate(clients):
        fill(owner, committed, number)


def fill(owner: Client, people: People, number: int) -> None:
    """Write one row of every kind for a client."""
    owner.household = factories.household()
    factories.secret(owner)
    factories.contact_point(owner)
    factories.document(owner, f"E{number}")
    factories.task(owner, people.manager, note=factories.note(owner, people.manager))
    deposit = factories.deposit(owner)
    due = factories.maturity(deposit)
    factories.review(owner, maturity=due)
    factories.rate_exception(due, people.manager)
    factories.instructed(deposit)
    factories.valuation(owner)
    factories.lot(factories.holding(owner))
    factories.change(factories.deposit(owner), Decimal(-5))
    factories.transaction(deposit.account)
    factories.break_of(owner, people.operations, account=deposit.account)
    party = apps.get_model("portfolios", "AccountParty")
    factories.save(party(account=deposit.account, client=owner, capacity="owner"))
    factories.delivery(factories.statement(owner))
    factories.hold(owner, people.compliance)


def seen(model: type[models.Model]) -> int:
    """Count what the present context shows of a table."""
    return model._default_manager.count()


def with_token(token: str, look: Callable[[], int]) -> int:
    """Look at a table under a token somebody made up."""
    with transaction.atomic():
        walls._set(token)
        return look()


def test_every_client_table_has_rows_to_hide(rows: None, committed: People) -> None:
    with acting(service()):
        empty = [model.__name__ for model in OWNED if not seen(model)]
    assert empty in ([], ["HoldReason"])
    with acting(committed.compliance):
        assert seen(apps.get_model("compliance", "HoldReason")) == 2


def test_without_a_context_every_client_table_is_empty(rows: None) -> None:
    assert {model.__name__: seen(model) for model in OWNED} == {model.__name__: 0 for model in OWNED}


def test_without_a_context_nothing_can_be_written(rows: None, committed: People) -> None:
    with pytest.raises(DatabaseError, match="row-level security"):
        Coverage.objects.create(
            client_id=committed.foreign_id, manager=committed.manager, kind="backup", valid=(None, None)
        )


def test_a_manager_sees_the_rows_of_covered_clients_alone(rows: None, committed: People) -> None:
    for model in [model for model in OWNED if model not in (Client, Household)]:
        with acting(committed.manager):
            owners = {getattr(row, "client_id") for row in model._default_manager.all()}  # noqa: B009
        assert owners <= {committed.client_id}, model
    with acting(committed.manager):
        assert list(Client.objects.values_list("pk", flat=True)) == [committed.client_id]
        assert seen(Household) == 1


@pytest.mark.parametrize("who", ["colleague", "administrator", "auditor", "leaver"])
def test_whoever_covers_nobody_sees_no_row(rows: None, committed: People, who: str) -> None:
    with acting(getattr(committed, who)):
        assert {model.__name__: seen(model) for model in OWNED} == {model.__name__: 0 for model in OWNED}


def test_operations_see_names_and_numbers_but_no_affairs(rows: None, committed: People) -> None:
    with acting(committed.operations):
        open_tables = {model._meta.db_table for model in OWNED if seen(model)}
    names = {"clients_client", "clients_household", "clients_searchkey", "clients_coverage"}
    assert open_tables == names | {"portfolios_account", "portfolios_accountparty", "portfolios_break"}


def test_a_lead_sees_the_team_and_not_the_other(rows: None, committed: People) -> None:
    with acting(committed.lead):
        assert list(Client.objects.values_list("pk", flat=True)) == [committed.client_id]
    with acting(committed.other_lead):
        assert list(Client.objects.values_list("pk", flat=True)) == [committed.foreign_id]


def test_a_lead_does_not_write_where_not_covering(rows: None, committed: People) -> None:
    with acting(committed.lead):
        assert Client.objects.update(preferences="none") == 0


def test_access_ends_with_the_coverage(rows: None, committed: People) -> None:
    with acting(service()):
        Coverage.objects.filter(manager=committed.manager).update(
            valid=(factories.LONG_AGO, factories.NOW.replace(year=2025))
        )
    with acting(committed.manager):
        assert seen(Client) == 0


def test_the_reason_of_a_hold_is_for_compliance_alone(rows: None, committed: People) -> None:
    with acting(committed.manager):
        assert seen(apps.get_model("compliance", "Hold")) == 1
        assert seen(apps.get_model("compliance", "HoldReason")) == 0


def made_up(user: User, **changes: str) -> str:
    """Take a good token of ``user`` and change parts of it, keeping its signature."""
    actor, behalf, expires, request, nonce, signature = walls._token(user.pk, None, None).split(".")
    parts = {
        "actor": actor,
        "behalf": behalf,
        "expires": expires,
        "request": request,
        "nonce": nonce,
        "signature": signature,
    }
    return ".".join({**parts, **changes}.values())


def test_the_unchanged_token_opens(rows: None, committed: People) -> None:
    assert with_token(made_up(committed.manager), lambda: seen(Client)) == 1


@pytest.mark.parametrize("part", ["actor", "behalf", "expires", "request", "nonce", "signature"])
def test_a_token_with_one_part_changed_opens_nothing(rows: None, committed: People, part: str) -> None:
    values = {
        "actor": str(committed.compliance.pk),
        "behalf": str(committed.compliance.pk),
        "expires": str(int(time.time()) + 99_999),
        "request": str(uuid.uuid4()),
        "nonce": uuid.uuid4().hex,
        "signature": "0" * 64,
    }
    assert with_token(made_up(committed.manager, **{part: values[part]}), lambda: seen(Client)) == 0


def test_an_expired_token_opens_nothing(rows: None, committed: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walls, "TOKEN_SECONDS", -1)
    assert with_token(made_up(committed.manager), lambda: seen(Client)) == 0


@pytest.mark.parametrize(
    "text", ["", ".....", "1", "1.2.3.4.5.6", "x" * 5000, "1..9999999999..n.s", "'; --", "é.é.é.é.é.é", "1......."]
)
def test_nonsense_opens_nothing_and_breaks_nothing(rows: None, text: str) -> None:
    assert with_token(text, lambda: seen(Client)) == 0


def test_injected_sql_cannot_choose_another_user(rows: None, committed: People) -> None:
    good = walls._token(committed.manager.pk, None, None)
    swapped = ".".join([str(committed.compliance.pk), *good.split(".")[1:]])
    with acting(committed.manager), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('steward.context', %s, true)", [swapped])
        cursor.execute("SELECT steward_actor(), steward_role()")
        assert cursor.fetchone() == (None, None)
        assert seen(Client) == 0


@pytest.mark.parametrize(
    "look", ["SELECT key FROM steward_key", "SELECT prosrc, steward_key.key FROM pg_proc, steward_key"]
)
def test_the_key_that_signs_is_unreadable(rows: None, committed: People, look: str) -> None:
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        acting(committed.manager),
        connection.cursor() as cursor,
    ):
        cursor.execute(look)


@pytest.mark.parametrize("role", ["steward_owner", "steward_migrator", "steward_trail", "steward_access", "postgres"])
def test_the_application_cannot_become_another_role(rows: None, committed: People, role: str) -> None:
    with pytest.raises(DatabaseError), acting(committed.manager), connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {role}")


def test_the_context_is_cleared_after_the_block(rows: None, committed: People) -> None:
    with transaction.atomic():
        with acting(committed.manager):
            assert seen(Client) == 1
        assert seen(Client) == 0


def test_a_nested_block_gives_the_outer_context_back(rows: None, committed: People) -> None:
    with acting(committed.manager):
        with acting(committed.stranger):
            assert Client.objects.get().pk == committed.foreign_id
        assert Client.objects.get().pk == committed.client_id


def test_a_nested_block_that_fails_gives_the_outer_context_back(rows: None, committed: People) -> None:
    with acting(committed.manager):
        with pytest.raises(ZeroDivisionError), acting(committed.stranger):
            raise ZeroDivisionError
        assert Client.objects.get().pk == committed.client_id


def test_after_a_request_the_connection_sees_nothing(rows: None, committed: People, sign_in: SignIn) -> None:
    browser = sign_in(committed.manager)
    assert browser.get("/clients/").status_code == 200
    assert seen(Client) == 0
    assert browser.get("/clients/0/").status_code == 404
    assert seen(Client) == 0


def test_whoever_is_deactivated_in_the_middle_sees_nothing_more(rows: None, committed: People) -> None:
    with acting(committed.manager):
        assert seen(Client) == 1
        with acting(service()):
            User.objects.filter(pk=committed.manager.pk).update(is_active=False)
        assert seen(Client) == 0


def test_injected_sql_gives_nobody_another_role(committed: People) -> None:
    with pytest.raises(DatabaseError), acting(committed.colleague):
        User.objects.filter(pk=committed.colleague.pk).update(role="compliance")
    with acting(committed.colleague):
        assert User.objects.filter(pk=committed.manager.pk).update(password="!") == 0


def test_nobody_makes_an_account_without_saying_who_acts(committed: People) -> None:
    with pytest.raises(DatabaseError):
        User.objects.create(username="ghost", email="ghost@bank.example", name="Ghost", role="compliance")
    assert User.objects.update(language="zh-hans") == 0


def test_a_type_of_the_session_does_not_steal_the_key(committed: People) -> None:
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="leaked"):
        cursor.execute("SELECT 1")
        with transaction.atomic():
            cursor.execute(
                "CREATE FUNCTION pg_temp.leak(v pg_catalog.bytea) RETURNS boolean LANGUAGE plpgsql"
                " AS $$ BEGIN RAISE EXCEPTION 'leaked'; END $$;"
                "CREATE DOMAIN pg_temp.bytea AS pg_catalog.bytea CHECK (pg_temp.leak(VALUE))"
            )
            cursor.execute("SELECT 'x'::pg_temp.bytea")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION pg_temp.leak(v pg_catalog.bytea) RETURNS boolean LANGUAGE plpgsql"
            " AS $$ BEGIN RAISE EXCEPTION 'leaked'; END $$;"
            "CREATE DOMAIN pg_temp.bytea AS pg_catalog.bytea CHECK (pg_temp.leak(VALUE))"
        )
        cursor.execute("SELECT set_config('steward.context', '1..99999999999..0-x.00', true)")
        cursor.execute("SELECT steward_claim(1)")
        assert cursor.fetchone() == (None,)
        transaction.set_rollback(True)


def test_a_token_read_by_another_session_is_worth_nothing_there(committed: People) -> None:
    with acting(committed.manager):
        assert seen(Client) == 1
        stolen = walls._set("")
    connection.close()
    assert with_token(stolen, lambda: seen(Client)) == 0


def test_an_administrator_becomes_nobody_else(committed: People) -> None:
    who = User.objects.filter(pk=committed.administrator.pk)
    for change in ({"role": "compliance"}, {"role": "system"}):
        with pytest.raises(DatabaseError), acting(committed.administrator):
            who.update(**change)
    with pytest.raises(DatabaseError), acting(committed.administrator):
        User.objects.filter(pk=committed.compliance.pk).update(password="!")
