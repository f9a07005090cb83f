"""The ledger in a real browser: checked while one watches, and a proof taken away that a stranger checks."""

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules
from playwright.sync_api import expect

from core import jobs
from tests.browser import NARROW, WIDE, OpenTab
from tests.compliance.ledgers import Ledger, ledger
from tests.journeys.book import speak
from tests.journeys.test_lists import fits
from tests.people import People

SIGHT = pytest.mark.parametrize(
    ("language", "size"),
    [pytest.param("en", WIDE, id="wide"), pytest.param("zh-hans", NARROW, id="phone-chinese", marks=pytest.mark.full)],
)


@pytest.fixture
def book(committed: People, tmp_path: Path) -> Iterator[Ledger]:
    """Give a ledger over what everybody did so far, sealed and anchored now."""
    with ledger(tmp_path / "ledger") as made:
        made.grow(committed.manager, at=timezone.now())
        yield made


@SIGHT
def test_the_trail_is_checked_and_a_proof_taken_away(  # noqa: PLR0917  (what pytest gives)
    committed: People, book: Ledger, tab: OpenTab, language: str, size: tuple[int, int], tmp_path: Path
) -> None:
    autodiscover_modules("tasks")
    speak(committed, language)
    book.grow(committed.manager, at=timezone.now())
    found = tab(committed.compliance, size=size, language=language)
    page = found.open("/compliance/ledger/")
    expect(page.locator(".alert-success")).to_be_visible()
    assert found.axe() == []
    fits(page)
    page.locator(".page-head button[type=submit]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("progress")).to_be_visible()
    for job_id in jobs.due(now=timezone.now()):
        assert jobs.run(job_id, now=timezone.now())
    expect(page.locator("progress")).to_have_count(0, timeout=15_000)
    expect(page.locator(".alert-success, .alert-danger")).to_be_visible()
    page = found.open("/compliance/trail/")
    with page.expect_download() as download:
        page.locator("tbody tr", has_text="test:act").first.locator("a[href$='.zip']").click()
    saved = tmp_path / "proof.zip"
    download.value.save_as(saved)
    with zipfile.ZipFile(saved) as files:
        files.extractall(tmp_path / "proof")
    event, proof = (next((tmp_path / "proof").glob(f"*.{kind}")).name for kind in ("json", "tlog-proof"))
    command = [sys.executable, "-I", "verifier.py", "proof", event, proof, "--key", str(book.log.public)]
    done = subprocess.run(command, cwd=tmp_path / "proof", capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout[:4]) == (0, "GOOD"), done.stdout + done.stderr
