"""The days of each market that are not as their weekday says."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.calendars import upkeep
from core.lists.asked import Asked, PageOf
from core.lists.declared import Act, Column, Empty, Field, Kind, Listing, Viewer, register
from core.models import Holiday, User
from core.templatetags.steward import weekday

KEEP = "calendar:keep"
HOLIDAY = pgettext_lazy("day", "Name")


class CalendarFilter(forms.Form):
    """Filters of exceptional days."""

    market = forms.RegexField(
        "^[A-Z]{2}$",
        label=_("Market"),
        required=False,
        max_length=2,
        widget=forms.TextInput(attrs={"placeholder": "CN", "size": 4}),
    )
    year = forms.ChoiceField(label=_("Year"), required=False)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("All")), ("provisional", _("Provisional")), ("announced", _("Announced"))],
    )

    def __init__(self, data: Mapping[str, Any], today: dt.date) -> None:
        super().__init__(data)
        years = range(today.year - upkeep.BACK, today.year + upkeep.AHEAD + 1)
        choice = self.fields["year"]
        assert isinstance(choice, forms.ChoiceField)  # noqa: S101  (narrows the type)
        choice.choices = [("", _("From today")), *((str(year), str(year)) for year in years)]


def _filters(data: Mapping[str, Any], viewer: Viewer) -> CalendarFilter:
    return CalendarFilter(data, viewer.today)


def _days(asked: Asked) -> models.QuerySet[Any]:
    chosen, rows = asked.chosen, Holiday.objects.all()
    rows = rows.filter(market=chosen["market"]) if chosen["market"] else rows
    rows = rows.filter(provisional=chosen["state"] == "provisional") if chosen["state"] else rows
    if chosen["year"]:
        return rows.filter(day__year=int(chosen["year"]))
    return rows.filter(day__gte=asked.viewer.today)


def _state(row: Holiday) -> str:
    return str(_("Provisional") if row.provisional else _("Announced"))


def _fits(rows: models.QuerySet[Any], _user: User) -> models.QuerySet[Any]:
    return rows.filter(provisional=True)


def _confirm(*, user: User, rows: Sequence[Holiday], values: Mapping[str, Any], now: dt.datetime) -> str:
    return gettext("Announced days: %(n)s.") % {"n": upkeep.confirm(rows=rows)}


def _links(asked: Asked) -> Mapping[str, Any]:
    return {"links": [(reverse("new_holiday"), gettext("Add a day"))] if asked.user.has_perm(KEEP) else []}


CALENDARS = register(
    Listing(
        name="calendars",
        title=_("Calendars"),
        kicker=_("When the banks of a market are closed; every maturity and cut-off counts by it"),
        url="calendars",
        permission="calendar:read",
        rows=_days,
        filters=_filters,
        sort="day",
        named=lambda row: f"{row.market} {row.day:%Y-%m-%d} {row}",
        columns=(
            Column(
                *("day", _("Day"), "day", Kind.DATE),
                sort=("day", "market"),
                sub=lambda row: weekday(row.day),
                link=PageOf("holiday", permission=KEEP),
                fixed=True,
            ),
            Column("market", _("Market"), "market", sort=("market", "day"), fixed=True),
            Column("name", HOLIDAY, str, wide=True),
            Column(
                *("kind", _("Kind"), "get_kind_display", Kind.BADGE),
                tone=lambda row: "plain" if row.kind == Holiday.Kind.CLOSED else "info",
            ),
            Column(
                *("state", _("State"), _state, Kind.BADGE),
                tone=lambda row: "warn" if row.provisional else "good",
            ),
            Column("source", _("Source"), "source"),
        ),
        fields=(
            Field("market", _("Market"), "market", column="market"),
            Field("day", _("Day"), "day", Kind.DATE, column="day"),
            Field("kind", _("Kind"), "kind", column="kind"),
            Field("name", HOLIDAY, "name", column="name"),
            Field("name_zh", _("Chinese name"), "name_zh", column="name"),
            Field("provisional", _("Provisional"), lambda row: "yes" if row.provisional else "no", column="state"),
            Field("source", _("Source"), "source", column="source"),
        ),
        acts=(
            Act(
                *("confirm", _("Mark as announced"), KEEP, _confirm, _fits),
                hint=_("The market's authority has announced these days as they stand here."),
            ),
        ),
        about=_links,
        empty=Empty("calendar-off", _("No day here"), _("Choose another market or year, or add a day.")),
    )
)
