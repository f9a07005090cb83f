"""A maturity is renewed for a term that the bank lists, and above its board only where two people agreed."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from core import approvals
from core.errors import Refused
from core.models import Approval, AuditEvent, User
from core.walls import acting, service
from portfolios import operations as portfolios
from portfolios import queries
from portfolios.feeds import DepositRow
from portfolios.models import Deposit, DepositTerms, RateException
from reviews import operations
from reviews.models import Review
from tests import factories
from tests.conftest import SignIn
from tests.people import People

LISTED = {3: "0.0085", 6: "0.0105", 12: "0.0120", 36: "0.0150"}
NOW = dt.datetime(2026, 4, 1, 3, tzinfo=dt.UTC)


@pytest.fixture
def review(people: People) -> Review:
    """A million falls due at a bank that lists three terms, and pays more from a million on for a year."""
    client = factories.owned_by(people.client_id)
    deposit = factories.deposit(client)
    for months, rate in LISTED.items():
        given = {
            "term_months": months,
            "rate": Decimal(rate),
            "transfer_rate": Decimal("0.016") if months < 12 else None,
        }
        factories.listed_rate(institution=deposit.institution, **given)
    tier = {"amount_from": Decimal(1_000_000), "rate": Decimal("0.0125"), "transfer_rate": Decimal("0.0168")}
    factories.listed_rate(institution=deposit.institution, **tier)
    return factories.review(client, maturity=factories.maturity(deposit))


def deposit() -> Deposit:
    with acting(service()):
        return Deposit.objects.select_related("institution").get()


def decide(people: People, review: Review, **given: Any) -> Review:
    said = factories.note(factories.owned_by(people.client_id), people.manager)
    values = {"decision": "renew_all", "note": "", "version": 1, "evidence": said.pk, **given}
    with acting(people.manager):
        return operations.decide(user=people.manager, review_id=review.pk, now=NOW, **values)


def ask(people: People, review: Review, *, user: User | None = None, **given: Any) -> Approval:
    asker = user or people.manager
    values = {"months": 12, "rate": Decimal("0.014"), "reason": "The family moves its payroll here", **given}
    assert review.maturity_id is not None
    with acting(asker):
        return portfolios.ask_rate(user=asker, maturity_id=review.maturity_id, now=values.pop("now", NOW), **values)


def approve(by: User, row: Approval, *, now: dt.datetime = NOW) -> Approval:
    with acting(by):
        digest = bytes(row.digest).hex()
        return approvals.decide(user=by, approval_id=row.pk, approve=True, digest=digest, note="", now=now)


# --- terms ------------------------------------------------------------------------------------------------------------


def test_a_renewal_for_another_term_counts_from_its_own_beginning(people: People, review: Review) -> None:
    decide(people, review, renew_months=6)
    row = deposit()
    assert (row.instruction, row.renew_months, row.renew_rate) == ("all", 6, None)
    with acting(people.manager):
        card = queries.deposit(user=people.manager, deposit_id=row.pk, as_of=dt.date(2026, 4, 2))
    assert card.following is not None
    assert card.following.matures_on == dt.date(2026, 10, 15)
    with acting(service()):
        assert [terms.renew_months for terms in DepositTerms.objects.all()] == [None]


def test_the_contracts_own_term_is_no_other_one(people: People, review: Review) -> None:
    assert decide(people, review, renew_months=12).renew_months is None
    assert deposit().renew_months is None


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"renew_months": 24}, "term-unlisted"),
        ({"renew_months": 6, "decision": "pay_out"}, "term-unfit"),
        ({"renew_months": 6, "evidence": None}, "evidence-missing"),
    ],
)
def test_a_term_is_listed_belongs_to_a_renewal_and_was_asked_for(
    people: People, review: Review, given: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refused) as refusal:
        decide(people, review, **given)
    assert refusal.value.code == code
    assert deposit().instruction == "none"


def test_silence_keeps_the_term_that_the_contract_names(people: People, review: Review) -> None:
    with acting(service()):
        Deposit.objects.update(instruction="all", renew_months=6)
        operations.lapse(as_of=dt.date(2026, 4, 14), now=NOW)
        review.refresh_from_db()
    assert (review.decision, review.renew_months, review.silent) == ("renew_all", 6, True)


@pytest.mark.parametrize(
    ("line", "months"),
    [
        ({}, 6),
        ({"instruction": "all"}, 6),
        ({"instruction": "principal"}, None),
        ({"instruction": "principal", "renew_months": 3}, 3),
        ({"value_date": dt.date(2026, 4, 15), "matures_on": dt.date(2026, 10, 15)}, None),
    ],
)
def test_the_terms_of_a_renewal_end_with_what_they_were_of(
    people: People, review: Review, line: dict[str, Any], months: int | None
) -> None:
    decide(people, review, renew_months=6)
    row = deposit()
    with acting(service()):
        account = row.account.reference
    said = {
        "reference": row.reference,
        "account": account,
        "kind": "time",
        "currency": "CNY",
        "principal": row.principal,
        "rate": row.rate,
        "value_date": row.value_date,
        **line,
    }
    with acting(service()):
        portfolios.upsert_holdings(rows=[DepositRow(**said)], now=NOW + dt.timedelta(days=1))
    assert deposit().renew_months == months


# --- offers -----------------------------------------------------------------------------------------------------------


def test_offers_are_of_the_tier_that_the_amount_reaches_and_insured_banks_come_first(
    people: People, review: Review
) -> None:
    small, large = (factories.institution(reference=name, name=name) for name in ("Low", "High"))
    factories.listed_rate(institution=small, rate=Decimal("0.011"))
    factories.listed_rate(institution=large, rate=Decimal("0.019"))
    assert review.maturity is not None
    given: dict[str, Any] = {
        "deposit_id": review.maturity.deposit_id,
        "as_of": dt.date(2026, 4, 1),
        "known_at": timezone.now(),
    }
    with acting(people.manager):
        found = queries.offers(user=people.manager, **given)
    assert found.amount == Decimal("1020277.78")  # a million at 2 % for 365 of 360 days
    assert [(one.months, one.rate) for one in found.own] == [
        *((months, Decimal(LISTED[months])) for months in (3, 6)),
        (12, Decimal("0.0125")),
        (36, Decimal("0.0150")),
    ]
    assert found.own[2].interest == Decimal("12930.60")  # 1,020,277.78 × 1.25 % × 365 / 360
    assert found.own[2].margin == Decimal("0.0043")
    assert [(one.bank, one.insured, one.headroom) for one in found.elsewhere] == [
        ("High", False, Decimal(500_000)),
        ("Low", False, Decimal(500_000)),
    ]
    with acting(service()):
        Deposit.objects.update(principal=Decimal(300_000))
    held = factories.account(factories.owned_by(people.client_id), institution=large)
    factories.transaction(held, amount=Decimal(450_000))
    with acting(people.manager):
        found = queries.offers(user=people.manager, **{**given, "known_at": timezone.now()})
    assert [(one.bank, one.insured, one.known) for one in found.elsewhere] == [
        ("Low", True, False),
        ("High", False, True),
    ]


def test_the_page_offers_terms_and_takes_one(people: People, review: Review, sign_in: SignIn) -> None:
    with acting(service()):
        today = timezone.localdate()
        Deposit.objects.update(matures_on=today + dt.timedelta(days=20), value_date=today - dt.timedelta(days=345))
        review.due_on = today + dt.timedelta(days=20)
        assert review.maturity is not None
        review.maturity.due_on = review.due_on
        review.maturity.save()
        review.save()
    said = factories.note(factories.owned_by(people.client_id), people.manager, happened_at=timezone.now())
    browser = sign_in(people.manager)
    address = reverse("reviews:decision", args=[review.pk])
    page = browser.get(address).text
    assert "6 months at 1.05%" in page
    assert "As before, 12 months" in page
    sent = {"decision": "renew_all", "renew_months": "6", "note": "", "version": "1", "evidence": str(said.pk)}
    assert browser.post(address, {**sent, "renew_months": "24"}).status_code == 422
    assert browser.post(address, sent).status_code == 302
    assert "for 6 months" in browser.get(address).text


# --- rates above the board --------------------------------------------------------------------------------------------


def test_what_another_person_agrees_to_goes_into_a_decided_renewal(
    people: People, review: Review, sign_in: SignIn
) -> None:
    decide(people, review)
    row = ask(people, review)
    page = sign_in(people.lead).get(reverse("approval", args=[row.pk])).text
    for words in ("1.25%", "1.40%", "1.68%", "0.43% → 0.28%", "1,520.83", "2,838.89", "Left over the term"):
        assert words in page
    assert deposit().renew_rate is None
    approve(people.lead, row)
    assert deposit().renew_rate == Decimal("0.014")
    with acting(service()):
        exception = RateException.objects.get()
        assert (exception.listed_rate, exception.transfer_rate) == (Decimal("0.0125"), Decimal("0.0168"))
        assert AuditEvent.objects.filter(verb="deposit:rate", client_id=people.client_id).count() == 1


def test_what_was_agreed_before_goes_with_the_decision_for_that_term_alone(people: People, review: Review) -> None:
    approve(people.lead, ask(people, review, months=6, rate=Decimal("0.0125")))
    assert deposit().renew_rate is None
    decide(people, review, renew_months=6)
    assert (deposit().renew_months, deposit().renew_rate) == (6, Decimal("0.0125"))


def test_a_rate_of_another_term_is_not_taken(people: People, review: Review) -> None:
    approve(people.lead, ask(people, review, months=6, rate=Decimal("0.0125")))
    decide(people, review)
    assert deposit().renew_rate is None


def test_a_loss_is_called_one(people: People, review: Review, sign_in: SignIn) -> None:
    page = sign_in(people.lead).get(reverse("approval", args=[ask(people, review, rate=Decimal("0.02")).pk])).text
    assert "Loss over the term" in page
    assert "-0.32%" in page


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"rate": Decimal("0.0125")}, "rate-listed"),
        ({"rate": Decimal("1.4")}, "rate-listed"),
        ({"months": 24}, "term-unlisted"),
        ({"months": 36}, "rate-margin"),
        ({"now": dt.datetime(2026, 4, 14, 3, tzinfo=dt.UTC)}, "cut-off"),
    ],
)
def test_what_cannot_be_agreed_to_is_not_asked_for(
    people: People, review: Review, given: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refused) as refusal:
        ask(people, review, **given)
    assert refusal.value.code == code


@pytest.mark.parametrize("change", ["board", "principal", "gone", "late"])
def test_what_changed_since_is_asked_for_again(people: People, review: Review, change: str) -> None:
    row, now = ask(people, review), NOW
    if change == "board":
        given: dict[str, Any] = {
            "amount_from": Decimal(1_000_000),
            "rate": Decimal("0.0115"),
            "transfer_rate": Decimal("0.0168"),
        }
        given |= {"value_date": NOW.date()}
        factories.listed_rate(institution=deposit().institution, **given)
    elif change == "late":
        now = dt.datetime(2026, 4, 14, 3, tzinfo=dt.UTC)
    else:
        said = {"principal": Decimal(2_000_000)} if change == "principal" else {"closed_on": NOW.date()}
        with acting(service()):
            Deposit.objects.update(**said)
    with pytest.raises(Refused) as refusal:
        approve(people.lead, row, now=now)
    known = {"board": "rate-stale", "principal": "rate-stale", "gone": "maturity-gone", "late": "cut-off"}
    assert refusal.value.code == known[change]
    with acting(service()):
        assert not RateException.objects.exists()


@pytest.mark.parametrize("who", ["colleague", "stranger", "lead", "compliance"])
def test_who_does_not_cover_the_client_asks_for_nothing(people: People, review: Review, who: str) -> None:
    with pytest.raises(type(review.maturity).DoesNotExist):  # type: ignore[union-attr]
        ask(people, review, user=getattr(people, who))


def test_the_page_asks_and_says_what_is_wrong(people: People, review: Review, sign_in: SignIn) -> None:
    with acting(service()):
        today = timezone.localdate()
        Deposit.objects.update(matures_on=today + dt.timedelta(days=20), value_date=today - dt.timedelta(days=345))
        assert review.maturity is not None
        review.maturity.due_on = today + dt.timedelta(days=20)
        review.maturity.save()
    browser = sign_in(people.manager)
    address = reverse("portfolios:ask_rate", args=[review.maturity_id])
    page = browser.get(address).text
    assert "0.43%" in page
    sent = {"months": "12", "rate": "1.20", "reason": "Payroll"}
    refused = browser.post(address, sent)
    assert refused.status_code == 422
    assert "The bank lists 1.25%" in refused.text
    asked = browser.post(address, {**sent, "rate": "1.45"})
    assert asked.status_code == 302
    assert browser.post(address, {**sent, "rate": "1.45"}).status_code == 422
    assert sign_in(people.lead).get(asked["Location"]).status_code == 200


@pytest.mark.parametrize(("decision", "taken"), [("renew_all", True), ("renew_principal", False)])
def test_interest_that_stays_in_it_reaches_the_tier_of_a_term(
    people: People, review: Review, decision: str, *, taken: bool
) -> None:
    factories.listed_rate(
        institution=deposit().institution, term_months=24, amount_from=Decimal(1_010_000), rate=Decimal("0.014")
    )
    if taken:
        assert decide(people, review, decision=decision, renew_months=24).renew_months == 24
    else:
        with pytest.raises(Refused) as refusal:
            decide(people, review, decision=decision, renew_months=24)
        assert refusal.value.code == "term-unlisted"


def test_nobody_gets_less_than_is_listed_because_something_was_agreed(people: People, review: Review) -> None:
    approve(people.lead, ask(people, review))
    tier = {"amount_from": Decimal(1_000_000), "rate": Decimal("0.0190"), "value_date": dt.date(2026, 4, 2)}
    factories.listed_rate(institution=deposit().institution, **tier)
    with acting(people.manager):
        offers = queries.own_offers(deposit(), on=dt.date(2026, 4, 3))
    found = next(one for one in offers if one.months == 12)
    assert (found.agreed, found.rate) == (Decimal("0.014"), Decimal("0.019"))
    assert found.interest == Decimal("19263.89")  # a million at 1.9 % for 365 of 360 days
