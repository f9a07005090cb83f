"""The one answer of every list's door: show it, save a view of it, make a file of it, do something to its rows."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from core.errors import Refused
from core.lists import acts, exports, saved
from core.lists.asked import Asked, Invalid, ask
from core.lists.declared import Listing, Viewer
from core.lists.shown import linked, show
from core.web.guard import StaffRequest, seen
from core.web.pages import known_only

PAGE = "lists/page.html"
CONFIRM = {"do", "row", "scope", "once", "sure", "csrfmiddlewaretoken"}


def answer(
    request: StaffRequest,
    listing: Listing,
    *,
    now: dt.datetime,
    template: str = PAGE,
    more: Mapping[str, Any] | None = None,
    known: Mapping[str, Any] | None = None,
    refused: bool = False,
    **within: int,
) -> HttpResponseBase:
    """Answer a request to a list's address. ``within`` is what the list is of.

    ``more`` is what its own template needs, ``known`` what its rows need not ask again. ``refused``: a form of the page
    itself was, and ``more`` brings it back.

    Raises:
        BadRequest: it says something nobody declared.
        ObjectDoesNotExist: a view is missing or somebody else's, or what the list is of is.
    """
    viewer = Viewer(request.user, now, within, known=known or {})
    context: dict[str, Any] = {"listing": listing, "title": listing.title, "kicker": listing.kicker, **(more or {})}
    try:
        asked = ask(listing, request.GET, viewer)
    except Invalid as invalid:
        about = listing.about and listing.about(_only(listing, viewer))
        return render(request, template, {**context, **(about or {}), "form": invalid.form}, status=422)
    context |= listing.about(asked) if listing.about else {}
    if request.method == "POST" and not refused:
        return _posted(request, asked, context, now)
    mine = list(saved.views(user=request.user, listing=listing.name))
    if not request.GET:
        asked = saved.opening(listing=listing, viewer=viewer, mine=mine) or asked
    shown = show(asked, mine)
    if listing.seen:
        seen(request, client_id=within.get("client_id"), what=listing.seen, rows=len(shown.rows))
    return render(
        request,
        template,
        {**context, "shown": shown, "form": asked.form, "asked": asked},
        status=422 if refused else 200,
    )


def _only(listing: Listing, viewer: Viewer) -> Asked:
    """Return the list as it is when nothing is asked of it."""
    return Asked(listing, viewer, listing.filters({}, viewer), [], listing.sort, ())


def _posted(request: StaffRequest, asked: Asked, context: dict[str, Any], now: dt.datetime) -> HttpResponseBase:
    act = request.POST.get("do", "")
    if act in {"save", "change", "delete"}:
        return _view(request, asked, act, now)
    if act == "export":
        return _export(request, asked, now)
    return _act(request, asked, context, now)


def _view(request: StaffRequest, asked: Asked, act: str, now: dt.datetime) -> HttpResponseBase:
    """Save what was asked as a view, or change or forget the view that is open."""
    known_only(request.POST, {"do", "name", "is_default", "csrfmiddlewaretoken"})
    name, is_default = request.POST.get("name", ""), "is_default" in request.POST
    try:
        if act == "delete":
            saved.delete(user=request.user, view_id=asked.view or 0)
            messages.success(request, _("The view is deleted."))
            return redirect(f"{asked.address}?view=0")
        if act == "change":
            view = saved.change(user=request.user, view_id=asked.view or 0, name=name, is_default=is_default)
        else:
            view = saved.save(asked=asked, name=name, is_default=is_default, now=now)
    except Refused as refusal:
        messages.error(request, refusal.message)
        return redirect(asked.link())
    messages.success(request, _("The view is saved."))
    return redirect(linked(asked.address, asked.pairs, view.pk))


def _export(request: StaffRequest, asked: Asked, now: dt.datetime) -> HttpResponseBase:
    known_only(request.POST, {"do", "form", "csrfmiddlewaretoken"})
    if not request.user.has_perm(exports.PERMISSION):
        raise PermissionDenied(exports.PERMISSION)
    try:
        export = exports.request(asked=asked, form=request.POST.get("form", ""), now=now)
    except Refused as refusal:
        messages.error(request, refusal.message)
        return redirect(asked.link())
    return redirect("export", export.pk)


def _act(request: StaffRequest, asked: Asked, context: dict[str, Any], now: dt.datetime) -> HttpResponseBase:
    act = acts.find(asked, request.POST.get("do", ""))
    known_only(request.POST, {*CONFIRM, *(act.form().fields if act.form else ())})
    try:
        sure = "sure" in request.POST
        done = acts.do(asked, act, request.POST, now=now) if sure else acts.choose(asked, act, request.POST)
    except Refused as refusal:
        messages.error(request, refusal.message)
        return redirect(asked.link())
    if isinstance(done, str):
        messages.success(request, done)
        return redirect(asked.link())
    if asked.listing.seen:
        seen(request, client_id=asked.within.get("client_id"), what=asked.listing.seen, rows=len(done.rows))
    status = 422 if done.error or done.form.errors else 200
    return render(request, "lists/confirm.html", {**context, "asked": asked, "chosen": done}, status=status)
