"""Pages of bank files: send one, try it, watch it, correct it, take it back."""

import csv
import io
from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from core import clock, lists
from core.errors import Refused
from core.lists.files import guarded
from core.web import LARGEST_BYTES, StaffRequest, door, known_only
from portfolios import operations
from portfolios.forms import CorrectForm, SendForm
from portfolios.lists import FEEDS
from portfolios.models import FeedRun
from portfolios.queries import feeds as queries
from portfolios.queries import mapping_names


@door("feed:read", methods=("GET", "POST"), most_bytes=LARGEST_BYTES)
def feeds(request: StaffRequest) -> HttpResponseBase:
    """List the runs, newest first, and take a new file."""
    sends = request.method == "POST" and "do" not in request.POST
    form = _send_form(request, sends=sends)
    if sends and (answer := _receive(request, form)):
        return answer
    more = {"send": form, "may_apply": request.user.has_perm("feed:apply")}
    template, refused = "portfolios/feeds.html", sends
    return lists.answer(request, FEEDS, now=clock.now(), template=template, more=more, refused=refused)


def _send_form(request: StaffRequest, *, sends: bool) -> SendForm:
    given = (request.POST, request.FILES) if sends else (None, None)
    return SendForm(*given, mappings=mapping_names(), auto_id="send_%s")


def _receive(request: StaffRequest, form: SendForm) -> HttpResponseBase | None:
    """Take the file; None where the form has to be shown again."""
    if not request.user.has_perm("feed:apply"):
        raise PermissionDenied
    if not form.is_valid():
        return None
    now, file = clock.now(), form.cleaned_data["file"]
    kind, wishes = form.chosen()
    try:
        run = operations.receive(
            user=request.user, kind=kind, file_name=file.name, content=file, now=now, wishes=wishes
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
    return render(request, "portfolios/feed.html", _shown(request, _card(request, run_id)))


@door("feed:read")
def feed_progress(request: StaffRequest, run_id: int) -> HttpResponseBase:
    """Show how far a run is; the fragment asks again until the run is over."""
    card = _card(request, run_id)
    if not request.htmx:
        return redirect("portfolios:feed", run_id)
    return render(request, "portfolios/_feed_run.html", _shown(request, card))


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


@door("feed:apply")
def wrong_lines(request: StaffRequest, run_id: int) -> HttpResponseBase:
    """Give the wrong lines themselves, to be corrected and sent back."""
    card = _card(request, run_id)
    if not operations.correctable(card.run):
        raise Http404
    chunks = list(operations.error_file(run=card.run))
    response = StreamingHttpResponse(chunks, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="feed-{card.run.pk}-wrong-lines.csv"'
    return response


@door("feed:apply", methods=("POST",), most_bytes=LARGEST_BYTES)
def correct_feed(request: StaffRequest, run_id: int) -> HttpResponseBase:
    """Take corrected lines back into their file, and begin a new run with it."""
    card, form = _card(request, run_id), CorrectForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            run = operations.correct(
                user=request.user, run=card.run, content=form.cleaned_data["file"], now=clock.now()
            )
        except Refused as refusal:
            form.add_error(refusal.field, refusal.message)
        else:
            return redirect("portfolios:feed", run.pk)
    return render(request, "portfolios/feed.html", {**_shown(request, card), "correct": form}, status=422)


@door("feed:apply", methods=("POST",))
def confirm_feed(request: StaffRequest, run_id: int) -> HttpResponseBase:
    """Apply for real what was tried."""
    return _done(request, run_id, lambda: operations.confirm(user=request.user, run_id=run_id, now=clock.now()))


@door("feed:apply", methods=("POST",))
def discard_feed(request: StaffRequest, run_id: int) -> HttpResponseBase:
    """Throw away what was tried."""
    return _done(request, run_id, lambda: operations.discard(user=request.user, run_id=run_id))


@door("feed:apply", methods=("GET", "POST"))
def undo_feed(request: StaffRequest, run_id: int) -> HttpResponseBase:
    """Ask whether a run is to be taken back, then begin it."""
    if request.method == "POST":
        return _done(request, run_id, lambda: operations.undo(user=request.user, run_id=run_id, now=clock.now()))
    return render(request, "portfolios/feed_undo.html", _shown(request, _card(request, run_id)))


def _done(request: StaffRequest, run_id: int, act: Callable[[], object]) -> HttpResponseBase:
    known_only(request.POST, {"csrfmiddlewaretoken"})
    _card(request, run_id)
    try:
        act()
    except Refused as refusal:
        messages.error(request, refusal.message)
    return redirect("portfolios:feed", run_id)


def _card(request: StaffRequest, run_id: int) -> queries.FeedCard:
    known_only(request.GET, set())
    try:
        return queries.feed(user=request.user, run_id=run_id)
    except FeedRun.DoesNotExist as error:
        raise Http404 from error


def _shown(request: StaffRequest, card: queries.FeedCard) -> dict[str, object]:
    may_apply = request.user.has_perm("feed:apply")
    correct = CorrectForm() if may_apply and operations.correctable(card.run) else None
    return {"card": card, "run": card.run, "pace": card.pace, "may_apply": may_apply, "correct": correct}
