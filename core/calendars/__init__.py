"""Business days of a market: on which days its banks work, as far as anybody knows. Plain values only."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

WEEKDAYS = 5


@dataclass(frozen=True)
class Calendar:
    """The days on which a market's banks are closed, with why, and the weekends on which they work (调休上班).

    ``announced`` has the years of which every day is said to be final. A market nobody told of has weekends alone.
    """

    market: str
    closed: Mapping[dt.date, str] = field(default_factory=dict)
    working: frozenset[dt.date] = frozenset()
    announced: frozenset[int] = frozenset()

    def is_business(self, day: dt.date) -> bool:
        """Say whether banks work on ``day``."""
        return day in self.working or (day.weekday() < WEEKDAYS and day not in self.closed)

    def why(self, day: dt.date) -> str:
        """Return the name of what closes the banks on ``day``; empty on business days and on plain weekends."""
        return "" if self.is_business(day) else self.closed.get(day, "")

    def on_or_after(self, day: dt.date) -> dt.date:
        """Return the first business day from ``day`` on (顺延)."""
        while not self.is_business(day):
            day += dt.timedelta(days=1)
        return day

    def before(self, day: dt.date, days: int) -> dt.date:
        """Return the business day ``days`` business days before ``day``; for none the last one up to it."""
        for _number in range(days):
            day = self._on_or_before(day - dt.timedelta(days=1))
        return self._on_or_before(day)

    def _on_or_before(self, day: dt.date) -> dt.date:
        while not self.is_business(day):
            day -= dt.timedelta(days=1)
        return day

    def certain(self, *days: dt.date) -> bool:
        """Say whether the calendars of the years of ``days`` are final."""
        return all(day.year in self.announced for day in days)
