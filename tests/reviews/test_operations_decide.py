"""A maturity opens one review, and the client's own manager decides it once."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from core.errors import Conflict, Refused
from core.walls import acting, service
from portfolios import operations as portfolios
from portfolios import queries
from portfolios.models import Deposit
from reviews import operations
from reviews.models import Review
from tests import factories
from tests.conftest import SignIn
from tests.people import People


@pytest.fixture
def review(people: People) -> Review:
    """A deposit of the covered client falls due."""
    client = factories.owned_by(people.client_id)
    return factories.review(client, maturity=factories.maturity(factories.deposit(client)))


def decide(people: People, review: Review, now: dt.datetime, **given: object) -> Review:
    """Decide as the manager unless the test says otherwise."""
    user = given.pop("user", people.manager)
    said = factories.note(factories.owned_by(people.client_id), people.manager)
    values = {"decision": "renew_all", "note": "", "version": 1, "evidence": said.pk, **given}
    with acting(user):  # type: ignore[arg-type]
        return operations.decide(user=user, review_id=review.pk, now=now, **values)  # type: ignore[arg-type]


def test_the_decision_becomes_the_instruction_of_the_deposit(people: People, review: Review, now: dt.datetime) -> None:
    decide(people, review, now)
    with acting(service()):
        assert Deposit.objects.get().instruction == Deposit.Instruction.ALL


def test_the_second_of_two_decisions_is_shown_the_first(people: People, review: Review, now: dt.datetime) -> None:
    decide(people, review, now, decision="pay_out", note="Buys a flat")
    with pytest.raises(Conflict) as conflict:
        decide(people, review, now, user=people.backup)
    assert conflict.value.theirs["note"] == "Buys a flat"


def test_a_hold_makes_the_decision_refuse(people: People, review: Review, now: dt.datetime) -> None:
    factories.hold(factories.owned_by(people.client_id), people.compliance)
    with pytest.raises(Refused) as refusal:
        decide(people, review, now)
    assert refusal.value.code == "on-hold"


@pytest.mark.parametrize("who", ["stranger", "colleague", "lead", "compliance"])
def test_nobody_else_decides(people: People, review: Review, now: dt.datetime, who: str) -> None:
    with pytest.raises(Review.DoesNotExist):
        decide(people, review, now, user=getattr(people, who))


def test_moving_wants_a_note(people: People, review: Review, now: dt.datetime) -> None:
    with pytest.raises(Refused) as refusal:
        decide(people, review, now, decision="move")
    assert refusal.value.field == "note"


def test_a_maturity_does_not_end_as_a_periodic_review(people: People, review: Review, now: dt.datetime) -> None:
    with pytest.raises(Refused):
        decide(people, review, now, decision="reviewed", note="All is well with the family")


def test_the_page_shows_the_others_decision_with_409(
    people: People, review: Review, sign_in: SignIn, now: dt.datetime
) -> None:
    browser, address = sign_in(people.backup), reverse("reviews:decision", args=[review.pk])
    decide(people, review, now, decision="pay_out", note="Buys a flat")
    answer = browser.post(address, {"decision": "renew_all", "note": "mine", "version": 1})
    assert answer.status_code == 409
    assert "Buys a flat" in answer.text
    assert "mine" in answer.text


def test_opening_twice_opens_once(people: People, now: dt.datetime) -> None:
    client = factories.owned_by(people.client_id)
    due_on = now.date() + dt.timedelta(days=10)
    factories.maturity(factories.deposit(client, matures_on=due_on), due_on=due_on)
    with acting(service()):
        first = operations.open_due(as_of=now.date(), now=now)
        second = operations.open_due(as_of=now.date(), now=now)
        kinds = list(Review.objects.filter(client=client).order_by("kind").values_list("kind", flat=True))
    assert first == 3  # the maturity, and the cycle's review of both clients
    assert second == 0
    assert kinds == ["maturity", "periodic"]


@pytest.mark.parametrize(
    ("instruction", "decision", "needed"),
    [("none", "renew_all", True), ("none", "pay_out", False), ("all", "pay_out", True), ("all", "renew_all", False)],
)
def test_what_the_contract_would_not_do_needs_evidence(
    people: People, now: dt.datetime, instruction: str, decision: str, *, needed: bool
) -> None:
    client = factories.owned_by(people.client_id)
    row = factories.review(client, maturity=factories.maturity(factories.deposit(client, instruction=instruction)))
    if not needed:
        assert decide(people, row, now, decision=decision, evidence=None).evidence is None
        return
    with pytest.raises(Refused) as refusal:
        decide(people, row, now, decision=decision, evidence=None)
    assert (refusal.value.code, refusal.value.field) == ("evidence-missing", "evidence")


def test_a_contact_with_somebody_else_is_no_evidence(people: People, review: Review, now: dt.datetime) -> None:
    other = factories.note(factories.owned_by(people.foreign_id), people.stranger)
    with pytest.raises(Refused) as refusal:
        decide(people, review, now, evidence=other.pk)
    assert refusal.value.code == "evidence-unknown"


def test_the_page_offers_the_contacts_and_shows_the_one_that_was_named(people: People, sign_in: SignIn) -> None:
    client = factories.owned_by(people.client_id)
    due_on = timezone.localdate() + dt.timedelta(days=20)
    row = factories.review(client, maturity=factories.maturity(factories.deposit(client, matures_on=due_on)))
    said = factories.note(
        client, people.manager, channel="call", text="Wants to renew if the rate holds", happened_at=timezone.now()
    )
    browser, address = sign_in(people.manager), reverse("reviews:decision", args=[row.pk])
    assert "Wants to renew if the rate holds" in browser.get(address).text
    refused = browser.post(address, {"decision": "renew_all", "note": "", "version": 1})
    assert refused.status_code == 422
    assert "Name the contact in which the client said so." in refused.text
    assert browser.post(address, {"decision": "renew_all", "version": 1, "evidence": said.pk}).status_code == 302
    assert "said in: Call" in browser.get(address).text


def test_a_contact_of_long_ago_is_no_evidence(people: People, review: Review, now: dt.datetime) -> None:
    client = factories.owned_by(people.client_id)
    said = factories.note(client, people.manager, happened_at=dt.datetime(2026, 1, 14, 2, tzinfo=dt.UTC))
    with pytest.raises(Refused) as refusal:
        decide(people, review, now, evidence=said.pk)
    assert refusal.value.code == "evidence-old"


def test_only_a_contact_since_the_review_opened_is_offered_first(people: People, sign_in: SignIn) -> None:
    client = factories.owned_by(people.client_id)
    due_on = timezone.localdate() + dt.timedelta(days=20)
    deposit = factories.deposit(client, matures_on=due_on)
    row = factories.review(client, maturity=factories.maturity(deposit), opened_at=timezone.now())
    factories.note(client, people.manager, happened_at=timezone.now() - dt.timedelta(days=3))
    page = sign_in(people.manager).get(reverse("reviews:decision", args=[row.pk])).text
    assert '<option value="" selected>No contact</option>' in page


def test_a_confidential_contact_is_not_told_to_a_lead_who_does_not_cover(
    people: People, review: Review, sign_in: SignIn, now: dt.datetime
) -> None:
    said = factories.note(factories.owned_by(people.client_id), people.manager, confidential=True, channel="meeting")
    decide(people, review, now, evidence=said.pk)
    address = reverse("reviews:decision", args=[review.pk])
    assert "said in: Meeting" in sign_in(people.manager).get(address).text
    seen = sign_in(people.lead).get(address).text
    assert "said in: Meeting" not in seen
    assert "said in a contact that is not yours to read" in seen
    assert sign_in(people.lead).get(f"/api/reviews/{review.pk}/").json()["evidence"] is None


def test_a_split_renews_a_part_and_pays_the_rest(people: People, review: Review, now: dt.datetime) -> None:
    part = Decimal("400000.00")
    assert decide(people, review, now, decision="split", renew_amount=part).renew_amount == part
    with acting(service()):
        deposit = Deposit.objects.get()
        assert (deposit.instruction, deposit.renew_amount) == ("part", part)
    with acting(people.manager):
        following = queries.deposit(user=people.manager, deposit_id=deposit.pk, as_of=factories.TODAY).following
    assert following is not None
    assert (following.principal, following.paid) == (part, Decimal("620277.78"))


@pytest.mark.parametrize(
    ("decision", "amount"),
    [("split", None), ("split", "0"), ("split", "1000000"), ("split", "0.001"), ("renew_all", "5")],
)
def test_what_is_no_part_is_refused_beside_it(
    people: People, review: Review, now: dt.datetime, decision: str, amount: str | None
) -> None:
    part = None if amount is None else Decimal(amount)
    with pytest.raises(Refused) as refusal:
        decide(people, review, now, decision=decision, renew_amount=part)
    assert refusal.value.field == "renew_amount"


def test_another_instruction_takes_the_part_away(people: People, review: Review, now: dt.datetime) -> None:
    decide(people, review, now, decision="split", renew_amount=Decimal(400_000))
    with acting(service()):
        deposit = Deposit.objects.get()
        portfolios.instruct(deposit_id=deposit.pk, instruction="all", now=now)
        deposit.refresh_from_db()
    assert (deposit.instruction, deposit.renew_amount) == ("all", None)


def test_the_page_splits(people: People, sign_in: SignIn) -> None:
    client = factories.owned_by(people.client_id)
    due_on = timezone.localdate() + dt.timedelta(days=20)
    row = factories.review(client, maturity=factories.maturity(factories.deposit(client, matures_on=due_on)))
    said = factories.note(client, people.manager, happened_at=timezone.now())
    browser, address = sign_in(people.manager), reverse("reviews:decision", args=[row.pk])
    given = {"decision": "split", "version": 1, "evidence": said.pk}
    assert "More than nothing and less than the principal." in browser.post(address, given).text
    assert browser.post(address, {**given, "renew_amount": "250000"}).status_code == 302
    assert "250,000.00" in browser.get(address).text
