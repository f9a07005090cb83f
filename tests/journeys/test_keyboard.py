"""From sign-in to the next maturity, decided, with the keyboard alone."""

import pytest
from django.urls import reverse

from core.walls import acting, service
from reviews.models import Review
from tests.browser import OpenTab
from tests.journeys.book import fill, speak
from tests.people import PASSWORD, People


@pytest.mark.parametrize("language", ["en", pytest.param("zh-hans", marks=pytest.mark.full)])
def test_five_actions_from_sign_in_to_a_decided_maturity(committed: People, tab: OpenTab, language: str) -> None:
    shown = fill(committed)
    speak(committed, language)
    opened = tab(language=language)
    page = opened.open(reverse("account_login"))
    page.keyboard.type(committed.manager.username)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    leads_to = {
        "Enter": [reverse("reviews:today"), reverse("reviews:decision", args=[shown.review_id])],
        "Space": [],
        "m": [],
    }
    leads_to["Enter"].append(reverse("clients:page", args=[shown.client_id]))
    for key in ("Enter", "m", "Enter", "Space", "Enter"):
        page.keyboard.press(key)
        if leads_to[key]:
            page.wait_for_url(f"**{leads_to[key].pop(0)}")
            page.wait_for_load_state("networkidle")
    with acting(service()):
        review = Review.objects.get(pk=shown.review_id)
    assert (review.decision, review.decided_by) == ("renew_all", committed.manager)
