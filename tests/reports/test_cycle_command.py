"""One command turns the desk for a date, and turning it again adds nothing."""

import io

from django.core.management import call_command

from clients.models import Client
from config.mailsink import MailSink
from core.walls import acting, service
from reports.models import Delivery, Statement
from reviews.models import Review
from tests import factories
from tests.reports import post


def cycle(*arguments: str) -> str:
    """Run the command and return what it said."""
    said = io.StringIO()
    call_command("run_cycle", "--as-of", "2026-04-01", *arguments, stdout=said)
    return said.getvalue()


def test_a_month_end_goes_from_maturity_to_mail(client_ready: Client, relay: MailSink) -> None:
    said = cycle()
    assert "maturities: 1 new" in said
    assert "deliveries sent: 1" in said
    with acting(service()):
        assert Review.objects.filter(client=client_ready, kind="maturity").count() == 1
    assert (post.delivery(client=client_ready).state, post.mails(relay)) == ("sent", 1)


def test_the_second_turn_adds_nothing(client_ready: Client, relay: MailSink) -> None:
    cycle()
    said = cycle()
    assert "maturities: 0 new" in said
    assert "reviews: 0 new" in said
    assert "statements: 0 to issue" in said
    with acting(service()):
        assert Statement.objects.count() == Delivery.objects.count() == 2
    assert post.mails(relay) == 1


def test_the_work_can_be_left_to_the_workers(client_ready: Client, relay: MailSink) -> None:
    assert "deliveries" not in cycle("--no-wait")
    with acting(service()):
        assert not Statement.objects.exists()
    post.work(now=factories.NOW.replace(year=2036))
    assert post.mails(relay) == 1
