"""Text from outside for the compliance room."""

from operator import itemgetter
from typing import Any

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


LOOKS, CHANGES = "looks", "row:"


class TrailFilter(forms.Form):
    """Filters of the trail; of the own acts nobody is asked who did them."""

    actor = forms.CharField(
        label=_("Who"),
        required=False,
        max_length=150,
        widget=forms.TextInput(attrs={"placeholder": _("Part of a name or user name")}),
    )
    verb = forms.ChoiceField(label=_("Act"), required=False)
    since = BusinessDate(label=_("From"), required=False)
    until = BusinessDate(label=_("To"), required=False)

    def __init__(self, *args: Any, acts: dict[str, str], own: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(LOOKS, _("Every look")), (CHANGES, _("Every row that changed"))]
        _choose(self.fields["verb"], [("", _("All")), *kinds, *sorted(acts.items(), key=itemgetter(1))])
        if own:
            del self.fields["actor"]


class HoldFilter(forms.Form):
    """Filters of holds."""

    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("All")), ("open", _("Open")), ("lifted", _("Lifted"))]
    )


def _choose(field: forms.Field, choices: list[Any]) -> None:
    assert isinstance(field, forms.ChoiceField)  # noqa: S101  (narrows the type)
    field.choices = choices
