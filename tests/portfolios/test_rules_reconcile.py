"""An account adds up when each day's opening and movements give a balance the bank wrote."""

import datetime as dt
from decimal import Decimal

from portfolios.rules.reconcile import Posting, Reason, breaks

FIRST, SECOND, LAST = dt.date(1994, 1, 1), dt.date(1994, 1, 2), dt.date(1994, 1, 3)


def posting(day: dt.date, amount: str, balance: str) -> Posting:
    """Write a movement."""
    return Posting(day, Decimal(amount), Decimal(balance))


def test_movements_of_a_day_may_stand_in_any_order() -> None:
    rows = [
        posting(FIRST, "5", "5"),
        posting(SECOND, "-2", "13"),
        posting(SECOND, "10", "15"),
        posting(LAST, "1", "14"),
    ]
    assert list(breaks(rows, last_day=LAST)) == []


def test_a_wrong_day_is_told_once() -> None:
    rows = [posting(FIRST, "5", "5"), posting(SECOND, "10", "25"), posting(LAST, "1", "26")]
    (found,) = breaks(rows, last_day=LAST)
    assert (found.day, found.opening, found.difference, found.reason) == (
        SECOND,
        Decimal(5),
        Decimal(10),
        Reason.UNEXPLAINED,
    )


def test_a_tenth_is_rounding() -> None:
    (found,) = breaks([posting(FIRST, "5", "5.1"), posting(LAST, "1", "6.1")], last_day=LAST)
    assert found.reason is Reason.ROUNDED


def test_the_last_day_of_an_extract_may_be_cut() -> None:
    (found,) = breaks([posting(LAST, "-5", "100")], last_day=LAST, opening=Decimal(70))
    assert found.reason is Reason.CUT
