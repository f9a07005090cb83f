"""What templates say of money, dates and icons, in the reader's language."""

import datetime as dt
import functools
import json
from collections.abc import Iterable
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal
from django import template
from django.conf import settings
from django.forms.utils import flatatt
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from core import money as units

register = template.Library()
register.filter("attributes", flatatt)
ICONS = Path(settings.BASE_DIR, "node_modules/@tabler/icons/icons/outline")


def _locale() -> str:
    return "zh_Hans_CN" if (get_language() or "").startswith("zh") else "en_GB"


@register.filter
def amount(value: Decimal | str | None, currency: str = "CNY") -> str:
    """Write an amount at its currency's minor unit with thousands grouped: ``1,234.50``."""
    if value is None or value == "":
        return "–"
    places = -int(units.quantum(currency).as_tuple().exponent)
    pattern = "#,##0" + ("." + "0" * places if places else "")
    return format_decimal(units.rounded(Decimal(value), currency), format=pattern, locale=_locale())


@register.filter
def percent(value: Decimal | str | float | None, places: int = 2) -> str:
    """Write a ratio as percent: ``0.0235`` becomes ``2.35%``."""
    if value is None or value == "":
        return "–"
    return f"{Decimal(str(value)) * 100:.{places}f}%"


@register.filter
def signed_percent(value: Decimal | None) -> str:
    """Write a change in percent with its sign: ``+0.56%``."""
    return f"+{percent(value)}" if value is not None and value > 0 else percent(value)


@register.filter
def number(value: Decimal | str | None) -> str:
    """Write a quantity without trailing zeros, thousands grouped."""
    return (
        "–"
        if value is None
        else format_decimal(Decimal(value).normalize(), format="#,##0.##########", locale=_locale())
    )


@register.filter
def day(value: dt.date | dt.datetime | str | None) -> str:
    """Write a business date as ISO 8601, which both languages read; an instant as the bank's date."""
    if not value:
        return "–"
    if isinstance(value, str):
        return value
    return timezone.localdate(value).isoformat() if isinstance(value, dt.datetime) else value.isoformat()


@register.filter
def options(groups: Iterable[tuple[Any, list[dict[str, Any]], int]]) -> SafeString:
    """Write the options of a choice in one piece: drawn by a loop of a template, two hundred countries are felt."""
    drawn = (
        '<option value="{}"{}>{}</option>'.format(
            escape(str(option["value"])),
            " selected" if option["selected"] else "",
            conditional_escape(option["label"]),
        )
        for _name, choices, _index in groups
        for option in choices
    )
    return mark_safe("".join(drawn))  # noqa: S308  (escaped above)


@register.filter
def moment(value: dt.datetime | None) -> str:
    """Write an instant in the bank's zone to the minute."""
    return timezone.localtime(value).strftime("%Y-%m-%d %H:%M") if value else "–"


@register.filter
def duration(seconds: float | str | None) -> str:
    """Write a length of time as a clock shows it: ``0:42``, ``1:05:00``."""
    if not isinstance(seconds, int | float):  # an unset variable of a template is an empty text
        return "–"
    minutes, rest = divmod(max(round(seconds), 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@register.filter
def weekday(value: dt.date) -> str:
    """Write a date with its weekday in the reader's language."""
    return format_date(value, "EEEE, d MMMM y" if _locale() == "en_GB" else "y年M月d日 EEEE", locale=_locale())


@functools.cache
def _drawing(name: str) -> str:
    return (ICONS / f"{name}.svg").read_text().replace("<svg", '<svg aria-hidden="true"', 1)


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw one of the icon package's outline icons; it is decoration, hidden from readers of the screen."""
    return mark_safe(_drawing(name))  # noqa: S308  (a file of the icon package, no input)


@register.filter
def chart(option: object) -> SafeString:
    """Carry a chart's specification in an attribute, escaped."""
    return format_html("{}", json.dumps(option, ensure_ascii=False, default=str))


@register.filter
def get(mapping: dict[str, object], key: str) -> object:
    """Look a key up."""
    return mapping.get(key, "")
