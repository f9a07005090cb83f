"""Charts as specifications: one option object draws on the screen and in the PDF. No functions, no HTML tooltips."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from portfolios.rules.book import Bucket, Slice

COLOURS = ["#0f4c75", "#2f8f9d", "#c28e2c", "#6b8cae", "#9a5b3f", "#b4bfca", "#4d6b52", "#7a5c86"]
TEXT, LINE = "#36424e", "#dfe3e8"
SPANS = {
    "en": {"d30": "30 d", "d90": "90 d", "d180": "180 d", "y1": "1 yr", "y3": "3 yrs", "over": "later"},
    "zh-hans": {"d30": "30天", "d90": "90天", "d180": "180天", "y1": "1年", "y3": "3年", "over": "更久"},
}
UNIT = {"en": "in 10,000", "zh-hans": "万"}
_PLAIN: dict[str, Any] = {"animation": False, "color": COLOURS, "textStyle": {"color": TEXT, "fontSize": 12}}
_TIP = {"renderMode": "richText", "borderWidth": 0}


def allocation(slices: Sequence[Slice], *, language: str) -> dict[str, Any]:
    """Return a ring of the parts of the whole, named by their labels."""
    data = [{"name": one.label, "value": float(one.amount)} for one in slices if one.amount > 0]
    return {
        **_PLAIN,
        "tooltip": {**_TIP, "trigger": "item", "formatter": "{b}  {d}%"},
        "legend": {"orient": "vertical", "right": 0, "top": "middle", "icon": "roundRect", "itemWidth": 12},
        "series": [
            {
                "type": "pie",
                "radius": ["52%", "80%"],
                "center": ["30%", "50%"],
                "label": {"show": False, "textBorderWidth": 0},
                "labelLine": {"show": False},
                "data": data,
            }
        ],
    }


def ladder(buckets: Sequence[Bucket], *, language: str) -> dict[str, Any]:
    """Return bars of what falls due by span, in ten thousands of the client's currency (万)."""
    return _by_span([one.label_key for one in buckets], [("", [one.amount for one in buckets])], language)


def rungs(rows: Sequence[tuple[str, Sequence[Decimal]]], *, language: str) -> dict[str, Any]:
    """Return bars of what falls due by span, stacked by the name of each row, in ten thousands (万)."""
    option = _by_span(list(SPANS[language]), rows, language)
    option["grid"]["top"] = 62
    option["legend"] = {"top": 0, "left": 0, "icon": "roundRect", "itemWidth": 12, "type": "scroll"}
    option["yAxis"]["nameGap"] = 8
    return option


def _by_span(keys: Sequence[str], rows: Sequence[tuple[str, Sequence[Decimal]]], language: str) -> dict[str, Any]:
    names, unit = SPANS[language], UNIT[language]
    return {
        **_PLAIN,
        "tooltip": {**_TIP, "trigger": "axis"},
        "grid": {"left": 8, "right": 8, "top": 30, "bottom": 8, "containLabel": True},
        "xAxis": {
            "type": "category",
            "data": [names[key] for key in keys],
            "axisTick": {"show": False},
            "axisLine": {"lineStyle": {"color": LINE}},
            "axisLabel": {"color": TEXT, "interval": 0},
        },
        "yAxis": {
            "type": "value",
            "name": unit,
            "nameTextStyle": {"color": TEXT, "align": "left"},
            "axisLabel": {"color": TEXT},
            "splitLine": {"lineStyle": {"color": LINE}},
        },
        "series": [
            {
                "type": "bar",
                **({"name": name, "stack": "all"} if name else {}),
                "barMaxWidth": 34,
                "data": [round(float(amount) / 10000, 2) for amount in amounts],
            }
            for name, amounts in rows
        ],
    }


MOST_POINTS = 240


def growth(
    own: Sequence[tuple[dt.date, float]], index: Sequence[tuple[dt.date, float]], *, names: tuple[str, str]
) -> dict[str, Any]:
    """Return how a hundred grew, beside a benchmark where there is one; both begin at their first level."""
    series = [_line(names[0], [(day, 100 * level / own[0][1]) for day, level in own], COLOURS[0])]
    if index:
        series.append(_line(names[1], [(day, 100 * level / index[0][1]) for day, level in index], COLOURS[2]))
    return _over_time(series)


def worth(
    whole: Sequence[tuple[dt.date, float]],
    put_in: Sequence[tuple[dt.date, float]],
    *,
    names: tuple[str, str],
    unit: str,
) -> dict[str, Any]:
    """Return what there was, beside what there was first and flowed in since, in ten thousands (万)."""
    series = [
        _line(name, [(day, amount / 10_000) for day, amount in points], colour)
        for name, points, colour in ((names[0], whole, COLOURS[0]), (names[1], put_in, COLOURS[5]))
    ]
    series[1]["step"] = "end"
    option = _over_time(series)
    option["grid"]["top"] = 64
    option["yAxis"] |= {"name": unit, "nameTextStyle": {"color": TEXT, "align": "left"}}
    return option


def _line(name: str, points: Sequence[tuple[dt.date, float]], colour: str) -> dict[str, Any]:
    data = [[day.isoformat(), round(level, 2)] for day, level in _thinned(points)]
    return {
        "type": "line",
        "name": name,
        "showSymbol": False,
        "data": data,
        "itemStyle": {"color": colour},
        "lineStyle": {"width": 2},
    }


def _thinned(points: Sequence[tuple[dt.date, float]]) -> Sequence[tuple[dt.date, float]]:
    """Return so many points as a line on a page can show, the last one among them."""
    step = -(-len(points) // MOST_POINTS)
    return points[::-1][:: max(step, 1)][::-1]


def _over_time(series: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        **_PLAIN,
        "tooltip": {**_TIP, "trigger": "axis"},
        "legend": {"top": 0, "left": 0, "icon": "roundRect", "itemWidth": 12},
        "grid": {"left": 8, "right": 16, "top": 44, "bottom": 8, "containLabel": True},
        "xAxis": {
            "type": "time",
            "axisLine": {"lineStyle": {"color": LINE}},
            "axisLabel": {"color": TEXT, "hideOverlap": True},
        },
        "yAxis": {
            "type": "value",
            "scale": True,
            "axisLabel": {"color": TEXT},
            "splitLine": {"lineStyle": {"color": LINE}},
        },
        "series": series,
    }
