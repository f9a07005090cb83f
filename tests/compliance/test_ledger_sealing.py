"""The sealer takes what no running transaction can add to, once, in an order that stays, and carries it outside."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import connection, transaction

from compliance import operations
from compliance.ledger import kept, verifier
from compliance.ledger.anchoring import Refused, ask_witness
from compliance.ledger.notes import make_key, signer
from compliance.ledger.sealing import seal
from compliance.models import Anchor, Checkpoint, Leaf
from core import audit, errors
from core.models import AuditEvent
from core.walls import acting, service
from tests.compliance.ledgers import Ledger, connect, ledger, now
from tests.people import People


@pytest.fixture
def book(committed: People, tmp_path: Path) -> Iterator[Ledger]:
    """Give a ledger over the events of everybody's making."""
    with ledger(tmp_path) as made:
        yield made


def counted() -> tuple[int, int]:
    """Return how many events there are, and how many leaves."""
    with acting(service()):
        return AuditEvent.objects.count(), Leaf.objects.count()


def test_everything_is_sealed_once(committed: People, book: Ledger) -> None:
    size = book.seal()
    assert counted() == (size, size)
    assert book.seal() == size
    assert book.grow(committed.manager, events=5) == size + 5
    assert book.findings() == []


def test_what_runs_is_left_for_later_and_holds_nobody_up(committed: People, book: Ledger) -> None:
    first = book.seal()
    with acting(committed.manager):
        audit.record("test:slow")
        with connect("steward_sealer") as other:
            assert seal(other, book.log, now=now()) == first
    assert book.seal() == first + 1


def test_a_number_taken_early_and_written_late_finds_its_place(committed: People, book: Ledger) -> None:
    with acting(committed.manager):
        audit.record("test:early")
        thread = threading.Thread(target=later, args=(committed,))
        thread.start()
        thread.join()
        with connect("steward_sealer") as other:
            seal(other, book.log, now=now())
    size = book.seal()
    book.anchor()
    assert counted() == (size, size)
    assert book.findings() == []


def later(people: People) -> None:
    """Act in another session, and end before the first."""
    with acting(people.compliance):
        audit.record("test:later")
    connection.close()


def test_writers_that_go_on_and_turn_back_lose_nothing(committed: People, book: Ledger) -> None:
    def write(number: int) -> None:
        for turn in range(12):
            with acting(committed.manager):
                audit.record("test:write", data={"writer": number, "turn": turn})
                if (number + turn) % 10 == 0:
                    transaction.set_rollback(True)
        connection.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    with connect("steward_sealer") as other:
        while any(thread.is_alive() for thread in threads):
            seal(other, book.log, now=now())
            book.anchor()
    for thread in threads:
        thread.join()
    size = book.seal()
    assert counted() == (size, size)
    with acting(service()):
        assert AuditEvent.objects.filter(verb="test:write").count() == 87
    assert book.findings() == []


def test_two_sealers_do_the_work_once(committed: People, book: Ledger) -> None:
    sizes: list[int] = []
    ended = threading.Event()

    def keep_sealing() -> None:
        with connect("steward_sealer") as connection:
            while not ended.is_set():
                sizes.append(seal(connection, book.log, now=now()))

    threads = [threading.Thread(target=keep_sealing) for _ in range(4)]
    for thread in threads:
        thread.start()
    with acting(committed.manager):
        for number in range(500):
            audit.record("test:act", data={"number": number})
    ended.set()
    for thread in threads:
        thread.join()
    size = book.seal()
    assert counted() == (size, size)
    assert max(sizes) <= size
    assert book.findings() == []


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO compliance_leaf VALUES (100000, 100000)",
        "UPDATE compliance_checkpoint SET note = ''",
        "DELETE FROM compliance_anchor",
        "UPDATE compliance_tile SET hashes = sha256('')",
        "TRUNCATE compliance_leaf",
    ],
)
def test_the_application_cannot_touch_the_ledger(committed: People, book: Ledger, statement: str) -> None:
    book.grow(committed.manager)
    with connect("steward_app") as other, pytest.raises(psycopg.Error):
        other.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT body FROM core_auditevent",
        "SELECT * FROM clients_client",
        "SELECT steward_append('test:act', NULL, '{}', '', NULL)",
        "UPDATE compliance_leaf SET event_id = 1",
        "DELETE FROM compliance_checkpoint",
    ],
)
def test_the_sealer_sees_digests_and_changes_nothing(committed: People, book: Ledger, statement: str) -> None:
    book.grow(committed.manager)
    with connect("steward_sealer") as other, pytest.raises(psycopg.Error):
        other.execute(statement)


def test_a_proof_is_checked_by_the_file_alone(committed: People, book: Ledger, tmp_path: Path) -> None:
    book.grow(committed.manager)
    with acting(committed.compliance):
        event = AuditEvent.objects.filter(verb="test:act")[1]
        proof = kept.proof(event_id=event.pk)
    (tmp_path / "event.json").write_text(proof.event)
    (tmp_path / "event.tlog-proof").write_text(proof.text)
    command = [sys.executable, "-I", verifier.__file__, "proof", "event.json", "event.tlog-proof"]
    keys = ["--key", str(book.log.public), "--witness", str(book.witness.public)]
    done = subprocess.run([*command, *keys], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout[:14]) == (0, f"GOOD   event {event.pk}"[:14]), done.stdout + done.stderr
    (tmp_path / "event.json").write_text(proof.event.replace('"number": 1', '"number": 7'))
    done = subprocess.run([*command, *keys], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "WRONG  the log does not hold this event\n")


def test_a_whole_log_is_checked_by_the_file_alone(committed: People, book: Ledger, tmp_path: Path) -> None:
    book.grow(committed.manager)
    with acting(service()):
        kept.write(tmp_path / "log")
    command = [sys.executable, "-I", verifier.__file__, "log", "log", "--anchors", "anchors"]
    keys = ["--key", str(book.log.public), "--witness", str(book.witness.public)]
    done = subprocess.run([*command, *keys], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout[:4]) == (0, "GOOD"), done.stdout + done.stderr


def test_an_event_that_waits_has_no_proof_yet(committed: People, book: Ledger) -> None:
    book.seal()
    with acting(committed.compliance):
        audit.record("test:act")
        with pytest.raises(errors.Refused):
            kept.proof(event_id=AuditEvent.objects.latest("pk").pk)


def test_the_state_turns_red_when_sealing_or_anchoring_stops(committed: People, book: Ledger) -> None:
    book.grow(committed.manager)
    with acting(committed.compliance):
        assert kept.state(now=now()).good
    with acting(committed.manager):
        audit.record("test:act")
    with acting(committed.compliance):
        assert not kept.state(now=AuditEvent.objects.latest("pk").at + timedelta(seconds=61)).good
    book.seal(now() + timedelta(seconds=1))
    with acting(committed.compliance):
        state = kept.state(now=now() + timedelta(minutes=2))
        assert [one.late for one in state.kept] == [True, True]
        assert not state.good


def test_the_witness_and_the_folder_hold_what_was_sealed(committed: People, book: Ledger) -> None:
    size = book.grow(committed.manager)
    with acting(committed.compliance):
        assert set(Anchor.objects.filter(size=size).values_list("keeper", flat=True)) == {"folder", "witness.example"}
        note = kept.newest_note()
    (path,) = (book.folder / "anchors").glob(f"{size:020}-*.txt")
    assert path.read_text() == note
    assert verifier.checkpoint(note, book.log.public, [book.witness.public]).times


def test_a_witness_takes_no_log_that_became_shorter_or_other(committed: People, book: Ledger, tmp_path: Path) -> None:
    book.grow(committed.manager)
    make_key(tmp_path / "stranger.key", "steward.example/ledger")
    stranger = signer(tmp_path / "stranger.key")
    book.grow(committed.manager)
    with acting(committed.manager):
        audit.record("test:act")
    book.seal(by=stranger)
    with connect("steward_sealer") as other, pytest.raises(Refused, match="403"):
        ask_witness(other, book.reached, book.log.public, now=now())
    with acting(committed.compliance):
        newest = Checkpoint.objects.latest("size").size
        assert not Anchor.objects.filter(size=newest).exists()


def test_the_alarm_is_raised_once_and_called_off_once(committed: People, book: Ledger) -> None:
    book.grow(committed.manager)
    with acting(committed.manager):
        audit.record("test:act")
    with acting(service()):
        waits = AuditEvent.objects.latest("pk").at
        for seconds, late in ((1, []), (61, ["sealer"]), (70, ["sealer"])):
            assert operations.watch_ledger(now=waits + timedelta(seconds=seconds)) == late
    book.grow(committed.manager, at=now())
    with acting(service()):
        assert operations.watch_ledger(now=now()) == []
        told = AuditEvent.objects.filter(verb="ledger:alarm").order_by("id")
        assert [event.body["data"]["late"] for event in told] == [["sealer"], []]


def test_what_is_sealed_during_a_check_is_no_finding(committed: People, book: Ledger) -> None:
    book.grow(committed.manager)
    with acting(service()):
        log = kept.sealed()
        thread = threading.Thread(target=later, args=(committed,))
        thread.start()
        thread.join()
        with connect("steward_sealer") as other:
            seal(other, book.log, now=now())
        size, findings = verifier.check_log(log, book.log.public, [book.witness.public])
    assert findings == []
    assert size > 0
