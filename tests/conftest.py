"""Fixtures every test may ask for. The database ones of tests/database.py stand beside them."""

import datetime as dt
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from django.test import Client as Browser
from django.utils import translation
from pytest_django import Settings

from config.mailsink import MailSink
from core.models import User
from core.walls import acting, service
from tests import factories
from tests.people import BACKEND, People
from tests.people import people as create_people

SignIn = Callable[[User], Browser]
pytest_plugins = ["tests.browser"]


@pytest.fixture
def now() -> dt.datetime:
    """Return the instant at which the factories' rows are fresh."""
    return factories.NOW


@pytest.fixture(autouse=True)
def no_language_of_another_test() -> Iterator[None]:
    """Forget the language that a request of this test spoke: the next test begins as a new process does."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def static_files_when_asked_for(settings: Settings) -> None:
    """Look for a static file when somebody asks for it: each browser of a test would else read the folder anew."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture
def people(db: None) -> People:
    """Create everybody inside the test's own transaction."""
    return create_people()


@pytest.fixture
def committed(fresh_database: None) -> People:
    """Create everybody for good, for tests of the walls: what they write is committed, and gone afterwards."""
    return create_people()


@pytest.fixture
def sign_in() -> SignIn:
    """Return a function that gives a signed-in test client for a person."""

    def signed_in(user: User) -> Browser:
        browser = Browser()
        with acting(service()):  # signing in notes the time; somebody shut out could not
            browser.force_login(user, backend=BACKEND)
        return browser

    return signed_in


@pytest.fixture
def relay(tmp_path: Path, settings: Settings) -> Generator[MailSink]:
    """Listen on a free port, and keep what comes in a folder of the test."""
    with MailSink(tmp_path / "mail") as sink:
        settings.SMTP_URL = sink.url
        yield sink
