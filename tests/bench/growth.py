"""How much slower pages are in a book ten times as large: every page that links lead to, for four roles."""

import re
import statistics
from collections import deque
from collections.abc import Iterator
from itertools import cycle
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve

from tests.bench.driver import HTMX, Person, staff
from tests.bench.pages import told
from tests.bench.places import PASSWORD, Server
from tests.bench.rows import Row, in_turn

LINK = re.compile(rb'(?:href|hx-get)="(/[^"#]*)"')
GOAL = 1.5
EACH = 4
"""Addresses of one page that take part, so that one large client does not decide."""
MOST = 250
LEAVE = ("/static/", "/accounts/", "/api/")
PEOPLE = {
    "manager": "linruoxi",
    "lead": "xujingming",
    "compliance": "dingshulan",
    "operations": "weiguoqiang",
}
Pages = dict[str, list[str]]


def measured(small: Server, big: Server, *, rounds: int) -> Iterator[Row]:
    """Yield one figure for each page and role: the larger book's time over the smaller one's."""
    for role, username in PEOPLE.items():
        people = [staff(server.port, username, PASSWORD) for server in (big, small)]
        found = [discovered(person) for person in people]
        for pattern in sorted(set(found[0]) & set(found[1])):
            ours, rival = [cycle(pages[pattern]) for pages in found]
            sides = [
                ([people[0]], lambda person, pages=ours: person.page(next(pages), extra=HTMX)),
                ([people[1]], lambda person, pages=rival: person.page(next(pages), extra=HTMX)),
            ]
            large, less = (statistics.median(times) for times in in_turn(sides, rounds=rounds))
            yield Row(f"growth, {role}: {pattern}", large, less, f"the smaller book, {told(1)}", GOAL)


def discovered(person: Person) -> Pages:
    """Return addresses by the pattern of their route, as the links of the pages lead to them."""
    pages: Pages = {}
    waiting, known = deque(["/"]), {"/"}
    asked = 0
    while waiting and asked < MOST:
        path = waiting.popleft()
        pattern = route(path)
        if pattern is None or len(pages.get(pattern, [])) >= EACH:
            continue
        asked += 1
        answer = person.get(path)
        if answer.status == 200 and answer.headers.get_content_type() == "text/html":
            pages.setdefault(pattern, []).append(path)
        links = LINK.findall(answer.text) if answer.status == 200 else []
        location = answer.headers.get("Location") if answer.status in (301, 302) else None
        for link in [*(link.decode() for link in links), *([location] if location else [])]:
            plain = urlsplit(link).path
            if plain not in known and not plain.startswith(LEAVE):
                known.add(plain)
                waiting.append(plain)
    return pages


def route(path: str) -> str | None:
    """Return the pattern of an address, None where nothing answers."""
    try:
        return str(resolve(path).route) or "/"
    except Resolver404:
        return None
