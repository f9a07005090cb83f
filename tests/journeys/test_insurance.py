"""From the client page to a split that stays insured, with the keyboard alone."""

from decimal import Decimal

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests import factories
from tests.browser import NARROW, WIDE, OpenTab
from tests.journeys.book import speak
from tests.journeys.test_lists import fits
from tests.people import People


@pytest.mark.parametrize(
    ("language", "size", "said"),
    [
        pytest.param("en", WIDE, "new relationship", id="wide"),
        pytest.param("zh-hans", NARROW, "新建关系", id="phone-chinese"),
    ],
)
def test_a_placement_is_thought_of(
    committed: People, tab: OpenTab, language: str, size: tuple[int, int], said: str
) -> None:
    speak(committed, language)
    client = factories.owned_by(committed.client_id)
    factories.transaction(factories.account(client), amount=Decimal(650_000))
    factories.institution(name="Second Bank", name_zh="第二银行")
    found = tab(committed.manager, size=size, language=language)
    page = found.open(reverse("clients:page", args=[client.pk]))
    address = reverse("portfolios:insurance", args=[client.pk])
    page.locator(f"a[href='{address}']").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{address}")
    assert found.axe() == []
    fits(page)
    page.locator("[name=amount]").focus()
    page.keyboard.type("800000")
    for key in ("Tab", "Tab", "Tab"):
        page.keyboard.press(key)
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    expect(page.locator("#split")).to_contain_text(said)
    expect(page.locator("#split")).to_contain_text("490,196.00")
    expect(page.locator("#split .alert")).to_contain_text("309,804.00")
    assert found.axe() == []
    fits(page)
