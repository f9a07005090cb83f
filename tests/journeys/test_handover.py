"""A client changes hands in a real browser: asked for on the client page, approved by the lead with the password."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser import NARROW, WIDE, OpenTab
from tests.journeys.book import speak
from tests.journeys.test_lists import fits
from tests.people import PASSWORD, People

SIGHT = pytest.mark.parametrize(
    ("language", "size"),
    [pytest.param("en", WIDE, id="wide"), pytest.param("zh-hans", NARROW, id="phone-chinese", marks=pytest.mark.full)],
)


@SIGHT
def test_a_client_is_handed_over_by_two_people(
    committed: People, tab: OpenTab, language: str, size: tuple[int, int]
) -> None:
    speak(committed, language)
    found = tab(committed.manager, size=size, language=language)
    page = found.open(reverse("clients:page", args=[committed.client_id]))
    page.locator(f"a[href='{reverse('clients:hand_over', args=[committed.client_id])}']").click()
    page.locator("[name=person]").press_sequentially("Coll")
    offered = page.locator("datalist option")
    expect(offered).to_have_count(1)
    page.locator("[name=person]").fill(offered.get_attribute("value") or "")
    page.locator("[name=reason]").fill("Moves to the other branch")
    assert found.axe() == []
    fits(page)
    page.locator("[name=reason]").press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("button[value=withdraw]")).to_be_visible()
    address = page.url
    assert found.axe() == []

    other = tab(committed.lead, size=size, language=language)
    page = other.open(reverse("approvals"))
    page.locator("tbody a[data-row]").first.click()
    expect(page.locator("main")).to_contain_text("Li Wen")
    assert page.url == address
    if page.locator("button[value=approve]").count() == 0:
        page.locator("main a[href*='reauthenticate']").click()
        page.locator("[name=password]").fill(PASSWORD)
        page.keyboard.press("Enter")
    expect(page.locator("button[value=approve]")).to_be_visible()
    assert other.axe() == []
    fits(page)
    page.locator("button[value=approve]").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".alert-success, #messages .alert")).to_be_visible()
    expect(page.locator("button[value=approve]")).to_have_count(0)

    page = tab(committed.colleague, size=size, language=language).open(
        reverse("clients:page", args=[committed.client_id])
    )
    expect(page.locator("h1")).to_contain_text("Li Wen")
