"""The excerpt of a real bank loads exactly, twice as well as once, and its accounts add up or say why not."""

import datetime as dt
import io
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from clients.models import Client, Coverage
from core.walls import acting, service
from portfolios.feeds import berka
from portfolios.models import Account, AccountParty, Transaction
from tests.people import People

FOLDER = Path(__file__).parents[1] / "fixtures" / "berka"


def load(*arguments: str, folder: Path = FOLDER) -> str:
    """Run the command and return what it prints."""
    out = io.StringIO()
    call_command("load_berka", str(folder), *arguments, stdout=out)
    return out.getvalue()


def test_the_excerpt_loads_exactly(people: People) -> None:
    told = load()
    for line in ("clients: 45 created", "accounts: 34 created", "disponents: 11 created", "transactions: 767 created"):
        assert line in told
    with acting(service()):
        loaded = Client.objects.filter(reference__startswith="berka-")
        assert (loaded.count(), Account.objects.count(), AccountParty.objects.count()) == (45, 34, 11)
        assert Transaction.objects.count() == 767
        assert all(set(client.invented) >= {"name", "email", "consented_on"} for client in loaded)
        managers = Coverage.objects.filter(client__in=loaded).values_list("manager__username", flat=True)
        assert {*managers} == {"bao", "colleague", "mei", "stranger"}


def test_loading_twice_brings_nothing_new(people: People) -> None:
    load()
    told = load()
    for line in (
        "clients: 0 created, 0 changed, 45",
        "accounts: 0 created, 0 changed, 34",
        "transactions: 0 created, 0 changed, 767",
    ):
        assert line in told


def test_accounts_that_do_not_add_up_are_listed_with_the_reason(people: People) -> None:
    told = load("--all")
    assert "berka-1699" in told
    assert "(cut)" in told
    assert "unexplained: 0 days" in told


def test_the_named_managers_share_the_clients(people: People) -> None:
    load("--manager", "mei", "--manager", "bao")
    with acting(service()):
        managers = Coverage.objects.filter(client__reference__startswith="berka-").values_list(
            "manager__username", flat=True
        )
        assert {*managers} == {"mei", "bao"}


@pytest.mark.parametrize("name", ["nobody", "lou", "compliance"])
def test_an_unknown_manager_is_refused(people: People, name: str) -> None:
    with pytest.raises(CommandError, match=name):
        load("--manager", name)


@pytest.mark.django_db
def test_without_any_manager_nothing_is_loaded() -> None:
    with pytest.raises(CommandError, match="no active relationship manager"):
        load()


def test_a_folder_without_the_files_is_refused(people: People, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"client\.asc"):
        load(folder=tmp_path)


def test_a_file_that_names_an_unknown_account_leaves_the_others(people: People, tmp_path: Path) -> None:
    for name in berka.FILES:
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    with (tmp_path / "trans.asc").open("ab") as file:
        file.write(b'1;99999;941031;"PRIJEM";"VKLAD";1.00;1.00;"";;\r\n')
    with pytest.raises(CommandError, match=r"transactions: nothing was loaded, 1 lines were refused\. Line 769"):
        load(folder=tmp_path)
    with acting(service()):
        assert (Account.objects.count(), Transaction.objects.count()) == (34, 0)


def test_birth_numbers_tell_the_day_of_women_too() -> None:
    assert (berka.born("706213"), berka.born("450204")) == (dt.date(1970, 12, 13), dt.date(1945, 2, 4))


def test_a_cash_debit_of_the_third_kind_is_a_debit() -> None:
    row = {
        "trans_id": "1", "account_id": "2", "date": "930101", "type": "VYBER", "operation": "VYBER", "amount": "10.00",
        "balance": "0.00", "k_symbol": "", "bank": "YZ", "account": "0",
    }  # fmt: skip
    movement = berka._transaction(2, row)
    assert (movement.amount, movement.kind, movement.counterparty) == (Decimal(-10), "cash", "YZ")
