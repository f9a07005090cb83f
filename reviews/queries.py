"""Reads of the reviews room: what is owed today, one review with what a decision needs."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db import models
from django.utils.text import Truncator
from django.utils.timezone import localdate

from clients import queries as clients
from clients.access import Permission, covered_now, scoped
from clients.models import ContactNote, Coverage, IdentityDocument, Task
from compliance import queries as compliance
from core.models import User
from core.templatetags.steward import moment
from portfolios import queries as portfolios
from portfolios.rules.maturity import Due
from reviews.models import Review

M = TypeVar("M", bound=models.Model)
ROWS = 40
NAMED, WORDS = 10, 60
"""Contacts offered as evidence of a decision, and how much is told of each."""


@dataclass(frozen=True)
class Falling:
    """A maturity that waits, and its days: by the bank's calendar."""

    review: Review
    days: Due


@dataclass(frozen=True)
class Today:
    """The morning of one manager: what is owed, in the order in which it should be done."""

    late: list[Task]
    due: list[Task]
    maturities: list[Falling]
    periodic: list[Review]
    documents: list[IdentityDocument]
    held: set[int]


def reviews(*, user: User) -> models.QuerySet[Review]:
    """Return the reviews of the user's clients with what a list shows."""
    return _own(user).select_related("client", "maturity__deposit__institution", "decided_by")


def _own(user: User) -> models.QuerySet[Review]:
    return scoped(Review.objects.all(), user, Permission.REVIEW_READ)


def review(*, user: User, review_id: int) -> Review:
    """Return one review.

    Raises:
        Review.DoesNotExist: missing or somebody else's.
    """
    return reviews(user=user).get(pk=review_id)


def open_reviews(*, user: User) -> models.QuerySet[Review]:
    """Return the reviews that wait for a decision, soonest first."""
    return reviews(user=user).filter(decision="").order_by("due_on", "id")


def of_client(*, user: User, client_id: int) -> models.QuerySet[Review]:
    """Return a client's reviews with their deposits, open ones first, then the latest decided."""
    rows = _own(user).filter(client_id=client_id).select_related("maturity__deposit", "decided_by")
    return rows.order_by(models.F("decided_at").desc(nulls_first=True), "due_on", "id")


def of_deposit(*, user: User, deposit_id: int) -> Review | None:
    """Return the review of a deposit's next maturity, or its last one."""
    rows = reviews(user=user).filter(maturity__deposit_id=deposit_id)
    return rows.order_by(models.F("decided_at").desc(nulls_first=True), "due_on").first()


def of_deposits(*, user: User, deposit_ids: Sequence[int]) -> dict[int, Review]:
    """Return the review of each deposit's present maturity, by the deposit's number."""
    rows = reviews(user=user).filter(maturity__deposit__in=deposit_ids)
    rows = rows.filter(maturity__due_on=models.F("maturity__deposit__matures_on"))
    return {row.maturity.deposit_id: row for row in rows if row.maturity is not None}


def today(*, user: User, as_of: dt.date, mine: str = "me") -> Today:
    """Return what is owed on ``as_of`` to the user's clients.

    ``mine`` is ``me`` (as dedicated manager), ``cover`` (in any part) or ``team`` (all the user may see).
    """
    part = {"me": {"kind": Coverage.Kind.PRIMARY}, "cover": {}}
    ids = None
    if mine in part:
        ids = Coverage.objects.filter(covered_now(user), **part[mine]).order_by().values("client_id")
    tasks = _of(clients.open_tasks(user=user), ids)
    waiting = _of(open_reviews(user=user), ids)
    until = as_of + portfolios.horizon(as_of)
    alert = as_of + dt.timedelta(days=30)
    return Today(
        late=list(tasks.filter(due_on__lt=as_of)[:ROWS]),
        due=list(tasks.filter(due_on=as_of)[:ROWS]),
        maturities=_falling(waiting.filter(kind=Review.Kind.MATURITY, due_on__lte=until)[:ROWS], as_of),
        periodic=list(waiting.filter(kind=Review.Kind.PERIODIC, due_on__lte=alert)[:ROWS]),
        documents=list(_of(clients.expiring_documents(user=user, until=alert), ids)[:ROWS]),
        held=compliance.held(user=user),
    )


def _of(rows: models.QuerySet[M], ids: object) -> models.QuerySet[M]:
    return rows if ids is None else rows.filter(client_id__in=ids)


def _falling(rows: models.QuerySet[Review], as_of: dt.date) -> list[Falling]:
    found = list(rows)
    known = days(reviews=found, as_of=as_of)
    return [Falling(row, known[row.pk]) for row in found if row.pk in known]


def days(*, reviews: Sequence[Review], as_of: dt.date) -> dict[int, Due]:
    """Return the days of maturities by the numbers of their reviews; two queries for any number of them."""
    waiting = [(row.pk, row.maturity) for row in reviews if row.maturity is not None]
    known = portfolios.Days({one.deposit.institution.country for _pk, one in waiting}, as_of=as_of)
    found = ((pk, known.of(one.deposit, one.due_on)) for pk, one in waiting)
    return {pk: due for pk, due in found if due is not None}


def evidence(*, user: User, review: Review) -> ContactNote | None:
    """Return the contact in which the client said so, None where there is none or it is not the user's to read."""
    if review.evidence_id is None:
        return None
    return clients.notes(user=user, client_id=review.client_id).filter(pk=review.evidence_id).first()


@dataclass(frozen=True)
class Named:
    """A contact that may be named as evidence, in a line; ``fresh``: not before the day the review opened."""

    note_id: int
    words: str
    fresh: bool


def contacts(*, user: User, review: Review) -> list[Named]:
    """Return the latest contacts with a review's client."""
    rows = clients.notes(user=user, client_id=review.client_id)[:NAMED]
    return [
        Named(
            row.pk,
            f"{moment(row.happened_at)} · {row.get_channel_display()} · {Truncator(row.text).chars(WORDS)}",
            localdate(row.happened_at) >= localdate(review.opened_at),
        )
        for row in rows
    ]
