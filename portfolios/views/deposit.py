"""The page of one deposit."""

import datetime as dt

from django.conf import settings
from django.http.response import HttpResponseBase
from django.shortcuts import render

from clients import queries as clients
from clients.access import Permission
from core import clock
from core.errors import Refused
from core.money import rounded
from core.web import StaffRequest, door, known_only, seen
from portfolios import queries
from portfolios.forms import EarlyForm
from portfolios.rules.early import Quote

FRIDAY = 4


@door("portfolio:read", sensitive=True)
def deposit(request: StaffRequest, deposit_id: int) -> HttpResponseBase:
    """Show the terms, the interest to today, what happens at maturity, and what it costs to leave before."""
    known_only(request.GET, set(EarlyForm.base_fields))
    as_of = clock.today()
    card = queries.deposit(user=request.user, deposit_id=deposit_id, as_of=as_of)
    client = clients.client(user=request.user, client_id=card.client_id, permission=Permission.PORTFOLIO_READ)
    seen(request, client_id=client.pk, what="deposit")
    friday = as_of + dt.timedelta(days=(FRIDAY - as_of.weekday()) % 7)
    given = request.GET if request.GET and card.leaves_early else None
    form = EarlyForm(given, initial={"amount": rounded(card.principal, card.currency), "on": friday})
    context = {
        "deposit": card,
        "client": client,
        "panels": [panel for panel in settings.DEPOSIT_PANELS if request.user.has_perm(panel.permission)],
        "maturities": queries.maturities(user=request.user, deposit_id=deposit_id),
        "today": as_of,
        "quote": _quote(request, form, deposit_id, as_of),
        "form": form,
    }
    return render(request, "portfolios/deposit.html", context, status=422 if form.errors else 200)


def _quote(request: StaffRequest, form: EarlyForm, deposit_id: int, as_of: dt.date) -> Quote | None:
    """Return what was asked for; a refusal stands beside its field."""
    if not form.is_valid():
        return None
    try:
        return queries.early_withdrawal(user=request.user, deposit_id=deposit_id, as_of=as_of, **form.cleaned_data)
    except Refused as refusal:
        form.add_error(refusal.field, refusal.message)
        return None
