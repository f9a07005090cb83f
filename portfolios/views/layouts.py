"""The page of the layouts: what each column means, and a file to begin from."""

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from core.web import StaffRequest, door, known_only
from portfolios.queries import layouts as queries


@door("feed:read")
def layouts(request: StaffRequest) -> HttpResponseBase:
    """Show every layout with its columns."""
    known_only(request.GET, set())
    return render(request, "portfolios/feed_layouts.html", {"layouts": queries.layouts()})


@door("feed:read")
def example(request: StaffRequest) -> HttpResponseBase:
    """Give a small file of a layout that a spreadsheet opens as it is."""
    known_only(request.GET, {"kind"})
    kind = request.GET.get("kind", "clients")
    try:
        text = queries.example(kind, manager="manager.username")
    except KeyError as error:
        raise BadRequest("kind") from error
    response = HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{kind}-example.csv"'
    return response
