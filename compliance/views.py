"""Pages of the compliance room: holds, the trail, the client's compliance panel, the auditor's start page."""

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from clients import queries as clients
from clients.access import Permission
from compliance import operations, queries
from compliance.forms import HoldForm
from compliance.lists import CLIENT_TRAIL, HOLDS, OWN_TRAIL, TRAIL
from core import clock, lists
from core.errors import Refused
from core.web import StaffRequest, door, seen


@door("hold:status", sensitive=True)
def client_panel(request: StaffRequest, client_id: int) -> HttpResponseBase:
    """Show whether the client is on hold; to compliance also why, with the next act."""
    client = clients.client(user=request.user, client_id=client_id, permission=Permission.HOLD_STATUS)
    seen(request, client_id=client.pk, what="hold")
    officer = request.user.has_perm(Permission.HOLD_PLACE)
    context = {
        "client": client,
        "held": queries.on_hold(client.pk),
        "officer": officer,
        "reasons": queries.reasons(user=request.user, client_id=client.pk)[:5] if officer else [],
    }
    if request.htmx:
        return render(request, "compliance/_client.html", context)
    return render(request, "clients/panel_page.html", {**context, "fragment": "compliance/_client.html"})


@door("hold:read", sensitive=True, methods=("GET", "POST"))
def holds(request: StaffRequest) -> HttpResponseBase:
    """List holds, newest first."""
    return lists.answer(request, HOLDS, now=clock.now())


@door("hold:place", methods=("GET", "POST"))
def place_hold(request: StaffRequest, client_id: int) -> HttpResponseBase:
    """Place a hold on a client."""
    client = clients.client(user=request.user, client_id=client_id, permission=Permission.HOLD_PLACE)
    form = HoldForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            operations.place_hold(
                user=request.user, client_id=client.pk, reason=form.cleaned_data["reason"], now=clock.now()
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The hold stands."))
            return redirect("clients:page", client.pk)
    context = {"form": form, "client": client, "title": _("Place a hold")}
    return render(request, "compliance/hold.html", context, status=422 if form.errors else 200)


@door("hold:place", methods=("GET", "POST"))
def lift_hold(request: StaffRequest, hold_id: int) -> HttpResponseBase:
    """Lift a hold."""
    hold = queries.holds(user=request.user).get(pk=hold_id)
    form = HoldForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            operations.lift_hold(
                user=request.user, hold_id=hold.pk, reason=form.cleaned_data["reason"], now=clock.now()
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The hold is lifted."))
            return redirect("compliance:holds")
    context = {"form": form, "client": hold.client, "title": _("Lift the hold")}
    return render(request, "compliance/hold.html", context, status=422 if form.errors else 200)


@door("trail:read", sensitive=True, methods=("GET", "POST"))
def trail(request: StaffRequest) -> HttpResponseBase:
    """Show the trail with filters."""
    return lists.answer(request, TRAIL, now=clock.now())


@door("trail:own", sensitive=True, methods=("GET", "POST"))
def own_trail(request: StaffRequest) -> HttpResponseBase:
    """Show the person's own acts."""
    return lists.answer(request, OWN_TRAIL, now=clock.now())


@door("trail:read", sensitive=True, methods=("GET", "POST"))
def client_trail(request: StaffRequest, client_id: int) -> HttpResponseBase:
    """Show everything that happened to one client, and who looked."""
    return lists.answer(request, CLIENT_TRAIL, now=clock.now(), client_id=client_id)


@door("sample:read")
def sample(request: StaffRequest) -> HttpResponseBase:
    """Show an auditor the drawn sample."""
    return render(request, "compliance/sample.html")
