"""A clock that was set back or forth is found: by the sealer, by the witness, and afterwards by whoever verifies."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from compliance.ledger import kept
from compliance.ledger.anchoring import Refused
from compliance.ledger.verifier import LONGEST_WAIT, SLACK
from config import sealing
from core import audit
from core.walls import acting, service
from tests.compliance.ledgers import Ledger, connect, ledger, now
from tests.compliance.test_ledger_attacks import one
from tests.people import People

DAY = timedelta(days=1)
WITH_A_CLOCK = """
    INSERT INTO core_auditevent (at, verb, table_name, body, digest)
    SELECT at, verb, table_name, body, sha256(convert_to(body::text, 'UTF8')) FROM (
        SELECT at, verb, table_name, jsonb_set(body, '{at}', to_jsonb(%s::text)) AS body
        FROM core_auditevent WHERE verb = 'test:act' ORDER BY id DESC LIMIT 1) event"""


@pytest.fixture
def book(committed: People, tmp_path: Path) -> Iterator[Ledger]:
    """Give a ledger that was sealed once."""
    with ledger(tmp_path) as made:
        made.grow(committed.manager)
        yield made


def write(at: datetime) -> None:
    """Write an event as the database would whose clock says ``at``; nobody can set the real one here."""
    with connect("postgres") as connection:
        connection.execute(WITH_A_CLOCK, [f"{at:%Y-%m-%dT%H:%M:%S.%fZ}"])


@pytest.mark.parametrize("shift", [-DAY, DAY], ids=["back", "forth"])
def test_an_event_with_the_time_of_a_clock_that_was_set_is_named(book: Ledger, shift: timedelta) -> None:
    assert book.findings() == []
    write(now() + shift)
    size = book.seal()
    assert book.findings() == [f"event at place {size - 1} says another time than its checkpoint: a clock was set"]


def test_a_transaction_that_ran_for_hours_is_no_finding(book: Ledger) -> None:
    write(now() - timedelta(seconds=LONGEST_WAIT - 60))
    write(now() + timedelta(seconds=SLACK - 60))
    book.seal()
    assert book.findings() == []


@pytest.mark.parametrize("shift", [-DAY, DAY], ids=["back", "forth"])
def test_nothing_is_sealed_while_two_clocks_differ_and_that_is_an_alarm(
    committed: People, book: Ledger, shift: timedelta
) -> None:
    with acting(committed.manager):
        audit.record("test:act", data={"number": 1})
    values = {"LEDGER_KEY_FILE": str(book.folder / "ledger.key")}
    with connect("steward_sealer") as connection:
        before = one(connection, "SELECT max(size) FROM compliance_checkpoint")
        (told,) = sealing.once(connection, values, now=now() + shift)
        assert "s from the sealer's: nothing is sealed" in told
        assert one(connection, "SELECT max(size) FROM compliance_checkpoint") == before
    with acting(service()):
        assert kept.state(now=now() + timedelta(seconds=61)).late == ["sealer"]
        assert kept.state(now=now() - DAY).late == ["sealer"]
    with connect("steward_sealer") as connection:
        assert list(sealing.once(connection, values, now=now())) == []


def test_a_witness_takes_no_checkpoint_of_tomorrow(committed: People, book: Ledger) -> None:
    with acting(committed.manager):
        audit.record("test:act", data={"number": 1})
    book.seal(now() + DAY)
    with pytest.raises(Refused, match="a clock was set"):
        book.anchor()


def test_a_sealer_whose_clock_went_back_contradicts_itself(committed: People, book: Ledger) -> None:
    with acting(committed.manager):
        audit.record("test:act", data={"number": 1})
    book.seal(now() - DAY)
    assert any("is older" in finding for finding in book.findings())
