"""The maturity ladder: spans and banks, the thirty days in which most falls due, means, and the calendar."""

import datetime as dt
from decimal import Decimal
from random import Random

from django.utils import timezone

from core.walls import acting, service
from portfolios import queries
from portfolios.rules import ladder as rules
from portfolios.rules.ladder import Rung
from portfolios.rules.maturity import Due
from reviews.models import Review
from tests import factories
from tests.conftest import SignIn
from tests.people import People

TODAY = dt.date(2026, 3, 2)


def rung(days: int, worth: int | None, *, bank: str = "First", currency: str = "CNY", rate: str = "0.02") -> Rung:
    """Return a deposit that falls due some days from today."""
    day = TODAY + dt.timedelta(days=days)
    amount = Decimal(worth or 0)
    known = None if worth is None else amount
    due = Due(day, day, day, "", certain=True)
    return Rung(days, 1, "Li", f"D{days}", "Time", bank, currency, amount, Decimal(rate), due, amount, known, "")


def test_the_peak_is_the_thirty_days_in_which_most_falls_due() -> None:
    found = rules.peak([rung(5, 100), rung(34, 100), rung(35, 100), rung(64, 250), rung(200, 400)])
    assert found is not None
    assert (found.begins, found.ends) == (TODAY + dt.timedelta(days=200), TODAY + dt.timedelta(days=229))
    found = rules.peak([rung(5, 100), rung(34, 100), rung(35, 100), rung(64, 250), rung(65, 60)])
    assert found is not None
    assert (found.begins, found.amount) == (TODAY + dt.timedelta(days=35), Decimal(350))
    assert found.share == Decimal(350) / Decimal(610)
    assert rules.peak([]) is None
    assert rules.peak([rung(5, None)]) is None


def test_the_peak_is_the_largest_of_every_window_that_there_is() -> None:
    rng = Random(30)
    for _ in range(200):
        rungs = [rung(rng.randrange(120), rng.randrange(1, 900)) for _ in range(rng.randrange(1, 12))]
        found = rules.peak(rungs)
        windows = [
            sum(one.worth or 0 for one in rungs if 0 <= (one.matures_on - TODAY).days - first < rules.WINDOW)
            for first in range(121)
        ]
        assert found is not None
        assert found.amount == max(windows)


def test_banks_and_spans_add_up_to_the_same_whole() -> None:
    rungs = [rung(0, 10), rung(30, 20, bank="Second"), rung(31, 40), rung(365, 80), rung(1095, 160), rung(1096, 320)]
    rows = rules.by_bank(rungs, TODAY)
    assert [(row.name, row.total) for row in rows] == [("First", Decimal(610)), ("Second", Decimal(20))]
    assert [sum(row.amounts[place] for row in rows) for place in range(6)] == [30, 40, 0, 80, 160, 320]


def test_means_are_weighted_by_principal_in_each_currency() -> None:
    found = rules.by_currency([rung(100, 300, rate="0.01"), rung(200, 100), rung(50, 7, currency="USD")], TODAY)
    assert list(found) == ["CNY", "USD"]
    assert (found["CNY"].days, found["CNY"].rate) == (Decimal(125), Decimal("0.0125"))


def test_the_calendar_has_twelve_months_and_every_day_within_them() -> None:
    months = rules.calendar([rung(0, 5), rung(3, 7), rung(3, 8), rung(364, 9), rung(365, 11)], TODAY)
    assert [month.first.month for month in months] == [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2]
    assert {day.day: len(rungs) for day, rungs in months[0].days.items()} == {2: 1, 5: 2}
    assert [month.total for month in months if month.days] == [Decimal(20)]


def test_the_household_is_shown_as_far_as_the_reader_sees_it(people: People, sign_in: SignIn) -> None:
    today = timezone.localdate()
    house = factories.household()
    client, other, hidden = (factories.client(household=house) for _ in range(3))
    for one in (client, other):
        factories.coverage(one, people.manager)
    due_on = today + dt.timedelta(days=20)
    begun = {"value_date": today - dt.timedelta(days=100)}
    mine = factories.deposit(client, matures_on=due_on, **begun)
    factories.deposit(other, matures_on=today + dt.timedelta(days=200), **begun)
    factories.deposit(hidden, matures_on=due_on, **begun)
    factories.deposit(client, matures_on=today - dt.timedelta(days=2), **begun)
    factories.deposit(client, kind="demand", term_months=None, matures_on=None, **begun)
    with acting(people.manager):
        alone = queries.maturity_ladder(user=people.manager, client_id=client.pk, as_of=today, known_at=timezone.now())
        whole = queries.maturity_ladder(
            user=people.manager, client_id=client.pk, as_of=today, known_at=timezone.now(), household=True
        )
    assert [one.reference for one in alone.rungs] == [mine.reference]
    assert (len(alone.overdue), alone.loose) == (1, 1)
    assert {one.client_id for one in whole.rungs} == {client.pk, other.pk}
    assert whole.total == sum(one.whole for one in whole.rungs) == sum(whole.spans)
    review = factories.review(client, maturity=factories.maturity(mine), due_on=due_on)
    browser = sign_in(people.manager)
    address = f"/reviews/clients/{client.pk}/ladder/"
    page = browser.get(address).text
    assert f"/reviews/{review.pk}/" in page
    assert "Matured, not paid out" in page
    assert "1 open deposit has no day of maturity" in page
    assert other.name in browser.get(f"{address}?whose=household").text
    assert browser.get(f"{address}?who=household").status_code == 400
    with acting(service()):
        review.decision, review.decided_by, review.decided_at = Review.Decision.PAY_OUT, people.manager, timezone.now()
        review.save()
    assert f'href="/reviews/{review.pk}/"' not in browser.get(address).text
    assert sign_in(people.stranger).get(address).status_code == 404
