"""A figure of law or house changes by two persons, from a day on; what it governed before stays as it was."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from core.approvals import parameters
from core.errors import Refused
from core.models import Approval, AuditEvent, Parameter
from core.walls import acting, service
from tests import factories
from tests.compliance.ledgers import connect
from tests.conftest import SignIn
from tests.people import People

KEY = "price.stale_days"


def today() -> dt.date:
    return timezone.localdate()


def governs(day: dt.date, key: str = KEY, jurisdiction: str = "*") -> Any:
    with acting(service()):
        return Parameter.objects.value(key, on=day, jurisdiction=jurisdiction)


def test_another_person_changes_it_from_a_day_on(people: People) -> None:
    tomorrow = today() + dt.timedelta(days=1)
    factories.parameter(people, begins=tomorrow, value=Decimal(9))
    assert (governs(today()), governs(tomorrow)) == (5, 9)
    with acting(people.compliance):
        event = AuditEvent.objects.get(verb="parameter:change")
    assert event.behalf == people.compliance
    assert (event.body["data"]["was"], event.body["data"]["value"]) == (5, 9)


def test_a_rate_is_asked_in_percent_and_kept_as_a_fraction(people: People) -> None:
    row = factories.parameter(people, key="deposit.demand_rate", value=Decimal("0.1250"))
    assert row.value == "0.00125"
    assert parameters.in_words(row.key, row.value) == "0.125 % a year"
    assert governs(today(), "deposit.demand_rate", "CN") == "0.00125"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"value": Decimal(0)}, "parameter-range"),
        ({"value": Decimal("1.5")}, "parameter-range"),
        ({"value": Decimal(5)}, "parameter-same"),
        ({"begins": dt.date(2020, 1, 1)}, "parameter-past"),
        ({"key": "retention.client_years", "value": Decimal(9)}, "parameter-range"),
    ],
)
def test_what_cannot_be_is_refused(people: People, given: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refusal:
        factories.asked_parameter(people.compliance, **given)
    assert refusal.value.code == code


def test_who_asks_does_not_decide_and_operations_never_do(people: People) -> None:
    row = factories.asked_parameter(people.compliance)
    for person, code in ((people.compliance, "own-request"), (people.operations, None)):
        with pytest.raises(Refused if code else Approval.DoesNotExist):
            factories.approved(row, person)
    assert governs(today()) == 5
    factories.approved(row, people.deputy)
    assert governs(today()) == 7


def test_of_two_requests_for_a_day_one_is_carried_out(people: People) -> None:
    rows = [factories.asked_parameter(people.operations, value=Decimal(value)) for value in (7, 8)]
    factories.approved(rows[0], people.compliance)
    with pytest.raises(Refused) as refusal:
        factories.approved(rows[1], people.compliance)
    assert refusal.value.code == "parameter-taken"


def test_a_request_goes_stale_when_the_figure_changed_before_its_day(people: People) -> None:
    later = factories.asked_parameter(people.operations, begins=today() + dt.timedelta(days=9))
    factories.parameter(people, value=Decimal(8))
    with pytest.raises(Refused) as refusal:
        factories.approved(later, people.compliance)
    assert refusal.value.code == "parameter-stale"


def test_no_other_door_changes_a_figure(people: People) -> None:
    row = factories.parameter(people)
    ways: list[Callable[[], Any]] = [
        lambda: Parameter.objects.create(key=KEY, value=1, valid_from=dt.date(2030, 1, 1), source="me"),
        lambda: Parameter.objects.filter(pk=row.pk).update(value=1),
        lambda: Parameter.objects.filter(pk=row.pk).delete(),
    ]
    for way in ways:
        with pytest.raises(DatabaseError, match="approved request"), acting(service()), transaction.atomic():
            way()
    assert governs(today()) == 7


def test_the_superuser_does_not_change_it_either(committed: People) -> None:
    with connect("postgres") as superuser, pytest.raises(psycopg.errors.InsufficientPrivilege):
        superuser.execute("UPDATE core_parameter SET value = '1'")


def test_every_figure_has_a_meaning(people: People) -> None:
    with acting(service()):
        assert set(Parameter.objects.values_list("key", flat=True)) == set(parameters.FIGURES)


def test_the_page_asks_and_says_what_is_wrong_beside_the_field(people: People, sign_in: SignIn) -> None:
    desk = sign_in(people.operations)
    with acting(people.operations):
        row = Parameter.objects.get(key=KEY)
    page = reverse("parameter", args=[row.pk])
    wrong = desk.post(page, {"value": "0", "begins": today(), "source": "Minute 9", "reason": "Prices come late"})
    assert wrong.status_code == 422
    assert list(wrong.context["form"].errors) == ["value"]
    assert desk.post(page, {"value": "many", "begins": "soon"}).status_code == 422
    right = desk.post(page, {"value": "9", "begins": today(), "source": "Minute 9", "reason": "Prices come late"})
    assert right.status_code == 302
    assert b"9 days" in desk.get(right["Location"]).content
    assert sign_in(people.manager).get(page).status_code == 403


def test_the_list_says_which_one_governs(people: People, sign_in: SignIn) -> None:
    factories.parameter(people, begins=today() + dt.timedelta(days=3))
    desk = sign_in(people.compliance)
    later = desk.get(reverse("parameters"), {"place": "later"}).content
    assert later.count(KEY.encode()) >= 1
    assert b"review.cycle" not in later
    past = desk.get(reverse("parameters"), {"place": "past"}).content
    assert b"deposit.demand_rate" in past
    assert KEY.encode() not in past
