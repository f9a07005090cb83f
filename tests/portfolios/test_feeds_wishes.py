"""What a sender may wish of a bank file: tried first, only new rows, only known ones, taken back, corrected."""

import io
from decimal import Decimal

import pytest
from django.core.files.storage import default_storage

from clients.models import Client, ContactPoint, SearchKey
from core.errors import Refused
from core.models import Job
from core.walls import acting, service
from portfolios import operations
from portfolios.models import Account, Deposit, FeedRun, Transaction, Valuation
from portfolios.operations import Wishes
from portfolios.queries import feeds as queries
from tests import factories
from tests.factories import NOW
from tests.people import People
from tests.portfolios.drawn import VALUED
from tests.portfolios.test_feeds_operations import BOOK, CLIENTS, LATER, MOVEMENTS, counts, reasons

MORE = CLIENTS + CLIENTS.splitlines()[1].replace("C1", "C9").replace("Wang Fang", "Zhao Lei") + "\n"


def sent(people: People, kind: str, text: str, wishes: Wishes = Wishes(), *, name: str = "") -> FeedRun:  # noqa: B008
    """Receive a file with wishes and let the job have it."""
    with acting(people.operations):
        run = operations.receive(
            user=people.operations,
            kind=kind,
            file_name=name or f"{kind}.csv",
            content=text.encode(),
            now=LATER,
            wishes=wishes,
        )
    return worked(people, run)


def worked(people: People, run: FeedRun) -> FeedRun:
    """Do what the job of a run does."""
    with acting(service(), behalf=people.operations):
        return operations.apply(run_id=run.pk, now=LATER)


def undone(people: People, run: FeedRun) -> FeedRun:
    """Take a run back as person and job do."""
    with acting(people.operations):
        operations.undo(user=people.operations, run_id=run.pk, now=LATER)
    with acting(service(), behalf=people.operations):
        return operations.take_back(run_id=run.pk, now=LATER)


@pytest.fixture
def book(people: People) -> People:
    """Apply the five files."""
    for kind, text in BOOK:
        counts(sent(people, kind, text))
    return people


# --- dry run ----------------------------------------------------------------------------------------------------------


def test_a_dry_run_writes_nothing_and_says_what_it_would(people: People) -> None:
    run = sent(people, "clients", CLIENTS, Wishes(dry_run=True))
    assert (run.state, run.created) == ("previewed", 2)
    with acting(service()):
        assert not Client.objects.filter(name="Wang Fang").exists()
        assert default_storage.exists(run.stored)
    with acting(people.operations):
        card = queries.feed(user=people.operations, run_id=run.pk)
    (part,) = card.preview
    told = [(change.label, change.new) for row in part.rows for change in row.values]
    assert ("name", "Wang Fang") in told
    assert all("sealed" not in label for label, _new in told)


def test_a_dry_run_shows_the_old_value_beside_the_new(book: People) -> None:
    run = sent(book, "transactions", MOVEMENTS.replace("990.00", "991.00"), Wishes(dry_run=True))
    assert (run.created, run.changed, run.unchanged) == (0, 1, 1)


def test_a_dry_run_of_a_client_names_what_changes(book: People) -> None:
    run = sent(book, "clients", CLIENTS.replace("Wang Fang", "Wang Fangfang"), Wishes(dry_run=True))
    with acting(book.operations):
        (part,) = queries.feed(user=book.operations, run_id=run.pk).preview
    changes = [(change.label, change.old, change.new) for row in part.rows for change in row.values]
    assert ("name", "Wang Fang", "Wang Fangfang") in changes


def test_what_was_tried_is_applied_for_real_once(people: People) -> None:
    run = sent(people, "clients", CLIENTS, Wishes(dry_run=True))
    with acting(people.operations):
        operations.confirm(user=people.operations, run_id=run.pk, now=LATER)
    assert counts(worked(people, run)) == (2, 0, 0)
    with acting(people.operations), pytest.raises(Refused):
        operations.confirm(user=people.operations, run_id=run.pk, now=LATER)


def test_what_was_discarded_is_gone(people: People) -> None:
    run = sent(people, "clients", CLIENTS, Wishes(dry_run=True))
    with acting(people.operations):
        operations.discard(user=people.operations, run_id=run.pk)
    with acting(people.operations), pytest.raises(Refused):
        operations.confirm(user=people.operations, run_id=run.pk, now=LATER)


def test_a_file_that_nobody_applied_goes_after_a_day(people: People) -> None:
    run = sent(people, "clients", CLIENTS, Wishes(dry_run=True))
    with acting(service()):
        assert operations.tidy(now=LATER) == 0
        assert operations.tidy(now=LATER.replace(year=LATER.year + 1)) == 1
        assert FeedRun.objects.get(pk=run.pk).state == "discarded"


# --- strategies -------------------------------------------------------------------------------------------------------


def test_only_new_rows_are_created(book: People) -> None:
    run = sent(book, "clients", MORE.replace("Wang Fang", "Changed"), Wishes(strategy="create"))
    assert (*counts(run), run.skipped) == (1, 0, 0, 2)
    with acting(service()):
        assert not Client.objects.filter(name="Changed").exists()


def test_only_known_rows_are_updated(book: People) -> None:
    run = sent(book, "clients", MORE.replace("Wang Fang", "Changed"), Wishes(strategy="update"))
    assert (*counts(run), run.skipped) == (0, 1, 1, 1)
    with acting(service()):
        assert not Client.objects.filter(reference="C9").exists()


@pytest.mark.parametrize(("strategy", "expected"), [("create", (1, 0, 1, 1)), ("update", (0, 1, 1, 1))])
def test_movements_follow_the_strategy(book: People, strategy: str, expected: tuple[int, ...]) -> None:
    lines = MOVEMENTS.splitlines()
    text = "\n".join([*lines[:-1], lines[-1].replace("990.00", "989.00"), lines[-1].replace("T2", "T3"), ""])
    run = sent(book, "transactions", text, Wishes(strategy=strategy))
    assert (*counts(run), run.skipped) == expected


def test_an_unknown_wish_is_refused(people: People) -> None:
    with acting(people.operations), pytest.raises(Refused):
        operations.receive(
            user=people.operations,
            kind="clients",
            file_name="c.csv",
            content=b"x",
            now=NOW,
            wishes=Wishes(strategy="maybe"),
        )


# --- undo -------------------------------------------------------------------------------------------------------------


def test_a_run_is_taken_back_whole(people: People) -> None:
    with acting(service()):
        before = (Client.objects.count(), ContactPoint.objects.count(), SearchKey.objects.count())
    run = undone(people, sent(people, "clients", CLIENTS))
    assert (run.state, run.errors, run.undone_by_id) == ("undone", [], people.operations.pk)
    with acting(service()):
        assert (Client.objects.count(), ContactPoint.objects.count(), SearchKey.objects.count()) == before


def test_what_a_run_changed_is_as_it_was(book: People) -> None:
    run = undone(book, sent(book, "clients", CLIENTS.replace("Wang Fang", "Somebody Else")))
    assert run.state == "undone"
    with acting(service()):
        client = Client.objects.get(name="Wang Fang")
        assert set(SearchKey.objects.filter(client=client, kind="name").values_list("value", flat=True)) >= {
            "wang fang"
        }
        assert not SearchKey.objects.filter(value__startswith="somebody").exists()


def test_a_corrected_movement_is_believed_as_before(book: People) -> None:
    run = undone(book, sent(book, "transactions", MOVEMENTS.replace("-10.00,CNY,990.00", "-12.00,CNY,988.00")))
    assert run.state == "undone"
    with acting(service()):
        rows = Transaction.objects.filter(reference="T2")
        assert [(f"{row.amount:.2f}", row.superseded_at is None) for row in rows] == [("-10.00", True)]


def test_what_was_valued_on_it_is_valued_again_without_it(book: People) -> None:
    def cash() -> list[Decimal]:
        with acting(service()):
            ids = list(Client.objects.filter(reference="C1").values_list("pk", flat=True))
            operations.value(client_ids=ids, until=LATER.date(), now=LATER)
            rows = Valuation.objects.filter(client__in=ids, superseded_at__isnull=True)
            return list(rows.order_by("-value_date").values_list("cash", flat=True)[:1])

    before = cash()
    run = sent(book, "transactions", MOVEMENTS + "T9,A1,2026-03-30,transfer,55.00,CNY,,,Late\n")
    assert cash() == [before[0] + 55]
    assert undone(book, run).state == "undone"
    assert cash() == before


def test_clients_that_a_run_added_go_with_their_valuations(people: People) -> None:
    run = sent(people, "clients", CLIENTS)
    with acting(service()):
        factories.save(Valuation(**VALUED, client=Client.objects.get(name="Wang Fang")))
    assert undone(people, run).state == "undone"


def test_the_file_may_come_again_after_it_was_taken_back(people: People) -> None:
    undone(people, sent(people, "clients", CLIENTS))
    assert counts(sent(people, "clients", CLIENTS)) == (2, 0, 0)


def test_a_run_on_which_something_rests_stays(book: People) -> None:
    with acting(service()):
        run = FeedRun.objects.get(kind="accounts")
    run = undone(book, run)
    assert run.state == "applied"
    assert [(error["code"], error["values"]["table"] != "") for error in run.errors] == [("undo-rests", True)]
    with acting(service()):
        assert (Account.objects.count(), Deposit.objects.count()) == (2, 1)


def test_a_row_that_was_changed_since_stays(book: People) -> None:
    with acting(service()):
        run = FeedRun.objects.get(kind="holdings")
        Deposit.objects.update(instruction="all")
    assert undone(book, run).errors[0]["values"] == {"table": "portfolios_deposit"}


def test_a_run_under_a_statement_stays(book: People) -> None:
    with acting(service()):
        run = FeedRun.objects.get(kind="transactions")
        client = Transaction.objects.first().client  # type: ignore[union-attr]
    factories.statement(client)
    assert undone(book, run).errors[0]["values"] == {"table": "reports_statement"}


def test_only_an_applied_run_is_taken_back(people: People) -> None:
    run = sent(people, "clients", CLIENTS, Wishes(dry_run=True))
    with acting(people.operations), pytest.raises(Refused):
        operations.undo(user=people.operations, run_id=run.pk, now=LATER)


# --- wrong lines ------------------------------------------------------------------------------------------------------

WRONG = MOVEMENTS.replace("-10.00", "-10,00")


def handed_out(people: People, run: FeedRun) -> str:
    """Return the wrong lines as a person downloads them."""
    with acting(people.operations):
        return b"".join(operations.error_file(run=run)).decode("utf-8-sig")


def test_wrong_lines_are_handed_out_and_put_back(book: People) -> None:
    text = MOVEMENTS.replace("T1", "T8").replace("T2", "T9").replace("-10.00,", "ten,")
    run = sent(book, "transactions", text)
    assert [place[1:] for place in reasons(run)] == [("amount", "amount")]
    lines = handed_out(book, run).splitlines()
    assert (lines[0].split(",")[:2], len(lines)) == (["line", "error"], 2)
    corrected = "\n".join([lines[0], lines[1].replace("ten", "-10.00")])
    with acting(book.operations):
        again = operations.correct(
            user=book.operations, run=run, content=io.BytesIO(corrected.encode()), now=LATER.replace(hour=9)
        )
    assert counts(worked(book, again)) == (2, 0, 0)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("reference,name\nC1,Li\n", "correct-header"),
        ("{header}\n", "correct-empty"),
        ("{header}\n99,,{cells}\n", "correct-line"),
        ("{header}\n3,\n", "correct-line"),
        ('{header}\n"3,\n', "correct-line"),
    ],
)
def test_lines_that_do_not_fit_are_refused_by_number(book: People, text: str, code: str) -> None:
    run = sent(book, "transactions", WRONG)
    header, line = handed_out(book, run).splitlines()[:2]
    content = text.format(header=header, cells=line.split(",", 2)[2]).encode()
    with acting(book.operations), pytest.raises(Refused) as refusal:
        operations.correct(user=book.operations, run=run, content=io.BytesIO(content), now=LATER)
    assert refusal.value.code == code


def test_lines_that_are_not_kept_cannot_be_corrected(book: People) -> None:
    run = sent(book, "transactions", WRONG)
    with acting(service()):
        operations.tidy(now=LATER.replace(year=LATER.year + 1))
        run.refresh_from_db()
    assert not operations.correctable(run)
    with pytest.raises(Refused):
        list(operations.error_file(run=run))


def test_a_file_whose_job_gave_up_goes_after_a_day(people: People) -> None:
    with acting(people.operations):
        run = operations.receive(
            user=people.operations, kind="clients", file_name="c.csv", content=CLIENTS.encode(), now=NOW
        )
    with acting(service()):
        later = NOW.replace(year=NOW.year + 1)
        assert operations.tidy(now=later) == 0
        Job.objects.filter(pk=run.job_id or 0).update(state="failed")
        assert operations.tidy(now=later) == 1
        assert FeedRun.objects.get(pk=run.pk).state == "discarded"
