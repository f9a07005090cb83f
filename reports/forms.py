"""What may be asked of the delivery ledger, and what sending again needs."""

from django import forms
from django.utils.translation import gettext_lazy as _

from reports.models import Delivery


class DeliveryFilter(forms.Form):
    """The ledger's filter."""

    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("All")), *Delivery.State.choices])
    month = forms.DateField(
        label=_("Month"),
        required=False,
        input_formats=["%Y-%m"],
        widget=forms.DateInput(format="%Y-%m", attrs={"placeholder": "2026-03", "inputmode": "numeric", "size": 8}),
    )


class SendForm(forms.Form):
    """A statement sent again, with the one thing only a person can say."""

    confirmed = forms.BooleanField(label=_("I checked with the client that the address is right."), required=False)
