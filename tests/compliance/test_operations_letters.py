"""Every morning compliance has the root of the ledger in a mail of its own, once, and what waits."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from compliance import operations
from compliance.models import Checkpoint
from config.mailsink import Fault, MailSink
from core.models import AuditEvent, User
from core.walls import acting, service
from tests import factories
from tests.compliance.ledgers import Ledger, ledger, now
from tests.people import People


@pytest.fixture
def book(committed: People, tmp_path: Path) -> Iterator[Ledger]:
    """Give a ledger that was sealed and seen outside."""
    with ledger(tmp_path) as made:
        made.grow(committed.manager)
        yield made


def mail() -> list[int]:
    """Let the morning come; return who was put off."""
    with acting(service()):
        return operations.mail_day(now=now())


def letters(relay: MailSink) -> dict[str, Any]:
    return {str(letter["To"]): letter for letter in relay.mailbox.messages()}


def test_each_officer_has_the_root_and_what_waits(committed: People, book: Ledger, relay: MailSink) -> None:
    with acting(service()):
        User.objects.filter(pk=committed.deputy.pk).update(language="zh-hans")
        newest = Checkpoint.objects.latest("size")
    factories.approval(committed.manager, factories.owned_by(committed.client_id), committed.colleague)
    book.grow(committed.manager)
    with acting(service()):
        newest = Checkpoint.objects.latest("size")
    assert mail() == []
    told = letters(relay)
    assert set(told) == {committed.compliance.email, committed.deputy.email}
    for letter in told.values():
        assert newest.short_root in letter.get_content()
        assert f"{newest.size:,}" in letter.get_content()
        assert "Li Wen" not in letter.as_string()
    english, chinese = (told[one.email] for one in (committed.compliance, committed.deputy))
    assert "green" in english["Subject"]
    assert "Approvals that wait for you: 1" in english.get_content()
    assert "账本" in chinese["Subject"]


def test_nobody_is_told_twice_and_who_was_put_off_is_told_later(
    committed: People, book: Ledger, relay: MailSink
) -> None:
    relay.faults.append(Fault("defer", recipient=committed.deputy.email, times=1))
    assert mail() == [committed.deputy.pk]
    assert mail() == []
    assert mail() == []
    sent = [str(letter["To"]) for letter in relay.mailbox.messages()]
    assert sorted(sent) == sorted([committed.compliance.email, committed.deputy.email])
    with acting(service()):
        assert AuditEvent.objects.filter(verb="ledger:mail").count() == 2


def test_a_ledger_that_nobody_seals_is_red_in_the_mail(committed: People, relay: MailSink) -> None:
    assert mail() == []
    letter = letters(relay)[committed.compliance.email]
    assert "red" in letter["Subject"]
    assert "Nothing is sealed yet" in letter.get_content()
