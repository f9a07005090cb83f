"""From the client page to the returns of a span beside an index, and to what was known before."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from core import clock
from tests import factories
from tests.browser import NARROW, WIDE, OpenTab
from tests.journeys.book import speak
from tests.journeys.test_lists import fits
from tests.people import People


@pytest.mark.parametrize(
    ("language", "size", "said"),
    [
        pytest.param("en", WIDE, ("1 year", "Nothing is valued yet"), id="wide"),
        pytest.param("zh-hans", NARROW, ("近1年", "尚无估值"), id="phone-chinese", marks=pytest.mark.full),
    ],
)
def test_returns_are_read_beside_an_index(
    committed: People, tab: OpenTab, language: str, size: tuple[int, int], said: tuple[str, str]
) -> None:
    speak(committed, language)
    year, never = said
    client, today = factories.owned_by(committed.client_id), clock.today()
    factories.transaction(factories.account(client), amount=Decimal(1_130_000))
    factories.valued_year(client, until=today)
    index = factories.instrument(asset_class="index", name="Eastern 300", name_zh="东部300")
    for days, level in ((500, 100), (20, 112)):
        factories.price(index, price=Decimal(level), value_date=today - dt.timedelta(days=days))
    found = tab(committed.manager, size=size, language=language)
    page = found.open(reverse("clients:page", args=[client.pk]))
    address = reverse("portfolios:performance", args=[client.pk])
    page.locator(f"a[href='{address}']").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{address}")
    expect(page.locator("main")).to_contain_text("+11.88%")
    assert found.axe() == []
    fits(page)
    page.locator("[name=span]").focus()
    page.keyboard.press("ArrowDown")
    page.locator("[name=benchmark]").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**benchmark=**")
    expect(page.locator("main")).to_contain_text("300")
    page.goto(f"{page.url.split('?')[0]}?span=y1&benchmark={index.pk}")
    expect(page.locator("main .card-title").first).to_contain_text(year)
    expect(page.locator("[data-chart] svg").first).to_be_visible()
    assert found.axe() == []
    fits(page)
    page.goto(f"{page.url.split('?')[0]}?known_on={dt.date(2020, 1, 1)}")
    expect(page.locator("main")).to_contain_text(never)
    assert found.axe() == []
