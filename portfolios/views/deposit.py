"""The page of one deposit."""

from django.conf import settings
from django.http.response import HttpResponseBase
from django.shortcuts import render

from clients import queries as clients
from clients.access import Permission
from core import clock
from core.web import StaffRequest, door, seen
from portfolios import queries


@door("portfolio:read", sensitive=True)
def deposit(request: StaffRequest, deposit_id: int) -> HttpResponseBase:
    """Show the terms, the interest to today and what happens at maturity."""
    card = queries.deposit(user=request.user, deposit_id=deposit_id, as_of=clock.today())
    client = clients.client(user=request.user, client_id=card.client_id, permission=Permission.PORTFOLIO_READ)
    seen(request, client_id=client.pk, what="deposit")
    panels = [panel for panel in settings.DEPOSIT_PANELS if request.user.has_perm(panel.permission)]
    due = queries.maturities(user=request.user, deposit_id=deposit_id)
    context = {"deposit": card, "client": client, "panels": panels, "maturities": due, "today": card.as_of}
    return render(request, "portfolios/deposit.html", context)
