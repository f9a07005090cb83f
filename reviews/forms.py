"""Text from outside for the reviews room."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from clients.forms import BusinessDate
from core.templatetags.steward import percent
from portfolios.rules.offers import Offer
from reviews.models import Review
from reviews.queries import Named
from reviews.rules import allowed


class DecisionForm(forms.Form):
    """What the client wants done."""

    decision = forms.ChoiceField(label=_("Decision"), widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("What was agreed"), max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    renew_amount = forms.DecimalField(
        label=_("Part to renew"),
        required=False,
        min_value=Decimal("0.01"),
        max_digits=16,
        decimal_places=2,
        help_text=_("Only where a part is renewed; the rest and the interest are paid."),
    )
    renew_months = forms.TypedChoiceField(label=_("Term to renew for"), required=False, coerce=int, empty_value=None)
    evidence = forms.TypedChoiceField(
        label=_("Said in"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("The contact in which the client said so; needed where the contract would do something else."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, review: Review, contacts: Sequence[Named], offers: Sequence[Offer], **kwargs: Any
    ) -> None:
        choices = allowed(review.kind)
        only = {"decision": choices[0]} if len(choices) == 1 else {}
        if review.maturity is not None and contacts and contacts[0].fresh:
            only["evidence"] = str(contacts[0].note_id)
        super().__init__(*args, **{"initial": {"version": review.version, **only}, **kwargs})
        self._offer(review, contacts, offers)
        field = self.fields["decision"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (narrows the type)
        field.choices = [(value, Review.Decision(value).label) for value in choices]
        field.widget.attrs["autofocus"] = True

    def _offer(self, review: Review, contacts: Sequence[Named], offers: Sequence[Offer]) -> None:
        """Let a contact and a term be named where something falls due."""
        if review.maturity is None:
            del self.fields["evidence"], self.fields["renew_amount"], self.fields["renew_months"]
            return
        term = self.fields["renew_months"]
        assert isinstance(term, forms.TypedChoiceField)  # noqa: S101  (narrows the type)
        usual = review.maturity.deposit.term_months
        others = [one for one in offers if one.months != usual]
        term.choices = [("", _same(usual)), *((str(one.months), in_words(one)) for one in others)]
        field = self.fields["evidence"]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101  (narrows the type)
        field.choices = [("", _("No contact")), *((str(one.note_id), one.words) for one in contacts)]


def _same(months: int | None) -> str:
    """Return what the usual term is, in words."""
    if months is None:
        return gettext("As before")
    return ngettext("As before, %(n)s month", "As before, %(n)s months", months) % {"n": months}


def in_words(offer: Offer) -> str:
    """Return a term that is offered, in words."""
    words = ngettext("%(n)s month at %(rate)s", "%(n)s months at %(rate)s", offer.months)
    return words % {"n": offer.months, "rate": percent(offer.rate)}


class ReviewFilter(forms.Form):
    """Filters of the list of reviews."""

    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("Waiting")), ("decided", _("Decided")), ("all", _("All"))]
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("All")), *Review.Kind.choices])
    until = BusinessDate(label=_("Due until"), required=False)
