"""No route without a rule: the process does not start, and a request is refused."""

import importlib
from collections.abc import Generator
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import clear_url_caches

import config.wsgi
from clients.access import GRANTS, Permission
from core.checks import routes, undeclared
from core.models import Role
from core.web import rules_of
from tests.conftest import SignIn
from tests.people import People


@pytest.fixture
def with_open_door(settings: Any) -> Generator[None]:
    """Let the project have a route that declares nothing."""
    settings.ROOT_URLCONF = "tests.architecture.open_door"
    clear_url_caches()
    yield
    clear_url_caches()


def test_every_route_declares_a_rule() -> None:
    assert undeclared() == []


def test_every_rule_names_a_permission_that_exists_and_somebody_holds() -> None:
    held = {permission for role in Role.values if role != Role.SYSTEM for permission in GRANTS[role]}
    for path, callback in routes():
        for rule in rules_of(callback).values():
            assert rule is not None
            if rule.permission is not None:
                assert Permission(rule.permission) in held, path


def test_only_health_and_sign_in_are_public() -> None:
    public = {
        path for path, callback in routes() for rule in rules_of(callback).values() if rule and not rule.permission
    }
    assert public == {"healthz", "accounts/login/"}


@pytest.mark.usefixtures("with_open_door")
def test_an_undeclared_route_stops_the_start() -> None:
    with pytest.raises(ImproperlyConfigured, match="forgotten"):
        importlib.reload(config.wsgi)


@pytest.mark.usefixtures("with_open_door")
def test_an_undeclared_route_fails_the_check() -> None:
    assert "steward.E001" in [message.id for message in run_checks(tags=["security"])]


@pytest.mark.usefixtures("with_open_door")
def test_an_undeclared_route_refuses_a_request_all_the_same(people: People, sign_in: SignIn) -> None:
    for browser in (Client(), sign_in(people.compliance)):
        browser.raise_request_exception = False
        answer = browser.get("/forgotten/")
        assert answer.status_code in {403, 500}
        assert answer.content != b"open"
