"""Days on which a market's banks do not keep the week: holidays, and weekends worked in exchange (调休)."""

from collections import defaultdict
from collections.abc import Iterable

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.calendars import Calendar


class Holidays(models.Manager["Holiday"]):
    """Exceptional days by market."""

    def calendars(self, markets: Iterable[str]) -> dict[str, Calendar]:
        """Return the calendar of each market, in one query; names are in the language that is active."""
        rows: dict[str, list[Holiday]] = defaultdict(list)
        for row in self.filter(market__in=set(markets)):
            rows[row.market].append(row)
        return {market: _calendar(market, rows[market]) for market in set(markets)}


def _calendar(market: str, rows: list["Holiday"]) -> Calendar:
    closed = {row.day: str(row) for row in rows if row.kind == Holiday.Kind.CLOSED}
    working = frozenset(row.day for row in rows if row.kind == Holiday.Kind.WORKING)
    whole = {row.day.year for row in rows if row.source == Holiday.PROPOSED}
    unsure = {row.day.year for row in rows if row.provisional}
    return Calendar(market, closed, working, frozenset(whole - unsure))


class Holiday(models.Model):
    """A day of a market that is not as its weekday says. Provisional until the market's authority has announced it."""

    class Kind(models.TextChoices):
        """What is exceptional about it."""

        CLOSED = "closed", _("Banks closed")
        WORKING = "working", _("Banks work on a weekend")

    market = models.CharField(_("market"), max_length=2)
    day = models.DateField(_("day"))
    kind = models.CharField(_("kind"), max_length=7, choices=Kind, default=Kind.CLOSED)
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("Chinese name"), max_length=120, blank=True)
    provisional = models.BooleanField(_("provisional"), default=False)
    source = models.CharField(_("source"), max_length=120)

    PROPOSED = "python-holidays"
    """The source of what the library proposed: of a year without it nobody knows whether it is whole."""

    objects = Holidays()

    class Meta:
        ordering = ["market", "day"]
        constraints = [
            models.UniqueConstraint(fields=["market", "day"], name="holiday_once_a_day"),
            models.CheckConstraint(condition=Q(market__regex="^[A-Z]{2}$"), name="holiday_of_a_market"),
            models.CheckConstraint(
                condition=~Q(kind="working") | Q(day__iso_week_day__gte=6), name="holiday_worked_on_weekend"
            ),
        ]
        indexes = [models.Index(fields=["day", "market"], name="holiday_by_day")]

    def __str__(self) -> str:
        """Return the name in the language that is active."""
        return self.name_zh if self.name_zh and (get_language() or "").startswith("zh") else self.name
