"""Pages of the compliance room: holds, the trail, the client's compliance panel, the auditor's start page."""

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from clients import queries as clients
from clients.access import Permission
from compliance import operations, queries
from compliance.forms import HoldForm, TrailFilter
from core import clock
from core.errors import Refused
from core.web import StaffRequest, door, known_only, page, seen

TRAIL_FILTERS = {"actor", "verb", "since", "until"}


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


@door("hold:read", sensitive=True)
def holds(request: StaffRequest) -> HttpResponseBase:
    """List holds, open ones first by their nature of being newest."""
    known_only(request.GET, {"after"})
    cut = page(queries.holds(user=request.user), order=("-placed_at", "-id"), after=request.GET.get("after", ""))
    seen(request, client_id=None, what="holds", rows=len(cut.rows))
    return render(request, "compliance/holds.html", {"page": cut})


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


@door("trail:read", sensitive=True)
def trail(request: StaffRequest) -> HttpResponseBase:
    """Show the trail with filters."""
    known_only(request.GET, {*TRAIL_FILTERS, "after"})
    return _trail(request, None, _("Trail"))


@door("trail:own", sensitive=True)
def own_trail(request: StaffRequest) -> HttpResponseBase:
    """Show the person's own acts."""
    known_only(request.GET, {*TRAIL_FILTERS, "after"})
    return _trail(request, None, _("My acts"), own=True)


@door("trail:read", sensitive=True)
def client_trail(request: StaffRequest, client_id: int) -> HttpResponseBase:
    """Show everything that happened to one client, and who looked."""
    known_only(request.GET, {*TRAIL_FILTERS, "after"})
    client = clients.client(user=request.user, client_id=client_id)
    return _trail(request, client.pk, client.name)


@door("sample:read")
def sample(request: StaffRequest) -> HttpResponseBase:
    """Show an auditor the drawn sample."""
    return render(request, "compliance/sample.html")


def _trail(request: StaffRequest, client_id: int | None, title: str, *, own: bool = False) -> HttpResponseBase:
    form = TrailFilter(request.GET)
    if not form.is_valid():
        return render(request, "compliance/trail.html", {"form": form, "title": title}, status=422)
    chosen = {name: form.cleaned_data[name] for name in TRAIL_FILTERS}
    events = queries.trail(client_id=client_id, **chosen)
    if own:
        events = events.filter(actor=request.user)
    cut = page(events, order=("-id",), after=request.GET.get("after", ""))
    seen(request, client_id=client_id, what="trail", rows=len(cut.rows))
    kept = request.GET.copy()
    kept.pop("after", None)
    context = {"form": form, "title": title, "page": cut, "lines": queries.lines(cut.rows), "kept": kept.urlencode()}
    return render(request, "compliance/trail.html", {**context, "client_id": client_id})
