"""Text from outside for the reviews room."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.forms import BusinessDate
from reviews.models import Review
from reviews.rules import allowed


class DecisionForm(forms.Form):
    """What the client wants done."""

    decision = forms.ChoiceField(label=_("Decision"), widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("What was agreed"), max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, review: Review, **kwargs: Any) -> None:
        choices = allowed(review.kind)
        only = {"decision": choices[0]} if len(choices) == 1 else {}
        super().__init__(*args, **{"initial": {"version": review.version, **only}, **kwargs})
        field = self.fields["decision"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (narrows the type)
        field.choices = [(value, Review.Decision(value).label) for value in choices]
        field.widget.attrs["autofocus"] = True


class ReviewFilter(forms.Form):
    """Filters of the list of reviews."""

    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("Waiting")), ("decided", _("Decided")), ("all", _("All"))]
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("All")), *Review.Kind.choices])
    until = BusinessDate(label=_("Due until"), required=False)
