"""A restore from a backup is an attack until two officers declare it in the log and a new key seals from there on."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings
from django.urls import reverse

from compliance import operations
from compliance.ledger import kept
from compliance.ledger.anchoring import Refused
from compliance.ledger.notes import make_key, signer
from compliance.ledger.verifier import check_proof
from compliance.models import Checkpoint
from core import audit, errors
from core.models import Approval, AuditEvent
from core.walls import acting
from tests import factories
from tests.compliance.ledgers import Ledger, ledger, now
from tests.compliance.test_ledger_attacks import back_to_yesterday, superuser
from tests.conftest import SignIn
from tests.people import People

REASON = "The disk failed and the backup of the night came back"


@pytest.fixture
def book(committed: People, tmp_path: Path) -> Iterator[Ledger]:
    """Give a ledger that grew three times, each time seen outside."""
    with ledger(tmp_path) as made:
        for _turn in range(3):
            made.grow(committed.manager)
        yield made


def sizes(people: People) -> list[int]:
    with acting(people.compliance):
        return list(Checkpoint.objects.order_by("size").values_list("size", flat=True))


def restored(people: People, book: Ledger) -> int:
    """Put the database back; work goes on and is sealed with the old key. Return how far the log had come before."""
    lost = sizes(people)[-1]
    with superuser() as connection:
        back_to_yesterday(connection, book)
    with acting(people.manager):
        audit.record("test:act", data={"number": 99})
    book.seal()
    return lost


def declared(people: People, lost: int) -> Approval:
    """Declare the loss by two officers."""
    with acting(people.compliance):
        row = operations.ask_restore(user=people.compliance, lost=lost, reason=REASON, now=now())
    factories.approved(row, people.deputy)
    return row


def next_epoch(book: Ledger) -> Ledger:
    """Give the sealer a key with another name, and tell the witness."""
    make_key(book.folder / "second.key", "steward.example/ledger/2")
    second = signer(book.folder / "second.key")
    book.watcher.logs[second.public.name] = second.public
    return replace(book, log=second, earlier=[book.log.public])


def test_a_restore_that_nobody_declared_is_an_attack(committed: People, book: Ledger) -> None:
    restored(committed, book)
    with pytest.raises(Refused, match="its tail was cut"):
        book.anchor()
    second = next_epoch(book)
    second.grow(committed.manager)
    assert any("history rewritten" in finding or "tail truncated" in finding for finding in second.findings())


def test_a_declared_one_is_verified_from_the_first_event_on(committed: People, book: Ledger) -> None:
    lost = restored(committed, book)
    row = declared(committed, lost)
    second = next_epoch(book)
    second.grow(committed.manager)
    second.grow(committed.manager, events=30)
    assert second.findings() == []
    with acting(committed.compliance):
        event = AuditEvent.objects.get(verb="ledger:restore")
        assert event.body["data"] == row.content
        with override_settings(LEDGER_KEYS=[str(second.log.public), *settings.LEDGER_KEYS]):
            proof = kept.proof(event_id=event.pk)
    check_proof(proof.event.encode(), proof.text, second.log.public, [second.witness.public])
    assert book.findings() != []


def test_what_was_seen_beyond_the_declared_loss_is_found(committed: People, book: Ledger) -> None:
    lost = restored(committed, book)
    declared(committed, lost - 1)
    second = next_epoch(book)
    second.grow(committed.manager, events=30)
    assert any("history rewritten" in finding for finding in second.findings())


def test_what_was_kept_is_still_compared(committed: People, book: Ledger) -> None:
    lost = restored(committed, book)
    declared(committed, lost)
    second = next_epoch(book)
    second.grow(committed.manager, events=30)
    with superuser() as connection:
        connection.execute(
            "UPDATE core_auditevent SET body = jsonb_set(body, '{data}', '{}')"
            " WHERE id = (SELECT event_id FROM compliance_leaf WHERE place = 1)"
        )
    assert "event at place 1 is not the one that was sealed" in second.findings()


def test_only_what_is_missing_is_declared(committed: People, book: Ledger) -> None:
    with acting(committed.compliance), pytest.raises(errors.Refused) as refusal:
        operations.ask_restore(user=committed.compliance, lost=sizes(committed)[-1], reason=REASON, now=now())
    assert (refusal.value.code, refusal.value.field) == ("restore-known", "lost")


def test_it_is_refused_when_the_ledger_was_seen_outside_since(committed: People, book: Ledger) -> None:
    with acting(committed.compliance):
        row = operations.ask_restore(user=committed.compliance, lost=10_000, reason=REASON, now=now())
    book.grow(committed.manager)
    with pytest.raises(errors.Refused) as refusal:
        factories.approved(row, committed.deputy)
    assert refusal.value.code == "restore-stale"


def test_it_is_asked_on_a_page(committed: People, book: Ledger, sign_in: SignIn) -> None:
    browser, page = sign_in(committed.compliance), reverse("compliance:restore")
    wrong = browser.post(page, {"lost": "1", "reason": REASON})
    assert wrong.status_code == 422
    assert list(wrong.context["form"].errors) == ["lost"]
    asked = browser.post(page, {"lost": "10000", "reason": REASON}, follow=True)
    assert "10,000" in asked.text
    assert sign_in(committed.manager).get(page).status_code == 403
