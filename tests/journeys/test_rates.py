"""A rate above the board: asked for from the decision, agreed to with the margin seen, taken with the renewal."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from core.walls import acting, service
from portfolios.models import Deposit
from tests import factories
from tests.browser import NARROW, WIDE, OpenTab
from tests.journeys.book import speak
from tests.journeys.test_lists import fits
from tests.people import PASSWORD, People


@pytest.mark.full
@pytest.mark.parametrize(
    ("language", "size"),
    [pytest.param("en", WIDE, id="wide"), pytest.param("zh-hans", NARROW, id="phone-chinese")],
)
def test_a_better_rate_is_agreed_and_taken(
    committed: People, tab: OpenTab, language: str, size: tuple[int, int]
) -> None:
    client, today = factories.owned_by(committed.client_id), timezone.localdate()
    row = factories.deposit(client, matures_on=today + dt.timedelta(days=20), value_date=today - dt.timedelta(days=345))
    for months in (6, 12):
        factories.listed_rate(
            institution=row.institution, term_months=months, value_date=today, transfer_rate=Decimal("0.019")
        )
    review = factories.review(client, maturity=factories.maturity(row), due_on=row.matures_on)
    factories.note(client, committed.manager, happened_at=timezone.now())
    speak(committed, language)
    own = tab(committed.manager, size=size, language=language)
    decision = reverse("reviews:decision", args=[review.pk])
    page = own.open(decision)
    assert own.axe() == []
    fits(page)
    page.locator(f"a[href='{reverse('portfolios:ask_rate', args=[review.maturity_id])}']").click()
    page.locator("[name=months]").select_option("6")
    page.locator("[name=rate]").fill("1.40")
    page.locator("[name=reason]").fill("Payroll comes with it")
    page.locator("main form button[type=submit]").click()
    expect(page.locator(".invalid-feedback, .errorlist").first).to_contain_text("1.50%")
    assert own.axe() == []
    own.complaints.clear()  # the browser tells of the refusal too
    page.locator("[name=rate]").fill("1.65")
    page.locator("main form button[type=submit]").click()
    expect(page.locator("button[value=withdraw]")).to_be_visible()

    other = tab(committed.lead, size=size, language=language)
    theirs = other.open(page.url.removeprefix(other.site))
    if theirs.locator("button[value=approve]").count() == 0:
        theirs.locator("main a[href*='reauthenticate']").click()
        theirs.locator("[name=password]").fill(PASSWORD)
        theirs.keyboard.press("Enter")
    expect(theirs.locator("main")).to_contain_text("0.40% → 0.25%")
    assert other.axe() == []
    theirs.locator("button[value=approve]").click()
    expect(theirs.locator("button[value=approve]")).to_have_count(0)

    page = own.open(decision)
    page.locator("[name=decision][value=renew_all]").check()
    page.locator("[name=renew_months]").select_option("6")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(f"**{reverse('clients:page', args=[client.pk])}")
    with acting(service()):
        told = Deposit.objects.get(pk=row.pk)
    assert (told.instruction, told.renew_months, told.renew_rate) == ("all", 6, Decimal("0.0165"))
