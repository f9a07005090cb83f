"""What people type and send in the portfolios room."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clients.forms import BusinessDate
from portfolios.models import Break, Deposit, FeedRun, Transaction
from portfolios.queries.breaks import LIVE, MINE, NOBODY

MOST_BYTES = 10 * 1024 * 1024


class FeedForm(forms.Form):
    """A bank file and the layout it is in."""

    kind = forms.ChoiceField(label=_("Layout"), choices=FeedRun.Kind.choices)
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV, UTF-8, with a header line, at most 10 MB and 200,000 lines."),
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )

    def clean_file(self) -> "UploadedFile[bytes]":
        """Refuse a file that is too large before its bytes are read."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 10 MB."), code="feed-large")
        return file


class MovementFilter(forms.Form):
    """Filters of a client's movements."""

    account = forms.ChoiceField(label=_("Account"), required=False)
    since = BusinessDate(label=_("From"), required=False)
    until = BusinessDate(label=_("To"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("All")), *Transaction.Kind.choices])

    def __init__(self, *args: Any, accounts: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["account"]
        assert isinstance(choice, forms.ChoiceField)  # noqa: S101  (narrows the type)
        choice.choices = [("", _("All")), *accounts]


class DepositFilter(forms.Form):
    """Filters of deposits. ``due`` is a number of days from today, or ``late``."""

    due = forms.ChoiceField(
        label=_("Falls due"),
        required=False,
        choices=[
            ("", _("Any day")),
            ("late", _("Overdue")),
            ("7", _("Within 7 days")),
            ("30", _("Within 30 days")),
            ("90", _("Within 90 days")),
        ],
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("All")), *Deposit.Kind.choices])
    currency = forms.RegexField(
        "^[A-Z]{3}$",
        label=_("Currency"),
        required=False,
        max_length=3,
        widget=forms.TextInput(attrs={"placeholder": "CNY", "size": 5}),
    )
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("Open")), ("closed", _("Closed"))])


class DepositTaskForm(forms.Form):
    """The same task for several deposits; each names its own."""

    text = forms.CharField(label=_("What"), max_length=200)
    due_on = BusinessDate(label=_("Due"))


class BreakFilter(forms.Form):
    """Filters of the days that do not add up."""

    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("Open and explained")), *Break.State.choices, ("all", _("All"))],
    )
    owner = forms.ChoiceField(
        label=pgettext_lazy("work", "Owner"),
        required=False,
        choices=[("", _("Anybody")), (MINE, _("Me")), (NOBODY, _("Nobody"))],
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("All")), *Break.Kind.choices])
    run = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput())

    def clean_state(self) -> str:
        """Turn the word for every state into no filter, and no word into those that are live."""
        state: str = self.cleaned_data["state"]
        return {"": LIVE, "all": ""}.get(state, state)


class ExplainForm(forms.Form):
    """The same explanation for several days."""

    note = forms.CharField(label=_("Explanation"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class BreakForm(forms.Form):
    """What was found out of a day that does not add up."""

    note = forms.CharField(
        label=_("Explanation"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}), strip=True
    )
    state = forms.ChoiceField(
        choices=[
            (Break.State.EXPLAINED, Break.State.EXPLAINED.label),
            (Break.State.RESOLVED, Break.State.RESOLVED.label),
        ]
    )


class RunFilter(forms.Form):
    """Filters of the runs."""

    kind = forms.ChoiceField(label=_("Layout"), required=False, choices=[("", _("All")), *FeedRun.Kind.choices])
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("All")), *FeedRun.State.choices])
    by = forms.TypedChoiceField(label=_("By"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, senders: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["by"]
        assert isinstance(choice, forms.ChoiceField)  # noqa: S101  (narrows the type)
        choice.choices = [("", _("Anybody")), *senders]
