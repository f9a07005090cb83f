"""Pages of the compliance room: holds, trail, ledger, the client's compliance panel, the auditor's start page."""

import io
import zipfile
from pathlib import Path

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from clients import queries as clients
from clients.access import Permission
from compliance import operations, queries
from compliance.forms import HoldForm
from compliance.ledger import kept
from compliance.ledger import verifier as offline
from compliance.lists import CLIENT_TRAIL, HOLDS, OWN_TRAIL, TRAIL
from core import clock, jobs, lists
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


@door("trail:read", sensitive=True)
def sight(request: StaffRequest, client_id: int) -> HttpResponseBase:
    """Show who can see a client and why, beside who looked."""
    client = clients.client(user=request.user, client_id=client_id)
    seen(request, client_id=client.pk, what="sight")
    return render(request, "compliance/sights.html", {"client": client, "sights": queries.sights(client_id=client.pk)})


@door("ledger:read")
def ledger(request: StaffRequest) -> HttpResponseBase:
    """Show whether the trail is sealed, kept outside and unchanged; htmx asks again while a check runs."""
    state = kept.state(now=clock.now())
    seen(request, client_id=None, what="ledger")
    keys = kept.keys()
    context = {"state": state, "pace": jobs.pace(state.job), "keys": [keys[0], *keys[1]] if keys else []}
    return render(request, "compliance/_ledger.html" if request.htmx else "compliance/ledger.html", context)


@door("ledger:check", methods=("POST",))
def check_ledger(request: StaffRequest) -> HttpResponseBase:
    """Have the whole ledger read again."""
    try:
        operations.ask_check(user=request.user, now=clock.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("compliance:ledger")


@door("ledger:read")
def verifier(request: StaffRequest) -> HttpResponseBase:
    """Give the file with which a stranger checks proofs."""
    return _file(Path(offline.__file__).read_bytes(), "verifier.py", "text/x-python; charset=utf-8")


@door("ledger:read")
def checkpoint(request: StaffRequest) -> HttpResponseBase:
    """Give the newest signed checkpoint, with the signatures of those who saw it."""
    note = kept.newest_note()
    seen(request, client_id=None, what="ledger")
    return _file(note.encode(), "checkpoint.txt", "text/plain; charset=utf-8")


@door("ledger:read", sensitive=True)
def proof(request: StaffRequest, event_id: int) -> HttpResponseBase:
    """Give an event as it was sealed and the proof of it, for a stranger to check."""
    event = queries.trail().get(pk=event_id)
    seen(request, client_id=event.client_id, what="proof", event=event.pk)
    try:
        found = kept.proof(event_id=event.pk)
    except Refused as refusal:
        messages.warning(request, str(refusal))
        return redirect("compliance:ledger")
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr(f"event-{event.pk}.json", found.event)
        files.writestr(f"event-{event.pk}.tlog-proof", found.text)
        files.writestr("verifier.py", Path(offline.__file__).read_bytes())
        files.writestr("keys.txt", "".join(f"{one}\n" for one in found.keys))
    return _file(package.getvalue(), f"event-{event.pk}.zip", "application/zip")


def _file(content: bytes, name: str, kind: str) -> HttpResponse:
    """Answer with a file to be kept."""
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@door("sample:read")
def sample(request: StaffRequest) -> HttpResponseBase:
    """Show an auditor the drawn sample."""
    return render(request, "compliance/sample.html")
