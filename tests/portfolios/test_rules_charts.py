"""Charts are plain specifications that a strict content policy lets through."""

import json
from decimal import Decimal
from typing import Any

import pytest

from portfolios.rules import charts
from portfolios.rules.book import Bucket, Slice

SLICES = [
    Slice("deposit", "存款", Decimal(75), Decimal("0.75")),
    Slice("bond", "债券", Decimal(25), Decimal("0.25")),
    Slice("cash", "现金", Decimal(-1), Decimal(0)),
]
BUCKETS = [Bucket("d30", Decimal(1_250_000), 2), Bucket("over", Decimal(0), 0)]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_options_are_json_with_text_tips_and_no_movement(language: str) -> None:
    for option in (charts.allocation(SLICES, language=language), charts.ladder(BUCKETS, language=language)):
        assert json.loads(json.dumps(option)) == option
        assert option["animation"] is False
        assert option["tooltip"]["renderMode"] == "richText"
        assert "toolbox" not in option


def test_the_ring_has_the_translated_parts_above_nought() -> None:
    (series,) = charts.allocation(SLICES, language="zh-hans")["series"]
    assert series["data"] == [{"name": "存款", "value": 75.0}, {"name": "债券", "value": 25.0}]


def test_the_ladder_speaks_the_language_and_counts_in_ten_thousands() -> None:
    chinese: dict[str, Any] = charts.ladder(BUCKETS, language="zh-hans")
    assert (chinese["xAxis"]["data"], chinese["yAxis"]["name"]) == (["30天", "更久"], "万")
    assert chinese["series"][0]["data"] == [125.0, 0.0]
    assert charts.ladder(BUCKETS, language="en")["xAxis"]["data"] == ["30 d", "later"]
