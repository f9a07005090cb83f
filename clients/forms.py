"""Text from outside for the clients room."""

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clients import queries
from clients.models import Client, ContactNote
from clients.operations import Promised

PROMISES = 3
EARLIEST, LATEST = dt.date(1900, 1, 1), dt.date(2200, 1, 1)
TEXT_MOST = 20000


class BusinessDate(forms.DateField):
    """A date that a bank could mean."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def clean(self, value: Any) -> dt.date | None:
        """Refuse years no client lives in."""
        day: dt.date | None = super().clean(value)
        if day is not None and not EARLIEST < day < LATEST:
            raise forms.ValidationError(_("Give a date between 1900 and 2200."), code="date-range")
        return day


class PersonInput(forms.TextInput):
    """A line that offers people of the desk while a name is typed; without scripts the name or user name suffices."""

    template_name = "clients/person_input.html"


class PersonField(forms.CharField):
    """One of the bank's people by name or user name; cleans into the person's number.

    A bank has more people than a list to choose from should carry: what is offered comes from ``clients:people``.
    """

    widget = PersonInput(attrs={"autocomplete": "off"})

    def clean(self, value: Any) -> int:
        """Find the person; several of one name, or nobody, is refused with what to do."""
        found = queries.called(super().clean(value))
        if len(found) > 1:
            raise forms.ValidationError(_("Several people are called so: give the user name."), code="person-many")
        if not found:
            raise forms.ValidationError(_("Nobody at the desk is called so."), code="person-none")
        return found[0].pk


class ContactForm(forms.Form):
    """One contact and up to three promises."""

    channel = forms.ChoiceField(label=_("Channel"), choices=ContactNote.Channel.choices)
    happened_at = forms.DateTimeField(
        label=_("When"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    people = forms.CharField(label=_("People"), max_length=200, required=False)
    text = forms.CharField(
        label=_("What was said"), max_length=TEXT_MOST, widget=forms.Textarea(attrs={"rows": 5, "autofocus": True})
    )
    confidential = forms.BooleanField(label=_("Confidential"), required=False)
    about = forms.CharField(label=_("About the holding"), max_length=80, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(1, PROMISES + 1):
            self.fields[f"promise_{number}"] = forms.CharField(label=_("I promised"), max_length=300, required=False)
            self.fields[f"promise_{number}_due_on"] = BusinessDate(label=_("by"), required=False)

    def promise_fields(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Return the pairs of text and date for the template."""
        return [(self[f"promise_{n}"], self[f"promise_{n}_due_on"]) for n in range(1, PROMISES + 1)]

    def clean(self) -> dict[str, Any]:
        """Want a date with each promise, and a promise with each date."""
        values: dict[str, Any] = super().clean() or {}
        for number in range(1, PROMISES + 1):
            text, due_on = values.get(f"promise_{number}"), values.get(f"promise_{number}_due_on")
            if text and not due_on and f"promise_{number}_due_on" not in self.errors:
                self.add_error(f"promise_{number}_due_on", _("By when?"))
            if due_on and not text:
                self.add_error(f"promise_{number}", _("What was promised?"))
        return values

    def promised(self) -> tuple[Promised, ...]:
        """Return the promises that were filled in."""
        pairs = [
            (self.cleaned_data[f"promise_{n}"], self.cleaned_data[f"promise_{n}_due_on"])
            for n in range(1, PROMISES + 1)
        ]
        return tuple(Promised(text, due_on) for text, due_on in pairs if text)


QUIET = [("", _("Any")), ("30", _("30 days")), ("90", _("90 days")), ("180", _("180 days"))]


class ClientFilter(forms.Form):
    """Filters of the client list. ``quiet`` is for those who log contacts: how long there was none."""

    q = forms.CharField(max_length=100, required=False, widget=forms.HiddenInput())
    tier = forms.ChoiceField(label=_("Tier"), required=False, choices=[("", _("All")), *Client.Tier.choices])
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("All")), *Client.Kind.choices])
    status = forms.ChoiceField(label=_("Status"), required=False, choices=[("", _("All")), *Client.Status.choices])
    quiet = forms.ChoiceField(label=_("No contact for"), required=False, choices=QUIET)

    def __init__(self, *args: Any, logs: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not logs:
            del self.fields["quiet"]


class TaskFilter(forms.Form):
    """Filters of what is owed."""

    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", pgettext_lazy("work", "Open")), ("done", _("Done")), ("all", _("All"))],
    )
    due = forms.ChoiceField(
        label=_("Due"),
        required=False,
        choices=[("", _("Any day")), ("late", _("Overdue")), ("today", _("Until today")), ("week", _("Within a week"))],
    )
    owner = forms.ChoiceField(
        label=pgettext_lazy("work", "Owner"), required=False, choices=[("", _("Anybody")), ("me", _("Me"))]
    )


class MoveForm(forms.Form):
    """Another day for what is owed."""

    due_on = BusinessDate(label=_("New date"))


class OweForm(forms.Form):
    """The same task for several clients; the text leaves room to name what each is about."""

    text = forms.CharField(label=_("What"), max_length=240)
    due_on = BusinessDate(label=_("Due"))


class HandoverForm(forms.Form):
    """To whom clients are handed over, from when on, and why."""

    person = PersonField(label=_("New dedicated manager"))
    at = forms.DateTimeField(
        label=_("From"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("Empty: as soon as it is approved."),
    )
    reason = forms.CharField(
        label=_("Reason"), min_length=10, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class SameContactForm(forms.Form):
    """The same contact with several clients."""

    channel = forms.ChoiceField(label=_("Channel"), choices=ContactNote.Channel.choices)
    happened_at = forms.DateTimeField(
        label=_("When"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    text = forms.CharField(label=_("What was said"), max_length=TEXT_MOST, widget=forms.Textarea(attrs={"rows": 4}))


def local_now(now: dt.datetime) -> dt.datetime:
    """Return ``now`` in the bank's zone, to the minute, as a form shows it."""
    return timezone.localtime(now).replace(second=0, microsecond=0)
