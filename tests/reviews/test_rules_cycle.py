"""Cycles divide the year, and each client meets each of them once."""

import datetime as dt

import pytest

from reviews.rules import allowed, cycle


@pytest.mark.parametrize(
    ("on", "months", "expected"),
    [
        (dt.date(2026, 11, 24), 12, ("2026", dt.date(2026, 12, 31))),
        (dt.date(2026, 11, 24), 3, ("2026-P4", dt.date(2026, 12, 31))),
        (dt.date(2026, 1, 1), 3, ("2026-P1", dt.date(2026, 3, 31))),
        (dt.date(2024, 2, 29), 1, ("2024-P2", dt.date(2024, 2, 29))),
        (dt.date(2026, 6, 30), 6, ("2026-P1", dt.date(2026, 6, 30))),
    ],
)
def test_a_day_lies_in_one_cycle(on: dt.date, months: int, expected: tuple[str, dt.date]) -> None:
    assert cycle(on, months=months) == expected


def test_a_maturity_cannot_simply_be_reviewed() -> None:
    assert "reviewed" not in allowed("maturity")
