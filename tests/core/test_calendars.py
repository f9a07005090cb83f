"""Business days: arithmetic of a calendar, the years a library proposes, and who keeps them."""

import datetime as dt

import holidays
import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from core.calendars import Calendar, upkeep
from core.errors import Refused
from core.models import Holiday
from core.walls import acting, service
from tests import factories
from tests.conftest import SignIn
from tests.people import People

MAY_DAY = Calendar(
    "CN",
    {dt.date(2026, 5, day): "Labor Day" for day in (1, 4, 5)},
    frozenset({dt.date(2026, 5, 9)}),
    frozenset({2026}),
)
DAYS = st.dates(dt.date(2025, 1, 1), dt.date(2030, 12, 31))
ADDRESS = "/calendars/"


def test_holidays_close_weekdays_and_exchanged_weekends_are_worked() -> None:
    assert MAY_DAY.on_or_after(dt.date(2026, 5, 1)) == dt.date(2026, 5, 6)
    assert MAY_DAY.is_business(dt.date(2026, 5, 9))
    assert MAY_DAY.before(dt.date(2026, 5, 6), 2) == dt.date(2026, 4, 29)
    assert MAY_DAY.before(dt.date(2026, 5, 11), 1) == dt.date(2026, 5, 9)
    assert MAY_DAY.before(dt.date(2026, 5, 3), 0) == dt.date(2026, 4, 30)


def test_a_closed_day_says_why_and_a_plain_weekend_says_nothing() -> None:
    assert MAY_DAY.why(dt.date(2026, 5, 4)) == "Labor Day"
    assert MAY_DAY.why(dt.date(2026, 5, 3)) == MAY_DAY.why(dt.date(2026, 5, 6)) == ""


def test_a_market_nobody_told_of_has_weekends_and_no_certain_year() -> None:
    unknown = Calendar("XX")
    assert unknown.on_or_after(dt.date(2026, 5, 2)) == dt.date(2026, 5, 4)
    assert not unknown.certain(dt.date(2026, 5, 4))
    assert MAY_DAY.certain(dt.date(2026, 5, 4))
    assert not MAY_DAY.certain(dt.date(2026, 5, 4), dt.date(2027, 1, 1))


@given(day=DAYS, count=st.integers(1, 30))
def test_as_many_business_days_lie_between_as_were_asked(day: dt.date, count: int) -> None:
    found = MAY_DAY.before(day, count)
    between = [found + dt.timedelta(days=n) for n in range((day - found).days)]
    assert MAY_DAY.is_business(found)
    assert sum(MAY_DAY.is_business(one) for one in between) == count


@pytest.mark.django_db
@pytest.mark.parametrize("market", sorted(upkeep.MARKETS))
def test_every_day_is_worked_as_the_library_says(market: str) -> None:
    with acting(service()):
        upkeep.seed(as_of=dt.date(2026, 11, 27))
        found = Holiday.objects.calendars([market])[market]
    part = upkeep.MARKETS[market] or None
    kinds = tuple({"public", "bank"} & set(holidays.country_holidays(market).supported_categories))
    told = holidays.country_holidays(market, subdiv=part, years=range(2023, 2033), categories=kinds)
    for number in range((dt.date(2032, 12, 31) - dt.date(2023, 1, 1)).days + 1):
        day = dt.date(2023, 1, 1) + dt.timedelta(days=number)
        if market == "HK" and day.isoweekday() == 6:
            continue  # a working day there, on which banks settle nothing
        if market == "US" and day.isoweekday() == 5 and "(observed)" in told.get(day, ""):
            assert found.is_business(day)  # the Federal Reserve does not move a Saturday's holiday to Friday
            continue
        assert found.is_business(day) == told.is_working_day(day), day


@pytest.mark.django_db
def test_china_is_certain_as_far_as_its_exchanges_are_announced() -> None:
    with acting(service()):
        upkeep.seed(as_of=dt.date(2026, 11, 27))
        china = Holiday.objects.calendars(["CN"])["CN"]
        america = Holiday.objects.calendars(["US"])["US"]
    assert {2025, 2026} <= china.announced
    assert 2028 not in china.announced | america.announced
    assert {2026, 2027} <= america.announced
    assert dt.date(2026, 10, 10) in china.working


@pytest.mark.django_db
def test_a_second_run_adds_nothing_and_what_people_wrote_stays() -> None:
    with acting(service()):
        factories.holiday(market="CN", day=dt.date(2027, 5, 5), name="Announced")
        assert upkeep.seed(as_of=dt.date(2026, 11, 27)) > 0
        assert upkeep.seed(as_of=dt.date(2026, 11, 27)) == 0
        assert Holiday.objects.get(market="CN", day=dt.date(2027, 5, 5)).name == "Announced"


@pytest.mark.django_db
def test_a_day_that_somebody_wrote_makes_no_year_whole() -> None:
    with acting(service()):
        factories.holiday(market="CN", day=dt.date(2032, 1, 2))
        factories.holiday(market="FR", day=dt.date(2026, 7, 14))
        assert Holiday.objects.calendars(["FR"])["FR"].announced == frozenset()
        upkeep.seed(as_of=dt.date(2026, 11, 27))
        china = Holiday.objects.calendars(["CN"])["CN"]
    assert china.on_or_after(dt.date(2032, 10, 1)) > dt.date(2032, 10, 4)


@pytest.mark.django_db
def test_banks_keep_their_own_days_where_they_have_some() -> None:
    with acting(service()):
        upkeep.seed(as_of=dt.date(2026, 11, 27))
        found = Holiday.objects.calendars(["JP", "US", "AU"])
    assert not found["JP"].is_business(dt.date(2026, 12, 31))
    assert found["US"].is_business(dt.date(2026, 7, 3))
    assert not found["AU"].is_business(dt.date(2026, 8, 3))


@pytest.mark.django_db
def test_the_database_refuses_a_worked_weekday_and_a_second_entry() -> None:
    factories.holiday()
    with pytest.raises(IntegrityError, match="holiday_once_a_day"), transaction.atomic():
        factories.holiday()
    with pytest.raises(IntegrityError, match="holiday_worked_on_weekend"), transaction.atomic():
        factories.holiday(day=dt.date(2026, 5, 6), kind="working")


def test_operations_add_change_and_take_away(people: People, sign_in: SignIn) -> None:
    browser = sign_in(people.operations)
    typed = {
        "market": "HK",
        "day": "2099-04-06",
        "kind": "closed",
        "name": "Ching Ming",
        "name_zh": "",
        "source": "Gazette",
    }
    assert browser.post(f"{ADDRESS}new/", typed).status_code == 302
    with acting(people.operations):
        row = Holiday.objects.get(market="HK")
    assert browser.post(f"{ADDRESS}{row.pk}/", {**typed, "name_zh": "清明节"}).status_code == 302
    with acting(people.operations):
        assert Holiday.objects.get(pk=row.pk).name_zh == "清明节"
    assert browser.post(f"{ADDRESS}{row.pk}/", {"act": "remove"}).status_code == 302
    with acting(people.operations):
        assert not Holiday.objects.filter(market="HK").exists()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"kind": "working", "day": "2099-04-06"}, "Banks work on that weekday anyway."),
        ({"day": "2026-05-01", "market": "CN"}, "The market has an entry for this day already."),
        ({"market": "cn"}, "Enter a valid value."),
        ({"day": "2099-02-30"}, "Enter a valid date."),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(
    people: People, sign_in: SignIn, typed: dict[str, str], words: str
) -> None:
    factories.holiday()
    known = {"market": "HK", "day": "2099-04-06", "kind": "closed", "name": "Ching Ming", "source": "Gazette"}
    answer = sign_in(people.operations).post(f"{ADDRESS}new/", {**known, **typed})
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_several_days_are_marked_as_announced_at_once(people: People, sign_in: SignIn) -> None:
    rows = [factories.holiday(day=dt.date(2099, 5, day), provisional=True) for day in (1, 4)]
    browser = sign_in(people.operations)
    asked = browser.post(ADDRESS, {"do": "confirm", "row": [row.pk for row in rows]})
    once = asked.content.decode().split('name="once" value="')[1].split('"')[0]
    browser.post(ADDRESS, {"do": "confirm", "row": [row.pk for row in rows], "once": once, "sure": "1"})
    with acting(people.operations):
        assert not Holiday.objects.filter(provisional=True).exists()


def test_the_wall_lets_operations_alone_write(people: People) -> None:
    row = factories.holiday()
    with acting(people.manager):
        assert Holiday.objects.filter(pk=row.pk).update(name="x") == 0
        assert Holiday.objects.filter(pk=row.pk).exists()
    with acting(people.operations), pytest.raises(Refused):
        upkeep.put(holiday_id=None, market="CN", day=row.day, kind="closed", name="x", name_zh="", source="x")
