"""Every maturity ends in exactly one decision: somebody's until the bank's cut-off, the contract's own after it."""

import datetime as dt
import random
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from core.calendars import upkeep
from core.errors import Refused
from core.models import AuditEvent
from core.walls import acting, service
from portfolios import operations as portfolios
from portfolios.models import Account, Deposit, Maturity
from portfolios.queries import Days
from portfolios.rules.daycount import add_months
from reviews import operations
from reviews.models import Review
from tests import factories
from tests.conftest import SignIn
from tests.people import People

MARKETS = ("CN", "HK", "GB", "US")
FIRST = dt.date(2026, 1, 1)
SPAN = 3 * 365
CUT_OFF = dt.date(2026, 4, 13)
"""Two business days before the factories' deposit falls due, on Wednesday 15 April 2026."""


def at(day: dt.date) -> dt.datetime:
    """Return an instant of a business date."""
    return dt.datetime.combine(day, dt.time(9), timezone.get_current_timezone())


def run(day: dt.date) -> tuple[int, int, int]:
    """Do a night's work."""
    with acting(service()):
        return (
            portfolios.mature(as_of=day),
            operations.open_due(as_of=day, now=at(day)),
            operations.lapse(as_of=day, now=at(day)),
        )


def deposits(people: People, count: int, rng: random.Random) -> None:
    """Write deposits of every instruction at banks of four markets, that fall due over three years."""
    client = factories.owned_by(people.client_id)
    banks = [factories.institution(country=market) for market in MARKETS]
    accounts = [factories.account(client, institution=bank) for bank in banks]
    with acting(service()):
        Deposit.objects.bulk_create(_deposit(rng, rng.choice(accounts), number) for number in range(count))


def _instruction(rng: random.Random) -> dict[str, Any]:
    """Draw an instruction, with a part where a part is renewed, and sometimes another term."""
    drawn = rng.choice(Deposit.Instruction.values)
    return {
        "instruction": drawn,
        "renew_amount": Decimal(300_000) if drawn == "part" else None,
        "renew_months": rng.choice([None, 3, 9]) if drawn != "none" else None,
    }


def _deposit(rng: random.Random, account: Account, number: int) -> Deposit:
    months = rng.choice((1, 3, 6, 12, 24))
    begins = add_months(FIRST + dt.timedelta(days=rng.randrange(SPAN)), -months)
    return Deposit(
        client_id=account.client_id,
        account=account,
        institution_id=account.institution_id,
        reference=f"X{number}",
        kind=Deposit.Kind.TIME,
        currency=account.currency,
        principal=Decimal(1_000_000),
        rate=Decimal("0.02"),
        term_months=months,
        value_date=begins,
        matures_on=add_months(begins, months),
        **_instruction(rng),
        known_at=at(begins),
    )


@pytest.mark.parametrize(
    ("count", "step"), [(120, 9), pytest.param(10_000, 1, marks=pytest.mark.full)], ids=["some", "all"]
)
def test_each_maturity_has_one_decision_and_none_is_late(people: People, count: int, step: int) -> None:
    rng, client = random.Random(2026), factories.owned_by(people.client_id)
    with acting(service()):
        upkeep.seed(as_of=FIRST)
    deposits(people, count, rng)
    nights, said = [FIRST + dt.timedelta(days=n) for n in range(0, SPAN + 40, step)], 0
    for number, night in enumerate(nights):
        run(night)
        if number % (54 // step) == 0:
            said = factories.note(client, people.manager, happened_at=at(night)).pk
        with acting(people.manager):
            waiting = Review.objects.filter(kind="maturity", decision="").order_by("?")[: max(1, count // 900)]
            for review in waiting:
                operations.decide(
                    user=people.manager,
                    review_id=review.pk,
                    decision="renew_all",
                    note="",
                    version=1,
                    now=at(night),
                    evidence=said,
                )
    with acting(service()):
        assert run(nights[-1])[0] == run(nights[-1])[2] == 0
        reviews = Review.objects.filter(kind="maturity").select_related("maturity__deposit__institution")
        assert sorted(one.maturity.deposit.reference for one in reviews) == sorted(f"X{n}" for n in range(count))  # type: ignore[union-attr]
        days = Days(MARKETS, as_of=nights[-1])
        for review in reviews:
            assert review.maturity is not None
            deposit, decided = review.maturity.deposit, review.decided_at
            assert review.maturity.due_on == deposit.matures_on
            due = days.of(deposit)
            assert decided is not None
            assert due is not None
            day = timezone.localdate(decided)
            if review.silent:
                expected = {"all": "renew_all", "principal": "renew_principal", "part": "split", "none": "pay_out"}
                assert (review.decision, review.renew_months) == (expected[deposit.instruction], deposit.renew_months)
                late = max(due.instruct_by + dt.timedelta(days=1), FIRST)
                assert late <= day < late + dt.timedelta(days=step)
            else:
                assert day <= due.instruct_by
        if step == 1:
            assert sum(not one.silent for one in reviews) > count // 3


def test_a_night_that_did_not_run_loses_nothing(people: People) -> None:
    factories.deposit(factories.owned_by(people.client_id))
    noted, _opened, decided = run(dt.date(2026, 9, 1))
    assert (noted, decided) == (1, 1)
    with acting(service()):
        assert Maturity.objects.get().due_on == dt.date(2026, 4, 15)
        assert Review.objects.get(kind="maturity").silent


@pytest.mark.parametrize(("day", "decided"), [(CUT_OFF, True), (CUT_OFF + dt.timedelta(days=1), False)])
def test_the_bank_takes_instructions_to_the_end_of_the_cut_off(people: People, day: dt.date, *, decided: bool) -> None:
    review = falling(people)
    given = {"user": people.manager, "review_id": review.pk, "decision": "pay_out", "note": "", "version": 1}
    with acting(people.manager):
        if decided:
            assert operations.decide(now=at(day), **given).decision == "pay_out"  # type: ignore[arg-type]
        else:
            with pytest.raises(Refused) as refusal:
                operations.decide(now=at(day), **given)  # type: ignore[arg-type]
            assert refusal.value.code == "cut-off"


@pytest.mark.parametrize(
    ("instruction", "decision"), [("none", "pay_out"), ("principal", "renew_principal"), ("all", "renew_all")]
)
def test_silence_leaves_it_to_the_contract_and_says_so(people: People, instruction: str, decision: str) -> None:
    review = falling(people, instruction=instruction)
    with acting(service()):
        assert operations.lapse(as_of=CUT_OFF, now=at(CUT_OFF)) == 0
        assert operations.lapse(as_of=CUT_OFF + dt.timedelta(days=1), now=at(CUT_OFF)) == 1
        assert operations.lapse(as_of=CUT_OFF + dt.timedelta(days=1), now=at(CUT_OFF)) == 0
        review.refresh_from_db()
        assert (review.decision, review.silent, review.version) == (decision, True, 2)
        assert Deposit.objects.get().instruction == instruction
        assert AuditEvent.objects.filter(verb="review:lapse").count() == 1


def test_what_compliance_holds_waits(people: People) -> None:
    review = falling(people)
    factories.hold(factories.owned_by(people.client_id), people.compliance)
    with acting(service()):
        assert operations.lapse(as_of=dt.date(2026, 5, 1), now=at(CUT_OFF)) == 0
        review.refresh_from_db()
    assert review.decision == ""


def test_a_holiday_moves_the_cut_off_and_the_payment(people: People, sign_in: SignIn) -> None:
    with acting(service()):
        upkeep.seed(as_of=dt.date(2026, 9, 1))
    review = falling(people, value_date=dt.date(2025, 10, 1), matures_on=dt.date(2026, 10, 1), instruction="all")
    with acting(people.manager), pytest.raises(Refused):
        operations.decide(
            user=people.manager,
            review_id=review.pk,
            decision="pay_out",
            note="",
            version=1,
            now=at(dt.date(2026, 9, 30)),
        )
    assert review.maturity is not None
    page = sign_in(people.manager).get(reverse("portfolios:deposit", args=[review.maturity.deposit_id])).text
    assert "2026-09-29" in page
    assert "2026-10-08" in page
    assert "National Day" in page
    assert "new contract from 2026-10-01 to 2027-10-01" in page


def test_the_pages_say_that_nobody_said(people: People, sign_in: SignIn) -> None:
    review = falling(people)
    with acting(service()):
        operations.lapse(as_of=dt.date(2026, 5, 1), now=at(CUT_OFF))
    browser = sign_in(people.manager)
    for address in (
        reverse("reviews:decision", args=[review.pk]),
        reverse("reviews:client_panel", args=[review.client_id]),
        f"{reverse('reviews:list')}?state=decided",
    ):
        assert "nobody said; the contract decides" in browser.get(address).text


def test_after_the_cut_off_the_page_offers_no_decision(people: People, sign_in: SignIn) -> None:
    review = falling(people)
    page = sign_in(people.manager).get(reverse("reviews:decision", args=[review.pk])).text
    assert "Cut-off passed" in page
    assert 'name="decision"' not in page


def falling(people: People, **given: object) -> Review:
    """Let a deposit of the covered client fall due."""
    client = factories.owned_by(people.client_id)
    return factories.review(client, maturity=factories.maturity(factories.deposit(client, **given)))


def moved(review: Review, **given: object) -> None:
    """Let the bank change the deposit of a review."""
    assert review.maturity is not None
    with acting(service()):
        Deposit.objects.filter(pk=review.maturity.deposit_id).update(**given)


@pytest.mark.parametrize("change", [{"matures_on": dt.date(2026, 11, 2)}, {"closed_on": dt.date(2026, 4, 1)}])
def test_what_the_bank_ended_or_moved_is_decided_by_nobody(people: People, change: dict[str, object]) -> None:
    review = falling(people, instruction="all")
    moved(review, **change)
    given = {"user": people.manager, "review_id": review.pk, "decision": "renew_all", "note": "", "version": 1}
    with acting(people.manager), pytest.raises(Refused) as refusal:
        operations.decide(now=at(CUT_OFF), **given)  # type: ignore[arg-type]
    assert refusal.value.code == "maturity-gone"
    with acting(service()):
        assert operations.lapse(as_of=dt.date(2026, 4, 1), now=at(CUT_OFF)) == 1
        review.refresh_from_db()
    assert (review.decision, review.silent, review.decider) == ("gone", True, "the bank ended or moved it")


def test_a_closed_deposit_opens_no_review_and_its_page_promises_nothing(people: People, sign_in: SignIn) -> None:
    client = factories.owned_by(people.client_id)
    row = factories.deposit(client, instruction="all", closed_on=dt.date(2026, 4, 1))
    factories.maturity(row)
    with acting(service()):
        operations.open_due(as_of=dt.date(2026, 4, 2), now=at(CUT_OFF))
        assert not Review.objects.filter(kind="maturity").exists()
    page = sign_in(people.manager).get(reverse("portfolios:deposit", args=[row.pk])).text
    assert "new contract from" not in page


def test_a_cut_off_far_ahead_opens_the_review_before_it(people: People) -> None:
    factories.parameter(people, key="maturity.cut_off_days", value=Decimal(25))
    today = timezone.localdate()
    factories.deposit(factories.owned_by(people.client_id), matures_on=today + dt.timedelta(days=45))
    assert run(today)[0] == 1
    with acting(service()):
        review = Review.objects.get(kind="maturity")
        known = Days(["CN"], as_of=today).of(Deposit.objects.get())
    assert review.decision == ""
    assert known is not None
    assert known.instruct_by > today
