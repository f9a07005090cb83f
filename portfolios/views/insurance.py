"""The page of what deposit insurance covers of a client's money, and where an amount would be covered."""

from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from core import clock, lists
from core.web import StaffRequest, door, known_only, seen
from portfolios import queries
from portfolios.forms import PlacementForm
from portfolios.lists import CLIENT_INSURANCE
from portfolios.lists.tables import STATES
from portfolios.models import Deposit
from portfolios.rules.insurance import BankCover


@door("portfolio:read", sensitive=True)
def insurance(request: StaffRequest, client_id: int) -> HttpResponseBase:
    """Show what is insured at each bank, and how a thought-of amount would be split over the household."""
    known_only(request.GET, set(PlacementForm.base_fields))
    as_of, now = clock.today(), clock.now()
    found = queries.insurance(user=request.user, client_id=client_id, as_of=as_of, known_at=now)
    form = PlacementForm(request.GET or None, initial={"currency": found.currency, "months": 12})
    proposal = None
    if form.is_valid():
        proposal = queries.place(
            user=request.user, client_id=client_id, placement=form.placement(), as_of=as_of, known_at=now
        )
    seen(request, client_id=client_id, what="insurance")
    context = {"found": found, "rows": _rows(found.banks), "form": form, "proposal": proposal}
    return render(request, "portfolios/insurance.html", context, status=422 if form.errors else 200)


@door("portfolio:read", sensitive=True, methods=("GET", "POST"))
def banks(request: StaffRequest, client_id: int) -> HttpResponseBase:
    """List what is covered at each bank on a day."""
    return lists.answer(request, CLIENT_INSURANCE, now=clock.now(), client_id=client_id)


def _rows(banks: list[BankCover]) -> list[dict[str, Any]]:
    """Return each bank with the words for its state and for the kinds of what is there."""
    kinds = {**dict(Deposit.Kind.choices), "cash": _("Cash account")}
    return [
        {"cover": one, "state": STATES[one.state], "lines": [(line, kinds[line.kind]) for line in one.lines]}
        for one in banks
    ]
