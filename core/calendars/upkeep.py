"""Who keeps the calendars: a library proposes years nobody wrote yet, operations correct and confirm them."""

import datetime as dt
from collections.abc import Iterator, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import Refused
from core.models import Holiday

MARKETS = {
    "AU": "NSW",
    "CA": "ON",
    "CH": "ZH",
    "CN": "",
    "CZ": "",
    "DE": "HE",
    "GB": "ENG",
    "HK": "",
    "JP": "",
    "SG": "",
    "US": "",
}
"""Markets that the library tells, and the part of the country in which its banks settle."""
BACK, AHEAD = 3, 6
ESTIMATED, OBSERVED, FRIDAY = "(estimated)", "(observed)", 5


@transaction.atomic
def put(*, holiday_id: int | None, market: str, day: dt.date, kind: str, name: str, name_zh: str, source: str) -> None:
    """Write an exceptional day, new without an id; whoever writes it says that it is announced.

    Raises:
        Holiday.DoesNotExist: there is no such day.
        Refused: the market has another entry for the day, or the day would be as its weekday says anyway.
    """
    row = Holiday() if holiday_id is None else Holiday.objects.select_for_update().get(pk=holiday_id)
    weekend = day.isoweekday() > FRIDAY
    if kind == Holiday.Kind.WORKING and not weekend:
        raise Refused("holiday-weekday", _("Banks work on that weekday anyway."), field="day")
    if Holiday.objects.filter(market=market, day=day).exclude(pk=row.pk).exists():
        raise Refused("holiday-taken", _("The market has an entry for this day already."), field="day")
    row.market, row.day, row.kind, row.provisional = market, day, kind, False
    row.name, row.name_zh, row.source = name, name_zh, source
    row.save()


@transaction.atomic
def remove(*, holiday_id: int) -> None:
    """Take an entry away: the day is as its weekday says.

    Raises:
        Holiday.DoesNotExist: there is no such day.
    """
    Holiday.objects.select_for_update().get(pk=holiday_id).delete()


@transaction.atomic
def confirm(*, rows: Sequence[Holiday]) -> int:
    """Say of provisional days that the market's authority has announced them; return how many."""
    return Holiday.objects.filter(pk__in=[row.pk for row in rows], provisional=True).update(provisional=False)


@transaction.atomic
def seed(*, as_of: dt.date) -> int:
    """Add the years around ``as_of`` that were not proposed yet, as the library knows them; return how many days.

    A later year than the next one is provisional, and so is one whose exchanged weekends China has not announced.
    """
    proposed = Holiday.objects.filter(source=Holiday.PROPOSED)
    have = set(proposed.values_list("market", "day__year").distinct().order_by())
    years = range(as_of.year - BACK, as_of.year + AHEAD + 1)
    rows = [
        row
        for market in MARKETS
        for year in years
        if (market, year) not in have
        for row in _known(market, year, final=year <= as_of.year + 1)
    ]
    Holiday.objects.bulk_create(rows, ignore_conflicts=True)  # what people wrote stays
    if rows:
        audit.record("calendar:seed", data={"days": len(rows), "as_of": as_of})
    return len(rows)


def _known(market: str, year: int, *, final: bool) -> Iterator[Holiday]:
    """Yield what the library knows of a market's year."""
    import holidays  # noqa: PLC0415  (it is needed once a year)

    part = MARKETS[market] or None
    kinds = tuple({"public", "bank"} & set(holidays.country_holidays(market).supported_categories))
    told = holidays.country_holidays(market, subdiv=part, years=year, language="en_US", categories=kinds)
    chinese: dict[dt.date, str] = {}
    if "zh_CN" in told.supported_languages:
        chinese = holidays.country_holidays(market, subdiv=part, years=year, language="zh_CN", categories=kinds)
    exchanged = {day for day in getattr(told, "weekend_workdays", ()) if day.year == year}
    final = final and (market != "CN" or bool(exchanged))
    for day, name in sorted(told.items()):
        early = market == "US" and day.isoweekday() == FRIDAY and OBSERVED in name  # the Federal Reserve works then
        if day.year == year and day not in exchanged and not early:
            known = final and ESTIMATED not in name
            yield _entry(market, day, Holiday.Kind.CLOSED, name, chinese.get(day, ""), known=known)
    for day in sorted(exchanged):
        yield _entry(market, day, Holiday.Kind.WORKING, "Working day in exchange", "调休上班", known=final)


def _entry(market: str, day: dt.date, kind: str, name: str, name_zh: str, *, known: bool) -> Holiday:
    return Holiday(
        market=market,
        day=day,
        kind=kind,
        name=name[:120],
        name_zh=name_zh[:120],
        provisional=not known,
        source=Holiday.PROPOSED,
    )
