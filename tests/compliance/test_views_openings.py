"""Compliance says why it looks; an emergency raises an alarm before it counts, marks every look, and is reviewed."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from clients.models import Opening
from compliance import operations
from config.mailsink import Fault, MailSink
from core.models import AuditEvent, User
from core.walls import acting, service
from tests import factories
from tests.conftest import SignIn
from tests.people import PASSWORD, People

REASON = "The client waits at the counter"


def fresh(sign_in: SignIn, person: User) -> Browser:
    """Sign somebody in who gave the password a moment ago."""
    browser = sign_in(person)
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return browser


def looks(person: User) -> list[tuple[str, list[int]]]:
    """Return what somebody looked at and by which openings."""
    with acting(service()):
        rows = AuditEvent.objects.filter(actor=person, verb__endswith=":read").order_by("id")
        return [(row.verb, row.body["data"].get("openings", [])) for row in rows]


def test_a_look_without_a_purpose_asks_for_one_and_goes_on(people: People, sign_in: SignIn) -> None:
    client = factories.client(name="Canary Client")
    browser, page = sign_in(people.compliance), reverse("clients:page", args=[client.pk])
    asked = browser.get(page)
    assert asked.status_code == 302
    assert asked["Location"] == reverse("compliance:purpose", args=[client.pk]) + f"?next=%2Fclients%2F{client.pk}%2F"
    assert browser.post(asked["Location"], {"purpose": "", "next": page}).status_code == 422
    answer = browser.post(asked["Location"], {"purpose": "complaint", "reason": "Letter of today", "next": page})
    assert (answer.status_code, answer["Location"]) == (302, page)
    assert "Canary Client" in browser.get(page).text
    with acting(people.compliance):
        stated = Opening.objects.get(client=client)
    assert ("client:read", [stated.pk]) in looks(people.compliance)


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_the_way_on_stays_in_the_house(people: People, sign_in: SignIn, back: str) -> None:
    address = reverse("compliance:purpose", args=[people.client_id])
    answer = sign_in(people.compliance).post(address, {"purpose": "file", "next": back})
    assert answer["Location"] == reverse("clients:page", args=[people.client_id])


def test_a_fragment_sends_the_whole_page_to_be_asked(people: People, sign_in: SignIn) -> None:
    client = factories.client()
    address = reverse("clients:profile_panel", args=[client.pk])
    answer = sign_in(people.compliance).get(address, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer["HX-Redirect"] == reverse("compliance:purpose", args=[client.pk])


def test_a_program_is_told_and_states_it(people: People, sign_in: SignIn) -> None:
    client, browser = factories.client(), sign_in(people.compliance)
    refused = browser.get(f"/api/clients/{client.pk}/")
    assert (refused.status_code, refused["Content-Type"]) == (428, "application/problem+json")
    stated = browser.post(
        f"/api/clients/{client.pk}/purposes/", {"purpose": "authority"}, content_type="application/json"
    )
    assert stated.status_code == 201, stated.content
    assert browser.get(f"/api/clients/{client.pk}/").status_code == 200


def test_lists_need_no_purpose(people: People, sign_in: SignIn) -> None:
    factories.client(name="Canary Client")
    browser = sign_in(people.compliance)
    for name in ("clients:list", "compliance:holds", "compliance:trail", "compliance:openings", "reviews:list"):
        assert browser.get(reverse(name)).status_code == 200, name


def test_everybody_else_is_asked_nothing(people: People, sign_in: SignIn) -> None:
    assert sign_in(people.manager).get(reverse("clients:page", args=[people.client_id])).status_code == 200
    assert looks(people.manager) == [("client:read", [])]


def test_an_emergency_is_told_before_it_counts_and_marks_every_look(
    committed: People, sign_in: SignIn, relay: MailSink
) -> None:
    with acting(service()):
        User.objects.filter(pk=committed.deputy.pk).update(language="zh-hans")
    form = {"person": "colleague", "minutes": "15", "reason": REASON}
    address = reverse("compliance:open_client", args=[committed.foreign_id])
    assert sign_in(committed.compliance).post(address, form)["Location"].startswith("/accounts/reauthenticate/")
    browser = fresh(sign_in, committed.compliance)
    assert browser.post(address, {**form, "reason": "too short"}).status_code == 422
    assert browser.post(address, form)["Location"] == reverse("compliance:openings")
    letters = {str(mail["To"]): mail for mail in relay.mailbox.messages()}
    assert set(letters) == {committed.compliance.email, committed.deputy.email}
    for letter in letters.values():
        assert "Canary" not in letter.as_string()
        assert REASON not in letter.get_content()
    assert "紧急" in str(letters[committed.deputy.email]["Subject"])

    desk = sign_in(committed.colleague)
    page = desk.get(reverse("clients:page", args=[committed.foreign_id]))
    assert "Canary Foreign" in page.text
    assert "to read" in page.text
    desk.get("/clients/")
    with acting(committed.compliance):
        (opening,) = Opening.objects.filter(kind="emergency")
    told = looks(committed.colleague)
    assert {tuple(openings) for _verb, openings in told} == {(opening.pk,)}
    assert {verb for verb, _openings in told} == {"client:read", "list:read"}


@pytest.mark.parametrize("fault", ["refuse", "defer", "drop"])
def test_without_an_alarm_nothing_is_opened(people: People, sign_in: SignIn, relay: MailSink, fault: Any) -> None:
    relay.faults.append(Fault(fault, times=9))
    form = {"person": "colleague", "minutes": "15", "reason": REASON}
    answer = fresh(sign_in, people.compliance).post(reverse("compliance:open_client", args=[people.foreign_id]), form)
    assert answer.status_code == 422
    assert "could not be sent" in answer.text
    with acting(people.compliance):
        assert not Opening.objects.filter(kind="emergency").exists()
    assert sign_in(people.colleague).get(reverse("clients:page", args=[people.foreign_id])).status_code == 404


def test_an_alarm_that_only_the_opener_gets_is_none(people: People, sign_in: SignIn, relay: MailSink) -> None:
    relay.faults.append(Fault("refuse", recipient=people.deputy.email, times=9))
    form = {"person": "colleague", "minutes": "15", "reason": REASON}
    answer = fresh(sign_in, people.compliance).post(reverse("compliance:open_client", args=[people.foreign_id]), form)
    assert answer.status_code == 422


def test_a_relay_that_is_not_there_opens_nothing(people: People, sign_in: SignIn, settings: Settings) -> None:
    settings.SMTP_URL = "smtp://127.0.0.1:1"
    form = {"person": "colleague", "minutes": "15", "reason": REASON}
    answer = fresh(sign_in, people.compliance).post(reverse("compliance:open_client", args=[people.foreign_id]), form)
    assert answer.status_code == 422


def test_another_officer_reviews_beside_what_was_looked_at(committed: People, sign_in: SignIn) -> None:
    opening = factories.opening(committed.compliance, committed.foreign_id, committed.colleague)
    sign_in(committed.colleague).get(reverse("clients:page", args=[committed.foreign_id]))
    browser = sign_in(committed.deputy)
    browser.post(reverse("compliance:end_opening", args=[opening.pk]))
    assert sign_in(committed.colleague).get(reverse("clients:page", args=[committed.foreign_id])).status_code == 404
    address = reverse("compliance:review_opening", args=[opening.pk])
    assert "Looked at the client" in browser.get(address).text
    own = sign_in(committed.compliance).post(address, {"finding": "All was as it should be"})
    assert own.status_code == 422
    assert browser.post(address, {"finding": "All was as it should be"}).status_code == 302
    with acting(committed.deputy):
        assert Opening.objects.get(pk=opening.pk).reviewed_by == committed.deputy


def test_a_review_that_is_overdue_is_told_once(people: People, relay: MailSink) -> None:
    opening = factories.opening(people.compliance, people.foreign_id, people.colleague)

    def watch(after: dt.timedelta) -> list[int]:
        with acting(service()):
            return operations.watch_openings(user=service(), now=timezone.now() + after)

    assert watch(dt.timedelta(hours=23)) == []
    assert watch(dt.timedelta(hours=25)) == [opening.pk]
    assert watch(dt.timedelta(hours=26)) == []
    assert len(relay.mailbox.messages()) == 2
    with acting(service()):
        assert AuditEvent.objects.filter(verb="opening:late", row_id=opening.pk).count() == 1
