"""What a statement says: made of the books as they were known at an instant, and made again to be checked."""

import datetime as dt
from dataclasses import dataclass

from django.utils import translation

from core.models import Language, Parameter, User
from core.walls import acting, service
from portfolios import queries as portfolios
from portfolios.rules.words import in_capitals
from reports import queries, statements
from reports.models import Statement
from reports.statements import Parties, Person, Snapshot


def frozen(
    *,
    client_id: int,
    period: tuple[dt.date, dt.date],
    language: str,
    known_at: dt.datetime,
    parties: Parties,
    ledger: tuple[int, str] | None,
) -> Snapshot:
    """Return what a statement of a period says, as the bank knew it at an instant, in the active language.

    Read as the service account: the caller has checked who asks.

    Raises:
        Client.DoesNotExist: there is no such client.
    """
    robot, (start, end) = service(), period
    book = portfolios.book(user=robot, client_id=client_id, as_of=end, known_at=known_at)
    total = statements.total(book)
    chinese = language == Language.CHINESE and book.currency == "CNY" and total >= 0
    return statements.freeze(
        parties=parties,
        start=start,
        book=book,
        movements=portfolios.movements(user=robot, client_id=client_id, start=start, end=end, known_at=known_at),
        ladder=portfolios.ladder(book, end),
        ahead=Parameter.objects.value("statement.maturities_days", on=end),
        language=language,
        in_words=in_capitals(total) if chinese else "",
        ledger=ledger,
        performance=portfolios.performance(user=robot, client_id=client_id, as_of=end, known_at=known_at).spans,
    )


@dataclass(frozen=True)
class Difference:
    """A figure of a statement that would be another one: where it stands, what was said and what would be."""

    place: str
    then: str
    now: str


@dataclass(frozen=True)
class Replay:
    """A statement made once more from the books: as known when it was frozen, and as known at ``known_at``."""

    known_at: dt.datetime
    digest: str
    same: bool
    differences: list[Difference]


def replay(*, user: User, statement_id: int, known_at: dt.datetime) -> Replay:
    """Return whether a statement comes out again as it was frozen, and what it would say as known at ``known_at``.

    Who speaks to whom and what the ledger had sealed are of that day and are taken from the statement.

    Raises:
        Statement.DoesNotExist: missing or somebody else's.
    """
    found = queries.card(user=user, statement_id=statement_id).statement
    again = _made_again(found, found.frozen_at)
    latest = _made_again(found, known_at)
    differences = statements.differences(again, latest)
    digest = statements.digest(again)
    return Replay(known_at, digest, digest == found.digest, [Difference(*one) for one in differences])


def _made_again(found: Statement, known_at: dt.datetime) -> Snapshot:
    said = found.snapshot
    client, ledger = said["client"], said["ledger"]
    people = {name: Person(**said[name]) if said[name] else None for name in ("manager", "backup")}
    with acting(service()), translation.override(found.language):
        made = frozen(
            client_id=found.client_id,
            period=(found.period_start, found.period_end),
            language=found.language,
            known_at=known_at,
            parties=Parties(bank=Person(**said["bank"]), reference=client["reference"], name=client["name"], **people),
            ledger=(ledger["size"], ledger["root"]) if ledger else None,
        )
    return made if said["format"] == statements.FORMAT else statements.as_format(made, said["format"])
