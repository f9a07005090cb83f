"""Pages of bank files: send one, watch it, see what was refused."""

import csv
import io

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from core import clock, lists
from core.errors import Refused
from core.lists.files import guarded
from core.web import StaffRequest, door, known_only
from portfolios import operations
from portfolios.forms import FeedForm
from portfolios.lists import FEEDS
from portfolios.models import FeedRun
from portfolios.queries import feeds as queries


@door("feed:read", methods=("GET", "POST"))
def feeds(request: StaffRequest) -> HttpResponseBase:
    """List the runs, newest first, and take a new file."""
    sends = request.method == "POST" and "do" not in request.POST
    form = FeedForm(request.POST if sends else None, request.FILES if sends else None, auto_id="send_%s")
    if sends and (answer := _receive(request, form)):
        return answer
    more = {"send": form, "may_apply": request.user.has_perm("feed:apply")}
    template, refused = "portfolios/feeds.html", sends
    return lists.answer(request, FEEDS, now=clock.now(), template=template, more=more, refused=refused)


def _receive(request: StaffRequest, form: FeedForm) -> HttpResponseBase | None:
    """Take the file; None where the form has to be shown again."""
    if not request.user.has_perm("feed:apply"):
        raise PermissionDenied
    if not form.is_valid():
        return None
    now, file = clock.now(), form.cleaned_data["file"]
    try:
        run = operations.receive(
            user=request.user, kind=form.cleaned_data["kind"], file_name=file.name, content=file.read(), now=now
        )
    except Refused as refusal:
        form.add_error(refusal.field, refusal.message)
        return None
    if run.uploaded_at != now:
        messages.info(request, _("This file was received before: nothing new was taken from it. Here is its run."))
    return redirect("portfolios:feed", run.pk)


@door("feed:read")
def feed(request: StaffRequest, run_id: int) -> HttpResponseBase:
    """Show one run: its progress, its counts or its errors."""
    return render(request, "portfolios/feed.html", {"card": _card(request, run_id)})


@door("feed:read")
def feed_progress(request: StaffRequest, run_id: int) -> HttpResponseBase:
    """Show how far a run is; the fragment asks again until the run is over."""
    if not request.htmx:
        return redirect("portfolios:feed", run_id)
    return render(request, "portfolios/_feed_run.html", {"card": _card(request, run_id)})


@door("feed:read")
def feed_errors(request: StaffRequest, run_id: int) -> HttpResponseBase:
    """Give the refused lines as a CSV file that a spreadsheet opens without running anything."""
    card = _card(request, run_id)
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(["line", "field", "message"])
    writer.writerows([error.line, guarded(error.field), guarded(error.message)] for error in card.errors)
    response = HttpResponse("\ufeff" + sheet.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="feed-{card.run.pk}-errors.csv"'
    return response


def _card(request: StaffRequest, run_id: int) -> queries.FeedCard:
    known_only(request.GET, set())
    try:
        return queries.feed(user=request.user, run_id=run_id)
    except FeedRun.DoesNotExist as error:
        raise Http404 from error
