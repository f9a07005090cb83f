"""The words for the codes of a snapshot, in the language that is active."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.templatetags.steward import amount

DEPOSITS = {
    "demand": gettext_lazy("Demand deposit"),
    "time": gettext_lazy("Time deposit"),
    "notice": gettext_lazy("Call (notice) deposit"),
    "large_cd": gettext_lazy("Large-denomination CD"),
    "structured": gettext_lazy("Structured deposit"),
}
INSTRUCTIONS = {
    "none": gettext_lazy("Pay out"),
    "principal": gettext_lazy("Renew principal"),
    "all": gettext_lazy("Renew principal and interest"),
    "part": gettext_lazy("Renew a part"),
}
CLASSES = {
    "deposit": gettext_lazy("Deposits"),
    "structured": gettext_lazy("Structured deposits"),
    "cash": gettext_lazy("Cash"),
    "bond": gettext_lazy("Bonds"),
    "fund": gettext_lazy("Funds"),
    "equity": gettext_lazy("Equities"),
    "insurance": gettext_lazy("Insurance"),
    "structured_product": gettext_lazy("Structured products"),
    "real_estate": gettext_lazy("Real estate"),
    "option": gettext_lazy("Options"),
    "future": gettext_lazy("Futures"),
    "swap": gettext_lazy("Swaps"),
    "other": gettext_lazy("Other assets"),
}
MOVEMENTS = {
    "cash": gettext_lazy("Cash"),
    "transfer": gettext_lazy("Transfer"),
    "card": gettext_lazy("Card"),
    "interest": gettext_lazy("Interest"),
    "dividend": gettext_lazy("Dividend"),
    "fee": gettext_lazy("Fee"),
    "trade": gettext_lazy("Purchase or sale"),
    "deposit": gettext_lazy("Deposit placed or repaid"),
    "other": gettext_lazy("Other"),
}


SPANS = {
    "m1": gettext_lazy("1 month"),
    "m3": gettext_lazy("3 months"),
    "ytd": gettext_lazy("This year"),
    "y1": gettext_lazy("1 year"),
    "y3": gettext_lazy("3 years"),
    "y5": gettext_lazy("5 years"),
    "all": gettext_lazy("Since the first valuation"),
}


def class_of(key: str) -> str:
    """Name an asset class; one that nobody named here shows its key."""
    return str(CLASSES.get(key, key))


def note(found: dict[str, Any]) -> str:
    """Say where two sources of a figure disagree."""
    values = {
        "reference": found["reference"],
        "printed": amount(found["printed"], found["currency"]),
        "booked": amount(found["booked"], found["currency"]),
    }
    if found["code"] == "total":
        return _("The total of the lines is %(printed)s; the books say %(booked)s. We are looking into it.") % values
    text = _("Account %(reference)s: the lines give %(printed)s, the books say %(booked)s. We are looking into it.")
    return text % values
