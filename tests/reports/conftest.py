"""A client whose statement can go out."""

import pytest

from clients.models import Client
from tests import factories
from tests.people import People
from tests.reports import post


@pytest.fixture
def client_ready(people: People) -> Client:
    """Make the manager's client one whose statement can go out; the stranger's client agreed to nothing."""
    return post.ready(factories.owned_by(people.client_id))
