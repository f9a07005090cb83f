"""Text from outside about tokens and webhooks."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.models import TOKEN_DAYS, Token
from core.programs.outbound import URL_MOST

DAYS = 30


class TokenForm(forms.Form):
    """A new token."""

    name = forms.CharField(label=_("Name"), max_length=60, help_text=_("What it is for, such as the reporting system."))
    scope = forms.ChoiceField(label=_("Scope"), choices=Token.Scope.choices, initial=Token.Scope.READ)
    days = forms.IntegerField(
        label=_("Days until it ends"), min_value=1, max_value=TOKEN_DAYS, initial=DAYS, help_text=_("At most 90.")
    )


class WebhookForm(forms.Form):
    """A new webhook."""

    name = forms.CharField(label=_("Name"), max_length=60)
    url = forms.CharField(
        label=_("Address"),
        max_length=URL_MOST,
        widget=forms.TextInput(attrs={"inputmode": "url", "placeholder": "https://", "autocomplete": "off"}),
    )
    events = forms.MultipleChoiceField(label=_("Events"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, known: Mapping[str, object], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        events = self.fields["events"]
        assert isinstance(events, forms.MultipleChoiceField)  # as declared above  # noqa: S101
        events.choices = [(verb, f"{words} ({verb})") for verb, words in known.items()]
