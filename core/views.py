"""Doors of nobody's room: health, home, the profile, the staff page, the API's documentation."""

from django import forms
from django.contrib import messages
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from core import audit
from core.models import Role, User
from core.web import StaffRequest, door, known_only, page, public


@public
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 while the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


@door("home:open")
def home(request: StaffRequest) -> HttpResponseBase:
    """Send everybody to the start page of their role."""
    start: dict[str, str] = import_string("clients.access.START")
    return redirect(start[request.user.role])


class ProfileForm(forms.ModelForm[User]):
    """What a person may change of the own account."""

    class Meta:
        model = User
        fields = ("language",)


@door("profile:edit", methods=("GET", "POST"))
def profile(request: StaffRequest) -> HttpResponseBase:
    """Show and change the own profile."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("profile")
    return render(request, "core/profile.html", {"form": form}, status=422 if form.errors else 200)


@door("staff:read")
def staff(request: StaffRequest) -> HttpResponseBase:
    """List the people of the bank who use Steward."""
    known_only(request.GET, {"after"})
    people = User.objects.exclude(role=Role.SYSTEM).select_related("team")
    found = page(people, order=("name", "id"), after=request.GET.get("after", ""))
    return render(request, "core/staff.html", {"page": found})


@door("staff:manage", methods=("POST",))
def staff_member(request: StaffRequest, user_id: int) -> HttpResponseBase:
    """Let a person in or shut them out. Roles change by four eyes, not here."""
    member = get_object_or_404(User.objects.exclude(role=Role.SYSTEM).exclude(pk=request.user.pk), pk=user_id)
    member.is_active = not member.is_active
    member.save(update_fields=["is_active"])
    audit.record("staff:activate" if member.is_active else "staff:deactivate", row=("core_user", member.pk))
    return redirect("staff")


@door("home:open")
def api_documentation(request: StaffRequest) -> HttpResponseBase:
    """Show the API's operations, read from its schema."""
    return render(request, "core/api.html", {"operations": import_string("core.api.operations")()})
