"""Doors of exports: the person's own, one of them, how far it is, its file."""

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from core import clock
from core.lists import answers, exports
from core.lists.files import TYPES
from core.lists.own import EXPORTS
from core.web.guard import StaffRequest, door
from core.web.pages import known_only


@door("list:export")
def export_list(request: StaffRequest) -> HttpResponseBase:
    """List the person's own exports."""
    return answers.answer(request, EXPORTS, now=clock.now())


@door("list:export", methods=("GET", "POST"))
def export(request: StaffRequest, export_id: int) -> HttpResponseBase:
    """Show how far an export is, and its file; a form stops it."""
    if request.method == "POST":
        known_only(request.POST, {"csrfmiddlewaretoken"})
        exports.cancel(user=request.user, export_id=export_id, now=clock.now())
        return redirect("export", export_id)
    known_only(request.GET, set())
    card = exports.card(user=request.user, export_id=export_id)
    return render(request, "lists/export.html", {"card": card})


@door("list:export")
def export_progress(request: StaffRequest, export_id: int) -> HttpResponseBase:
    """Show how far an export is; the fragment asks again until it is over."""
    card = exports.card(user=request.user, export_id=export_id)
    return render(request, "lists/_export.html", {"card": card}) if request.htmx else redirect("export", export_id)


@door("list:export")
def export_file(request: StaffRequest, export_id: int) -> HttpResponseBase:
    """Hand out the file of an export to whoever asked for it, while they may see all that is in it."""
    known_only(request.GET, set())
    found, chunks = exports.download(user=request.user, export_id=export_id, now=clock.now())
    response = StreamingHttpResponse(chunks, content_type=TYPES[found.form])
    response["Content-Disposition"] = f'attachment; filename="{exports.file_name(found)}"'
    response["Content-Length"] = found.size
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
