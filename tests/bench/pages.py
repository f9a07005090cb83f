"""Pages by HTTP: list, deep page, search and the full client page, beside a minimal view and beside Django's admin."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from django.db import connection

from compliance.queries.acts import ACTS
from core.models import Role, User
from core.walls import acting
from tests.bench.driver import Person, UnexpectedError, staff, visitor
from tests.bench.places import PASSWORD, Book, Server
from tests.bench.rows import Row, Side, compared, in_turn

CLIENT = re.compile(rb'href="/clients/(\d+)/"')
CONTRACT = re.compile(rb"D\d{5,}-\d\d")
EVENT = re.compile("№ (\\d+)".encode())
NEXT = re.compile(rb'href="([^"]+)"[^>]*rel="next"')
CROWD = 8
SHOWN, FEWEST = 50, 3
MINIMAL = "a minimal view with sign-in, the same rows"
ADMIN, ADMIN_ROWS = "Django's admin, its defaults, 100 rows a page", 100
SAME_ADMIN = "Django's admin, 50 rows a page like ours"
DETAIL = "a minimal detail view"
SINGLE, SEVERAL = 5.0, 12.0


@dataclass(frozen=True)
class Size:
    """How often: rounds of one person, rounds of the crowd, and how often each of the crowd in a round.

    ``looks`` is how many events of a person the trail holds where it is searched for that person.
    """

    alone: int = 25
    crowded: int = 6
    times: int = 3
    looks: int = 20_000


@dataclass(frozen=True)
class Desk:
    """Both servers on one book, and the people who sign in."""

    book: Book
    web: Server
    rival: Server
    database: str
    manager: str = "linruoxi"
    compliance: str = "dingshulan"

    known: dict[tuple[str, str], list[Person]] = field(default_factory=dict)

    def people(self, username: str) -> list[Person]:
        """Return a crowd signed in to Steward under one name, each with a session of their own."""
        return self._signed_in("ours", username, lambda: staff(self.web.port, username, PASSWORD))

    def visitors(self, username: str) -> list[Person]:
        """Return as many signed in to the rival."""
        return self._signed_in("rival", username, lambda: visitor(self.rival.port, username, PASSWORD))

    def _signed_in(self, side: str, username: str, sign_in: Callable[[], Person]) -> list[Person]:
        """Sign in once: the house lets one address sign in only so often a minute."""
        if (side, username) not in self.known:
            self.known[side, username] = [sign_in() for _ in range(CROWD)]
        return self.known[side, username]


@dataclass(frozen=True)
class Task:
    """What one figure compares: an address of ours and the same rows at the rival's."""

    name: str
    ours: Callable[[], str]
    rival: Callable[[], str]
    against: str
    goal: float | None
    same: bool = True
    rows: re.Pattern[bytes] = CLIENT


def measured(desk: Desk, size: Size) -> Iterator[Row]:
    """Yield every figure of lists and of the client page."""
    for role, username in (("manager", desk.manager), ("compliance", desk.compliance)):
        for task in lists(desk, role, username):
            yield from compare(desk, username, task, size)
    look_around(desk, size.looks)
    for task in trail(desk):
        yield from compare(desk, desk.compliance, task, size)
    yield from client_page(desk, size)
    yield from compare(desk, desk.manager, portfolio(desk), size)


def portfolio(desk: Desk) -> Task:
    """Return the page of a client's wealth beside one of the same deposits, positions and balances."""
    ids = [row for (row,) in ask(desk, RICHEST, desk.manager, CROWD)]
    ours, theirs = filled("/portfolios/clients/{}/wealth/", ids), filled("/clients/{}/portfolio/", ids)
    return Task("portfolio page", ours, theirs, MINIMAL, SINGLE, rows=CONTRACT)


def lists(desk: Desk, role: str, username: str) -> list[Task]:
    """Return list, deep page and search of one role; compliance, who sees everybody, also beside the admin."""
    words = words_of(desk, username)
    ours_words, rival_words, admin_words = cycle(words), cycle(words), cycle(words)
    middle = halfway(desk, username)
    tasks = [
        Task(f"client list, {role}", lambda: "/clients/", lambda: "/clients/", MINIMAL, 2),
        Task(
            f"search, {role}",
            lambda: f"/clients/?q={quote(next(ours_words))}&sort=name",
            lambda: f"/clients/?q={quote(next(rival_words))}",
            MINIMAL,
            2,
        ),
    ]
    if middle is not None:
        deep, rival_deep, _place = middle
        tasks.insert(1, Task(f"deep page, {role}", lambda: deep, lambda: rival_deep, MINIMAL, 2))
    if role != "compliance" or middle is None:
        return tasks
    deep, _rival_deep, place = middle
    rows, fifty = "/admin/clients/client/", "/same/clients/client/"
    theirs = f"{rows}?p={place * SHOWN // ADMIN_ROWS + 1}"
    return [
        *tasks,
        Task("client list, beside admin", lambda: "/clients/", lambda: rows, ADMIN, 1 / 3, same=False),
        Task("client list, beside admin (50 rows)", lambda: "/clients/", lambda: fifty, SAME_ADMIN, None, same=False),
        Task("deep page, beside admin", lambda: deep, lambda: theirs, ADMIN, 1 / 3, same=False),
        Task(
            "search, beside admin",
            lambda: f"/clients/?q={quote(next(ours_words))}&sort=name",
            lambda: f"{rows}?q={quote(next(admin_words))}",
            ADMIN,
            1 / 3,
            same=False,
        ),
    ]


def look_around(desk: Desk, looks: int) -> None:
    """Let some managers look at their clients as often as in months of work, as a book that was just built has it not.

    Through the function by which every look is recorded.
    """
    managers = User.objects.filter(role=Role.MANAGER).order_by("pk")[:BUSY]
    own = {user: [row for (row,) in ask(desk, VISIBLE.format("id"), user.username)] for user in managers}
    for user in [*managers] * TURNS:
        with acting(user), connection.cursor() as cursor:
            cursor.execute(LOOKS, [own[user] or [None], looks // TURNS])
    with psycopg.connect(desk.database) as superuser:
        superuser.execute("ANALYZE core_auditevent")


BUSY, TURNS = 5, 20
LOOKS = """
    SELECT count(steward_append('client:read', (own.ids)[1 + n %% cardinality(own.ids)], '{}', '', NULL))
    FROM (SELECT %s::bigint[] AS ids) own, generate_series(1, %s) n"""


def trail(desk: Desk) -> list[Task]:
    """Return the trail and the searches in it, by person, by verb and by client: of each the rows there are most of.

    Of verbs only those that fill a page, as every verb does in a trail of years: fewer rows are a search of nothing.
    """
    people, clients = ([str(found) for (found,) in ask(desk, query)] for query in (ACTORS, TOLD))
    verbs = [(str(verb), count >= SHOWN) for verb, count in ask(desk, VERBS) if verb in ACTS]
    known = [verb for verb, filled in verbs if filled] or [verb for verb, _filled in verbs[:1]]
    page, rival = "/compliance/trail/", "/trail/"
    searches = (
        ("trail", page, rival, [""]),
        ("search in the trail, by person", f"{page}?actor={{}}", f"{rival}?actor={{}}", people),
        ("search in the trail, by verb", f"{page}?verb={{}}", f"{rival}?verb={{}}", known[:CROWD]),
        ("search in the trail, by client", "/compliance/clients/{}/trail/", f"{rival}?client={{}}", clients),
    )
    return [
        Task(name, filled(ours, values), filled(theirs, values), MINIMAL, 2, rows=EVENT)
        for name, ours, theirs, values in searches
    ]


def filled(address: str, values: list[Any]) -> Callable[[], str]:
    """Return what gives an address with one value after the other."""
    turns = cycle(values)
    return lambda: address.format(next(turns))


ACTORS = """
    SELECT u.username FROM core_auditevent e JOIN core_user u ON u.id = e.actor_id WHERE u.role <> 'system'
    GROUP BY u.username ORDER BY count(*) DESC, u.username LIMIT 8"""
VERBS = """
    SELECT verb, count(*) FROM core_auditevent WHERE verb NOT LIKE 'row:%%'
    GROUP BY verb ORDER BY count(*) DESC, verb"""
TOLD = """
    SELECT client_id FROM core_auditevent WHERE client_id IS NOT NULL
    GROUP BY client_id ORDER BY count(*) DESC, client_id LIMIT 8"""


def compare(desk: Desk, username: str, task: Task, size: Size) -> Iterator[Row]:
    """Yield the figure for one person and for the crowd, after a look that both show the same."""
    people, visitors = desk.people(username), desk.visitors(username)
    if task.same:
        address = task.ours()
        people[0].page(address)  # so that a purpose is stated; that and every look are events of the trail
        shown = visitors[0].page(task.rival()).text
        alike(people[0].page(address).text, shown, task.name, task.rows)
    for count in (1, CROWD):
        rounds, times = (size.alone, 1) if count == 1 else (size.crowded, size.times)
        sides = [
            (people[:count], lambda person: person.page(task.ours())),
            (visitors[:count], lambda person: person.page(task.rival())),
        ]
        ours, rival = in_turn(sides, rounds=rounds, times=times)
        yield compared(f"{task.name}, {told(count)}", ours, rival, against=task.against, goal=task.goal)


def told(count: int) -> str:
    """Return how many people in words of the table."""
    return f"{count} user" if count == 1 else f"{count} users"


def alike(ours: bytes, rival: bytes, name: str, rows: re.Pattern[bytes] = CLIENT) -> None:
    """Refuse to compare pages that show different rows, by default different clients."""
    left, right = (list(dict.fromkeys(rows.findall(text))) for text in (ours, rival))
    if not left or left != right:
        raise UnexpectedError(f"{name}: not the same rows, {left[:5]} and {right[:5]}")


def halfway(desk: Desk, username: str) -> tuple[str, str, int] | None:
    """Follow the links to the middle of a person's list; return that page, the rival's same one, and its number.

    None where everything fits on one page.
    """
    person = desk.people(username)[0]
    ids = [row for (row,) in ask(desk, VISIBLE.format("id"), username)]
    if len(ids) <= SHOWN:
        return None
    address, pages = "/clients/", max(1, len(ids) // SHOWN // 2)
    for _ in range(pages):
        link = NEXT.search(person.page(address).text)
        if link is None:
            raise UnexpectedError(f"{address} names no next page")
        address = "/clients/" + link[1].decode().replace("&amp;", "&").removeprefix("/clients/")
    last = ask(desk, "SELECT sort_name, id FROM clients_client WHERE id = %s", ids[pages * SHOWN - 1])[0]
    return address, f"/clients/?{urlencode({'after': last[0], 'id': last[1]})}", pages


VISIBLE = """
    SELECT c.{} FROM clients_client c, core_user u WHERE u.username = %s AND (u.role <> 'manager' OR EXISTS (
        SELECT FROM clients_coverage v WHERE v.client_id = c.id AND v.manager_id = u.id AND v.valid @> now()))
    ORDER BY c.sort_name, c.id"""


def words_of(desk: Desk, username: str) -> list[str]:
    """Return words that find some clients of a person, more than one and at most a page."""
    names = [name for (name,) in ask(desk, VISIBLE.format("sort_name"), username)]
    best: list[str] = []
    for length in (8, 6, 5, 4, 3, 2, 1):
        counted: dict[str, int] = {}
        for name in names:
            for word in {part[:length] for part in name.split() if len(part) >= length and part.isascii()}:
                counted[word] = counted.get(word, 0) + 1
        found = sorted(word for word, count in counted.items() if FEWEST <= count <= SHOWN // 2)
        if len(found) >= CROWD:
            return found[:: len(found) // CROWD][:CROWD]
        best = best or found
    if not best:
        raise UnexpectedError(f"no words for {username}")
    return best


def ask(desk: Desk, query: str, *values: object) -> list[tuple[Any, ...]]:
    """Read from the database past all walls, to know what should be shown."""
    with psycopg.connect(desk.database) as superuser:
        return superuser.execute(query, values).fetchall()


def client_page(desk: Desk, size: Size) -> Iterator[Row]:
    """Yield the wall time of the full page with every panel, beside the detail view; every read must be recorded."""
    ids = [row for (row,) in ask(desk, RICHEST, desk.manager, CROWD)]
    people, visitors = desk.people(desk.manager), desk.visitors(desk.manager)
    ours_ids, rival_ids = cycle(ids), cycle(ids)
    for count, goal in ((1, SINGLE), (CROWD, SEVERAL)):
        rounds, times = (size.alone, 1) if count == 1 else (size.crowded, size.times)
        before, fetched = recorded(desk), Counter[str]()

        def whole(person: Person, fetched: Counter[str] = fetched) -> None:
            fetched["reads"] += person.whole_page(f"/clients/{next(ours_ids)}/")

        sides: list[Side] = [
            (people[:count], whole),
            (visitors[:count], lambda person: person.page(f"/clients/{next(rival_ids)}/")),
        ]
        ours, rival = in_turn(sides, rounds=rounds, times=times)
        if recorded(desk) - before < fetched["reads"]:
            raise UnexpectedError(f"{fetched['reads']} reads, {recorded(desk) - before} recorded")
        yield compared(f"full client page, {told(count)}", ours, rival, against=DETAIL, goal=goal)


RICHEST = """
    SELECT v.client_id FROM clients_coverage v JOIN core_user u ON u.id = v.manager_id
    WHERE u.username = %s AND v.valid @> now() ORDER BY (
        SELECT count(*) FROM portfolios_holding h WHERE h.client_id = v.client_id) DESC, v.client_id LIMIT %s"""


def recorded(desk: Desk) -> int:
    """Return how many reads the trail holds."""
    return int(str(ask(desk, "SELECT count(*) FROM core_auditevent WHERE verb LIKE '%%:read'")[0][0]))
