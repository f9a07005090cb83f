"""Lists in a real browser: a view saved, many rows acted on, a file exported, by mouse, by keys and on a phone."""

import datetime as dt
from pathlib import Path

import pytest
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules
from playwright.sync_api import Page, expect

from clients.models import Task
from core import jobs
from core.models import SavedView
from core.walls import acting, service
from tests import factories
from tests.browser import NARROW, WIDE, OpenTab, Tab
from tests.journeys.book import speak
from tests.people import People

NAMES = ["李文", "Wang Yifan", "陈思远", "Zhou Minghua Holdings", "O'Brien-Łukasz", "司马相如家族信托"]
VARIANTS = [
    pytest.param("en", WIDE, id="wide"),
    pytest.param("zh-hans", WIDE, id="wide-chinese", marks=pytest.mark.full),
    pytest.param("en", NARROW, id="phone", marks=pytest.mark.full),
    pytest.param("zh-hans", NARROW, id="phone-chinese", marks=pytest.mark.full),
]
SIGHT = pytest.mark.parametrize(("language", "size"), VARIANTS)


@pytest.fixture
def desk(committed: People) -> People:
    """Give the manager sixty clients of all tiers, and something owed to a dozen of them."""
    today = timezone.localdate()
    for number in range(60):
        name = f"{NAMES[number % 6]} {number // 6 or ''}".strip()
        client = factories.client(name=name, tier=["hnw", "private", "ultra"][number % 3])
        factories.coverage(client, committed.manager)
        if number < 12:
            due_on = today + dt.timedelta(days=number - 4)
            factories.task(client, committed.manager, text=f"Send the terms {number}", due_on=due_on)
    return committed


def opened(people: People, tab: OpenTab, language: str, size: tuple[int, int], path: str) -> tuple[Tab, Page]:
    """Open a list as the manager, in a language and a width; nothing may stand out of the window."""
    speak(people, language)
    found = tab(people.manager, size=size, language=language)
    page = found.open(path)
    fits(page)
    return found, page


def fits(page: Page) -> None:
    """Expect that nobody has to scroll sideways."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def settled(page: Page) -> None:
    """Wait until what was asked for stands there."""
    page.wait_for_load_state("networkidle")
    expect(page.locator(".htmx-request")).to_have_count(0)


@SIGHT
def test_a_view_is_saved_and_opened_again(desk: People, tab: OpenTab, language: str, size: tuple[int, int]) -> None:
    found, page = opened(desk, tab, language, size, "/clients/")
    page.select_option("select[name=tier]", "ultra")
    page.locator("form.filters > button[type=submit]").click()
    page.wait_for_url("**tier=ultra**")
    settled(page)
    expect(page.locator("tbody tr")).to_have_count(20)
    page.locator(".views details.menu > summary").last.click()
    page.locator("#view-save").fill("My ultra")
    page.locator(".views .menu-body input[name=is_default]").check()
    assert found.axe() == []
    page.locator(".views .menu-body button[value=save]").click()
    page.wait_for_url("**view=**")
    with acting(desk.manager):
        assert SavedView.objects.get(name="My ultra").query == [["tier", "ultra"]]
    page.locator(".tabs .tab").first.click()
    page.wait_for_url("**view=0")
    settled(page)
    expect(page.locator("tbody tr")).to_have_count(50)
    page.goto(found.site + "/clients/")
    expect(page.locator(".tab[aria-current]")).to_contain_text("My ultra")
    expect(page.locator("tbody tr")).to_have_count(20)


@SIGHT
def test_many_rows_are_moved_after_one_question(
    desk: People, tab: OpenTab, language: str, size: tuple[int, int]
) -> None:
    found, page = opened(desk, tab, language, size, "/clients/tasks/")
    for row in range(3):
        page.locator("input[name=row]").nth(row).check()
    expect(page.locator("[data-ticked]")).to_have_text("(3)")
    page.select_option("#list-do", "move")
    page.locator(".act-bar button").click()
    settled(page)
    expect(page.locator(".chosen li")).to_have_count(3)
    assert found.axe() == []
    fits(page)
    day = timezone.localdate() + dt.timedelta(days=30)
    page.locator("input[name=due_on]").fill(day.isoformat())
    page.locator("button[name=sure]").click()
    expect(page.locator("#messages .alert-success")).to_be_visible()
    with acting(service()):
        assert Task.objects.filter(due_on=day).count() == 3


@SIGHT
def test_a_list_is_exported_while_one_watches(
    desk: People, tab: OpenTab, language: str, size: tuple[int, int], tmp_path: Path
) -> None:
    autodiscover_modules("tasks")
    found, page = opened(desk, tab, language, size, "/clients/?tier=private")
    assert found.axe() == []
    page.locator(".page-head details.menu > summary").click()
    page.locator("button[name=form][value=csv]").click()
    page.wait_for_url("**/exports/*/")
    expect(page.locator("#export progress")).to_be_visible()
    assert found.axe() == []
    for job_id in jobs.due(now=timezone.now()):
        assert jobs.run(job_id, now=timezone.now())
    link = page.locator("#export a[download]")
    expect(link).to_be_visible(timeout=15_000)
    with page.expect_download() as download:
        link.click()
    saved = tmp_path / "clients.csv"
    download.value.save_as(saved)
    lines = saved.read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 21
    assert lines[0].startswith("reference,kind,name,")
    assert all(",private," in line for line in lines[1:])
    assert download.value.suggested_filename.startswith("clients-")


def test_the_keyboard_alone_walks_ticks_and_pages(desk: People, tab: OpenTab) -> None:
    _found, page = opened(desk, tab, "en", WIDE, "/clients/")
    for key in ("j", "j", "x", "j", "x", "k"):
        page.keyboard.press(key)
    ticked = page.locator("input[name=row]:checked")
    expect(ticked).to_have_count(2)
    assert page.evaluate("document.activeElement.closest('tr').rowIndex") == 2
    page.keyboard.press("]")
    page.wait_for_url("**after=**")
    settled(page)
    expect(page.locator("tbody tr")).to_have_count(11)
    page.keyboard.press("[")
    page.wait_for_url("**before=**")
    settled(page)
    expect(page.locator("tbody tr")).to_have_count(50)
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/clients/")


def test_an_order_is_turned_in_place_and_the_back_key_goes_back(desk: People, tab: OpenTab) -> None:
    _found, page = opened(desk, tab, "en", WIDE, "/clients/")
    first = page.locator("tbody tr").first
    before = first.inner_text()
    page.locator("thead th[aria-sort=ascending] a").click()
    page.wait_for_url("**sort=-name")
    settled(page)
    expect(page.locator("thead th[aria-sort=descending]")).to_have_count(1)
    assert first.inner_text() != before
    page.go_back()
    settled(page)
    expect(page.locator("thead th[aria-sort=ascending]")).to_have_count(1)


def test_without_scripts_lists_still_work(desk: People, live: str, tab: OpenTab) -> None:
    found = tab(desk.manager)
    context = found.page.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]
    context.add_cookies(found.page.context.cookies())  # type: ignore[arg-type]  # what it gives it takes
    page = context.new_page()
    page.goto(live + "/clients/tasks/")
    page.locator("input[name=row]").first.check()
    page.select_option("#list-do", "done")
    page.locator(".act-bar button").click()
    page.locator("button[name=sure]").click()
    assert "Done. Tasks: 1." in page.content()
    page.goto(live + "/clients/")
    page.locator("thead th a").first.click()
    assert "sort=-name" in page.url
    page.locator("a[rel=next]").click()
    assert "after=" in page.url
    page.locator("details.menu > summary").first.click()
    page.locator("button[name=form][value=xlsx]").click()
    assert "/exports/" in page.url
    context.close()
