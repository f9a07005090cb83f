"""Does an account add up? Each day's opening and movements must give a balance that the bank wrote."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple

ROUNDING = Decimal("0.20")
"""Two tenths: what a source that writes tenths and computes with more digits can be off in a day."""


NOTHING = Decimal(0)


class Posting(NamedTuple):
    """A movement, with the balance after it where the bank wrote one. Those of one day are in no particular order."""

    day: dt.date
    amount: Decimal
    balance: Decimal | None


class Reason(StrEnum):
    """Why a day does not add up."""

    ROUNDED = "rounded"
    CUT = "cut"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True)
class Break:
    """A day whose movements do not lead from ``opening`` to a balance: ``expected`` was due, ``found`` was nearest."""

    day: dt.date
    opening: Decimal
    expected: Decimal
    found: Decimal
    reason: Reason

    @property
    def difference(self) -> Decimal:
        """Return how far off the day is."""
        return self.found - self.expected


def breaks(postings: Iterable[Posting], *, last_day: dt.date, opening: Decimal | None = NOTHING) -> Iterator[Break]:
    """Yield the days of one account that do not add up; ``postings`` are in order of their day.

    After a break the bank's own balance is the next opening, so one wrong day is told once. On ``last_day`` the extract
    may have been cut before the day was complete. ``opening`` None is an account whose past is not in the book: the
    last balance of its first day is believed. A day without any balance is carried to the next.
    """
    for day, group in groupby(postings, key=lambda posting: posting.day):
        rows = list(group)
        written = [row.balance for row in rows if row.balance is not None]
        if opening is None:
            opening = written[-1] if written else None
            continue
        expected = opening + sum(row.amount for row in rows)
        closing = min(written, key=lambda balance: (abs(balance - expected), balance), default=expected)
        if closing != expected:
            yield Break(day, opening, expected, closing, _reason(abs(closing - expected), day, last_day))
        opening = closing


def _reason(difference: Decimal, day: dt.date, last_day: dt.date) -> Reason:
    if difference <= ROUNDING:
        return Reason.ROUNDED
    return Reason.CUT if day == last_day else Reason.UNEXPLAINED
