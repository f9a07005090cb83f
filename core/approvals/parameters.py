"""Figures of law and house change by four eyes: one person says from which day and by which source, another decides."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models, transaction
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Least
from django.utils.functional import Promise
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import approvals, audit
from core.approvals import Kind, Line
from core.errors import Refused
from core.models import Approval, Parameter, Role, User
from core.templatetags.steward import day

DAYS, MONTHS, YEARS = gettext_lazy("days"), gettext_lazy("months"), gettext_lazy("years")
RATE = gettext_lazy("% a year")
OF_THE_PLACE = gettext_lazy("in the place's currency")
PERCENT = 100


@dataclass(frozen=True)
class Figure:
    """What a parameter means: in words, its unit, and the least and most that it may be in that unit."""

    title: Promise
    unit: Promise
    least: Decimal
    most: Decimal

    @property
    def whole(self) -> bool:
        """Say whether it is counted; a rate is not: it is kept as a fraction and shown in percent."""
        return self.unit is not RATE

    def shown(self, value: Any) -> Decimal:
        """Return a value as it is kept in the figure's unit."""
        return Decimal(value) if self.whole else Decimal(value) * PERCENT

    def kept(self, shown: Decimal) -> int | str:
        """Return a value of the figure's unit as it is kept."""
        return int(shown) if self.whole else f"{(shown / PERCENT).normalize():f}"


def _counted(title: Promise, unit: Promise, least: int, most: int) -> Figure:
    return Figure(title, unit, Decimal(least), Decimal(most))


FIGURES = {
    "deposit.demand_rate": Figure(gettext_lazy("Listed demand rate"), RATE, Decimal(0), Decimal(PERCENT)),
    "deposit.notice_least.entity": _counted(
        gettext_lazy("Call deposit, least withdrawal of a company"), OF_THE_PLACE, 1, 10**9
    ),
    "deposit.notice_least.person": _counted(
        gettext_lazy("Call deposit, least withdrawal of a person"), OF_THE_PLACE, 1, 10**9
    ),
    "deposit.notice_opening.entity": _counted(
        gettext_lazy("Call deposit, least that stays of a company"), OF_THE_PLACE, 1, 10**9
    ),
    "deposit.notice_opening.person": _counted(
        gettext_lazy("Call deposit, least that stays of a person"), OF_THE_PLACE, 1, 10**9
    ),
    "document.alert_days": _counted(gettext_lazy("Identity document is shown before it expires"), DAYS, 0, 366),
    "insurance.limit": _counted(gettext_lazy("Deposit insurance, limit"), OF_THE_PLACE, 1, 10**12),
    "maturity.cut_off_days": _counted(
        gettext_lazy("Instruction is known before a maturity, in business days"), DAYS, 0, 30
    ),
    "maturity.window_days": _counted(gettext_lazy("Review opens before a maturity"), DAYS, 1, 366),
    "performance.risk_free_rate": Figure(
        gettext_lazy("Risk-free rate of return ratios"), RATE, Decimal(0), Decimal(PERCENT)
    ),
    "price.stale_days": _counted(gettext_lazy("Price is marked stale after"), DAYS, 1, 366),
    "retention.client_years": _counted(gettext_lazy("Records are kept after a relationship has ended"), YEARS, 10, 100),
    "retention.trail_years": _counted(gettext_lazy("Trail is kept"), YEARS, 10, 100),
    "review.cycle_months.hnw": _counted(gettext_lazy("Periodic review, high net worth"), MONTHS, 1, 36),
    "review.cycle_months.private": _counted(gettext_lazy("Periodic review, private banking"), MONTHS, 1, 36),
    "review.cycle_months.ultra": _counted(gettext_lazy("Periodic review, ultra high net worth"), MONTHS, 1, 36),
    "statement.maturities_days": _counted(gettext_lazy("Statement lists maturities ahead"), DAYS, 1, 366),
}
"""What people may change. Its range is what the program can work with, and what a law leaves to the house."""


def parameters(*, on: dt.date) -> models.QuerySet[Any]:
    """Return every figure that has a meaning, with ``until``: the day from which another one governs, if known."""
    later = Parameter.objects.filter(
        key=OuterRef("key"), jurisdiction=OuterRef("jurisdiction"), valid_from__gt=OuterRef("valid_from")
    )
    following = Subquery(later.order_by("valid_from").values("valid_from")[:1])
    return Parameter.objects.filter(key__in=FIGURES).annotate(
        until=Least("valid_to", following),
        place=models.Case(
            models.When(valid_from__gt=on, then=models.Value("later")),
            models.When(until__lte=on, then=models.Value("past")),
            default=models.Value("now"),
            output_field=models.CharField(),
        ),
    )


def in_words(key: str, value: Any) -> str:
    """Return a value as it is kept with its unit."""
    figure = FIGURES[key]
    return f"{figure.shown(value).normalize():,f} {figure.unit}"


@transaction.atomic
def ask_parameter(
    *, user: User, parameter_id: int, value: Decimal, begins: dt.date, source: str, reason: str, now: dt.datetime
) -> Approval:
    """Ask that another value of the same figure governs from a day on; ``value`` is in the figure's unit.

    Raises:
        Parameter.DoesNotExist: there is no such figure.
        Refused: the day is past or taken, the value is out of range, or it is what governs that day anyway.
    """
    row = parameters(on=localdate(now)).get(pk=parameter_id)
    figure = FIGURES[row.key]
    if not figure.least <= value <= figure.most or (figure.whole and value != value.to_integral_value()):
        words = _("Between %(least)s and %(most)s, and whole where it is counted.")
        raise Refused("parameter-range", words % {"least": figure.least, "most": figure.most}, field="value")
    content = {
        "key": row.key,
        "jurisdiction": row.jurisdiction,
        "value": figure.kept(value),
        "from": begins.isoformat(),
        "source": source,
        "was": _governing(row.key, row.jurisdiction, begins),
    }
    _may_begin(content, localdate(now))
    if content["value"] == content["was"]:
        raise Refused("parameter-same", _("This governs that day already."), field="value")
    return approvals.ask(user=user, kind=PARAMETER, content=content, reason=reason, now=now)


def carry_out(*, approval: Approval, now: dt.datetime) -> None:
    """Write the new figure; the old one stays, and governs the days before.

    Raises:
        Refused: the day has passed or is taken by now, or another figure governs it than when it was asked.
    """
    content = approval.content
    _may_begin(content, localdate(now))
    if _governing(content["key"], content["jurisdiction"], dt.date.fromisoformat(content["from"])) != content["was"]:
        raise Refused("parameter-stale", _("The figure was changed since. Ask again."))
    named = ("key", "jurisdiction", "value", "source")
    row = Parameter.objects.create(valid_from=content["from"], **{name: content[name] for name in named})
    told_of = {name: content[name] for name in ("key", "jurisdiction", "was", "value", "from")}
    audit.record("parameter:change", row=("core_parameter", row.pk), data=told_of)


def _may_begin(content: Mapping[str, Any], today: dt.date) -> None:
    begins = dt.date.fromisoformat(content["from"])
    if begins < today:
        raise Refused("parameter-past", _("The day has passed: what it governed is not changed."), field="begins")
    if Parameter.objects.filter(key=content["key"], jurisdiction=content["jurisdiction"], valid_from=begins).exists():
        raise Refused("parameter-taken", _("Another figure begins that day. Choose another day."), field="begins")


def _governing(key: str, jurisdiction: str, day_: dt.date) -> Any:
    """Return what governs a day so far; None where nothing does."""
    try:
        return Parameter.objects.value(key, on=day_, jurisdiction=jurisdiction)
    except Parameter.DoesNotExist:
        return None


def told(*, user: User, content: Mapping[str, Any]) -> list[Line]:
    """Say in lines what would change."""
    key, was = content["key"], content["was"]
    return [
        Line(_("Figure"), f"{FIGURES[key].title} · {key}"),
        *([] if content["jurisdiction"] == "*" else [Line(_("Jurisdiction"), content["jurisdiction"])]),
        Line(_("Governs that day so far"), _("Nothing") if was is None else in_words(key, was)),
        Line(_("New value"), in_words(key, content["value"])),
        Line(_("Governs from"), day(dt.date.fromisoformat(content["from"]))),
        Line(_("Source"), content["source"]),
    ]


PARAMETER = approvals.register(
    Kind(
        name="parameter:change",
        title=gettext_lazy("Change of a parameter"),
        asks=(Role.COMPLIANCE, Role.OPERATIONS),
        decides=(Role.COMPLIANCE,),
        told=told,
        carry_out=carry_out,
        clients=lambda _content: [],
    )
)
