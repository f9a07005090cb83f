"""Exactly one mail, whatever the relay does and whoever dies; what cannot be known is left to a person."""

import datetime as dt
import io
import sys
import time
from pathlib import Path

import pikepdf
import pytest
from aiosmtpd.smtp import Session
from django.core.files.storage import default_storage
from pytest_django import Settings

from clients import operations as clients_write
from clients.models import Client
from compliance import operations as compliance
from config.mailsink import Fault, MailSink, Server, attachments
from core import jobs
from core.errors import Refused
from core.models import AuditEvent, Job
from core.post import address
from core.walls import acting, service
from portfolios.models import Deposit
from reports import operations
from reports.models import Delivery, Statement
from tests import factories
from tests.people import People
from tests.reports import post
from tests.reports.paper import SECRET

SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def printed(client_ready: Client) -> Client:
    """Bring the client's statement as far as the relay's door."""
    post.issue()
    post.work_only("reports.issue")
    post.work_only("reports.render")
    return client_ready


def out(client: Client) -> Delivery:
    """Return the client's latest delivery."""
    with acting(service()):
        return Delivery.objects.filter(client=client).latest("attempt")


def test_the_mail_is_the_clients_and_its_document_opens_with_the_secret(printed: Client, relay: MailSink) -> None:
    post.work()
    (message,) = relay.mailbox.messages()
    assert message["To"] == "li.wen@mail.example"
    assert message["Reply-To"] == "mei@bank.example"
    ((name, content),) = attachments(message)
    assert name == "statement-2026-03.pdf"
    with pikepdf.open(io.BytesIO(content), password=SECRET) as document:
        assert len(document.pages) == post.statement(client=printed).pages
    assert (out(printed).state, out(printed).hint) == ("sent", "…mple")


def test_a_job_that_runs_twice_sends_once(printed: Client, relay: MailSink) -> None:
    post.work()
    operations.deliver(delivery_id=out(printed).pk, now=post.NOW)
    assert post.mails(relay) == 1


def test_a_relay_that_puts_off_three_times_gets_it_the_fourth_time(printed: Client, relay: MailSink) -> None:
    relay.faults.append(Fault("defer", times=3))
    post.work(until=post.NOW + post.LATER)
    assert post.mails(relay) == 1
    assert (out(printed).state, out(printed).tries) == ("sent", 4)


def test_the_delay_grows(printed: Client, relay: MailSink) -> None:
    relay.faults.append(Fault("defer", times=2))
    post.work()
    post.work(now=post.NOW + dt.timedelta(seconds=6))
    with acting(service()):
        due = Job.objects.get(state=Job.State.QUEUED, name="reports.deliver").due_at
    assert 20 <= (due - post.NOW).total_seconds() <= 24


def test_a_relay_that_always_puts_off_ends_in_a_task(printed: Client, relay: MailSink) -> None:
    relay.faults.append(Fault("defer", times=99))
    post.work(until=post.NOW + post.LATER)
    assert (out(printed).state, out(printed).tries, post.mails(relay)) == ("failed", 8, 0)
    assert post.tasks(printed.pk) == ["delivery"]


def test_a_mailbox_that_does_not_exist_is_told_at_once_and_not_tried_again(printed: Client, relay: MailSink) -> None:
    relay.faults.append(Fault("refuse"))
    post.work(until=post.NOW + post.LATER)
    left = out(printed)
    assert (left.state, left.tries) == ("failed", 1)
    assert left.reason.startswith("550")
    assert post.tasks(printed.pk) == ["delivery"]
    assert post.mails(relay) == 0


def test_a_refusal_is_kept_without_the_address(
    printed: Client, relay: MailSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "_fault", lambda kind, recipients: None)

    async def refuse(*_given: object) -> str:
        return "550 <li.wen@mail.example> unknown"

    monkeypatch.setattr(relay, "handle_RCPT", refuse)
    post.work()
    assert out(printed).reason == "550 <…> unknown"


def test_no_relay_at_all_is_no_refusal(printed: Client) -> None:
    post.work()
    assert (out(printed).state, out(printed).tries) == ("waiting", 1)


def test_a_relay_that_hangs_up_with_the_mail_is_asked_and_does_not_get_it_again(
    printed: Client, relay: MailSink
) -> None:
    relay.faults.append(Fault("keep_and_drop"))
    post.work()
    assert out(printed).state == "sending"
    post.work(until=post.NOW + dt.timedelta(seconds=60))
    assert (out(printed).state, post.mails(relay)) == ("sent", 1)


def test_a_relay_that_hangs_up_without_the_mail_gets_it_again(printed: Client, relay: MailSink) -> None:
    relay.faults.append(Fault("drop"))
    post.work(until=post.NOW + dt.timedelta(seconds=60))
    assert (out(printed).state, post.mails(relay)) == ("sent", 1)


def test_a_relay_that_is_slow_is_left_alone_until_the_lease_is_over(
    printed: Client, relay: MailSink, settings: Settings
) -> None:
    settings.EMAIL_TIMEOUT = 0.3
    relay.faults.append(Fault("delay", seconds=0.8))
    post.work(until=post.NOW + dt.timedelta(seconds=240))
    assert out(printed).state == "sending"
    settings.EMAIL_TIMEOUT = 30
    time.sleep(0.8)
    post.work(now=post.NOW + dt.timedelta(seconds=400))
    assert (out(printed).state, post.mails(relay)) == ("sent", 1)


def test_a_sender_killed_after_its_claim_is_followed_by_one_mail(printed: Client, relay: MailSink) -> None:
    job = abandoned(printed)
    post.work(until=post.NOW + dt.timedelta(seconds=280))
    assert (out(printed).state, post.mails(relay)) == ("sending", 0)
    post.work(now=post.NOW + dt.timedelta(seconds=301))
    assert (out(printed).state, post.mails(relay)) == ("sent", 1)
    with acting(service()):
        assert Job.objects.get(pk=job.pk).state == Job.State.DONE


def test_a_sender_killed_after_the_relay_took_the_mail_leaves_one_mail(printed: Client, relay: MailSink) -> None:
    abandoned(printed)
    with acting(service()):
        row = Delivery.objects.select_related("statement").get(pk=out(printed).pk)
    relay.mailbox.keep(f"Message-ID: {address(row.message_id)}\r\n\r\n".encode(), ["li.wen@mail.example"])
    post.work(now=post.NOW + dt.timedelta(seconds=301))
    assert (out(printed).state, post.mails(relay)) == ("sent", 1)


def test_a_relay_that_cannot_be_asked_leaves_it_to_a_person(
    printed: Client, relay: MailSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def plain(_server: object, session: Session, _envelope: object, name: str, offers: list[str]) -> list[str]:
        session.host_name = name
        return offers

    monkeypatch.setattr(relay, "handle_EHLO", plain)
    monkeypatch.delattr(Server, "smtp_XJOURNAL")
    abandoned(printed)
    post.work(until=post.NOW + post.LATER)
    assert (out(printed).state, out(printed).reason, post.mails(relay)) == ("unknown", "silent", 0)
    assert post.tasks(printed.pk) == ["delivery"]


def test_the_sweeper_finds_a_sender_whose_job_is_gone(printed: Client, relay: MailSink) -> None:
    job = abandoned(printed)
    with acting(service()):
        Job.objects.filter(pk=job.pk).update(state=Job.State.DONE)
    assert operations.sweep(now=post.NOW + dt.timedelta(seconds=299)) == 0
    assert operations.sweep(now=post.NOW + dt.timedelta(seconds=302)) == 1
    post.work(now=post.NOW + dt.timedelta(seconds=302))
    assert (out(printed).state, post.mails(relay)) == ("sent", 1)


def test_a_sender_that_was_overtaken_finishes_nothing(printed: Client, relay: MailSink) -> None:
    abandoned(printed)
    with acting(service()):
        lost = Delivery.objects.get(pk=out(printed).pk)
    post.work(now=post.NOW + dt.timedelta(seconds=301))
    assert out(printed).token != lost.token
    assert out(printed).state == "sent"


def test_a_delivery_whose_job_was_given_up_fails_where_people_see_it(printed: Client, relay: MailSink) -> None:
    with acting(service()):
        failed = Job.objects.filter(name="reports.deliver", arguments__delivery_id=out(printed).pk)
        failed.update(state=Job.State.FAILED, finished_at=post.NOW)
    assert operations.sweep(now=post.NOW + SECOND) == 1
    assert (out(printed).state, out(printed).reason) == ("failed", "internal")
    assert post.tasks(printed.pk) == ["delivery"]


def test_the_trail_knows_before_the_relay_does(printed: Client, relay: MailSink) -> None:
    relay.faults.append(Fault("refuse"))
    post.work()
    with acting(service()):
        event = AuditEvent.objects.get(client_id=printed.pk, verb="statement:mail")
    assert event.body["data"]["sha256"] == post.statement(client=printed).pdf_sha256


def test_changed_bytes_do_not_go_out(printed: Client, relay: MailSink) -> None:
    path = Path(default_storage.path(post.statement(client=printed).pdf_name))
    path.write_bytes(path.read_bytes() + b" ")
    post.work()
    assert (out(printed).state, out(printed).reason, post.mails(relay)) == ("failed", "changed", 0)


def test_a_document_that_is_gone_fails_and_is_told(printed: Client, relay: MailSink) -> None:
    default_storage.delete(post.statement(client=printed).pdf_name)
    post.work()
    assert (out(printed).state, out(printed).reason) == ("failed", "missing")


def test_too_large_a_document_fails_before_a_byte_is_sent(
    printed: Client, relay: MailSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["reports.operations.deliver"], "LARGEST", 1000)
    post.work()
    assert (out(printed).state, out(printed).reason, post.mails(relay)) == ("failed", "too-large", 0)


def test_a_client_who_did_not_agree_gets_nothing(people: People, printed: Client, relay: MailSink) -> None:
    with acting(people.manager):
        clients_write.set_consent(user=people.manager, client_id=printed.pk, consented_on=None)
    post.work()
    assert (out(printed).state, out(printed).reason, post.mails(relay)) == ("skipped", "no-consent", 0)


def test_a_client_closed_in_between_gets_nothing(people: People, printed: Client, relay: MailSink) -> None:
    with acting(service()):
        Deposit.objects.filter(client=printed).update(closed_on=dt.date(2026, 3, 1))
    with acting(people.manager):
        asked = compliance.ask_closing(user=people.manager, client_id=printed.pk, reason="Moves abroad", now=post.NOW)
    factories.approved(asked, people.lead)
    post.work()
    assert (out(printed).state, out(printed).reason, post.mails(relay)) == ("skipped", "closed", 0)


def test_an_address_of_two_clients_waits_for_a_person(people: People, printed: Client, relay: MailSink) -> None:
    factories.contact_point(factories.owned_by(people.foreign_id), "li.wen@mail.example")
    post.work()
    assert (out(printed).state, out(printed).reason, post.mails(relay)) == ("skipped", "shared", 0)
    assert post.tasks(printed.pk) == ["delivery"]
    with acting(people.manager), pytest.raises(Refused) as refusal:
        operations.send(user=people.manager, statement_id=out(printed).statement_id, now=post.NOW)
    assert refusal.value.field == "confirmed"
    with acting(people.manager):
        operations.send(user=people.manager, statement_id=out(printed).statement_id, now=post.NOW, confirmed=True)
    post.work()
    assert (out(printed).attempt, out(printed).state, post.mails(relay)) == (2, "sent", 1)


@pytest.mark.parametrize(
    "email", ["ann@example.com\r\nBcc: evil@example.net", "a@x.example,b@y.example", "a b@x.example"]
)
def test_an_address_that_is_not_one_address_is_refused_here(people: People, relay: MailSink, email: str) -> None:
    client = post.ready(factories.owned_by(people.client_id), email=email)
    post.issue()
    post.work()
    assert (out(client).state, out(client).reason, post.mails(relay)) == ("failed", "address", 0)


def test_a_domain_beyond_ascii_travels_in_punycode(people: People, relay: MailSink) -> None:
    post.ready(factories.owned_by(people.client_id), email="ann@exämple.example")
    post.issue()
    post.work()
    (message,) = relay.mailbox.messages()
    assert message["Delivered-To"] == "ann@xn--exmple-cua.example"


def test_sent_again_the_same_bytes_go_as_the_next_attempt(people: People, printed: Client, relay: MailSink) -> None:
    post.work()
    with acting(people.manager):
        operations.send(user=people.manager, statement_id=out(printed).statement_id, now=post.NOW)
    post.work()
    first, second = relay.mailbox.messages()
    assert attachments(first) == attachments(second)
    assert first["Message-ID"] != second["Message-ID"]
    assert (out(printed).attempt, out(printed).state) == (2, "sent")


def test_while_one_is_under_way_no_second_starts(people: People, printed: Client) -> None:
    with acting(people.manager), pytest.raises(Refused) as refusal:
        operations.send(user=people.manager, statement_id=out(printed).statement_id, now=post.NOW)
    assert refusal.value.code == "under-way"


def test_a_colleague_cannot_send(people: People, printed: Client, relay: MailSink) -> None:
    post.work()
    with acting(people.colleague), pytest.raises(Statement.DoesNotExist):
        operations.send(user=people.colleague, statement_id=out(printed).statement_id, now=post.NOW)


def test_a_secret_issued_later_lets_the_statement_be_printed_and_sent(people: People, relay: MailSink) -> None:
    client = factories.owned_by(people.client_id)
    post.issue()
    post.work()
    assert out(client).reason == "no-address"
    post.ready(client)
    with acting(people.manager):
        operations.send(user=people.manager, statement_id=out(client).statement_id, now=post.NOW)
    post.work()
    assert (out(client).attempt, out(client).state, post.mails(relay)) == (2, "sent", 1)


def abandoned(client: Client) -> Job:
    """Let a sender claim the delivery and die before it speaks: the job and the row are held, nobody works."""
    with acting(service()):
        job = Job.objects.get(name="reports.deliver", arguments__delivery_id=out(client).pk)
    assert jobs.claim(job.pk, now=post.NOW) is not None
    from reports.operations.deliver import _claim  # noqa: PLC0415  (half of a delivery, as a kill leaves it)

    assert _claim(out(client).pk, post.NOW) is not None
    return job
