"""The ledger's page: green or red, the check, the proof of an event, for compliance alone."""

import io
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse

from compliance import operations
from compliance.ledger.verifier import check_proof
from core import audit
from core.models import AuditEvent, Job
from core.walls import acting, service
from tests.compliance.ledgers import Ledger, ledger, now
from tests.compliance.test_ledger_attacks import edit, superuser
from tests.conftest import SignIn
from tests.people import People


@pytest.fixture
def book(committed: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    """Give a ledger that is sealed and anchored, at a time when nothing waits too long."""
    with ledger(tmp_path) as made:
        made.grow(committed.manager)
        monkeypatch.setattr("compliance.views.clock.now", lambda: now() + timedelta(seconds=5))
        yield made


def test_green_while_everything_is_sealed_kept_and_unchanged(committed: People, book: Ledger, sign_in: SignIn) -> None:
    text = sign_in(committed.compliance).get(reverse("compliance:ledger")).text
    assert "Green." in text
    assert "witness.example" in text
    assert str(book.log.public) in text


def test_a_check_says_what_was_touched(committed: People, book: Ledger, sign_in: SignIn) -> None:
    browser = sign_in(committed.compliance)
    assert browser.post(reverse("compliance:check_ledger")).status_code == 302
    with acting(committed.compliance):
        assert Job.objects.get(name="compliance.check_ledger").requested_by == committed.compliance
    with acting(service()):
        assert operations.check_ledger(now=now()) == []
    with superuser() as connection:
        edit(connection, book)
    with acting(service()):
        assert operations.check_ledger(now=now()) != []
    text = browser.get(reverse("compliance:ledger")).text
    assert "Red." in text
    assert "is not the one that was sealed" in text


def test_the_proof_of_an_event_can_be_taken_away(committed: People, book: Ledger, sign_in: SignIn) -> None:
    with acting(committed.compliance):
        event = AuditEvent.objects.filter(verb="test:act").latest("pk")
    answer = sign_in(committed.compliance).get(reverse("compliance:proof", args=[event.pk]))
    assert answer["Content-Disposition"] == f'attachment; filename="event-{event.pk}.zip"'
    files = zipfile.ZipFile(io.BytesIO(answer.content))
    assert len(files.namelist()) == 4
    proof = files.read(f"event-{event.pk}.tlog-proof").decode()
    check_proof(files.read(f"event-{event.pk}.json"), proof, book.log.public, [book.witness.public])
    with acting(committed.compliance):
        assert AuditEvent.objects.filter(verb="proof:read", actor=committed.compliance).count() == 1


def test_an_event_that_waits_is_told_so(committed: People, book: Ledger, sign_in: SignIn) -> None:
    with acting(committed.compliance):
        audit.record("test:act")
        event = AuditEvent.objects.latest("pk")
    answer = sign_in(committed.compliance).get(reverse("compliance:proof", args=[event.pk]), follow=True)
    assert "not sealed yet" in answer.text


def test_checkpoints_and_the_verifier_are_files(committed: People, book: Ledger, sign_in: SignIn) -> None:
    browser = sign_in(committed.compliance)
    assert browser.get(reverse("compliance:checkpoint")).text.startswith("steward.example/ledger\n")
    assert "def check_log" in browser.get(reverse("compliance:verifier")).text


def test_without_a_key_the_page_says_so_and_checks_nothing(people: People, sign_in: SignIn) -> None:
    browser = sign_in(people.compliance)
    assert "No ledger is set up here" in browser.get(reverse("compliance:ledger")).text
    answer = browser.post(reverse("compliance:check_ledger"), follow=True)
    assert "No key of a ledger is set" in answer.text
    assert browser.get(reverse("compliance:checkpoint")).status_code == 404


@pytest.mark.parametrize("name", ["manager", "lead", "operations", "administrator", "auditor"])
def test_others_have_no_ledger(people: People, sign_in: SignIn, name: str) -> None:
    assert sign_in(people.everybody()[name]).get(reverse("compliance:ledger")).status_code == 403
