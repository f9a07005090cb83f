"""The book into the tables, part by part: what everybody needs first, then each part, then what comes last.

Each of these is a transaction that notes itself in the trail, so an interrupted build goes on where it was, and several
processes may write parts at once.
"""

import datetime as dt
import gc
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from clients.models import Client
from compliance.operations import draw_audit, place_hold
from config.book import desk, instruments, market, people, persons, progress, talk
from config.book.affairs import Affairs
from config.book.board import board_rows
from config.book.dates import midnight, on_or_before
from config.book.desk import Life
from config.book.income import action_rows
from config.book.known import Frame, frame, ids
from config.book.loading import Loader
from config.book.market import instrument_rows, price_rows
from config.book.parts import Order, Part, parts
from config.book.progress import WHOLE, alone
from config.book.staff import STAFF, Person
from core import audit
from core.calendars import upkeep
from core.models import Team, User
from core.walls import acting, service
from portfolios import operations as portfolios
from portfolios.feeds.rows import ActionRow, FxRow, ListedRow, PriceRow
from portfolios.models import Deposit
from reviews import operations as reviews
from reviews.models import Review

Tell = Callable[[str, int], None]
"""Hears what has been written, and how many of it."""
CLIENTS = "clients"
BATCH = 200
"""Clients whose rows are gathered in memory at once: some 40,000 rows."""
MAIL_DOMAIN = "bank.example"
SAMPLE = 12
AUDIT_LASTS = dt.timedelta(days=30)


class OtherBookError(Exception):
    """Another book, or something else, is here already; ``begun`` is the book, when it is one that is not whole."""

    def __init__(self, begun: Order | None) -> None:
        super().__init__(str(begun))
        self.begun = begun


# --- what everybody needs ---------------------------------------------------------------------------------------------


def begin(order: Order, *, hashed: str, tell: Tell) -> Order:
    """Write staff, products and prices, or find them there; ``hashed`` is the password of everybody from now on.

    Raises:
        OtherBookError: there are clients, a whole book, or one that was begun with other arguments.
    """
    with alone(WHOLE, wait=True), acting(service()):
        begun = progress.begun()
        if begun and (begun != order or progress.built()):
            raise OtherBookError(None if progress.built() else begun)
        plan = parts(seed=order.seed, count=order.clients)
        everybody = [person for part in plan for person in part.staff]
        if begun:
            User.objects.filter(username__in=[person.username for person in everybody]).update(password=hashed)
            return begun
        if Client.objects.exists() or User.objects.filter(username__in=[person.username for person in STAFF]).exists():
            raise OtherBookError(None)
        tell("staff", _staff(everybody, hashed))
        tell("days of calendars", upkeep.seed(as_of=order.as_of))
        _products(order, tell)
        progress.say(progress.BEGIN, WHOLE, **order.data())
    return order


def _staff(people_: list[Person], hashed: str) -> int:
    names = dict.fromkeys(person.team for person in people_ if person.team)
    teams = {team.name: team for team in Team.objects.bulk_create(Team(name=name) for name in names)}
    users = User.objects.bulk_create(
        User(
            username=person.username,
            name=person.name,
            email=f"{person.username}@{MAIL_DOMAIN}",
            role=person.role,
            team=teams.get(person.team),
            language=person.language,
            password=hashed,
        )
        for person in people_
    )
    return len(users)


def _products(order: Order, tell: Tell) -> None:
    terms = frame(order, now=dt.datetime.now(dt.UTC))
    portfolios.upsert_institutions(rows=[*instruments.BANKS, *instruments.ISSUERS], now=terms.opening)
    portfolios.upsert_instruments(rows=instrument_rows(), now=terms.opening)
    months: dict[dt.datetime, list[PriceRow | ActionRow | FxRow]] = defaultdict(list)
    for row in (*price_rows(market.of(order.seed, order.as_of)), *action_rows(order.as_of)):
        months[terms.over(row.value_date)].append(row)
    for known, rows in months.items():
        portfolios.upsert_prices(rows=rows, now=known)
    boards: dict[dt.datetime, list[ListedRow]] = defaultdict(list)
    for listed in board_rows(order.as_of):
        boards[terms.over(listed.value_date)].append(listed)
    for known, board in boards.items():
        portfolios.upsert_board(rows=board, now=known)
    tell("prices and rates", sum(map(len, months.values())))


# --- parts ------------------------------------------------------------------------------------------------------------


def write_parts(order: Order, *, now: dt.datetime, tell: Tell, wanted: Callable[[], None]) -> None:
    """Write the parts that are not there; parts that another process writes are waited for at the end.

    ``wanted`` is asked between batches and raises when nobody wants the book any more.
    """
    plan = parts(seed=order.seed, count=order.clients)
    for wait in (False, True):
        with acting(service()):
            there = progress.written()
        for part in plan:
            if part.number not in there:
                with alone(part.number, wait=wait) as ours, acting(service()):
                    if ours and part.number not in progress.written():
                        _part(part, frame(order, now=now), tell, wanted)


def _part(part: Part, terms: Frame, tell: Tell, wanted: Callable[[], None]) -> None:
    loader, known = Loader(), ids()
    drawn = desk.lives(part, seed=terms.order.seed, as_of=terms.as_of, cycles=terms.cycles, zone=terms.zone)
    gc.disable()  # a life leaves no cycles behind; looking for some takes a fifth of the time
    try:
        for lives in _batches(drawn):
            wanted()
            persons.write(lives, frame=terms, ids=known, loader=loader)
            Affairs(lives, frame=terms, ids=known, loader=loader).write()
            tell(CLIENTS, len(lives))
    finally:
        gc.enable()
    progress.say(progress.PART, part.number, clients=part.count, rows=loader.written)


def _batches(lives: Iterable[Life]) -> Iterator[list[Life]]:
    source = iter(lives)
    while batch := list(islice(source, BATCH)):
        yield batch


# --- what comes last --------------------------------------------------------------------------------------------------


def finish(order: Order, *, tell: Tell) -> None:
    """Let compliance hold one client and draw an audit, note the open reviews and that the book is whole; once."""
    with alone(WHOLE, wait=True), acting(service()):
        if progress.built():
            return
        terms = frame(order, now=dt.datetime.now(dt.UTC))
        tell("deposits open", Deposit.objects.filter(closed_on__isnull=True).count())
        opened = Review.objects.filter(decision="").count()
        tell("reviews open", opened)
        audit.record("review:open", data={"opened": opened, "as_of": order.as_of})
        _hold(order, terms)
        tell("left to their contracts", reviews.lapse(as_of=order.as_of, now=terms.opening))
        _audit(order, terms)
        tell(
            "clients to value",
            portfolios.value_due(until=order.as_of - dt.timedelta(days=1), now=dt.datetime.now(dt.UTC)),
        )
        progress.say(progress.BUILD, WHOLE, **order.data())


def _hold(order: Order, terms: Frame) -> None:
    """Let compliance hold one client of the printed manager, since the business day before."""
    officer = User.objects.get(username=next(person.username for person in STAFF if person.role == "compliance"))
    since = midnight(on_or_before(terms.opening.date() - dt.timedelta(days=1)), terms.zone) + dt.timedelta(hours=15)
    plan = parts(seed=order.seed, count=order.clients)
    held = next(one for one in people.people(plan[0], seed=order.seed, as_of=order.as_of) if one.purpose == "hold")
    client_id = Client.objects.get(reference=held.reference).pk
    with acting(officer):
        reason = talk.HOLD[officer.language == "zh-hans"]
        place_hold(user=officer, client_id=client_id, reason=reason, now=since)


def _audit(order: Order, terms: Frame) -> None:
    """Let compliance draw a dozen clients for the auditor, by the book's seed."""
    officer, auditor = (
        User.objects.get(username=next(person.username for person in STAFF if person.role == role))
        for role in ("compliance", "auditor")
    )
    with acting(officer):
        draw_audit(
            user=officer,
            auditor_id=auditor.pk,
            title=talk.AUDIT[officer.language == "zh-hans"],
            size=min(SAMPLE, order.clients),
            ends_at=terms.now + AUDIT_LASTS,
            seed=f"book-{order.seed}",
            now=terms.now,
        )
