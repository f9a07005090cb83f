"""Pages of the business-day calendars."""

from django import forms
from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import clock, lists
from core.calendars import upkeep
from core.errors import Refused
from core.lists.calendars import CALENDARS, HOLIDAY
from core.models import Holiday
from core.web import StaffRequest, door, known_only


class HolidayForm(forms.Form):
    """A day on which a market's banks do not keep the week, and who says so."""

    market = forms.RegexField(
        "^[A-Z]{2}$",
        label=gettext_lazy("Market"),
        max_length=2,
        help_text=gettext_lazy("The country in two letters, such as CN."),
        widget=forms.TextInput({"size": 3, "autocapitalize": "characters"}),
    )
    day = forms.DateField(label=gettext_lazy("Day"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Holiday.Kind.choices)
    name = forms.CharField(label=HOLIDAY, max_length=120)
    name_zh = forms.CharField(label=gettext_lazy("Chinese name"), max_length=120, required=False)
    source = forms.CharField(
        label=gettext_lazy("Source"), max_length=120, help_text=gettext_lazy("Who announced it, and where.")
    )


@door("calendar:read", methods=("GET", "POST"))
def calendars(request: StaffRequest) -> HttpResponseBase:
    """List the exceptional days of every market."""
    return lists.answer(request, CALENDARS, now=clock.now())


@door("calendar:keep", methods=("GET", "POST"))
def new_holiday(request: StaffRequest) -> HttpResponseBase:
    """Add a day."""
    return _edit(request, None)


@door("calendar:keep", methods=("GET", "POST"))
def holiday(request: StaffRequest, holiday_id: int) -> HttpResponseBase:
    """Change a day, or take it away."""
    row = get_object_or_404(Holiday, pk=holiday_id)
    if request.method == "POST" and request.POST.get("act") == "remove":
        known_only(request.POST, {"csrfmiddlewaretoken", "act"})
        upkeep.remove(holiday_id=row.pk)
        messages.success(request, _("Taken away. The day is as its weekday says."))
        return redirect("calendars")
    return _edit(request, row)


def _edit(request: StaffRequest, row: Holiday | None) -> HttpResponseBase:
    known = {name: getattr(row, name) for name in HolidayForm.base_fields} if row else {"market": "CN"}
    form = HolidayForm(request.POST or None, initial=known)
    known_only(request.POST, {"csrfmiddlewaretoken", *form.fields})
    if request.method == "POST" and form.is_valid():
        try:
            upkeep.put(holiday_id=row.pk if row else None, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field, refusal.message)
        else:
            messages.success(request, _("Saved."))
            return redirect("calendars")
    return render(request, "core/holiday.html", {"row": row, "form": form}, status=422 if form.errors else 200)
