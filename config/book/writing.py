"""The book into the tables, through the same operations that take a bank's files, all in one transaction.

Each month's rows are known since the month was over, so that a question about what was known then has its answer.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from clients.models import Client, ContactNote, Coverage, Task
from clients.operations.intake import upsert_clients
from compliance.operations import place_hold
from config.book import instruments, talk
from config.book.contacts import Note, PastReview, Promise
from config.book.dates import add_months, midnight, on_or_before
from config.book.desk import Desk
from config.book.market import instrument_rows, price_rows
from config.book.staff import STAFF, TEAMS
from core import audit
from core.models import Team, User
from core.walls import acting, service
from portfolios import operations as portfolios
from portfolios.feeds.rows import DepositRow, FxRow, HoldingRow, PriceRow, TransactionRow
from portfolios.models import Deposit, Maturity
from reviews.models import Review
from reviews.operations import open_due

R = TypeVar("R")
Tell = Callable[[str, int], None]
"""Hears what is being written, and how many rows of it."""
BATCH, HALF_YEAR = 2000, 6
MAIL_DOMAIN = "bank.example"


def write(desk: Desk, *, hashed: str, seed: int, tell: Tell) -> None:
    """Write everything; an interruption leaves nothing behind. ``hashed`` is the password of everybody."""
    now = midnight(desk.as_of, desk.zone)
    with acting(service()):
        staff = _staff(hashed)
        tell("staff", len(staff))
        _clients(desk, staff, tell)
        _products(desk, now, tell)
        _accounts(desk, now, tell)
        _movements(desk, now, tell)
        ids = dict(Client.objects.values_list("reference", "pk"))
        _notes(desk.notes, staff, ids, tell)
        _reviews(desk.reviews, staff, ids, tell)
        tell("maturities noted", portfolios.mature(as_of=desk.as_of))
        tell("reviews opened", open_due(as_of=desk.as_of, now=now))
        _hold(desk, staff, ids, now)
        data = {"clients": len(desk.profiles), "seed": seed, "as_of": desk.as_of}
        audit.record("book:build", data=data)


# --- people -----------------------------------------------------------------------------------------------------------


def _staff(hashed: str) -> dict[str, User]:
    teams = {team.name: team for team in Team.objects.bulk_create(Team(name=name) for name in TEAMS)}
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
        for person in STAFF
    )
    return {user.username: user for user in users}


def _clients(desk: Desk, staff: dict[str, User], tell: Tell) -> None:
    """Write clients month by month of their joining or handover, from when on their manager covers them."""
    for begin, profiles in _by_month(desk.profiles, lambda one: one.handed_over_on or one.joined_on):
        upsert_clients(rows=[profile.row for profile in profiles], now=midnight(begin, desk.zone))
    also = [profile.also for profile in desk.profiles if profile.also]
    upsert_clients(rows=also, now=midnight(desk.as_of, desk.zone))
    ids = dict(Client.objects.values_list("reference", "pk"))
    Coverage.objects.bulk_create(
        Coverage(
            client_id=ids[profile.reference],
            manager=staff[profile.former],
            kind=Coverage.Kind.PRIMARY,
            valid=DateTimeTZRange(
                midnight(profile.joined_on.replace(day=1), desk.zone),
                midnight(profile.handed_over_on.replace(day=1), desk.zone),
            ),
        )
        for profile in desk.profiles
        if profile.handed_over_on
    )
    tell("clients", len(desk.profiles))


def _by_month(rows: Iterable[R], day: Callable[[R], dt.date]) -> list[tuple[dt.date, list[R]]]:
    """Group rows by the first day of the month, in order."""
    found: dict[dt.date, list[R]] = defaultdict(list)
    for row in rows:
        found[day(row).replace(day=1)].append(row)
    return sorted(found.items())


def _by_month_known(desk: Desk, rows: Iterable[R], day: Callable[[R], dt.date]) -> list[tuple[dt.datetime, list[R]]]:
    """Group rows by month, each with the instant at which the month was over, or the book begins."""
    return [
        (midnight(min(add_months(begin, 1), desk.as_of), desk.zone), sorted(part, key=day))
        for begin, part in _by_month(rows, day)
    ]


# --- money ------------------------------------------------------------------------------------------------------------


def _products(desk: Desk, now: dt.datetime, tell: Tell) -> None:
    portfolios.upsert_institutions(rows=[*instruments.BANKS, *instruments.ISSUERS], now=now)
    portfolios.upsert_instruments(rows=instrument_rows(), now=now)
    prices: list[PriceRow | FxRow] = list(price_rows(desk.market))
    for known, rows in _by_month_known(desk, prices, lambda row: row.value_date):
        portfolios.upsert_prices(rows=rows, now=known)
    tell("prices and rates", len(prices))


def _accounts(desk: Desk, now: dt.datetime, tell: Tell) -> None:
    accounts = desk.accounts()
    portfolios.upsert_accounts(rows=accounts, now=now)
    portfolios.upsert_accounts(rows=list(desk.parties()), now=now)
    tell("accounts", len(accounts))


def _movements(desk: Desk, now: dt.datetime, tell: Tell) -> None:
    held: list[DepositRow | HoldingRow] = [*desk.deposits(), *desk.holdings()]
    for known, rows in _by_month_known(desk, held, _known_day):
        portfolios.upsert_holdings(rows=rows, now=known)
    tell("deposits and holdings", len(held))
    done = 0
    movements: list[TransactionRow] = desk.transactions()
    for known, moved in _by_month_known(desk, movements, lambda row: row.value_date):
        portfolios.upsert_transactions(rows=moved, now=known)
        done += len(moved)
        if known.month % HALF_YEAR == 1 or done == len(movements):
            tell(f"movements until {known:%Y-%m-%d}", done)


def _known_day(row: DepositRow | HoldingRow) -> dt.date:
    """Return the day of the last thing that is known of a row."""
    return (row.closed_on if isinstance(row, DepositRow) else None) or row.value_date


# --- contacts and reviews ---------------------------------------------------------------------------------------------


def _notes(notes: list[Note], staff: dict[str, User], ids: dict[str, int], tell: Tell) -> None:
    written = ContactNote.objects.bulk_create(
        (
            ContactNote(
                client_id=ids[note.client],
                author=staff[note.author],
                channel=note.channel,
                happened_at=note.happened_at,
                text=note.text,
                people=note.people,
                confidential=note.confidential,
                about=note.about,
            )
            for note in notes
        ),
        batch_size=BATCH,
    )
    tasks = [_task(note.promise, row) for note, row in zip(notes, written, strict=True) if note.promise]
    Task.objects.bulk_create(tasks, batch_size=BATCH)
    tell("contact notes", len(written))


def _task(promise: Promise, row: ContactNote) -> Task:
    return Task(
        client_id=row.client_id,
        text=promise.text,
        due_on=promise.due_on,
        owner=row.author,
        note=row,
        done_at=promise.done_at,
        done_by=row.author if promise.done_at else None,
    )


def _reviews(reviews: list[PastReview], staff: dict[str, User], ids: dict[str, int], tell: Tell) -> None:
    """Write earlier reviews; those of maturities with the maturity they were about."""
    contracts = dict(Deposit.objects.values_list("reference", "pk"))
    past = [review for review in reviews if review.deposit]
    maturities = Maturity.objects.bulk_create(
        (
            Maturity(client_id=ids[review.client], deposit_id=contracts[review.deposit], due_on=review.due_on)
            for review in past
        ),
        batch_size=BATCH,
    )
    noted = {review.deposit: maturity for review, maturity in zip(past, maturities, strict=True)}
    rows = (_review(review, noted.get(review.deposit), staff, ids) for review in reviews)
    Review.objects.bulk_create(rows, batch_size=BATCH)
    tell("earlier reviews", len(reviews))


def _review(review: PastReview, maturity: Maturity | None, staff: dict[str, User], ids: dict[str, int]) -> Review:
    decided: dict[str, Any] = {}
    if review.decision:
        decided = {"decided_by": staff[review.by], "decided_at": review.decided_at, "version": 2}
    return Review(
        client_id=ids[review.client],
        kind=Review.Kind.MATURITY if maturity else Review.Kind.PERIODIC,
        maturity=maturity,
        period=review.period,
        due_on=review.due_on,
        opened_at=review.opened_at,
        decision=review.decision,
        note=review.note,
        **decided,
    )


def _hold(desk: Desk, staff: dict[str, User], ids: dict[str, int], now: dt.datetime) -> None:
    """Let compliance hold one client of the printed manager, since the business day before."""
    officer = staff[next(person.username for person in STAFF if person.role == "compliance")]
    since = midnight(on_or_before(now.date() - dt.timedelta(days=1)), desk.zone) + dt.timedelta(hours=15)
    held = desk.purpose("hold")
    with acting(officer):
        reason = talk.HOLD[officer.language == "zh-hans"]
        place_hold(user=officer, client_id=ids[held.reference], reason=reason, now=since)
