"""The ledger, the statement and its document are open to those who look after the client, and every look is written."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clients.models import Client
from config.mailsink import MailSink
from core.models import AuditEvent
from core.templatetags.steward import amount
from core.walls import acting, service
from reports.models import Delivery, Statement
from tests import factories
from tests.conftest import SignIn
from tests.people import People
from tests.reports import post


@pytest.fixture
def sent(client_ready: Client, relay: MailSink) -> Statement:
    """Bring the client's statement into the mail."""
    post.issue()
    post.work()
    return post.statement(client=client_ready)


def test_the_ledger_shows_the_own_and_nobody_elses(people: People, sent: Statement, sign_in: SignIn) -> None:
    answer = sign_in(people.manager).get(reverse("reports:deliveries"))
    assert "Li Wen" in answer.text
    assert "Canary" not in answer.text


def test_the_ledger_filters_by_state_and_month(people: People, sent: Statement, sign_in: SignIn) -> None:
    ledger, browser = reverse("reports:deliveries"), sign_in(people.manager)
    assert "Li Wen" in browser.get(ledger, {"state": "sent", "month": "2026-03"}).text
    assert "Li Wen" not in browser.get(ledger, {"state": "failed"}).text
    assert "Li Wen" not in browser.get(ledger, {"month": "2026-02"}).text
    assert browser.get(ledger, {"state": "lost"}).status_code == 422


def test_failed_and_unknown_stand_out(people: People, sign_in: SignIn) -> None:
    client = factories.owned_by(people.client_id)
    factories.delivery(factories.statement(client), state="unknown", reason="silent")
    answer = sign_in(people.manager).get(reverse("reports:deliveries"))
    assert 'tone-act">Unknown' in answer.text
    assert "cannot say whether it took the mail" in answer.text


def test_the_ledger_costs_the_same_for_one_row_and_for_three(people: People, sign_in: SignIn) -> None:
    client, browser, counts = factories.owned_by(people.client_id), sign_in(people.manager), []
    for more in (1, 2):
        for _each in range(more):
            factories.delivery(factories.statement(client, version=factories.next_number()))
        with CaptureQueriesContext(connection) as queries:
            browser.get(reverse("reports:deliveries"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_statement_shows_its_totals_its_digest_and_how_far_it_came(
    people: People, sent: Statement, sign_in: SignIn
) -> None:
    answer = sign_in(people.manager).get(reverse("reports:statement", args=[sent.pk]))
    assert sent.digest in answer.text
    assert amount(sent.snapshot["totals"]["total"]) in answer.text
    assert 'tone-good">Sent' in answer.text


def test_the_document_is_the_locked_one_and_the_look_is_written(
    people: People, sent: Statement, sign_in: SignIn
) -> None:
    answer = sign_in(people.backup).get(reverse("reports:pdf", args=[sent.pk]))
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert b"/Encrypt" in answer.content
    with acting(service()):
        event = AuditEvent.objects.filter(verb="document:read").latest("id")
    assert (event.actor_id, event.client_id) == (people.backup.pk, people.client_id)


def test_compliance_reads_and_does_not_send(people: People, sent: Statement, sign_in: SignIn) -> None:
    browser = sign_in(people.compliance)
    assert browser.get(reverse("reports:statement", args=[sent.pk])).status_code == 200
    assert browser.post(reverse("reports:send", args=[sent.pk])).status_code == 403


@pytest.mark.parametrize("name", ["stranger", "colleague"])
def test_to_anybody_else_there_is_no_such_statement(
    people: People, sent: Statement, sign_in: SignIn, name: str
) -> None:
    browser = sign_in(getattr(people, name))
    for address in ("reports:statement", "reports:pdf"):
        foreign = browser.get(reverse(address, args=[sent.pk]))
        assert foreign.status_code == browser.get(reverse(address, args=[999_999])).status_code == 404
    assert browser.post(reverse("reports:send", args=[sent.pk])).status_code == 404
    assert browser.get(reverse("reports:client_panel", args=[people.client_id])).status_code == 404


def test_send_again_makes_the_next_attempt(people: People, sent: Statement, sign_in: SignIn) -> None:
    answer = sign_in(people.manager).post(reverse("reports:send", args=[sent.pk]))
    assert answer.status_code == 302
    with acting(service()):
        assert list(Delivery.objects.filter(statement=sent).values_list("attempt", "state")) == [
            (2, "waiting"),
            (1, "sent"),
        ]


def test_a_second_click_is_refused_with_words(people: People, sent: Statement, sign_in: SignIn) -> None:
    browser, address = sign_in(people.manager), reverse("reports:send", args=[sent.pk])
    browser.post(address)
    answer = browser.post(address)
    assert answer.status_code == 422
    assert "already on its way" in answer.text


def test_an_address_to_confirm_asks_for_it_beside_the_button(people: People, sign_in: SignIn) -> None:
    client = post.ready(factories.owned_by(people.client_id))
    statement = factories.statement(client)
    factories.delivery(statement, state="skipped", reason="shared")
    browser, address = sign_in(people.manager), reverse("reports:send", args=[statement.pk])
    answer = browser.post(address)
    assert answer.status_code == 422
    assert "confirmed" in answer.context["form"].errors
    assert browser.post(address, {"confirmed": "on"}).status_code == 302


def test_the_panel_shows_the_latest_statements(people: People, sign_in: SignIn) -> None:
    client = factories.owned_by(people.client_id)
    for month in range(1, 9):
        start = dt.date(2025, month, 1)
        factories.delivery(factories.statement(client, period_start=start, period_end=dt.date(2025, month, 28)))
    answer = sign_in(people.manager).get(
        reverse("reports:client_panel", args=[client.pk]), headers={"HX-Request": "true"}
    )
    assert "2025-08" in answer.text
    assert "2025-02" not in answer.text
    assert "Earlier statements" in answer.text


def test_a_client_without_statements_is_told_when_the_first_comes(people: People, sign_in: SignIn) -> None:
    answer = sign_in(people.manager).get(reverse("reports:client_panel", args=[people.client_id]))
    assert "No statement yet" in answer.text
