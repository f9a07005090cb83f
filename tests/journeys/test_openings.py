"""A client is opened in an emergency in a real browser: with the password, read by somebody, reviewed by another."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from config.mailsink import MailSink
from tests.browser import NARROW, WIDE, OpenTab
from tests.journeys.book import speak
from tests.journeys.test_lists import fits
from tests.people import PASSWORD, People

SIGHT = pytest.mark.parametrize(
    ("language", "size"),
    [
        pytest.param("en", WIDE, id="wide", marks=pytest.mark.full),
        pytest.param("zh-hans", NARROW, id="phone-chinese", marks=pytest.mark.full),
    ],
)


@SIGHT
def test_a_client_is_opened_read_and_reviewed(
    committed: People, relay: MailSink, tab: OpenTab, language: str, size: tuple[int, int]
) -> None:
    speak(committed, language)
    client = reverse("clients:page", args=[committed.foreign_id])

    officer = tab(committed.deputy, size=size, language=language)
    page = officer.open(client)
    expect(page.locator("[name=purpose]")).to_be_visible()
    assert officer.axe() == []
    fits(page)
    page.locator("[name=purpose]").select_option("complaint")
    page.locator("[name=reason]").press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Canary Foreign Holdings")

    page.locator(f"a[href='{reverse('compliance:open_client', args=[committed.foreign_id])}']").click()
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.locator("[name=person]").press_sequentially("Coll")
    offered = page.locator("datalist option")
    expect(offered).to_have_count(1)
    page.locator("[name=person]").fill(offered.get_attribute("value") or "")
    page.locator("[name=reason]").fill("The client stands at the counter, the manager is on a plane")
    assert officer.axe() == []
    fits(page)
    page.locator("[name=reason]").press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("table tbody tr, .rows")).not_to_have_count(0)
    assert page.url.endswith(reverse("compliance:openings"))
    assert officer.axe() == []

    reader = tab(committed.colleague, size=size, language=language)
    page = reader.open(client)
    expect(page.locator("h1")).to_contain_text("Canary Foreign Holdings")

    sight = officer.open(reverse("compliance:sight", args=[committed.foreign_id]))
    expect(sight.locator("main")).to_contain_text("Colleague")
    assert officer.axe() == []
    fits(sight)

    other = tab(committed.compliance, size=size, language=language)
    page = other.open(reverse("compliance:openings"))
    page.locator("a[href$='/review/']").first.click()
    expect(page.locator("[name=finding]")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Canary Foreign Holdings")
    assert other.axe() == []
    fits(page)
    page.locator("[name=finding]").fill("Rightly opened: only the balance was read")
    page.locator("[name=finding]").press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Rightly opened")
    assert reader.page.request.get(reader.site + client).status == 404
