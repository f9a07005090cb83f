"""Every page in a real browser: nothing in the console, nothing against the content policy, nothing that axe finds."""

import re

import pytest
from django.urls import reverse

from core.checks import routes
from core.web import rules_of
from tests.browser import NARROW, WIDE, OpenTab
from tests.journeys.book import Shown, fill, speak
from tests.people import People

READERS = ("manager", "compliance", "operations", "administrator", "auditor")
NOT_PAGES = {"healthz", "api/schema/", "portfolios/feeds/<int:run_id>/errors/", "reports/statements/<int:statement_id>/pdf/"}
"""Answers for programs and downloads."""


def pages(shown: Shown) -> list[str]:
    """Return the address of every page, each with the rows of ``shown``."""
    names = vars(shown)
    found = []
    for path, callback in routes():
        rule = rules_of(callback).get("GET")
        if rule is None or "GET" not in rules_of(callback) or path.startswith("api/") and path != "api/docs/" or path in NOT_PAGES:
            continue
        address = re.sub(r"<int:(\w+)>", lambda part: str(names[part[1]]), path)
        found.append("/" + address)
    return found


def opens(address: str, people: People, sign_in: object) -> str:
    """Return who may open the page: the first reader whom it answers."""
    for name in READERS:
        if sign_in(getattr(people, name)).get(address).status_code in (200, 302):  # type: ignore[operator]
            return name
    raise AssertionError(f"nobody opens {address}")


def visit_all(people: People, tab: OpenTab, sign_in: object, *, language: str, size: tuple[int, int]) -> list[str]:
    """Open every page as somebody who may; return what axe finds, by page."""
    shown, found = fill(people), []
    speak(people, language)
    tabs = {}
    for address in pages(shown):
        name = opens(address, people, sign_in)
        if name not in tabs:
            tabs[name] = tab(getattr(people, name), size=size, language=language)
        if "logout" in address:
            continue
        tabs[name].open(address)
        found += [f"{address}: {line}" for line in tabs[name].axe()]
    return found


def test_no_page_complains(committed: People, tab: OpenTab, sign_in: object) -> None:
    assert visit_all(committed, tab, sign_in, language="en", size=WIDE) == []


@pytest.mark.full
@pytest.mark.parametrize(("language", "size"), [("en", NARROW), ("zh-hans", WIDE), ("zh-hans", NARROW)])
def test_no_page_complains_in_any_variant(
    committed: People, tab: OpenTab, sign_in: object, language: str, size: tuple[int, int]
) -> None:
    assert visit_all(committed, tab, sign_in, language=language, size=size) == []


def test_the_sign_in_page_is_clean(tab: OpenTab) -> None:
    opened = tab()
    opened.open(reverse("account_login"))
    assert opened.axe() == []
