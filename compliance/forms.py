"""Text from outside for the compliance room."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clients import queries as clients
from clients.forms import BusinessDate, PersonField
from compliance import queries
from compliance.models import Hold
from compliance.operations.audits import MOST_CLIENTS

REASON_LEAST = 10
EMERGENCY_LEAST = 20


class HoldForm(forms.Form):
    """Why a hold is placed or lifted."""

    reason = forms.CharField(
        label=_("Reason"),
        min_length=REASON_LEAST,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Only compliance reads it; the manager sees that a hold stands, not why."),
    )


class PlaceHoldForm(HoldForm):
    """What a hold stops, and why it is placed."""

    kind = forms.ChoiceField(label=_("What waits"), choices=Hold.Kind.choices, initial=Hold.Kind.STOP)
    field_order = ("kind", "reason")


class EndingForm(forms.Form):
    """Why a relationship ends, a client is erased, or a backup came back."""

    reason = forms.CharField(
        label=_("Reason"), min_length=REASON_LEAST, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class RestoreForm(EndingForm):
    """How far the ledger had come before a restore, and why there was one."""

    lost = forms.IntegerField(
        label=_("Events that were seen outside"),
        min_value=1,
        max_value=10**15,
        help_text=_("The largest number that a witness, a mail or a statement tells."),
    )
    field_order = ["lost", "reason"]


class KnownForm(forms.Form):
    """The day as of which a record is shown."""

    on = BusinessDate(label=_("As known at the end of"))


class PurposeForm(forms.Form):
    """Why an officer of compliance looks at a client."""

    purpose = forms.ChoiceField(label=_("Purpose"), choices=[("", "–"), *clients.PURPOSES])
    reason = forms.CharField(
        label=_("In words"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    next = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput())


MINUTES = [("15", _("15 minutes")), ("30", _("30 minutes")), ("60", _("60 minutes"))]


class OpenForm(forms.Form):
    """To whom a client is opened in an emergency, for how long and why."""

    person = PersonField(label=_("To whom"))
    minutes = forms.ChoiceField(label=pgettext_lazy("how long", "For"), choices=MINUTES, initial="30")
    reason = forms.CharField(
        label=_("Reason"),
        min_length=EMERGENCY_LEAST,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("At least 20 characters. The rest of compliance gets a mail at once."),
    )

    def clean_minutes(self) -> int:
        """Return for how long."""
        return int(self.cleaned_data["minutes"])


class FindingForm(forms.Form):
    """What came of an emergency."""

    finding = forms.CharField(
        label=_("Finding"), min_length=REASON_LEAST, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class AuditForm(forms.Form):
    """For whom an audit is drawn, of how many clients, until when, by what seed."""

    title = forms.CharField(label=_("Title"), max_length=120)
    auditor = forms.ChoiceField(label=_("Auditor"))
    size = forms.IntegerField(label=_("How many clients"), min_value=1, max_value=MOST_CLIENTS, initial=25)
    ends_at = forms.DateTimeField(
        label=_("Open until"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("At this minute the clients close and the auditor's sign-in ends."),
    )
    seed = forms.RegexField(
        r"^[\w.-]*$",
        label=_("Seed"),
        required=False,
        max_length=64,
        help_text=_(
            "One that the auditor brought; empty: a fresh one is drawn. It is kept, so anybody can draw again."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(str(one.pk), one.name) for one in queries.auditors()]
        _choose(self.fields["auditor"], [("", "–"), *people])

    def clean_auditor(self) -> int:
        """Return the auditor's number."""
        return int(self.cleaned_data["auditor"])


class OpeningFilter(forms.Form):
    """Filters of openings."""

    kind = forms.ChoiceField(
        label=_("Kind"),
        required=False,
        choices=[("", _("All")), *clients.OPENED],
    )
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("All")), ("stands", _("Stands")), ("review", _("To be reviewed")), ("reviewed", _("Reviewed"))],
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
        _choose(self.fields["verb"], [("", _("All")), *kinds, *acts.items()])
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
