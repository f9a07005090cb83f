"""A printed statement says what was frozen, opens with the secret alone, and fetches nothing."""

import datetime as dt
import gc
import io
from decimal import Decimal
from pathlib import Path

import pikepdf
import pytest

from core.templatetags.steward import amount
from portfolios.rules.book import RateUsed
from reports import statements
from reports.render import Supplies, pdf
from tests.reports import paper

HOSTILE = [
    '<img src="file:///etc/passwd">',
    '<link rel="attachment" href="file:///etc/passwd">',
    '<style>@import url("http://127.0.0.1:1/");</style>',
    '<base href="http://127.0.0.1:1/"><img src="x.png">',
    "} * {display:none} { </style>",
    "</td></tr></table><!--",
]


def printed(language: str = "en", **given: object) -> bytes:
    """Print a month."""
    frozen = paper.snapshot(language=language, **given)  # type: ignore[arg-type]
    return pdf(frozen, digest=statements.digest(frozen), language=language, secret=paper.SECRET).content


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_total_of_the_snapshot_is_on_paper(language: str) -> None:
    frozen = paper.snapshot(language=language)
    text = paper.words(printed(language))
    for figure in (*frozen["totals"].values(), *(one["amount"] for one in frozen["classes"])):
        assert amount(figure, "CNY") in text
    assert amount(frozen["accounts"][0]["closing"], "CNY") in text


@pytest.mark.parametrize(("language", "name"), [("en", "Pacific Income Fund"), ("zh-hans", "太平洋收益基金")])
def test_a_holding_has_its_name_in_the_language(language: str, name: str) -> None:
    assert paper.squeezed(name) in paper.squeezed(paper.words(printed(language)))


def test_the_digest_stands_on_every_page() -> None:
    moved = [paper.movements() for _ in range(12)]
    frozen = paper.snapshot(moved=moved)
    digest = statements.digest(frozen)
    done = pdf(frozen, digest=digest, language="en", secret=paper.SECRET)
    assert done.pages > 2
    assert paper.words(done.content).count(digest) == done.pages
    assert paper.words(done.content).count("Ledger of 1,234,567 events, root 0123456789abcdef") == done.pages


def test_it_opens_with_the_secret_and_with_nothing_else() -> None:
    content = printed()
    with pikepdf.open(io.BytesIO(content), password=paper.SECRET) as opened:
        assert (opened.encryption.R, opened.encryption.bits) == (6, 256)
    for wrong in ("", "ABCD-EFGH-JKLM-NPQS"):
        with pytest.raises(pikepdf.PasswordError):
            pikepdf.open(io.BytesIO(content), password=wrong)


def test_it_is_tagged_titled_and_says_its_language() -> None:
    with pikepdf.open(io.BytesIO(printed("zh-hans")), password=paper.SECRET) as opened:
        assert str(opened.Root.Lang) == "zh-Hans"
        assert opened.Root.MarkInfo.Marked
        assert "C00042" in str(opened.docinfo.Title)


@pytest.mark.parametrize("text", HOSTILE)
def test_markup_in_a_name_is_printed_and_obeyed_nowhere(text: str) -> None:
    content = printed(name=text, moved=[paper.movements(text=text)])
    found = paper.squeezed(paper.words(content))
    assert found.count(paper.squeezed(text)) >= 2
    assert "1,109,024.61" in found
    assert "root:x:0" not in found
    with pikepdf.open(io.BytesIO(content), password=paper.SECRET) as opened:
        assert "/EmbeddedFiles" not in opened.Root.get("/Names", {})
        assert len(opened.attachments) == 0


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://127.0.0.1:1/", "data:text/plain,x", "steward:font/99"])
def test_the_renderer_hands_out_only_what_it_made(url: str) -> None:
    with pytest.raises(ValueError, match="not supplied"):
        Supplies({"steward:font/0": (b"", "font/ttf")}).fetch(url)


def test_a_name_without_a_blank_wraps_and_pushes_nothing_off_the_page() -> None:
    content = printed(moved=[paper.movements(text="W" * 300)])
    found = paper.squeezed(paper.words(content))
    assert "W" * 300 in found
    assert "1,200.00" in found


def test_rare_characters_of_names_have_a_glyph() -> None:
    name = "靐㬎䶮 Nguyễn Łukasz"
    content = printed("zh-hans", name=name)
    assert paper.squeezed(name) in paper.squeezed(paper.words(content))
    with pikepdf.open(io.BytesIO(content), password=paper.SECRET) as opened:
        fonts = [str(font.BaseFont) for page in opened.pages for font in page.resources.Font.values()]
    assert any("CJK" in font for font in fonts)


def test_a_missing_rate_is_named_on_the_first_page() -> None:
    of = paper.book(holdings=[paper.holding(base_value=None)], missing={"USD/CNY"})
    text = paper.words(printed(of=of))
    assert "USD/CNY" in text


def test_a_stale_price_carries_a_mark() -> None:
    assert "2026-03-30 *" in paper.words(printed(of=paper.book(holdings=[paper.holding(stale=True)])))


def test_estimates_and_missing_prices_carry_marks_that_are_explained_and_each_figure_its_source() -> None:
    lines = [
        paper.holding(estimated=True, source="fund house"),
        paper.holding(reference="H-2", price=None, price_date=None, value=None, base_value=None, gain=None),
    ]
    rates = [RateUsed("USD", Decimal("7.1"), dt.date(2026, 3, 30), "central bank")]
    text = paper.words(printed(of=paper.book(holdings=lines, rates=rates)))
    for said in ("2026-03-30 †", "† Valued by hand", "‡ No price is known", "Prices: fund house."):
        assert said in text, said
    assert "1 USD = 7.1 CNY (2026-03-30, central bank)" in text


def test_returns_are_printed_before_and_after_fees_with_their_dates() -> None:
    text = paper.words(printed(performance=[paper.year()]))
    for said in ("1 year 2025-03-31 – 2026-03-31", "10,000.00 50,000.00", "5.05%", "5.00%", "5.00% a year"):
        assert said in text, said
    assert "Performance" not in paper.words(printed())


def test_an_empty_month_still_prints() -> None:
    of = paper.book(deposits=[], holdings=[], cash=[])
    assert "0.00" in paper.words(printed(of=of, moved=[]))


def test_the_collector_runs_again_afterwards() -> None:
    printed()
    assert gc.isenabled()


def test_no_font_folder_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    printed()
    assert list(tmp_path.iterdir()) == []
