"""When a client is due for a review, and what may be decided. Plain values only."""

import calendar
import datetime as dt

MATURITY_DECISIONS = ("renew_all", "renew_principal", "split", "move", "pay_out")
PERIODIC_DECISIONS = ("reviewed",)
INSTRUCTION = {"renew_all": "all", "renew_principal": "principal", "split": "part", "move": "none", "pay_out": "none"}
"""What a decision makes of the deposit's instruction at maturity."""
RENEWS = ("renew_all", "renew_principal", "split")
SILENT = {"all": "renew_all", "principal": "renew_principal", "part": "split", "none": "pay_out"}
"""The decision that a contract's own instruction is, where nobody says otherwise."""


def cycle(on: dt.date, *, months: int) -> tuple[str, dt.date]:
    """Return the cycle that ``on`` lies in and its last day, for cycles of ``months`` that begin with the year.

    Twelve months: ``("2026", 31 December)``; three: ``("2026-P4", 31 December)`` in November.
    """
    number = (on.month - 1) // months
    last_month = (number + 1) * months
    end = dt.date(on.year, last_month, calendar.monthrange(on.year, last_month)[1])
    return (f"{on.year}" if months == 12 else f"{on.year}-P{number + 1}"), end  # noqa: PLR2004  (a year)


def allowed(kind: str) -> tuple[str, ...]:
    """Return the decisions that a review of ``kind`` may end in."""
    return MATURITY_DECISIONS if kind == "maturity" else PERIODIC_DECISIONS
