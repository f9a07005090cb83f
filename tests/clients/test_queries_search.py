"""One box finds a client by any of its words, and only one's own."""

import pytest
from django.urls import reverse

from clients import queries
from clients.models import SearchKey
from core.crypto import blind
from core.walls import acting
from tests import factories
from tests.conftest import SignIn
from tests.people import People


@pytest.fixture
def keys(people: People) -> People:
    """Give both clients the same words."""
    phone = blind("phone4", "8841")
    words = [
        ("name", "陈维林"),
        ("name", "维林"),
        ("pinyin", "chen weilin"),
        ("account", "6217001234"),
        ("phone", phone),
    ]
    for client_id in (people.client_id, people.foreign_id):
        for kind, value in words:
            factories.save(SearchKey(client_id=client_id, kind=kind, value=value))
    return people


@pytest.mark.parametrize("text", ["维林", "weilin", "Chen W", "1234", "8841", "陈"])
def test_the_manager_finds_the_own_client_alone(keys: People, text: str) -> None:
    with acting(keys.manager):
        assert queries.search(text) == [keys.client_id]


def test_compliance_finds_both(keys: People) -> None:
    with acting(keys.compliance):
        assert set(queries.search("weilin")) == {keys.client_id, keys.foreign_id}


@pytest.mark.parametrize("text", ["%", "_", "\\", "", "   ", "'; DROP TABLE clients_client --"])
def test_signs_of_the_pattern_language_are_only_signs(keys: People, text: str) -> None:
    with acting(keys.manager):
        assert queries.search(text) == []


def test_one_hit_opens_the_client(keys: People, sign_in: SignIn) -> None:
    answer = sign_in(keys.manager).get(reverse("clients:list"), {"q": "weilin"})
    assert answer.headers["Location"] == reverse("clients:page", args=[keys.client_id])


def test_a_mistyped_filter_does_not_show_every_client(keys: People, sign_in: SignIn) -> None:
    assert sign_in(keys.manager).get(reverse("clients:list"), {"teir": "ultra"}).status_code == 400
