"""Text from outside for the compliance room."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.forms import BusinessDate

REASON_LEAST = 10


class HoldForm(forms.Form):
    """Why a hold is placed or lifted."""

    reason = forms.CharField(
        label=_("Reason"),
        min_length=REASON_LEAST,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Only compliance reads it; the manager sees that a hold stands, not why."),
    )


class TrailFilter(forms.Form):
    """Filters of the trail."""

    actor = forms.CharField(label=_("User name"), max_length=60, required=False)
    verb = forms.CharField(label=_("Act begins with"), max_length=60, required=False)
    since = BusinessDate(label=_("From"), required=False)
    until = BusinessDate(label=_("To"), required=False)
