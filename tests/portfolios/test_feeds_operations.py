"""A bank file is applied whole or not at all, once, and what it corrects is not forgotten."""

import datetime as dt
from decimal import Decimal

import pytest

from clients.models import Client
from core import jobs
from core.models import AuditEvent, Job
from core.walls import acting, service
from portfolios import operations
from portfolios.models import Account, Deposit, FeedRun, FxRate, Holding, Instrument, Price, Transaction
from tests import factories
from tests.people import People

NOW = factories.NOW
LATER = NOW + dt.timedelta(days=1)
CLIENTS = "reference,kind,name,manager\nC1,person,Wang Fang,mei\nC2,company,Harbour Ltd,mei\n"
ACCOUNTS = (
    "record,reference,name,licence,country,client,number,kind,institution,currency,opened_on,capacity\n"
    "institution,B1,First Bank,L1,CN,,,,,,,\n"
    "account,A1,,,,C1,6222001122334455,cash,B1,CNY,2024-01-02,\n"
    "account,A2,,,,C2,6222009988776655,custody,B1,USD,2024-01-02,\n"
    "party,A1,,,,C2,,,,,,disponent\n"
)
HOLDINGS = (
    "record,reference,account,kind,currency,principal,rate,value_date,matures_on,instrument,quantity,cost,instruction\n"
    "deposit,D1,A1,time,CNY,1000000.00,0.02,2026-01-10,2026-04-10,,,,principal\n"
    "holding,H1,A2,,USD,,,2026-03-31,,I1,100,5000.00,\n"
)
MOVEMENTS = (
    "reference,account,value_date,kind,amount,currency,balance,counterparty,text\n"
    "T1,A1,2026-03-30,transfer,1000.00,CNY,1000.00,Zhao,Salary\n"
    "T2,A1,2026-03-31,fee,-10.00,CNY,990.00,,Fee\n"
)
PRICES = (
    "record,reference,name,asset_class,currency,risk_level,value_date,price,source,base,quote,rate\n"
    "instrument,I1,World Fund,fund,USD,4,,,,,,\n"
    "price,I1,,,USD,,2026-03-31,51.25,vendor,,,\n"
    "fx,,,,,,2026-03-31,,vendor,USD,CNY,7.1\n"
)
BOOK = [
    ("clients", CLIENTS),
    ("accounts", ACCOUNTS),
    ("prices", PRICES),
    ("holdings", HOLDINGS),
    ("transactions", MOVEMENTS),
]


def send(people: People, kind: str, text: str, *, now: dt.datetime = NOW) -> FeedRun:
    """Receive a file as operations and apply it as the job does."""
    with acting(people.operations):
        run = operations.receive(
            user=people.operations, kind=kind, file_name=f"{kind}.csv", content=text.encode(), now=now
        )
    with acting(service(), behalf=people.operations):
        return operations.apply(run_id=run.pk, now=now)


def counts(run: FeedRun) -> tuple[int, int, int]:
    """Return the counts of a run that was applied."""
    assert (run.state, run.errors) == ("applied", [])
    return run.created, run.changed, run.unchanged


def reasons(run: FeedRun) -> list[tuple[int, str, str]]:
    """Return where and why a run was refused."""
    assert run.state == "refused"
    return [(error["line"], error["field"], error["code"]) for error in run.errors]


@pytest.fixture
def book(people: People) -> People:
    """Apply the five files."""
    for kind, text in BOOK:
        counts(send(people, kind, text))
    return people


def test_five_files_make_a_book(people: People) -> None:
    made = [counts(send(people, kind, text)) for kind, text in BOOK]
    assert made == [(2, 0, 0), (4, 0, 0), (3, 0, 0), (2, 0, 0), (2, 0, 0)]
    with acting(service()):
        deposit = Deposit.objects.get()
        assert (deposit.client.name, deposit.institution.name, deposit.day_count) == (
            "Wang Fang",
            "First Bank",
            "ACT/360",
        )
        holding = Holding.objects.get()
        assert (holding.client.name, holding.instrument.risk_level, holding.cost) == ("Harbour Ltd", 4, Decimal(5000))
        assert [row.balance for row in Transaction.objects.order_by("value_date")] == [Decimal(1000), Decimal(990)]


@pytest.mark.usefixtures("book")
def test_the_same_bytes_twice_are_answered_with_the_earlier_run(people: People) -> None:
    with acting(people.operations):
        run = operations.receive(
            user=people.operations, kind="clients", file_name="again.csv", content=CLIENTS.encode(), now=LATER
        )
        assert (run.file_name, run.uploaded_at, run.created) == ("clients.csv", NOW, 2)
        assert FeedRun.objects.filter(kind="clients").count() == 1


@pytest.mark.parametrize(("kind", "text"), BOOK, ids=[kind for kind, _ in BOOK])
def test_the_same_rows_in_another_file_change_nothing(book: People, kind: str, text: str) -> None:
    created, changed, unchanged = counts(send(book, kind, text + "\n", now=LATER))
    assert (created, changed, unchanged) == (0, 0, text.count("\n") - 1)


def test_a_corrected_movement_leaves_what_was_believed_before(book: People) -> None:
    run = send(book, "transactions", MOVEMENTS.replace("-10.00,CNY,990.00", "-12.00,CNY,988.00"), now=LATER)
    assert counts(run) == (0, 1, 1)
    with acting(service()):
        old, new = Transaction.objects.filter(reference="T2").order_by("pk")
        assert (old.amount, old.superseded_at, new.amount, new.known_at, new.text) == (
            Decimal(-10),
            LATER,
            Decimal(-12),
            LATER,
            "Fee",
        )


def test_corrected_prices_rates_and_holdings_leave_what_was_believed_before(book: People) -> None:
    assert counts(send(book, "prices", PRICES.replace("51.25", "51.5").replace("7.1\n", "7.2\n"), now=LATER)) == (
        0,
        2,
        1,
    )
    assert counts(send(book, "holdings", HOLDINGS.replace("I1,100", "I1,90"), now=LATER)) == (0, 1, 1)
    with acting(service()):
        for model in (Price, FxRate, Holding):
            assert [row.superseded_at for row in model.objects.order_by("pk")] == [LATER, None]


def test_a_deposit_is_corrected_in_place(book: People) -> None:
    assert counts(send(book, "holdings", HOLDINGS.replace("0.02", "0.021"), now=LATER)) == (0, 1, 1)
    with acting(service()):
        deposit = Deposit.objects.get()
        assert (deposit.rate, deposit.known_at) == (Decimal("0.021"), LATER)


def test_an_empty_instruction_keeps_what_a_review_decided(book: People) -> None:
    with acting(service()):
        operations.instruct(deposit_id=Deposit.objects.get().pk, instruction="all", now=NOW)
    send(book, "holdings", HOLDINGS.replace(",principal\n", ",\n"), now=LATER)
    with acting(service()):
        assert Deposit.objects.get().instruction == "all"


PART = "record,reference,account,kind,currency,principal,rate,value_date,matures_on,instruction,renew_amount\n"
TERMS = "deposit,D1,A1,time,CNY,{},0.02,2026-01-10,2026-04-10,{}\n"


@pytest.mark.parametrize(
    ("principal", "said", "kept"),
    [
        ("1000000.00", "part,400000.00", ("part", Decimal(400_000))),
        ("1000000.00", "none,", ("none", None)),
        ("1000000.00", ",", ("part", Decimal(250_000))),
        ("200000.00", ",", ("principal", None)),
    ],
)
def test_a_file_may_renew_a_part_or_take_it_away(
    book: People, principal: str, said: str, kept: tuple[str, Decimal | None]
) -> None:
    with acting(service()):
        deposit = Deposit.objects.get()
        operations.instruct(deposit_id=deposit.pk, instruction="part", part=Decimal(250_000), now=NOW)
    send(book, "holdings", PART + TERMS.format(principal, said), now=LATER)
    with acting(service()):
        deposit.refresh_from_db()
    assert (deposit.instruction, deposit.renew_amount) == kept


@pytest.mark.parametrize("said", ["part,", "part,0", "part,1000000.01", "all,5.00", ",5.00", "part,-1"])
def test_a_part_that_is_none_is_refused(book: People, said: str) -> None:
    run = send(book, "holdings", PART + TERMS.format("1000000.00", said), now=LATER)
    assert [(line, field) for line, field, _code in reasons(run)] == [(2, "renew_amount")]


def test_a_currency_other_than_the_accounts_is_refused(book: People) -> None:
    run = send(
        book, "transactions", MOVEMENTS.replace("T2,A1,2026-03-31,fee,-10.00,CNY", "T3,A1,2026-03-31,fee,-10.00,USD")
    )
    assert reasons(run) == [(3, "currency", "currency-differs")]


def test_what_the_tables_do_not_know_is_refused_with_every_line(book: People) -> None:
    text = (
        MOVEMENTS
        + "T3,A8,2026-03-31,fee,-1.00,CNY,,,\nT4,A1,2026-03-31,fee,-1.00,CNY,,,\nT5,A9,2026-03-31,fee,-1.00,CNY,,,\n"
    )
    assert reasons(send(book, "transactions", text)) == [(4, "account", "no-account"), (6, "account", "no-account")]
    with acting(service()):
        assert Transaction.objects.count() == 2


def test_a_refused_file_leaves_nothing_but_its_reasons(people: People) -> None:
    run = send(people, "accounts", ACCOUNTS)
    assert {code for _, _, code in reasons(run)} == {"no-client"}
    with acting(service()):
        assert (Account.objects.count(), FeedRun.objects.get().state) == (0, "refused")
        verbs = AuditEvent.objects.filter(verb__startswith="feed:").order_by("id").values_list("verb", flat=True)
        assert list(verbs) == ["feed:receive", "feed:refuse"]


def test_a_refused_file_may_come_again(people: People) -> None:
    reasons(send(people, "accounts", ACCOUNTS))
    counts(send(people, "clients", CLIENTS))
    assert counts(send(people, "accounts", ACCOUNTS, now=LATER)) == (4, 0, 0)


def test_an_account_does_not_change_its_owner_by_file(book: People) -> None:
    run = send(
        book,
        "accounts",
        ACCOUNTS.replace("account,A1,,,,C1", "account,A1,,,,C2").replace("party,A1,,,,C2", "party,A1,,,,C1"),
    )
    assert (3, "client", "owner-differs") in reasons(run)


def test_an_unknown_institution_needs_its_name(people: People) -> None:
    counts(send(people, "clients", CLIENTS))
    assert (2, "licence", "new-needs") in reasons(send(people, "accounts", ACCOUNTS.replace(",L1,", ",,")))


def test_applying_a_run_twice_counts_once(book: People) -> None:
    with acting(service()):
        run = FeedRun.objects.get(kind="transactions")
        again = operations.apply(run_id=run.pk, now=LATER)
        assert (again.applied_at, again.created) == (NOW, 2)
        assert Transaction.objects.count() == 2


def test_the_trail_says_who_asked_and_what_it_did(people: People) -> None:
    send(people, "clients", CLIENTS)
    with acting(service()):
        event = AuditEvent.objects.get(verb="feed:apply")
        assert event.behalf_id == people.operations.pk
        assert event.body["data"]["created"] == 2
        assert (
            AuditEvent.objects.filter(
                verb="row:insert", table_name="clients_client", behalf_id=people.operations.pk
            ).count()
            == 2
        )


@pytest.mark.django_db(transaction=True)
def test_the_job_applies_the_file_and_tells_its_progress(committed: People) -> None:
    with acting(committed.operations):
        run = operations.receive(
            user=committed.operations, kind="clients", file_name="c.csv", content=CLIENTS.encode(), now=NOW
        )
    assert run.job_id is not None
    from portfolios import tasks  # noqa: F401, PLC0415  (registers the job)

    assert jobs.run(run.job_id, now=LATER)
    with acting(service()):
        assert FeedRun.objects.get(pk=run.pk).state == "applied"
        assert Job.objects.get(pk=run.job_id).state == "done"
        assert Client.objects.filter(reference__in=["C1", "C2"]).count() == 2


def test_maturities_within_the_window_are_noted_once(book: People) -> None:
    day = dt.date(2026, 3, 31)
    with acting(service()):
        assert operations.mature(as_of=day - dt.timedelta(days=30)) == 0
        assert operations.mature(as_of=day) == 1
        assert operations.mature(as_of=day) == 0


def test_a_closed_deposit_does_not_fall_due(book: People) -> None:
    with acting(service()):
        Deposit.objects.update(closed_on=dt.date(2026, 3, 1))
        assert operations.mature(as_of=dt.date(2026, 3, 31)) == 0


def test_an_instrument_keeps_its_currency(book: People) -> None:
    run = send(book, "prices", PRICES.replace("fund,USD", "fund,HKD"))
    assert (2, "currency", "currency-differs") in reasons(run)
    with acting(service()):
        assert Instrument.objects.get().currency == "USD"


INCOME = "reference,account,value_date,kind,amount,currency,instrument\n"


def test_a_movement_says_whose_income_it_is(book: People) -> None:
    def told() -> list[tuple[str | None, dt.datetime | None]]:
        with acting(service()):
            rows = Transaction.objects.filter(reference="T9").order_by("id")
            return list(rows.values_list("instrument__reference", "superseded_at"))

    line = "T9,A1,2026-03-31,dividend,5.00,CNY,"
    assert counts(send(book, "transactions", f"{INCOME}{line}\n")) == (1, 0, 0)
    assert counts(send(book, "transactions", f"{INCOME}{line}I1\n", now=LATER)) == (0, 1, 0)
    assert counts(send(book, "transactions", f"{INCOME}{line}\n\n", now=LATER)) == (0, 0, 1)
    assert told() == [(None, LATER), ("I1", None)]
    lines = f"{INCOME}{line}I9\n{line.replace('T9', 'T8')}a b\n"
    assert reasons(send(book, "transactions", lines, now=LATER)) == [(3, "instrument", "reference")]
    assert reasons(send(book, "transactions", f"{INCOME}{line}I9\n", now=LATER)) == [(2, "instrument", "no-instrument")]
    assert told() == [(None, LATER), ("I1", None)]
