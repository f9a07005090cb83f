"""Fixtures for tests in a real browser: the site on a port, Chromium, pages that report what they complain of."""

import os
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from core.models import User
from core.walls import acting, service
from tests.people import BACKEND, People

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WATCH = """
window.violations = [];
document.addEventListener('securitypolicyviolation', event =>
    console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""
NARROW, WIDE = (390, 844), (1440, 900)


class Quiet(WSGIRequestHandler):
    """A handler that keeps the access log to itself."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the name that http.server gives)
        """Say nothing."""


@dataclass
class Tab:
    """A page and everything it complained of."""

    page: Page
    site: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Go to a path of the site and wait until its panels have come."""
        self.page.goto(self.site + path)
        self.page.wait_for_load_state("networkidle")
        return self.page

    def axe(self) -> list[str]:
        """Return what axe finds against WCAG 2.2 A and AA: rule, then the elements."""
        if not self.page.evaluate("() => typeof axe !== 'undefined'"):
            source = Path(settings.BASE_DIR, "node_modules/axe-core/axe.min.js").read_text()
            self.page.evaluate(f"() => {{ {source} }}")
        found = self.page.evaluate("tags => axe.run({runOnly: tags})", AXE_TAGS)
        return [
            f"{violation['id']}: {node['target']} {node['html'][:200]}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]


OpenTab = Callable[..., Tab]


@pytest.fixture
def live(committed: People) -> Generator[str]:
    """Serve the site from this process's own database; return its address."""
    from config.wsgi import application  # noqa: PLC0415  (the fixtures load before Django)

    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
    server.daemon_threads = False
    server.set_app(application)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="session")
def browser() -> Generator[Browser]:
    """Start the system's Chromium once."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in the thread of the test
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def tab(live: str, browser: Browser) -> Generator[OpenTab]:
    """Return a function that opens a tab, for a person or for nobody, and afterwards expect no complaint from any."""
    opened: list[tuple[BrowserContext, Tab]] = []

    def open_tab(person: User | None = None, *, size: tuple[int, int] = WIDE, language: str = "en") -> Tab:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale=language)
        context.add_init_script(WATCH)
        if person is not None:
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session_of(person), "url": live}])
        page = context.new_page()
        one = Tab(page, live)
        page.on("console", lambda line: one.complaints.append(line.text) if line.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: one.complaints.append(str(error)))
        opened.append((context, one))
        return one

    yield open_tab
    complaints = [text for _context, one in opened for text in one.complaints]
    for context, _one in opened:
        context.close()
    assert complaints == []


def session_of(person: User) -> str:
    """Return the session cookie of a person who has signed in."""
    client = Client()
    with acting(service()):
        client.force_login(person, backend=BACKEND)
    return client.cookies[settings.SESSION_COOKIE_NAME].value
