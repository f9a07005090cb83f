"""A real relay for every test that sends."""

from collections.abc import Generator
from pathlib import Path

import pytest
from pytest_django import Settings

from clients.models import Client
from config.mailsink import MailSink
from tests import factories
from tests.people import People
from tests.reports import post


@pytest.fixture
def relay(tmp_path: Path, settings: Settings) -> Generator[MailSink]:
    """Listen on a free port, and keep what comes in a folder of the test."""
    with MailSink(tmp_path / "mail") as sink:
        settings.SMTP_URL = sink.url
        yield sink


@pytest.fixture
def client_ready(people: People) -> Client:
    """Make the manager's client one whose statement can go out; the stranger's client agreed to nothing."""
    return post.ready(factories.owned_by(people.client_id))
