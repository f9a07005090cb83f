"""Every page in a real browser: nothing in the console, nothing against the content policy, nothing that axe finds."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from core.checks import routes
from core.web import rules_of
from tests.browser import NARROW, WIDE, OpenTab
from tests.compliance.ledgers import ledger
from tests.conftest import SignIn
from tests.journeys.book import Shown, fill, speak
from tests.people import People

READERS = ("manager", "lead", "compliance", "operations", "administrator", "auditor")


BUSY = ("portfolios/", "compliance/")
"""The rooms with most pages: half of all, and the other half is ``test_pages_others``."""


def pages(shown: Shown, *, busy: bool) -> list[str]:
    """Return the address of what a signed-in person can GET, the API aside, in one half of the rooms or the other."""
    names, found = vars(shown), []
    for path, callback in routes():
        if path.startswith(BUSY) is not busy:
            continue
        rule = rules_of(callback).get("GET")
        if rule is None or rule.permission is None or (path.startswith("api/") and path != "api/docs/"):
            continue
        found.append("/" + re.sub(r"<\w+:(\w+)>", lambda part: str(names[part[1]]), path))
    return found


def opens(address: str, people: People, sign_in: SignIn) -> str | None:
    """Return who may open the page: the first reader whom it answers; None for a download."""
    for name in READERS:
        answer = sign_in(getattr(people, name)).get(address)
        if answer.status_code in {200, 302}:
            return None if answer.has_header("Content-Disposition") else name
    raise AssertionError(f"nobody opens {address}")


def visit_all(
    people: People, tab: OpenTab, sign_in: SignIn, *, busy: bool, language: str = "en", size: tuple[int, int] = WIDE
) -> list[str]:
    """Open every page of a half as somebody who may; return what axe finds, by page."""
    shown, found = fill(people), []
    speak(people, language)
    tabs = {}
    for address in pages(shown, busy=busy):
        name = opens(address, people, sign_in)
        if name is None:
            continue
        if name not in tabs:
            tabs[name] = tab(getattr(people, name), size=size, language=language)
        page = tabs[name].open(address)
        found += [f"{address}: {line}" for line in tabs[name].axe()]
        if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
            found.append(f"{address}: wider than the window")
    return found


@pytest.fixture
def sealed(committed: People, tmp_path: Path) -> Iterator[People]:
    """Give everybody, and a ledger over what they did."""
    with ledger(tmp_path) as made:
        made.grow(committed.manager, at=timezone.now())
        yield committed


def test_no_page_complains(sealed: People, tab: OpenTab, sign_in: SignIn) -> None:
    assert visit_all(sealed, tab, sign_in, busy=True) == []


@pytest.mark.full
@pytest.mark.parametrize(("language", "size"), [("en", NARROW), ("zh-hans", WIDE), ("zh-hans", NARROW)])
@pytest.mark.parametrize("busy", [True, False])
def test_no_page_complains_in_any_variant(
    sealed: People, tab: OpenTab, sign_in: SignIn, *, language: str, size: tuple[int, int], busy: bool
) -> None:
    assert visit_all(sealed, tab, sign_in, busy=busy, language=language, size=size) == []


@pytest.mark.parametrize("route", ["clients:page", "reports:statement"])
def test_figures_keep_their_names_on_a_phone(committed: People, tab: OpenTab, route: str) -> None:
    shown = fill(committed)
    ids = {"clients:page": shown.client_id, "reports:statement": shown.statement_id}
    page = tab(committed.manager, size=NARROW).open(reverse(route, args=[ids[route]]))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    unnamed = "cells => cells.filter(cell => getComputedStyle(cell, '::before').content === 'none').length"
    figures = page.locator(".dense:not(.list) td.num:not(:has(.currency, a))")
    assert figures.count() > 0
    assert figures.evaluate_all(unnamed) == 0


def test_the_page_about_the_api_is_clean_on_a_phone(committed: People, tab: OpenTab) -> None:
    opened = tab(committed.manager, size=NARROW)
    opened.open(reverse("api_documentation"))
    assert opened.axe() == []


def test_the_sign_in_page_is_clean(tab: OpenTab) -> None:
    opened = tab()
    opened.open(reverse("account_login"))
    assert opened.axe() == []
