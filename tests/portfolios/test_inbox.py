"""The watched folder: a file is received once when it stands still, and its result lies beside it."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.utils import timezone

from core.walls import acting, service
from portfolios import operations
from portfolios.models import FeedRun
from portfolios.operations import inbox as room
from tests import factories
from tests.people import People
from tests.portfolios.test_feeds_operations import ACCOUNTS, CLIENTS

NOW = timezone.now()


@pytest.fixture
def inbox(people: People, tmp_path: Path) -> Path:
    """Return an empty folder that nobody has looked into."""
    cache.clear()
    return tmp_path


def lay(folder: Path, name: str, text: str = CLIENTS) -> Path:
    """Lay a file that was written a while ago."""
    path = folder / name
    path.write_text(text)
    then = (NOW - timedelta(minutes=5)).timestamp()
    os.utime(path, (then, then))
    return path


def look(folder: Path) -> int:
    """Look twice, as the schedule does a minute apart; return how many files were received at the second look."""
    operations.scan(folder=folder, now=NOW)
    return operations.scan(folder=folder, now=NOW)


def work() -> None:
    """Apply what waits."""
    with acting(service()):
        for key in FeedRun.objects.filter(state="waiting").values_list("pk", flat=True):
            operations.apply(run_id=key, now=NOW)


def names(folder: Path) -> list[str]:
    """Return the files of a folder, without the numbers of runs."""
    return sorted(path.name.partition("-")[2] for path in folder.iterdir())


def test_a_file_that_stands_still_is_received_once(inbox: Path) -> None:
    lay(inbox, "clients_20260331.csv")
    assert operations.scan(folder=inbox, now=NOW) == 0
    assert operations.scan(folder=inbox, now=NOW) == 1
    assert operations.scan(folder=inbox, now=NOW) == 0
    with acting(service()):
        run = FeedRun.objects.get()
    assert (run.kind, run.source, run.state, run.file_name) == ("clients", "folder", "waiting", "clients_20260331.csv")
    assert [path.name for path in (inbox / "running").iterdir()] == [f"{run.pk}-clients_20260331.csv"]


def test_a_file_that_is_being_written_is_left_alone(inbox: Path) -> None:
    path = lay(inbox, "clients.csv")
    operations.scan(folder=inbox, now=NOW)
    path.write_text(CLIENTS + "C8,person,Li,mei\n")
    assert operations.scan(folder=inbox, now=NOW) == 0


@pytest.mark.parametrize("name", [".clients.csv", "clients.csv.part", "clients.csv~", "clients.tmp"])
def test_an_unfinished_name_is_left_alone(inbox: Path, name: str) -> None:
    path = lay(inbox, name)
    assert look(inbox) == 0
    assert path.exists()


def test_what_was_applied_lies_with_its_result(inbox: Path) -> None:
    lay(inbox, "clients.csv")
    look(inbox)
    work()
    operations.scan(folder=inbox, now=NOW)
    assert names(inbox / "done") == ["clients.csv", "clients.csv.txt"]
    (told,) = (inbox / "done").glob("*.txt")
    assert "2" in told.read_text()


def test_what_was_refused_lies_with_the_lines_to_correct(inbox: Path) -> None:
    lay(inbox, "clients.csv", CLIENTS.replace("person", "robot"))
    look(inbox)
    work()
    operations.scan(folder=inbox, now=NOW)
    assert names(inbox / "refused") == ["clients.csv", "clients.csv.txt", "clients.csv.wrong-lines.csv"]


def test_files_that_others_need_go_first(inbox: Path) -> None:
    lay(inbox, "accounts.csv", ACCOUNTS)
    lay(inbox, "clients.csv")
    assert look(inbox) == 1
    assert operations.scan(folder=inbox, now=NOW) == 0
    work()
    assert look(inbox) == 1
    work()
    operations.scan(folder=inbox, now=NOW)
    assert names(inbox / "done") == ["accounts.csv", "accounts.csv.txt", "clients.csv", "clients.csv.txt"]


def test_a_mapping_is_known_by_its_name(inbox: Path, people: People) -> None:
    mapping = factories.mapping(people.operations, name="clients-core")
    lay(inbox, "clients-core_1.csv", "id;acc;day;sum\n")
    look(inbox)
    with acting(service()):
        assert FeedRun.objects.get().mapping_id == mapping.pk


@pytest.mark.parametrize("name", ["notes.csv", "clients.exe", "clients 'x'.csv", "clientsextra.csv"])
def test_a_name_that_says_nothing_is_refused_with_the_reason(inbox: Path, name: str) -> None:
    lay(inbox, name)
    assert look(inbox) == 0
    assert len(list((inbox / "refused").glob("*.txt"))) == 1
    with acting(service()):
        assert not FeedRun.objects.exists()


def test_links_and_devices_are_not_followed(inbox: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("elsewhere") / "secret"
    secret.write_text(CLIENTS)
    (inbox / "clients.csv").symlink_to(secret)
    os.mkfifo(inbox / "accounts.csv")
    os.link(secret, inbox / "prices.csv")
    assert look(inbox) == 0
    with acting(service()):
        assert not FeedRun.objects.exists()


def test_two_looks_at_once_do_the_work_of_one(inbox: Path) -> None:
    lay(inbox, "clients.csv")
    operations.scan(folder=inbox, now=NOW)
    with room._alone(inbox) as first:
        assert first
        assert operations.scan(folder=inbox, now=NOW) == 0
    assert operations.scan(folder=inbox, now=NOW) == 1
