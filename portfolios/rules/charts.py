"""Charts as specifications: one option object draws on the screen and in the PDF. No functions, no HTML tooltips."""

from collections.abc import Sequence
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
    names, unit = SPANS[language], UNIT[language]
    return {
        **_PLAIN,
        "tooltip": {**_TIP, "trigger": "axis"},
        "grid": {"left": 8, "right": 8, "top": 30, "bottom": 8, "containLabel": True},
        "xAxis": {
            "type": "category",
            "data": [names[one.label_key] for one in buckets],
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
            {"type": "bar", "barMaxWidth": 34, "data": [round(float(one.amount) / 10000, 2) for one in buckets]}
        ],
    }
