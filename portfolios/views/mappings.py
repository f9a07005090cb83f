"""The pages of mappings: those in use, one with its versions, saving the next."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from core import clock
from core.errors import Refused
from core.web import StaffRequest, door, known_only
from portfolios import operations
from portfolios.forms import MappingForm
from portfolios.queries import mappings as queries


@door("feed:read", methods=("GET", "POST"))
def mappings(request: StaffRequest) -> HttpResponseBase:
    """Show the mappings in use, and take a new one."""
    known_only(request.GET, set())
    form = MappingForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and (answer := _save(request, form)):
        return answer
    context = {"mappings": queries.mappings(), "form": form, "may_apply": request.user.has_perm("feed:apply")}
    return render(request, "portfolios/mappings.html", context, status=422 if request.method == "POST" else 200)


@door("feed:read")
def mapping(request: StaffRequest, name: str) -> HttpResponseBase:
    """Show a mapping with its versions, ready to be changed."""
    known_only(request.GET, set())
    versions = list(queries.versions(name=name))
    if not versions:
        raise Http404
    form = MappingForm(initial={"name": name, "text": versions[0].text})
    context = {"name": name, "versions": versions, "form": form, "may_apply": request.user.has_perm("feed:apply")}
    return render(request, "portfolios/mapping.html", context)


def _save(request: StaffRequest, form: MappingForm) -> HttpResponseBase | None:
    """Save the next version; None where the form has to be shown again."""
    if not request.user.has_perm("feed:apply"):
        raise PermissionDenied
    if not form.is_valid():
        return None
    given = form.cleaned_data
    try:
        saved = operations.save_mapping(
            user=request.user, name=given["name"], text=given["text"].replace("\r\n", "\n"), now=clock.now()
        )
    except Refused as refusal:
        form.add_error(refusal.field, refusal.message)
        return None
    return redirect("portfolios:mapping", saved.name)
