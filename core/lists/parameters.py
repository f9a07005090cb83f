"""The figures of law and house, each with the days it governs."""

from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.approvals.parameters import FIGURES, in_words, parameters
from core.lists.asked import Asked
from core.lists.declared import Column, Empty, Field, Kind, Listing, filters_of, register

VALUE = pgettext_lazy("figure", "Value")
PLACES = {"now": _("Governs"), "later": _("From later on"), "past": _("Past")}
TONES = {"now": "good", "later": "info", "past": "plain"}


class ParameterFilter(forms.Form):
    """Filters of the figures."""

    place = forms.ChoiceField(label=_("Governs"), required=False, choices=[("", _("All")), *PLACES.items()])


def _parameters(asked: Asked) -> models.QuerySet[Any]:
    rows, place = parameters(on=asked.viewer.today), asked.chosen["place"]
    return rows.filter(place=place) if place else rows


PARAMETERS = register(
    Listing(
        name="parameters",
        title=_("Parameters"),
        kicker=_("Figures of law and house; another person approves each change"),
        url="parameters",
        permission="parameter:read",
        rows=_parameters,
        filters=filters_of(ParameterFilter),
        sort="key",
        columns=(
            Column("key", _("Figure"), lambda row: FIGURES[row.key].title, sort=("key",), sub="key", fixed=True),
            Column("jurisdiction", _("Jurisdiction"), lambda row: row.jurisdiction.replace("*", "")),
            Column("value", VALUE, lambda row: in_words(row.key, row.value)),
            Column("from", _("Governs from"), "valid_from", Kind.DATE, sort=("valid_from",)),
            Column("until", _("Until"), "until", Kind.DATE),
            Column("place", _("State"), lambda row: PLACES[row.place], Kind.BADGE, tone=lambda row: TONES[row.place]),
            Column("source", _("Source"), "source", wide=True),
            Column("act", _("Change"), template="core/_parameter_act.html", fixed=True, permission="parameter:change"),
        ),
        fields=(
            Field("key", _("Figure"), "key", column="key"),
            Field("jurisdiction", _("Jurisdiction"), "jurisdiction", column="jurisdiction"),
            Field("value", VALUE, lambda row: str(row.value), column="value"),
            Field("valid_from", _("Governs from"), "valid_from", Kind.DATE, column="from"),
            Field("until", _("Until"), "until", Kind.DATE, column="until"),
            Field("source", _("Source"), "source", column="source"),
        ),
        empty=Empty("adjustments", _("No figures"), _("Clear a filter to see others.")),
    )
)
