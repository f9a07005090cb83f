"""Both languages are offered and complete."""

import io
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from django.conf import settings
from django.test import Client
from django.utils import translation
from django.utils.translation.template import templatize

from config.management.commands import messages

PO = Path(settings.LOCALE_PATHS[0], "zh_Hans/LC_MESSAGES/django.po")


def catalogue(*pairs: tuple[str, str]) -> Catalog:
    """Make a small catalogue."""
    made = Catalog(locale="zh_Hans")
    for english, chinese in pairs:
        made.add(english, chinese)
    return made


def test_chinese_is_complete() -> None:
    assert messages.faults(messages.read(PO), Path(settings.BASE_DIR)) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "spoken"), [("en", "en"), ("en-GB,en;q=0.9", "en"), ("zh-CN,zh;q=0.9", "zh-hans"), ("fr", "en")]
)
def test_the_browser_chooses_the_language(asked: str, spoken: str) -> None:
    assert Client().get("/accounts/login/", headers={"accept-language": asked}).headers["Content-Language"] == spoken


def test_english_needs_no_catalogue() -> None:
    with translation.override("en"):
        assert translation.get_language() == "en"
        assert translation.gettext("Relationship manager") == "Relationship manager"


def test_a_template_s_strings_are_found() -> None:
    code = messages.flat(
        templatize(
            """<c-panel title="{% trans 'Wealth' %}">
               {% blocktrans trimmed count n=x %}{{ n }} client{% plural %}{{ n }} clients{% endblocktrans %}
               {% translate "Open" context "state" %}</c-panel>"""
        )
    )
    assert list(messages.strings(code)) == [
        ("Wealth", None),
        (("%(n)s client", "%(n)s clients"), None),
        ("Open", "state"),
    ]


def test_a_lost_placeholder_is_a_fault() -> None:
    made = catalogue(("%(n)s clients", "客户"))
    assert messages.misplaced(next(iter(messages.entries(made)))) == "客户"


def test_merging_fills_what_is_empty_and_keeps_the_rest() -> None:
    made = catalogue(("Client", ""), ("Today", "今日"))
    assert messages.merge(made, {"Client": "客户", "Today": "今天", "Nothing": "无"}) == ["Nothing"]
    assert {message.id: message.string for message in messages.entries(made)} == {"Client": "客户", "Today": "今日"}


def test_a_written_catalogue_reads_back_the_same() -> None:
    made = catalogue(("Client", "客户"), ("Today", "今日"))
    written = messages.written(made)
    again = read_po(io.BytesIO(written), locale="zh_Hans")
    assert messages.written(again) == written
