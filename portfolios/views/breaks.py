"""Pages of days that do not add up: the list, one of them, and who takes, explains or closes it."""

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from core import clock, lists
from core.errors import Conflict, Refused
from core.web import StaffRequest, door, known_only, seen
from portfolios import operations, queries
from portfolios.forms import BreakForm
from portfolios.lists import BREAKS
from portfolios.models import Break


@door("break:read", sensitive=True, methods=("GET", "POST"))
def breaks(request: StaffRequest) -> HttpResponseBase:
    """List the days of the person's clients that do not add up, newest first; those that are live unless asked."""
    return lists.answer(request, BREAKS, now=clock.now())


@door("break:read", sensitive=True)
def one_break(request: StaffRequest, break_id: int) -> HttpResponseBase:
    """Show one day with its figures, its file, its owner and what was found out."""
    known_only(request.GET, set())
    return _page(request, queries.breaks(user=request.user).get(pk=break_id), BreakForm())


@door("break:resolve", methods=("POST",))
def take_break(request: StaffRequest, break_id: int) -> HttpResponseBase:
    """Make the person the owner."""
    shown = request.POST.get("owner", "")
    try:
        operations.take_break(
            user=request.user, break_id=break_id, owner_id=int(shown[:18]) if shown.isdecimal() else None
        )
    except Conflict as conflict:
        row = queries.breaks(user=request.user).get(pk=break_id)
        return _page(request, row, BreakForm(), status=409, theirs=conflict.theirs)
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("It is yours now."))
    return redirect("portfolios:break", break_id)


@door("break:resolve", methods=("POST",))
def settle_break(request: StaffRequest, break_id: int) -> HttpResponseBase:
    """Explain a day in words, or close it."""
    form = BreakForm(request.POST)
    row = queries.breaks(user=request.user).get(pk=break_id)
    if form.is_valid():
        try:
            if form.cleaned_data["state"] == Break.State.RESOLVED:
                operations.resolve_break(
                    user=request.user, break_id=row.pk, note=form.cleaned_data["note"], now=clock.now()
                )
            else:
                operations.explain_break(user=request.user, break_id=row.pk, note=form.cleaned_data["note"])
        except Refused as refusal:
            form.add_error(refusal.field, refusal.message)
        else:
            messages.success(request, _("Saved."))
            return redirect("portfolios:break", row.pk)
    return _page(request, row, form, status=422)


def _page(
    request: StaffRequest, row: Break, form: BreakForm, *, status: int = 200, theirs: dict[str, str] | None = None
) -> HttpResponseBase:
    seen(request, client_id=row.client_id, what="break")
    context = {
        "row": row,
        "form": form,
        "theirs": theirs,
        "may_resolve": request.user.has_perm("break:resolve") and row.state != Break.State.RESOLVED,
        "opens_client": request.user.has_perm("client:read"),
        "opens_file": request.user.has_perm("feed:read"),
    }
    return render(request, "portfolios/break.html", context, status=status)
