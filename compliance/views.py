"""Pages of the compliance room: holds, openings, audits, trail, ledger, the client's compliance panel."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from clients import operations as clients_write
from clients import queries as clients
from clients.access import Permission
from compliance import operations, queries
from compliance.forms import (
    AuditForm,
    EndingForm,
    FindingForm,
    HoldForm,
    KnownForm,
    OpenForm,
    PlaceHoldForm,
    PurposeForm,
    RestoreForm,
)
from compliance.ledger import kept
from compliance.ledger import verifier as offline
from compliance.lists import AUDIT_SAMPLE, AUDITS, CLIENT_TRAIL, HOLDS, OPENINGS, OWN_TRAIL, SAMPLE, TRAIL
from core import clock, jobs, lists
from core.errors import Refused
from core.web import StaffRequest, door, known_only, seen
from core.web.again import ask_again, password_is_fresh

FORM_NAMES = {"person": "person_id", "auditor": "auditor_id"}
"""What a field is called in the operation that takes it."""


@door("hold:status", sensitive=True)
def client_panel(request: StaffRequest, client_id: int) -> HttpResponseBase:
    """Show whether the client is on hold; to compliance also why, with the next act."""
    client = clients.client(user=request.user, client_id=client_id, permission=Permission.HOLD_STATUS)
    seen(request, client_id=client.pk, what="hold")
    officer = request.user.has_perm(Permission.HOLD_PLACE)
    told = request.user.has_perm(Permission.HOLD_READ)
    context = {
        "client": client,
        "held": queries.on_hold(client.pk),
        "officer": officer,
        "opens": request.user.has_perm(Permission.CLIENT_OPEN),
        "ends": client.closed_on is None and request.user.has_perm(Permission.CLIENT_CLOSE),
        "erases": client.closed_on is not None and request.user.has_perm(Permission.CLIENT_ERASE),
        "standing": queries.standing(user=request.user, client_id=client.pk) if told else [],
        "reasons": queries.reasons(user=request.user, client_id=client.pk)[:5] if told else [],
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
    form = PlaceHoldForm(_sent(request))
    if _done(form, operations.place_hold, user=request.user, client_id=client.pk):
        messages.success(request, _("The hold stands."))
        return redirect("clients:page", client.pk)
    return _form(request, form, client=client, title=_("Place a hold"))


@door("hold:place", methods=("GET", "POST"))
def lift_hold(request: StaffRequest, hold_id: int) -> HttpResponseBase:
    """Lift a hold."""
    hold = queries.holds(user=request.user).get(pk=hold_id)
    form = HoldForm(_sent(request))
    if _done(form, operations.lift_hold, user=request.user, hold_id=hold.pk):
        messages.success(request, _("The hold is lifted."))
        return redirect("compliance:holds")
    return _form(request, form, client=hold.client, title=_("Lift the hold"))


@door("client:close", methods=("GET", "POST"))
def close_client(request: StaffRequest, client_id: int) -> HttpResponseBase:
    """Ask that the relationship with a client ends."""
    client = clients.client(user=request.user, client_id=client_id, permission=Permission.CLIENT_CLOSE)
    ends = queries.open_ends(client.pk)
    hint = _("The relationship ends once a second person has approved it. What is known of the client is kept.")
    if ends:
        hint = _("The relationship cannot end yet. Still open: %(what)s.") % {"what": ends}
    return _ask_end(
        request, client, operations.ask_closing, title=_("End the relationship"), hint=hint, refused=bool(ends)
    )


@door("client:erase", methods=("GET", "POST"))
def erase_client(request: StaffRequest, client_id: int) -> HttpResponseBase:
    """Ask that everything known of a client is erased."""
    client = clients.client(user=request.user, client_id=client_id, permission=Permission.CLIENT_ERASE)
    kept = operations.kept_because(client, clock.now())
    hint = kept.message if kept else _("Everything known of the client goes for good once another officer approves it.")
    return _ask_end(
        request, client, operations.ask_erasure, title=_("Erase the client"), hint=hint, danger=True, refused=bool(kept)
    )


def _ask_end(request: StaffRequest, client: Any, ask: Callable[..., Any], **shown: Any) -> HttpResponseBase:
    form = EndingForm(_sent(request))
    asked = _asked(form, ask, user=request.user, client_id=client.pk)
    if asked is None:
        return _form(request, form, client=client, act=_("Ask for approval"), **shown)
    messages.success(request, _("Asked for. Another person decides."))
    return redirect("approval", asked.pk)


@door("purpose:state", methods=("GET", "POST"))
def purpose(request: StaffRequest, client_id: int) -> HttpResponseBase:
    """Ask why an officer looks at a client, and go on to what was asked for."""
    known_only(request.GET, {"next"})
    client = clients.client(user=request.user, client_id=client_id, permission=Permission.PURPOSE_STATE)
    form = PurposeForm(_sent(request), initial={"next": request.GET.get("next", "")})
    if form.is_valid():
        back = form.cleaned_data.pop("next")
        if _done(form, clients_write.state_purpose, user=request.user, client_id=client.pk):
            own = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
            return redirect(back if back and own else reverse("clients:page", args=[client.pk]))
    hint = _("Whoever looks at a client for compliance says why. It stands for eight hours and goes into the trail.")
    return _form(request, form, client=client, title=_("Why do you look?"), hint=hint, act=_("Go on"))


@door("client:open", sensitive=True, methods=("GET", "POST"))
def openings(request: StaffRequest) -> HttpResponseBase:
    """List what was opened to whom."""
    return lists.answer(request, OPENINGS, now=clock.now())


@door("client:open", methods=("GET", "POST"))
def open_client(request: StaffRequest, client_id: int) -> HttpResponseBase:
    """Open a client to somebody in an emergency, once the password was given again."""
    client = clients.client(user=request.user, client_id=client_id, permission=Permission.CLIENT_OPEN)
    if not password_is_fresh(request):
        return ask_again(request.path)
    form = OpenForm(_sent(request))
    if _done(form, operations.open_client, user=request.user, client_id=client.pk):
        messages.success(request, _("Open. The rest of compliance was told; somebody else reviews it within a day."))
        return redirect("compliance:openings")
    hint = _("The person may read everything of this one client and change nothing. Every look is marked in the trail.")
    return _form(request, form, client=client, title=_("Open in an emergency"), hint=hint, danger=True)


@door("client:open", methods=("GET", "POST"))
def end_opening(request: StaffRequest, opening_id: int) -> HttpResponseBase:
    """End an emergency before its time."""
    opening = clients.openings(user=request.user).get(pk=opening_id, kind="emergency")
    form = forms.Form(_sent(request))
    if _done(form, clients_write.end_opening, user=request.user, opening_id=opening.pk):
        messages.success(request, _("Ended."))
        return redirect("compliance:openings")
    hint = _("%(name)s sees nothing of this client any more.") % {"name": opening.person.name}
    return _form(request, form, client=opening.client, title=_("End it now"), hint=hint, back="compliance:openings")


@door("client:open", methods=("GET", "POST"))
def review_opening(request: StaffRequest, opening_id: int) -> HttpResponseBase:
    """Say what came of an emergency, beside what was looked at."""
    opening = clients.openings(user=request.user).get(pk=opening_id, kind="emergency")
    form = FindingForm(_sent(request))
    if _done(form, clients_write.review_opening, user=request.user, opening_id=opening.pk):
        messages.success(request, _("Reviewed."))
        return redirect("compliance:openings")
    seen(request, client_id=None, what="openings", opening=opening.pk)
    context = {"opening": opening, "looks": queries.lines(queries.looks_by(opening)), "form": form}
    return render(request, "compliance/review_opening.html", context, status=422 if form.errors else 200)


@door("audit:read", methods=("GET", "POST"))
def audits(request: StaffRequest) -> HttpResponseBase:
    """List the audits."""
    return lists.answer(request, AUDITS, now=clock.now())


@door("audit:draw", methods=("GET", "POST"))
def draw_audit(request: StaffRequest) -> HttpResponseBase:
    """Draw the clients that an auditor looks at."""
    form = AuditForm(_sent(request))
    if _done(form, operations.draw_audit, user=request.user):
        messages.success(request, _("Drawn and open."))
        return redirect("compliance:audits")
    hint = _("The clients are ordered by SHA-256 of seed and client number; the first ones are the sample.")
    return _form(request, form, title=_("Draw a sample"), hint=hint, back="compliance:audits")


@door("audit:read", sensitive=True, methods=("GET", "POST"))
def audit(request: StaffRequest, audit_id: int) -> HttpResponseBase:
    """Show the sample of an audit, and what of it was opened."""
    return lists.answer(request, AUDIT_SAMPLE, now=clock.now(), audit_id=audit_id)


@door("audit:read", methods=("GET", "POST"))
def redraw_audit(request: StaffRequest, audit_id: int) -> HttpResponseBase:
    """Draw a sample once more by its seed, and say whether it is the one that is open."""
    row = queries.audits(user=request.user).get(pk=audit_id)
    if request.method == "POST":
        if queries.drawn_again(row):
            messages.success(request, _("Drawn again, the same clients."))
        else:
            messages.error(request, _("Drawn again, OTHER clients: the sample was changed."))
        return redirect("compliance:audit", row.pk)
    hint = _("The sample is drawn once more by its seed and compared with the clients that are open.")
    return _form(request, forms.Form(), title=_("Draw again"), hint=hint, back="compliance:audits")


@door("audit:draw", methods=("GET", "POST"))
def end_audit(request: StaffRequest, audit_id: int) -> HttpResponseBase:
    """End an audit before its time."""
    row = queries.audits(user=request.user).get(pk=audit_id)
    form = forms.Form(_sent(request))
    if _done(form, operations.end_audit, user=request.user, audit_id=row.pk):
        messages.success(request, _("Ended."))
        return redirect("compliance:audits")
    hint = _("The clients close and %(name)s can no longer sign in.") % {"name": row.auditor.name}
    return _form(request, form, title=_("End the audit"), hint=hint, back="compliance:audits")


@door("sample:read", sensitive=True, methods=("GET", "POST"))
def sample(request: StaffRequest) -> HttpResponseBase:
    """Show an auditor the clients that were drawn, and what was opened of them."""
    return lists.answer(request, SAMPLE, now=clock.now())


def _sent(request: StaffRequest) -> Any:
    """Return what a form is filled with: nothing until it is sent."""
    return request.POST if request.method == "POST" else None


def _done(form: forms.Form, act: Callable[..., Any], **given: object) -> bool:
    """Do what a form asks for, and say whether it was done; a refusal stands beside the field it blames."""
    return _asked(form, act, **given) is not None


def _asked(form: forms.Form, act: Callable[..., Any], **given: object) -> Any:
    """Do what a form asks for and return what came of it, None where the form has errors."""
    if not form.is_valid():
        return None
    values = {FORM_NAMES.get(name, name): value for name, value in form.cleaned_data.items()}
    try:
        return act(**given, **values, now=clock.now())
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
    return None


def _form(
    request: StaffRequest, form: forms.Form, *, title: str, client: Any = None, **more: object
) -> HttpResponseBase:
    """Show a form of this room; refused ones come back as they were sent."""
    context = {"form": form, "title": title, "client": client, **more}
    return render(request, "compliance/form.html", context, status=422 if form.errors else 200)


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


@door("history:read", sensitive=True)
def record(request: StaffRequest, table: str, row_id: int) -> HttpResponseBase:
    """Show a record through time, and what was known of it at the end of a day: today, or the one that is asked for."""
    known_only(request.GET, {"on"})
    form = KnownForm(request.GET if "on" in request.GET else None, initial={"on": localdate(clock.now())})
    day = form.cleaned_data["on"] if form.is_valid() else localdate(clock.now())
    found = queries.history(table=table, row_id=row_id, on=day)
    seen(request, client_id=found.client_id, what="history", table=table, row=row_id)
    context = {"form": form, "found": found, "day": day}
    return render(request, "compliance/record.html", context, status=422 if form.errors else 200)


@door("grant:read")
def grants(request: StaffRequest) -> HttpResponseBase:
    """Show who may do what, from the table by which every door decides."""
    known_only(request.GET, set())
    return render(request, "compliance/grants.html", {"roles": queries.ROLES, "rows": queries.grants()})


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
    context = {"state": state, "pace": jobs.pace(state.job), "keys": [keys.log, *keys.witnesses] if keys else []}
    context["month"] = operations.retirable(now=clock.now())
    return render(request, "compliance/_ledger.html" if request.htmx else "compliance/ledger.html", context)


@door("ledger:check", methods=("POST",))
def check_ledger(request: StaffRequest) -> HttpResponseBase:
    """Have the whole ledger read again."""
    try:
        operations.ask_check(user=request.user, now=clock.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("compliance:ledger")


@door("ledger:check", methods=("GET", "POST"))
def restore(request: StaffRequest) -> HttpResponseBase:
    """Ask to declare what a restore from a backup lost."""
    form = RestoreForm(_sent(request))
    asked = _asked(form, operations.ask_restore, user=request.user)
    if asked is not None:
        messages.success(request, _("Asked for. Another person decides."))
        return redirect("approval", asked.pk)
    hint = _("Only after the database came back from a backup: what was seen outside and is lost here is declared.")
    act, back = _("Ask for approval"), "compliance:ledger"
    return _form(request, form, title=_("After a restore"), hint=hint, act=act, back=back, danger=True)


@door("ledger:check", methods=("GET", "POST"))
def retire(request: StaffRequest) -> HttpResponseBase:
    """Ask that the oldest month of the trail goes."""
    form, month = EndingForm(_sent(request)), operations.retirable(now=clock.now())
    asked = _asked(form, operations.ask_retirement, user=request.user)
    if asked is not None:
        messages.success(request, _("Asked for. Another person decides."))
        return redirect("approval", asked.pk)
    hint = _("No month of the trail has been kept long enough to go.")
    if month:
        hint = _("The events of %(month)s go for good once another officer approves it; the ledger keeps their leaves.")
        hint %= {"month": f"{month:%Y-%m}"}
    act, back = _("Ask for approval"), "compliance:ledger"
    title, refused = _("Retire a month"), month is None
    return _form(request, form, title=title, hint=hint, act=act, back=back, danger=not refused, refused=refused)


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
