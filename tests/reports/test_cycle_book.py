"""A month end of a demo book: whoever agreed gets one mail, locked with the own secret, with the own figures."""

import datetime as dt
import email.utils
import io
from decimal import Decimal

import pikepdf
import pytest
from django.core.management import call_command

from clients import queries as clients
from clients.queries import Recipient
from config.mailsink import MailSink
from core.walls import acting, service
from reports.models import Delivery, Statement
from tests.reports.paper import squeezed, words

AS_OF = dt.date(2026, 4, 1)


def turn(size: int) -> None:
    """Build the book once, then turn the desk for the month end twice."""
    call_command(
        "build_book", "--clients", str(size), "--seed", "7", "--as-of", AS_OF.isoformat(), stdout=io.StringIO()
    )
    for _again in range(2):
        call_command("run_cycle", "--as-of", "2026-03-31", stdout=io.StringIO())


def expected() -> dict[str, tuple[Statement, Recipient]]:
    """Return, by address, the statement of each client who agreed, and how it goes out."""
    with acting(service()):
        found = {one.client_id: one for one in Statement.objects.select_related("client")}
        ways = {pk: clients.statement_recipient(pk) for pk in found}
    return {way.email.lower(): (found[pk], way) for pk, way in ways.items() if way is not None and way.consented}


def check(relay: MailSink, size: int) -> None:
    """Read every mail from the server and compare what it carries with what was frozen."""
    wanted = expected()
    mails = relay.mailbox.messages()
    assert sorted(email.utils.parseaddr(str(mail["To"]))[1].lower() for mail in mails) == sorted(wanted)
    for mail in mails:
        statement, way = wanted[email.utils.parseaddr(str(mail["To"]))[1].lower()]
        (paper,) = [part.get_content() for part in mail.iter_attachments()]
        with pytest.raises(pikepdf.PasswordError):
            pikepdf.open(io.BytesIO(paper))
        text = squeezed(words(paper, way.secret))
        assert f"{Decimal(statement.snapshot['totals']['total']):,.2f}" in text
        assert statement.client.reference in text
        assert statement.digest in text
    with acting(service()):
        assert Statement.objects.count() == Delivery.objects.count() == size


@pytest.mark.django_db(transaction=True)
def test_a_small_book(relay: MailSink) -> None:
    turn(12)
    check(relay, 12)


@pytest.mark.full
@pytest.mark.django_db(transaction=True)
def test_the_demo_book(relay: MailSink) -> None:
    turn(300)
    check(relay, 300)
