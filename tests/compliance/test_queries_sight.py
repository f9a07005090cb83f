"""Who can see a client, as the page says it, is who reaches it, as the wall says it; who looked stands beside."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from clients import queries as clients
from clients.access import Permission, visible
from clients.models import Client, Coverage
from compliance import queries
from core.models import Role, User
from core.walls import acting, service
from tests.conftest import SignIn
from tests.people import People


@pytest.mark.parametrize("permission", [Permission.CLIENT_READ, Permission.CLIENT_LIST])
def test_the_page_and_the_wall_say_the_same(people: People, permission: Permission) -> None:
    for client_id in (people.client_id, people.foreign_id):
        with acting(service()):
            everybody = User.objects.filter(is_active=True).exclude(role=Role.SYSTEM)
            near = Client.objects.filter(pk=client_id)
            reach = {one.pk for one in everybody if near.filter(pk__in=visible(one, permission)).exists()}
            told = clients.who_sees(client_id)
        whole = permission is Permission.CLIENT_READ
        assert {one.user.pk for one in told if one.whole or not whole} == reach
        assert len({one.user.pk for one in told}) == len(told)


def test_reasons_are_those_of_the_coverage(people: People) -> None:
    with acting(people.compliance):
        told = {one.user: one for one in queries.sights(client_id=people.client_id)}
    assert told[people.manager].why == "Dedicated manager"
    assert told[people.manager].since is not None
    assert told[people.backup].why == "Back-up"
    assert told[people.lead].why == "Leads the manager's team"
    assert told[people.compliance].why == "By the role, every client"
    assert (told[people.operations].whole, told[people.manager].whole) == (False, True)
    assert not {people.stranger, people.colleague, people.administrator, people.auditor} & set(told)


def test_who_looked_and_can_no_longer_is_named(people: People, sign_in: SignIn) -> None:
    sign_in(people.manager).get(reverse("clients:page", args=[people.client_id]))
    with acting(service()):
        row = Coverage.objects.get(client=people.client_id, manager=people.manager)
        row.valid = (row.valid.lower, timezone.now() - dt.timedelta(seconds=1))
        row.save()
    with acting(people.compliance):
        told = {one.user: one for one in queries.sights(client_id=people.client_id)}
    assert (told[people.manager].now, told[people.manager].looks) == (False, 1)


def test_the_page_is_for_compliance_and_the_teams_lead(people: People, sign_in: SignIn) -> None:
    address = reverse("compliance:sight", args=[people.client_id])
    for person, status in (
        (people.compliance, 200),
        (people.lead, 200),
        (people.other_lead, 404),
        (people.manager, 403),
        (people.administrator, 404),
    ):
        assert sign_in(person).get(address).status_code == status, person.username
