"""Compliance holds a client and lets go; the manager sees that it stands, never why."""

import datetime as dt

import pytest
from django.urls import reverse

from clients.models import Client
from compliance import operations, queries
from compliance.models import HoldReason
from core.errors import Refused
from core.models import AuditEvent
from core.walls import acting
from tests import factories
from tests.conftest import SignIn
from tests.people import People

WHY = "Source of funds contradicts the declared business"


def test_a_client_is_held_once(people: People, now: dt.datetime) -> None:
    with acting(people.compliance):
        operations.place_hold(user=people.compliance, client_id=people.client_id, reason=WHY, now=now)
        assert queries.on_hold(people.client_id)
        with pytest.raises(Refused):
            operations.place_hold(user=people.compliance, client_id=people.client_id, reason=WHY, now=now)


def test_a_manager_cannot_hold_by_calling_the_operation(people: People, now: dt.datetime) -> None:
    with acting(people.manager), pytest.raises(Client.DoesNotExist):
        operations.place_hold(user=people.manager, client_id=people.client_id, reason=WHY, now=now)


def test_the_manager_sees_the_hold_and_not_the_reason(people: People, sign_in: SignIn) -> None:
    factories.hold(factories.owned_by(people.client_id), people.compliance, reason=WHY)
    answer = sign_in(people.manager).get(reverse("compliance:client_panel", args=[people.client_id]))
    assert "On hold" in answer.text
    assert WHY not in answer.text
    with acting(people.manager):
        assert not HoldReason.objects.exists()


def test_lifting_asks_for_a_reason_and_ends_the_hold(people: People, sign_in: SignIn) -> None:
    hold = factories.hold(factories.owned_by(people.client_id), people.compliance)
    browser, address = sign_in(people.compliance), reverse("compliance:lift_hold", args=[hold.pk])
    assert browser.post(address, {"reason": "short"}).status_code == 422
    assert browser.post(address, {"reason": "Documents received and checked"}).status_code == 302
    with acting(people.compliance):
        assert not queries.on_hold(people.client_id)
    assert browser.post(address, {"reason": "Documents received and checked"}).status_code == 422


def test_what_a_refused_form_showed_is_recorded(people: People, sign_in: SignIn) -> None:
    client = factories.owned_by(people.client_id)
    review = factories.review(client, period="2026-P1")
    browser = sign_in(people.compliance)
    assert browser.post(reverse("reviews:decision", args=[review.pk]), {}).status_code in {403, 422}
    answer = sign_in(people.manager).post(reverse("reviews:decision", args=[review.pk]), {})
    assert answer.status_code == 422
    with acting(people.compliance):
        assert AuditEvent.objects.filter(verb="review:read", actor=people.manager).count() == 1
