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
from portfolios.models import Account, AccountParty, FeedRun, Transaction
from tests.people import People

FILES = ("account.asc", "client.asc", "disp.asc", "trans.asc")
FOLDER = Path(__file__).parents[1] / "fixtures" / "berka"


def load(*arguments: str, folder: Path = FOLDER) -> str:
    """Run the command and return what it prints."""
    out = io.StringIO()
    call_command("load_berka", str(folder), *arguments, stdout=out)
    return out.getvalue()


def test_the_excerpt_loads_exactly(people: People) -> None:
    told = load()
    assert "858 created, 0 changed, 0 unchanged" in told
    with acting(service()):
        loaded = Client.objects.filter(reference__startswith="berka-")
        assert (loaded.count(), Account.objects.count(), AccountParty.objects.count()) == (45, 34, 11)
        assert Transaction.objects.count() == 767
        assert all(set(client.invented) >= {"name", "email", "consented_on"} for client in loaded)
        managers = Coverage.objects.filter(client__in=loaded).values_list("manager__username", flat=True)
        assert {*managers} == {"bao", "colleague", "mei", "stranger"}


def test_loading_twice_brings_nothing_new(people: People) -> None:
    load()
    with acting(service()):
        FeedRun.objects.update(state="undone")  # the same bytes would be answered with the run before
    assert "0 created, 0 changed, 858 unchanged" in load()


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


def test_a_file_that_names_an_unknown_account_leaves_nothing(people: People, tmp_path: Path) -> None:
    for name in FILES:
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    with (tmp_path / "trans.asc").open("ab") as file:
        file.write(b'1;99999;941031;"PRIJEM";"VKLAD";1.00;1.00;"";;\r\n')
    with pytest.raises(CommandError, match=r"Nothing was loaded, 1 lines were refused\. Line 769"):
        load(folder=tmp_path)
    with acting(service()):
        assert (Account.objects.count(), Transaction.objects.count()) == (0, 0)


def test_birth_numbers_tell_the_day_of_women_too(people: People) -> None:
    load()
    with acting(service()):
        born = dict(Client.objects.filter(reference__startswith="berka-").values_list("reference", "born_on"))
    told = dict(
        line.replace('"', "").split(";")[:2] for line in (FOLDER / "client.asc").read_text("cp1250").splitlines()
    )
    women = [number for number in told if number.isdecimal() and int(told[number][2:4]) > 50]
    assert women
    for number in women:
        year, month, day = (int(told[number][at : at + 2]) for at in (0, 2, 4))
        assert born[f"berka-{number}"] == dt.date(1900 + year, month - 50, day)


def test_a_cash_debit_of_the_third_kind_is_a_debit(people: People, tmp_path: Path) -> None:
    for name in FILES:
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    account = (FOLDER / "account.asc").read_text("cp1250").splitlines()[1].split(";")[0]
    with (tmp_path / "trans.asc").open("ab") as file:
        file.write(f'1;{account};941031;"VYBER";"VYBER";10.00;0.00;"";"YZ";"0"\r\n'.encode())
    load(folder=tmp_path)
    with acting(service()):
        movement = Transaction.objects.get(reference="berka-1")
    assert (movement.amount, movement.kind, movement.counterparty) == (Decimal(-10), "cash", "YZ")
