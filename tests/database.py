"""Fixtures in place of pytest-django's: the database of a test exists before the run and is cloned anew, never flushed.

The role under test owns nothing and could not empty the tables.
"""

from collections.abc import Generator

import pytest
from django.db import connections
from django.test import TransactionTestCase
from pytest_django.plugin import DjangoDbBlocker

from config.scratch import reset_own


def reset_database() -> None:
    """Put the database and the queue back to the state after migrations. For tests that commit."""
    connections.close_all()
    reset_own()


def teardown(_case: TransactionTestCase) -> None:
    """What Django calls after a test with ``transaction=True``."""
    reset_database()


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None) -> None:
    """Nothing to create."""
    TransactionTestCase._fixture_teardown = teardown  # type: ignore[attr-defined]


@pytest.fixture
def fresh_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Generator[None]:
    """Open access for a test that commits from several connections; everything written is gone afterwards."""
    with django_db_blocker.unblock():
        yield
        reset_database()
