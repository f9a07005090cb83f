"""The trail says who, what, when, before and after; whose lines one sees follows the role."""

from django.urls import reverse

from core.walls import acting
from tests import factories
from tests.conftest import SignIn
from tests.people import People


def test_compliance_reads_before_and_after_in_words(people: People, sign_in: SignIn) -> None:
    client = factories.owned_by(people.client_id)
    with acting(people.manager):
        client.alias = "Old Li"
        client.save()
    answer = sign_in(people.compliance).get(reverse("compliance:client_trail", args=[people.client_id]))
    assert "Old Li" in answer.text
    assert "row:update" in answer.text


def test_a_manager_reads_the_own_acts_alone(people: People, sign_in: SignIn) -> None:
    sign_in(people.stranger).get(reverse("clients:page", args=[people.foreign_id]))
    sign_in(people.manager).get(reverse("clients:page", args=[people.client_id]))
    browser = sign_in(people.manager)
    assert browser.get(reverse("compliance:trail")).status_code == 403
    own = browser.get(reverse("compliance:own_trail"))
    assert "client:read" in own.text
    assert "Stranger" not in own.text


def test_a_refusal_is_a_line_of_the_trail(people: People, sign_in: SignIn) -> None:
    sign_in(people.manager).get(reverse("clients:page", args=[people.foreign_id]))
    answer = sign_in(people.compliance).get(reverse("compliance:trail"), {"verb": "access:denied"})
    assert answer.text.count("access:denied") >= 2  # the filter's own value, and the line
    assert f"/clients/{people.foreign_id}/" in answer.text


def test_the_trail_is_narrowed_by_who_did_what(people: People, sign_in: SignIn) -> None:
    sign_in(people.manager).get(reverse("clients:page", args=[people.client_id]))
    browser, trail = sign_in(people.compliance), reverse("compliance:trail")
    for who in (people.manager.username, people.manager.username[:-1], people.manager.name[:5].upper()):
        lines = browser.get(trail, {"actor": who}).context["shown"].rows
        assert {line.event.actor_id for line in lines} == {people.manager.pk}, who
    assert not browser.get(trail, {"actor": "nobody at all"}).context["shown"].rows
    looks = browser.get(trail, {"verb": "looks", "actor": people.manager.username}).context["shown"].rows
    assert {line.event.verb for line in looks} == {"client:read"}


def test_an_administrator_reads_sign_ins_and_no_client(people: People, sign_in: SignIn) -> None:
    sign_in(people.manager).get(reverse("clients:page", args=[people.client_id]))
    answer = sign_in(people.administrator).get(reverse("compliance:trail"))
    assert "client:read" not in answer.text
    assert "Li Wen" not in answer.text


def test_a_wrong_date_is_said_beside_the_field(people: People, sign_in: SignIn) -> None:
    answer = sign_in(people.compliance).get(reverse("compliance:trail"), {"since": "2027-02-29"})
    assert answer.status_code == 422
