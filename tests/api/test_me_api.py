"""The own profile through the API."""

from core.models import User
from tests.api.conftest import Calls, refused
from tests.people import People


def test_everybody_reads_the_own_profile(people: People, calls: Calls) -> None:
    for person in people.everybody().values():
        shown = calls(person).get("me/").json()
        assert (shown["username"], shown["role"]) == (person.username, person.role)
        assert "password" not in shown


def test_the_language_is_changed_and_spoken_at_once(people: People, calls: Calls) -> None:
    call = calls(people.manager)
    assert call.patch("me/", {"language": "zh-hans"}).json()["language"] == "zh-hans"
    assert User.objects.get(pk=people.manager.pk).language == "zh-hans"
    assert call.get("clients/0/").headers["Content-Language"] == "zh-hans"


def test_nobody_makes_oneself_somebody_else(people: People, calls: Calls) -> None:
    body = {"language": "en", "role": "compliance", "is_active": True}
    document = refused(calls(people.manager).patch("me/", body), 400)
    assert sorted(document["errors"]) == ["is_active", "role"]
    assert User.objects.get(pk=people.manager.pk).role == "manager"
