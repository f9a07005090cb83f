"""Once a day an authority's clock stands over the newest checkpoint; an answer that is not that is refused."""

import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from compliance.ledger import kept, stamping
from compliance.ledger.anchoring import Refused
from compliance.ledger.stamping import authority, stamp
from compliance.models import Anchor, Checkpoint
from config import sealing
from core.walls import acting
from tests.compliance.authority import Stamps, serving
from tests.compliance.ledgers import Ledger, connect, ledger, now
from tests.people import People


@pytest.fixture
def book(committed: People, tmp_path: Path) -> Iterator[Ledger]:
    """Give a ledger that was sealed once."""
    with ledger(tmp_path) as made:
        made.grow(committed.manager)
        yield made


@pytest.fixture
def clock() -> Iterator[Stamps]:
    """Give an authority that answers."""
    with serving(Stamps()) as made:
        yield made


def stamped(book: Ledger, clock: Stamps, *, after: timedelta = timedelta(0)) -> int | None:
    """Have the newest checkpoint stamped as the sealer does."""
    clock.ahead = after
    with connect("steward_sealer") as connection:
        by = authority(clock.url, clock.roots(book.folder))
        return stamp(connection, by, book.folder / "anchors", now=now() + after)


def test_the_newest_checkpoint_is_stamped_once_a_day(committed: People, book: Ledger, clock: Stamps) -> None:
    size = stamped(book, clock)
    assert size
    with acting(committed.compliance):
        note = Checkpoint.objects.get(size=size).note
        assert Anchor.objects.filter(keeper="timestamp", size=size).count() == 1
    assert (book.folder / "anchors" / f"{size:020}.note").read_text() == note
    book.grow(committed.manager)
    assert stamped(book, clock) is None
    assert clock.asked == 1
    later = stamped(book, clock, after=timedelta(hours=25))
    assert later
    assert later > size
    assert stamped(book, clock, after=timedelta(hours=51)) is None, "nothing new was sealed"


@pytest.mark.full
def test_openssl_takes_the_stamp_and_no_other_note(book: Ledger, clock: Stamps) -> None:
    size = stamped(book, clock)
    folder, roots = book.folder / "anchors", clock.roots(book.folder)
    files = ["-data", f"{size:020}.note", "-in", f"{size:020}.tsr", "-CAfile", str(roots)]
    command = ["openssl", "ts", "-verify", *files]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (folder / f"{size:020}.note").chmod(0o644)
    (folder / f"{size:020}.note").write_text("steward.example/ledger\n1\n")
    assert subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode != 0


def test_a_stamp_stands_in_no_note_and_disturbs_no_verifier(committed: People, book: Ledger, clock: Stamps) -> None:
    stamped(book, clock)
    with acting(committed.compliance):
        assert kept.newest_note().count("\N{EM DASH}") == 2
        assert [one.keeper for one in kept.state(now=now()).kept] == ["folder", "timestamp", "witness.example"]
    assert book.findings() == []


def test_a_stamp_is_late_after_two_days(committed: People, book: Ledger, clock: Stamps) -> None:
    stamped(book, clock)
    book.grow(committed.manager)
    with acting(committed.compliance):
        for days, late in ((1, []), (3, ["timestamp"])):
            state = kept.state(now=now() + timedelta(days=days))
            assert [one.keeper for one in state.kept if one.late] == late


@pytest.mark.parametrize("fault", ["clock", "signature", "root", "silence"])
def test_what_is_no_stamp_of_now_is_refused(committed: People, book: Ledger, clock: Stamps, fault: str) -> None:
    by = authority(clock.url, clock.roots(book.folder))
    clock.spoiled = fault == "signature"
    clock.ahead = timedelta(days=1) if fault == "clock" else timedelta(0)
    if fault == "root":
        by = authority(clock.url, Stamps().roots(book.folder))
    if fault == "silence":
        by = stamping.Authority("http://127.0.0.1:1", by.roots)
    with connect("steward_sealer") as connection, pytest.raises(Refused):
        stamp(connection, by, book.folder / "anchors", now=now())
    with acting(committed.compliance):
        assert not Anchor.objects.filter(keeper="timestamp").exists()


def test_the_sealer_asks_where_it_is_told_to(committed: People, book: Ledger, clock: Stamps) -> None:
    values = {
        "LEDGER_KEY_FILE": str(book.folder / "ledger.key"),
        "ANCHOR_FOLDER": str(book.folder / "anchors"),
        "TIMESTAMP_URL": clock.url,
        "TIMESTAMP_ROOTS": str(clock.roots(book.folder)),
    }
    with connect("steward_sealer") as connection:
        assert list(sealing.once(connection, values, now=now())) == []
    assert clock.asked == 1
