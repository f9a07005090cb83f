"""Each active client has one statement a month, however often and with however many hands it is issued."""

import datetime as dt
from pathlib import Path

import pytest
from django.utils import translation

from clients.models import Client
from compliance.models import Checkpoint
from config.mailsink import MailSink
from core import jobs
from core.models import AuditEvent, Job
from core.walls import acting, service
from portfolios import queries as portfolios
from reports import operations, statements
from reports.models import Delivery, Statement
from tests import factories
from tests.compliance.ledgers import ledger
from tests.people import People
from tests.reports import post


@pytest.mark.parametrize(
    ("as_of", "end"),
    [
        (dt.date(2026, 3, 31), dt.date(2026, 3, 31)),
        (dt.date(2026, 4, 1), dt.date(2026, 3, 31)),
        (dt.date(2026, 4, 29), dt.date(2026, 3, 31)),
        (dt.date(2026, 1, 15), dt.date(2025, 12, 31)),
        (dt.date(2024, 2, 29), dt.date(2024, 2, 29)),
    ],
)
def test_the_month_is_the_last_that_is_over(as_of: dt.date, end: dt.date) -> None:
    assert operations.month_end(as_of) == end


def test_every_active_client_gets_one_and_a_closed_one_none(people: People, client_ready: Client) -> None:
    closed = factories.client(status="closed", closed_on=dt.date(2026, 1, 15))
    post.issue()
    post.work()
    with acting(service()):
        ids = set(Statement.objects.values_list("client_id", flat=True))
        assert ids == {people.client_id, people.foreign_id}
        assert closed.pk not in ids
        assert Statement.objects.count() == Delivery.objects.count() == 2


def test_twice_is_once(client_ready: Client, relay: MailSink) -> None:
    post.issue()
    post.issue()
    post.work()
    assert post.issue() == 0
    post.work()
    with acting(service()):
        assert Statement.objects.filter(client=client_ready).count() == 1
    assert post.mails(relay) == 1


@pytest.mark.parametrize(
    ("language", "active", "named"), [("zh-hans", "en", "海岳银行"), ("en", "zh-hans", "Haiyue Bank")]
)
def test_banks_are_named_in_the_clients_language_whoever_asks(
    people: People, language: str, active: str, named: str
) -> None:
    bank = factories.institution(name="Haiyue Bank", name_zh="海岳银行")
    client = factories.client(language=language)
    account = factories.account(client, institution=bank)
    factories.deposit(client, account=account)
    with acting(service()), translation.override(active):
        operations.issue(client_ids=[client.pk], period_end=dt.date(2026, 3, 31), now=post.NOW)
    frozen = post.statement(client=client)
    assert [line["institution"] for line in frozen.snapshot["deposits"]] == [named]


def test_the_snapshot_carries_its_digest_and_the_names_of_those_who_look_after(client_ready: Client) -> None:
    post.issue()
    post.work()
    frozen = post.statement(client=client_ready)
    assert frozen.digest == statements.digest(frozen.snapshot)
    assert (frozen.snapshot["manager"]["name"], frozen.snapshot["backup"]["name"]) == ("Mei", "Bao")
    assert frozen.snapshot["accounts"][0]["closing"] == "2500.00"


def test_a_statement_carries_the_root_of_the_ledger_of_its_day(committed: People, tmp_path: Path) -> None:
    with ledger(tmp_path) as made:
        size = made.grow(committed.manager)
        with acting(service()):
            root = Checkpoint.objects.get(size=size).short_root
            operations.issue(client_ids=[committed.client_id], period_end=dt.date(2026, 3, 31), now=post.NOW)
            frozen = Statement.objects.get(client_id=committed.client_id)
        assert frozen.snapshot["ledger"] == {"size": size, "root": root}
        assert made.findings() == []


def test_a_chinese_statement_in_renminbi_says_its_total_in_capitals(people: People) -> None:
    client = factories.owned_by(people.client_id)
    client.language = "zh-hans"
    factories.save(client)
    post.ready(client)
    post.issue()
    post.work()
    assert post.statement(client=client).snapshot["in_words"].startswith("人民币壹佰零")


def test_a_client_whose_books_break_stops_nobody_else(
    people: People, client_ready: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = portfolios.book

    def broken(**given: object) -> object:
        if given["client_id"] == people.foreign_id:
            raise ArithmeticError("no such number")
        return whole(**given)  # type: ignore[arg-type]

    monkeypatch.setattr(portfolios, "book", broken)
    post.issue()
    post.work(until=post.NOW + post.LATER)
    assert post.statement().client_id == client_ready.pk
    with acting(service()):
        failed = Job.objects.get(state=Job.State.FAILED)
        assert failed.arguments["client_ids"] == [people.foreign_id]
    monkeypatch.undo()
    post.issue()
    post.work()
    with acting(service()):
        assert Statement.objects.count() == 2


def test_a_killed_printer_is_followed_by_another_and_one_document_remains(client_ready: Client) -> None:
    post.issue()
    post.work_only("reports.issue")
    with acting(service()):
        job = Job.objects.get(name="reports.render", arguments__statement_id=post.statement(client=client_ready).pk)
    assert jobs.claim(job.pk, now=post.NOW) is not None
    post.work()
    assert post.statement(client=client_ready).pdf_name == ""
    post.work(now=post.NOW + dt.timedelta(seconds=301))
    assert post.statement(client=client_ready).pdf_name


def test_a_second_printer_stores_nothing_new(client_ready: Client) -> None:
    post.issue()
    post.work()
    first = post.statement(client=client_ready)
    operations.render(statement_id=first.pk, now=post.NOW)
    assert post.statement(client=client_ready).pdf_sha256 == first.pdf_sha256


def test_without_a_secret_nothing_is_printed_and_the_ledger_says_so(people: People) -> None:
    post.issue()
    post.work()
    left = post.delivery(client_id=people.foreign_id)
    assert (left.state, left.reason) == ("skipped", "no-address")
    assert left.statement.pdf_name == ""


def test_the_trail_has_one_event_for_each_step(client_ready: Client, relay: MailSink) -> None:
    post.issue()
    post.work()
    with acting(service()):
        verbs = AuditEvent.objects.filter(client_id=client_ready.pk, verb__startswith="statement:").order_by("id")
        assert list(verbs.values_list("verb", flat=True)) == [
            "statement:freeze",
            "statement:render",
            "statement:mail",
            "statement:delivery",
        ]
