"""A bank file with wrong lines in a real browser: refused, corrected, sent back, applied, taken back again."""

import re
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import FilePayload, expect

from core.walls import acting, service
from portfolios.models import FeedRun
from tests import factories
from tests.browser import NARROW, WIDE, OpenTab
from tests.journeys.book import speak
from tests.people import People
from tests.worker import Worker

BODY = (
    "reference,account,value_date,kind,amount,currency\nT1,A9,2026-03-30,fee,-1.00,CNY\nT2,A9,2026-03-31,fee,one,CNY\n"
)


@pytest.mark.parametrize(("language", "size"), [("en", WIDE), pytest.param("zh-hans", NARROW, marks=pytest.mark.full)])
def test_wrong_lines_are_corrected_and_the_run_is_taken_back(
    committed: People, tab: OpenTab, tmp_path: Path, language: str, size: tuple[int, int]
) -> None:
    factories.account(factories.owned_by(committed.client_id), reference="A9", currency="CNY")
    speak(committed, language)
    with translation.override(language), Worker(tmp_path / "worker.log", {}):
        opened = tab(committed.operations, size=size, language=language)
        page = opened.open(reverse("portfolios:feeds"))
        page.locator("#send_kind").select_option("transactions")
        page.locator("#send_file").set_input_files(FilePayload(name="t.csv", mimeType="text/csv", buffer=BODY.encode()))
        page.get_by_role("button", name=gettext("Send"), exact=True).click()
        expect(page.locator("#feed-run table")).to_contain_text("amount", timeout=30_000)
        page.reload()
        assert opened.axe() == []
        with page.expect_download() as download:
            page.get_by_role("link", name=gettext("Wrong lines, to correct")).click()
        lines = Path(download.value.path()).read_text("utf-8-sig")
        fixed = FilePayload(name="f.csv", mimeType="text/csv", buffer=lines.replace(",one,", ",-2.00,").encode())
        page.locator("#id_file").set_input_files(fixed)
        page.get_by_role("button", name=gettext("Put them back and apply")).click()
        page.get_by_role("button", name=gettext("Apply for real")).click(timeout=30_000)
        expect(page.locator("#feed-run")).to_contain_text(gettext("Applied"), timeout=30_000)
        assert opened.axe() == []
        page.get_by_role("link", name=gettext("Undo this run")).click()
        page.get_by_role("button", name=gettext("Undo the whole run")).click()
        expect(page.locator("#feed-run")).to_contain_text(re.compile(gettext("Undone")), timeout=30_000)
    with acting(service()):
        assert sorted(FeedRun.objects.values_list("state", flat=True)) == ["refused", "undone"]
