"""Writes of the reviews room: reviews opened from maturities and cycles, and decided by those who cover the client."""

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Q
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from clients import queries as clients
from clients.access import Permission, scoped
from clients.models import ContactNote
from compliance import queries as compliance
from core import audit
from core.errors import Conflict, Refused
from core.models import Parameter, Role, User
from core.money import rounded
from portfolios import operations as portfolios
from portfolios import queries as holdings
from portfolios.models import Deposit, Maturity
from reviews import queries, rules
from reviews.models import Review

NOTE_LEAST = 10
EVIDENCE = dt.timedelta(days=90)
"""How long before a maturity a contact may lie in which the client said what is to be done."""
STANDS = Q(deposit__closed_on__isnull=True, due_on=F("deposit__matures_on"))
"""A maturity that is still the bank's: its deposit is open and ends that day."""
BATCH = 1000
DECIDED = ["decision", "note", "evidence", "renew_amount", "renew_months", "decided_by", "decided_at", "version"]


@transaction.atomic
def open_due(*, as_of: dt.date, now: dt.datetime) -> int:
    """Open one review per maturity in the window and one per client and cycle; return how many were new.

    Running it again opens nothing: both are unique in the database.
    """
    before = Review.objects.count()
    until = as_of + holdings.horizon(as_of)
    due = holdings.maturities_until(end=until).filter(STANDS, review__isnull=True)
    Review.objects.bulk_create(
        (
            Review(client_id=m.client_id, kind=Review.Kind.MATURITY, maturity=m, due_on=m.due_on, opened_at=now)
            for m in due.iterator()
        ),
        batch_size=BATCH,
        ignore_conflicts=True,
    )
    Review.objects.bulk_create(_periodic(as_of=as_of, now=now), batch_size=BATCH, ignore_conflicts=True)
    opened = Review.objects.count() - before
    audit.record("review:open", data={"opened": opened, "as_of": as_of})
    return opened


def _periodic(*, as_of: dt.date, now: dt.datetime) -> list[Review]:
    """Return this cycle's review of every active client that has none yet."""
    months = {
        tier: Parameter.objects.value(f"review.cycle_months.{tier}", on=as_of) for tier in ("hnw", "private", "ultra")
    }
    cycles = {tier: rules.cycle(as_of, months=number) for tier, number in months.items()}
    have = set(Review.objects.filter(kind=Review.Kind.PERIODIC).values_list("client_id", "period"))
    return [
        Review(client=client, kind=Review.Kind.PERIODIC, period=period, due_on=end, opened_at=now)
        for client in clients.active_clients()
        for period, end in [cycles[client.tier]]
        if (client.pk, period) not in have
    ]


@transaction.atomic
def decide(
    *,
    user: User,
    review_id: int,
    decision: str,
    note: str,
    version: int,
    now: dt.datetime,
    evidence: int | None = None,
    renew_amount: Decimal | None = None,
    renew_months: int | None = None,
) -> Review:
    """Decide a review for a client the user covers; a maturity's decision becomes the deposit's instruction.

    ``evidence`` is the contact in which the client said so; what changes the contract's own instruction needs one.
    ``renew_amount`` is the part that a split renews, in the deposit's currency; ``renew_months`` another term than the
    contract's, which the bank must list.

    Raises:
        Review.DoesNotExist: missing or not of a client the user covers.
        Conflict: somebody decided or changed it since ``version`` was read.
        Refused: compliance holds the client, the cut-off has passed, the decision does not fit, or note or evidence is
            missing.
    """
    rows = scoped(Review.objects.select_for_update(of=("self",)), user, Permission.REVIEW_DECIDE)
    review = rows.select_related("maturity__deposit__institution").get(pk=review_id)
    if review.decision or review.version != version:
        theirs = {"decision": review.get_decision_display(), "note": review.note}
        raise Conflict(_("Somebody else decided this in the meantime."), theirs=theirs)
    if compliance.on_hold(review.client_id):
        raise Refused("on-hold", _("Compliance holds this client; the decision waits."))
    _falls_due(review, localdate(now))
    if decision not in rules.allowed(review.kind):
        raise Refused("decision-unfit", _("Choose one of the decisions."), field="decision")
    if decision in ("move", "reviewed") and len(note.strip()) < NOTE_LEAST:
        raise Refused("note-missing", _("Say in a sentence what was agreed."), field="note")
    review.renew_amount = _part(review, decision, renew_amount)
    review.renew_months = _term(review, decision, renew_months, localdate(now))
    review.evidence = _evidence(user, review, decision, evidence)
    review.decision, review.note, review.decided_by, review.decided_at = decision, note, user, now
    review.version += 1
    review.save(update_fields=DECIDED)
    if review.maturity is not None:
        portfolios.instruct(
            deposit_id=review.maturity.deposit_id,
            instruction=rules.INSTRUCTION[decision],
            part=review.renew_amount,
            months=review.renew_months,
            now=now,
        )
    audit.record(
        "review:decide",
        client_id=review.client_id,
        row=("reviews_review", review.pk),
        data={"decision": decision, "evidence": evidence, "months": review.renew_months},
    )
    return review


def _part(review: Review, decision: str, amount: Decimal | None) -> Decimal | None:
    """Return what a split renews.

    Raises:
        Refused: a split without a part, a part without a split, or one that is not a part of the deposit.
    """
    if decision != Review.Decision.SPLIT:
        if amount is not None:
            raise Refused("part-unfit", _("Only a split renews a part."), field="renew_amount")
        return None
    assert review.maturity is not None  # noqa: S101  (a periodic review is never split)
    deposit = review.maturity.deposit
    if amount is None or not 0 < amount < deposit.principal or rounded(amount, deposit.currency) != amount:
        raise Refused("part-range", _("More than nothing and less than the principal."), field="renew_amount")
    return amount


def _term(review: Review, decision: str, months: int | None, today: dt.date) -> int | None:
    """Return the term to renew for where it is another than the contract's.

    Raises:
        Refused: a term without a renewal, or one that the bank does not list for the amount.
    """
    if months is None:
        return None
    if decision not in rules.RENEWS:
        raise Refused("term-unfit", _("Only a renewal has a term."), field="renew_months")
    assert review.maturity is not None  # noqa: S101  (a periodic review renews nothing)
    deposit = review.maturity.deposit
    if months == deposit.term_months:
        return None
    found = holdings.own_offers(deposit, on=today, with_interest=decision == Review.Decision.RENEW_ALL)
    if months not in {one.months for one in found}:
        raise Refused("term-unlisted", _("The bank lists no such term for this amount."), field="renew_months")
    return months


def _evidence(user: User, review: Review, decision: str, evidence: int | None) -> ContactNote | None:
    """Return the contact in which the client said so.

    Raises:
        Refused: there is none of that number with the client, or one is needed.
    """
    if evidence is not None:
        found = clients.notes(user=user, client_id=review.client_id).filter(pk=evidence).first()
        if found is None:
            raise Refused("evidence-unknown", _("There is no such contact with this client."), field="evidence")
        if localdate(found.happened_at) < review.due_on - EVIDENCE:
            raise Refused("evidence-old", _("That contact is too long ago."), field="evidence")
        return found
    if review.maturity is not None and _differs(review, review.maturity.deposit, decision):
        words = _("Name the contact in which the client said so. Log it first, if there is none.")
        raise Refused("evidence-missing", words, field="evidence")
    return None


def _differs(review: Review, deposit: Deposit, decision: str) -> bool:
    """Say whether a decision is another than the contract's own."""
    decided = (rules.INSTRUCTION[decision], review.renew_amount, review.renew_months)
    return decided != (deposit.instruction, deposit.renew_amount, deposit.renew_months)


def _falls_due(review: Review, today: dt.date) -> None:
    """Refuse what the bank would not do any more: its cut-off has passed, or it ended or moved the deposit.

    Raises:
        Refused: the day after the last on which the client could say, or the maturity is not there any more.
    """
    if review.maturity is not None and not _stands(review.maturity):
        words = _("The bank ended this deposit or moved its maturity. There is nothing to decide.")
        raise Refused("maturity-gone", words)
    days = queries.days(reviews=[review], as_of=today).get(review.pk)
    if days is not None and today > days.instruct_by:
        words = _("The bank took instructions until %(day)s. What the contract says happens.")
        raise Refused("cut-off", words % {"day": days.instruct_by.isoformat()})


def _stands(maturity: Maturity) -> bool:
    return maturity.deposit.closed_on is None and maturity.due_on == maturity.deposit.matures_on


@transaction.atomic
def lapse(*, as_of: dt.date, now: dt.datetime) -> int:
    """Decide what nobody decided by the bank's cut-off as the contract says; return how many.

    What the bank ended or moved is closed as gone. What compliance holds waits. Running it again decides nothing twice.
    """
    until = as_of + holdings.horizon(as_of)
    rows = Review.objects.select_for_update(of=("self",)).filter(kind=Review.Kind.MATURITY, decision="")
    rows = rows.select_related("maturity__deposit__institution").order_by("pk")
    gone = ~Q(maturity__due_on=F("maturity__deposit__matures_on")) | Q(maturity__deposit__closed_on__isnull=False)
    waiting = list(rows.filter(gone | Q(due_on__lte=until)))
    days = queries.days(reviews=waiting, as_of=as_of)
    service, decided = User.objects.get(role=Role.SYSTEM), list[Review]()
    held = compliance.held(user=service)
    for review in waiting:
        assert review.maturity is not None  # noqa: S101  (its kind says so)
        if not _stands(review.maturity):
            review.decision = Review.Decision.GONE
        elif as_of > days[review.pk].instruct_by and review.client_id not in held:
            review.decision = rules.SILENT[review.maturity.deposit.instruction]
            review.renew_amount = review.maturity.deposit.renew_amount
            review.renew_months = review.maturity.deposit.renew_months
        else:
            continue
        review.silent, review.decided_by, review.decided_at = True, service, now
        review.version += 1
        decided.append(review)
    Review.objects.bulk_update(decided, [*DECIDED, "silent"], batch_size=BATCH)
    if decided:
        audit.record("review:lapse", data={"decided": len(decided), "as_of": as_of})
    return len(decided)
