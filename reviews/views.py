"""Pages of the reviews room: Today, the list, the decision, and the panels of client and deposit."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from clients import queries as clients
from clients.access import Permission
from compliance import queries as compliance
from core import approvals, clock, lists
from core.errors import Conflict, Refused
from core.web import StaffRequest, door, known_only, seen
from portfolios import queries as portfolios
from portfolios.rules import charts
from reviews import operations, queries
from reviews.forms import DecisionForm
from reviews.lists import REVIEWS
from reviews.models import Review

WHOSE = ("me", "cover", "team")
MOST_ASKED = 5
"""Requests for approval named on Today; the rest stand in the queue."""


@door("today:open", sensitive=True)
def today(request: StaffRequest) -> HttpResponseBase:
    """Show what is owed to which client today; each row has its one main action."""
    known_only(request.GET, {"whose"})
    whose = request.GET.get("whose", "team" if request.user.role == "lead" else "me")
    if whose not in WHOSE:
        whose = "me"
    as_of = clock.today()
    owed = queries.today(user=request.user, as_of=as_of, mine=whose)
    seen(request, client_id=None, what="today")
    asked = approvals.waiting(user=request.user, now=clock.now())[:MOST_ASKED]
    waiting = (
        [(row, approvals.KINDS[row.kind].title) for row in asked] if request.user.has_perm(approvals.DECIDE) else []
    )
    context = {"owed": owed, "today": as_of, "whose": whose, "waiting": waiting}
    return render(request, "reviews/today.html", context)


@door("review:read", sensitive=True, methods=("GET", "POST"))
def review_list(request: StaffRequest) -> HttpResponseBase:
    """List reviews."""
    return lists.answer(request, REVIEWS, now=clock.now())


@door("review:read", sensitive=True)
def client_panel(request: StaffRequest, client_id: int) -> HttpResponseBase:
    """Show what waits for a decision for the client, and what was decided last."""
    client = clients.client(user=request.user, client_id=client_id, permission=Permission.REVIEW_READ)
    seen(request, client_id=client.pk, what="reviews")
    rows = queries.of_client(user=request.user, client_id=client.pk)[:8]
    writes = clients.covers(user=request.user, client_id=client.pk)
    return _panel(request, "reviews/_client.html", client=client, reviews=rows, today=clock.today(), writes=writes)


@door("review:read", sensitive=True)
def deposit_panel(request: StaffRequest, deposit_id: int) -> HttpResponseBase:
    """Show the decision that a deposit's maturity waits for."""
    card = portfolios.deposit(user=request.user, deposit_id=deposit_id, as_of=clock.today())
    client = clients.client(user=request.user, client_id=card.client_id, permission=Permission.REVIEW_READ)
    seen(request, client_id=client.pk, what="decision")
    review = queries.of_deposit(user=request.user, deposit_id=deposit_id)
    return _panel(request, "reviews/_deposit.html", client=client, review=review, today=clock.today())


@door("review:read", sensitive=True)
def ladder(request: StaffRequest, client_id: int) -> HttpResponseBase:
    """Show what falls due of a client or the household: by span and bank, day by day, and what is decided of each."""
    known_only(request.GET, {"whose"})
    household, as_of = request.GET.get("whose") == "household", clock.today()
    found = portfolios.maturity_ladder(
        user=request.user, client_id=client_id, as_of=as_of, known_at=clock.now(), household=household
    )
    for one in found.people:
        seen(request, client_id=one.pk, what="ladder")
    language = get_language() or "en"
    spans = list(charts.SPANS[language].values())
    reviewed = queries.of_deposits(
        user=request.user, deposit_ids=[one.deposit_id for one in (*found.overdue, *found.rungs)]
    )
    context = {
        "found": found,
        "client": found.client,
        "household": household,
        "reviews": reviewed,
        "spans": spans,
        "banks": [(row, list(zip(spans, row.amounts, strict=True))) for row in found.banks],
        "sums": list(zip(spans, found.spans, strict=True)),
        "chart": charts.rungs([(row.name, row.amounts) for row in found.banks], language=language),
        "writes": clients.covers(user=request.user, client_id=client_id),
    }
    return render(request, "reviews/ladder.html", context)


@door("review:read", sensitive=True, methods=("GET", "POST"))
def decision(request: StaffRequest, review_id: int) -> HttpResponseBase:
    """Show what a decision needs to know, and take it."""
    review = queries.review(user=request.user, review_id=review_id)
    seen(request, client_id=review.client_id, what="review")
    may = clients.covers(user=request.user, client_id=review.client_id)
    contacts = queries.contacts(user=request.user, review=review)
    offers = _offers(request, review)
    form = DecisionForm(
        request.POST if request.method == "POST" else None,
        review=review,
        contacts=contacts,
        offers=offers.own if offers else (),
    )
    theirs: dict[str, str] = {}
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.decide(user=request.user, review_id=review.pk, now=clock.now(), **form.cleaned_data)
        except Conflict as conflict:
            theirs, status = conflict.theirs, 409
            form.add_error(None, str(conflict))
        except Refused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(
                request, _("Decided: %(what)s.") % {"what": Review.Decision(form.cleaned_data["decision"]).label}
            )
            return redirect("clients:page", review.client_id)
    if form.errors and status != 409:  # noqa: PLR2004  (conflict)
        status = 422
    return render(
        request,
        "reviews/decision.html",
        _needed(request, review) | {"form": form, "may": may, "theirs": theirs, "found": offers},
        status=status,
    )


def _offers(request: StaffRequest, review: Review) -> portfolios.Offers | None:
    """Return what the money could earn next, while it waits for a decision."""
    if review.maturity is None or review.decision:
        return None
    return portfolios.offers(
        user=request.user, deposit_id=review.maturity.deposit_id, as_of=clock.today(), known_at=clock.now()
    )


def _needed(request: StaffRequest, review: Review) -> dict[str, object]:
    """Gather what the decision page shows beside the form."""
    deposit = None
    if review.maturity is not None:
        deposit = portfolios.deposit(user=request.user, deposit_id=review.maturity.deposit_id, as_of=clock.today())
    days = queries.days(reviews=[review], as_of=clock.today()).get(review.pk)
    return {
        "review": review,
        "client": review.client,
        "deposit": deposit,
        "held": compliance.on_hold(review.client_id),
        "notes": clients.notes(user=request.user, client_id=review.client_id)[:3],
        "tasks": clients.open_tasks(user=request.user, client_id=review.client_id)[:5],
        "today": clock.today(),
        "days": days,
        "late": days is not None and clock.today() > days.instruct_by,
        "evidence": queries.evidence(user=request.user, review=review),
        "panels": [] if deposit else [one for one in settings.CLIENT_PANELS if one.wide],
    }


def _panel(request: StaffRequest, template: str, **context: object) -> HttpResponse:
    if request.htmx:
        return render(request, template, context)
    return render(request, "clients/panel_page.html", {**context, "fragment": template})
