"""What people type and send in the portfolios room."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from clients.forms import BusinessDate
from portfolios.models import Break, Deposit, FeedRun, Institution, Instrument, ListedRate, Transaction
from portfolios.operations.feeds import Wishes
from portfolios.queries.breaks import LIVE, MINE, NOBODY
from portfolios.rules.insurance import Placement
from portfolios.rules.offers import Offer

PERCENT = 100


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


class ValuationFilter(forms.Form):
    """Filters of a client's valued days."""

    since = BusinessDate(label=_("From"), required=False)
    until = BusinessDate(label=_("To"), required=False)


class OnDayFilter(forms.Form):
    """Which day's tables are shown: today's unless another is named."""

    on = BusinessDate(label=_("As of"), required=False)


SPANS = {
    "m1": _("1 month"),
    "m3": _("3 months"),
    "ytd": _("This year"),
    "y1": _("1 year"),
    "y3": _("3 years"),
    "y5": _("5 years"),
    "all": _("Since the first valuation"),
}


class SpanFilter(forms.Form):
    """Which span is shown."""

    span = forms.ChoiceField(
        label=_("Span"), required=False, choices=[("", _("The year, or what there is")), *SPANS.items()]
    )


class WhoseFilter(forms.Form):
    """Whether the household is shown with the client."""

    whose = forms.ChoiceField(
        label=_("Whose"), required=False, choices=[("", _("This client")), ("household", _("The household"))]
    )


class PerformanceForm(SpanFilter):
    """Which span is shown, beside which index, and as the bank knew it at the end of which day."""

    benchmark = forms.TypedChoiceField(label=_("Beside"), required=False, coerce=int, empty_value=None)
    known_on = BusinessDate(
        label=_("As known on"), required=False, help_text=_("What was learned after that day is left out.")
    )

    def __init__(self, data: Mapping[str, Any], *, benchmarks: Sequence[Instrument]) -> None:
        super().__init__(data)
        choice = self.fields["benchmark"]
        assert isinstance(choice, forms.ChoiceField)  # noqa: S101  (narrows the type)
        choice.choices = [("", _("No index")), *((one.pk, str(one)) for one in benchmarks)]


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


class BoardFilter(forms.Form):
    """Filters of the rate board. ``on`` is the day whose board is shown."""

    on = BusinessDate(label=_("Listed on"), required=False)
    bank = forms.TypedChoiceField(label=_("Bank"), required=False, coerce=int, empty_value=None)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("All")), *ListedRate.Kind.choices])
    currency = forms.RegexField(
        "^[A-Z]{3}$",
        label=_("Currency"),
        required=False,
        max_length=3,
        widget=forms.TextInput(attrs={"placeholder": "CNY", "size": 5}),
    )

    def __init__(self, data: Mapping[str, Any], *, banks: Sequence[Institution]) -> None:
        super().__init__(data)
        choice = self.fields["bank"]
        assert isinstance(choice, forms.ChoiceField)  # noqa: S101  (narrows the type)
        choice.choices = [("", _("All")), *((one.pk, str(one)) for one in banks)]


PRICE_STATES = {
    "none": _("No price"),
    "stale": _("Old price"),
    "estimated": _("Estimated"),
    "priced": pgettext_lazy("product", "Priced"),
}


class ProductFilter(forms.Form):
    """Filters of products."""

    asset_class = forms.ChoiceField(
        label=_("Asset class"), required=False, choices=[("", _("All")), *Instrument.AssetClass.choices]
    )
    state = forms.ChoiceField(label=_("Price"), required=False, choices=[("", _("All")), *PRICE_STATES.items()])
    currency = forms.RegexField(
        "^[A-Z]{3}$",
        label=_("Currency"),
        required=False,
        max_length=3,
        widget=forms.TextInput(attrs={"placeholder": "CNY", "size": 5}),
    )


class PriceForm(forms.Form):
    """What somebody says that one unit of a product is worth, of which day, and who appraised it."""

    price = forms.DecimalField(label=_("Price of one unit"), max_digits=20, decimal_places=10)
    value_date = BusinessDate(label=_("Valued as of"))
    source = forms.CharField(label=_("Who says so"), max_length=60, help_text=_("The appraiser or the paper."))


class RateForm(forms.Form):
    """A rate above the board for the renewal of what falls due."""

    months = forms.TypedChoiceField(label=_("Term"), coerce=int)
    rate = forms.DecimalField(
        label=_("Rate in % a year"), min_value=Decimal("0.01"), max_value=99, max_digits=4, decimal_places=2
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Why this client: what else is at stake, what others offer."),
    )

    def __init__(self, *args: Any, offers: Sequence[Offer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["months"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (narrows the type)
        field.choices = [(str(one.months), term_in_words(one.months)) for one in offers]

    def clean_rate(self) -> Decimal:
        """Return the rate as a fraction."""
        rate: Decimal = self.cleaned_data["rate"]
        return rate / PERCENT


def term_in_words(months: int) -> str:
    """Return a term in words."""
    return ngettext("%(n)s month", "%(n)s months", months) % {"n": months}


class PlacementForm(forms.Form):
    """An amount that somebody thinks of placing."""

    amount = forms.DecimalField(label=_("Amount"), min_value=Decimal(1), max_digits=16, decimal_places=2)
    currency = forms.RegexField(
        "^[A-Z]{3}$", label=_("Currency"), max_length=3, widget=forms.TextInput(attrs={"size": 5})
    )
    months = forms.IntegerField(label=_("Term in months"), required=False, min_value=0, max_value=120)
    rate = forms.DecimalField(
        label=_("Rate in % a year"), required=False, min_value=0, max_value=100, max_digits=7, decimal_places=4
    )

    def placement(self) -> Placement:
        """Return what was typed."""
        given = self.cleaned_data
        rate = (given["rate"] or Decimal(0)) / PERCENT
        return Placement(given["amount"], given["currency"], given["months"] or 0, rate)


class EarlyForm(forms.Form):
    """An amount that somebody thinks of taking out of a deposit, and when."""

    amount = forms.DecimalField(label=_("Amount"), min_value=Decimal("0.01"), max_digits=16, decimal_places=2)
    on = BusinessDate(label=_("Taken out on"))


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


ENCODINGS = [
    ("", _("Detect")),
    ("utf-8", "UTF-8"),
    ("utf-16", "UTF-16"),
    ("gb18030", "GB 18030 / GBK"),
    ("big5", "Big5"),
    ("cp1252", "Windows-1252"),
    ("cp1250", "Windows-1250"),
    ("iso-8859-1", "ISO 8859-1"),
    ("iso-8859-2", "ISO 8859-2"),
]
SEPARATORS = [("", _("Detect")), (",", _("Comma")), (";", _("Semicolon")), ("tab", _("Tabulator")), ("|", _("Bar"))]
MAPPING_BYTES = 200_000
LARGEST = 256 * 1024 * 1024


class LargeFile(forms.FileField):
    """A file of the size that a bank's nightly extract has."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Refuse a file that is too large before its bytes are read."""
        file = super().clean(data, initial)
        if file and (file.size or 0) > LARGEST:
            raise forms.ValidationError(_("The file is larger than 256 MB."), code="feed-large")
        return file


class SendForm(forms.Form):
    """A bank file, what it is, and how to take it."""

    kind = forms.ChoiceField(label=_("Layout"))
    file = LargeFile(
        label=_("File"),
        help_text=_("CSV or XLSX with a header line, or the ZIP of a mapping; at most 256 MB."),
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.asc,.xlsx,.zip"}),
    )
    strategy = forms.ChoiceField(label=_("Strategy"), choices=FeedRun.Strategy.choices, initial="both", required=False)
    dry_run = forms.BooleanField(
        label=_("Dry run first"),
        required=False,
        initial=True,
        help_text=_("Shows what would be created, changed and refused. Nothing is written until it is applied."),
    )
    encoding = forms.ChoiceField(label=_("Encoding"), choices=ENCODINGS, required=False)
    separator = forms.ChoiceField(label=_("Separator"), choices=SEPARATORS, required=False)

    def __init__(self, *args: Any, mappings: dict[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["kind"]
        assert isinstance(choice, forms.ChoiceField)  # noqa: S101  (narrows the type)
        layouts = [(kind, label) for kind, label in FeedRun.Kind.choices if kind != "mapped"]
        named = [(f"mapping:{key}", name) for key, name in mappings.items()]
        choice.choices = [(_("Layouts"), layouts), (_("Mappings"), named)] if named else layouts

    def clean_separator(self) -> str:
        """Turn the word for the sign that no form can carry into the sign."""
        separator: str = self.cleaned_data["separator"]
        return "\t" if separator == "tab" else separator

    def chosen(self) -> tuple[str, Wishes]:
        """Return the layout, and how to take the file."""
        given = self.cleaned_data
        kind, _colon, mapping = given["kind"].partition(":")
        wishes = Wishes(
            strategy=given["strategy"] or FeedRun.Strategy.BOTH,
            dry_run=given["dry_run"],
            encoding=given["encoding"],
            separator=given["separator"],
            mapping_id=int(mapping) if mapping else None,
        )
        return (FeedRun.Kind.MAPPED if mapping else kind), wishes


class CorrectForm(forms.Form):
    """The corrected lines of a refused file."""

    file = LargeFile(
        label=_("The corrected lines"),
        help_text=_("The file of wrong lines as it was downloaded; the column line says which line each one replaces."),
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt"}),
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


class MappingForm(forms.Form):
    """A mapping, typed or sent as a file."""

    name = forms.SlugField(
        label=pgettext_lazy("thing", "Name"),
        max_length=40,
        help_text=_("Letters, digits and dashes. Files of the watched folder that begin with it load through it."),
    )
    file = forms.FileField(
        label=_("File"), required=False, max_length=200, widget=forms.FileInput(attrs={"accept": ".toml,text/plain"})
    )
    text = forms.CharField(
        label=_("TOML"),
        required=False,
        max_length=200_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 18, "class": "form-control code", "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        """Take the file's text where one was sent.

        Raises:
            ValidationError: there is neither file nor text, or the file is too large or not UTF-8.
        """
        given: dict[str, Any] = self.cleaned_data
        file = given.get("file")
        if file:
            if file.size > MAPPING_BYTES:
                raise forms.ValidationError({"file": _("The mapping is larger than 200 kB.")})
            try:
                given["text"] = file.read().decode("utf-8-sig")
            except UnicodeDecodeError as error:
                raise forms.ValidationError({"file": _("The mapping is not UTF-8 text.")}) from error
            self.data = {"name": self.data.get("name", ""), "text": given["text"]}
        elif not given.get("text", "").strip():
            raise forms.ValidationError({"text": _("Write the mapping, or send it as a file.")})
        return given
