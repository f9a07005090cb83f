"""Books, deposits, holdings, movements and bank files through the API: money is text, to the last digit."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from clients.models import Client
from core.models import Job
from core.walls import acting, service
from portfolios.models import FeedRun
from tests import factories
from tests.api.conftest import MISSING, Calls, refused, verbs
from tests.people import People

DAY = {"as_of": "2026-03-31"}
FILE = {"kind": "prices", "file_name": "prices.csv", "content": "reference\nX\n"}


def test_the_book_tells_everything_on_a_date(people: People, calls: Calls, near: Client) -> None:
    deposit = factories.deposit(near)
    holding = factories.holding(near)
    factories.price(holding.instrument)
    factories.transaction(factories.account(near), amount=Decimal("1000.05"))
    answer = calls(people.manager).get(f"clients/{near.pk}/book/", **DAY)
    assert answer.status_code == 200, answer.content
    book = answer.json()
    assert (book["client"], book["as_of"], book["currency"], book["missing"]) == (near.pk, "2026-03-31", "CNY", [])
    assert [(row["id"], row["principal"], row["rate"]) for row in book["deposits"]] == [
        (deposit.pk, "1000000.00", "0.02")
    ]
    assert [(row["quantity"], row["price"], row["value"], row["gain"]) for row in book["holdings"]] == [
        ("1000", "12", "12000.00", "2000.00")
    ]
    assert "1000.05" in {row["balance"] for row in book["cash"]}
    total = Decimal(book["deposits"][0]["value"]) + Decimal("12000.00") + Decimal("1000.05")
    assert Decimal(book["total"]) == total
    assert sum(Decimal(part["amount"]) for part in book["by_class"]) == total
    assert verbs()[-1] == "book:read"


def test_a_book_names_the_rates_that_are_missing(people: People, calls: Calls, near: Client) -> None:
    factories.deposit(near, account=factories.account(near, currency="USD"))
    book = calls(people.manager).get(f"clients/{near.pk}/book/", **DAY).json()
    assert book["missing"] == ["USD/CNY"]
    assert (book["deposits"][0]["base_value"], book["total"]) == (None, "0.00")


def test_insurance_tells_each_bank_and_the_whole(people: People, calls: Calls, near: Client) -> None:
    bank = factories.institution(licence="ONE", name="First Bank")
    factories.deposit(near, account=factories.account(near, institution=bank))
    answer = calls(people.manager).get(f"clients/{near.pk}/insurance/", **DAY)
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert found.pop("banks") == [
        {
            "licence": "ONE",
            "institution": "First Bank",
            "place": "CN",
            "currency": "CNY",
            "limit": "500000.00",
            "balance": "1019444.44",
            "insured": "500000.00",
            "uninsured": "519444.44",
            "headroom": "0.00",
            "later": "520277.78",
            "state": "over",
        }
    ]
    assert found == {
        "client": near.pk,
        "as_of": "2026-03-31",
        "currency": "CNY",
        "insured": "500000.00",
        "uninsured": "519444.44",
        "hidden": 0,
        "missing": [],
    }
    assert verbs()[-1] == "insurance:read"


def test_deposits_and_holdings_go_on_from_page_to_page(people: People, calls: Calls, near: Client) -> None:
    for number in range(3):
        factories.deposit(near, reference=f"D-{number}")
        factories.holding(near, reference=f"H-{number}")
    call = calls(people.manager)
    for what, letter in (("deposits", "D"), ("holdings", "H")):
        first = call.get(f"clients/{near.pk}/{what}/", page_size=2, **DAY).json()
        then = call.get(f"clients/{near.pk}/{what}/", page_size=2, after=first["next"], **DAY).json()
        listed = [row["reference"] for row in first["results"] + then["results"]]
        assert listed == [f"{letter}-0", f"{letter}-1", f"{letter}-2"]
        assert then["next"] is None


def test_a_deposit_shows_its_terms_and_its_interest(people: People, calls: Calls, near: Client) -> None:
    deposit = factories.deposit(near)
    shown = calls(people.manager).get(f"deposits/{deposit.pk}/", as_of="2026-04-15").json()
    assert (shown["client"], shown["kind"], shown["matures_on"]) == (near.pk, "time", "2026-04-15")
    assert shown["accrued"] == "20277.78"  # 1,000,000 x 2 % x 365 / 360
    assert shown["value_at_maturity"] == "1020277.78"
    assert verbs()[-1] == "deposit:read"


def test_a_deposit_says_what_it_costs_to_leave_it(people: People, calls: Calls, near: Client) -> None:
    today = timezone.localdate()
    span = {"value_date": today - dt.timedelta(days=180), "matures_on": today + dt.timedelta(days=185)}
    deposit, call = factories.deposit(near, **span), calls(people.manager)
    monday = today + dt.timedelta(days=7 - today.weekday())
    shown = call.get(f"deposits/{deposit.pk}/early/", amount="40000", on=monday.isoformat()).json()
    assert (shown["on"], shown["left"], shown["notice_by"]) == (monday.isoformat(), "960000.00", None)
    assert Decimal(shown["cost"]) == Decimal(shown["earned"]) - Decimal(shown["interest"]) > 0
    assert call.get(f"deposits/{deposit.pk}/early/").json()["left"] == "0.00"
    assert list(refused(call.get(f"deposits/{deposit.pk}/early/", amount="1000001"), 400)["errors"]) == ["amount"]
    assert list(refused(call.get(f"deposits/{deposit.pk}/early/", on="2020-01-01"), 400)["errors"]) == ["on"]


def test_a_stranger_s_deposit_answers_as_a_missing_one(people: People, calls: Calls, near: Client) -> None:
    deposit, call = factories.deposit(near), calls(people.stranger)
    foreign, missing = call.get(f"deposits/{deposit.pk}/"), call.get(f"deposits/{MISSING}/")
    refused(foreign, 404)
    assert foreign.content == missing.content


def test_movements_are_listed_by_account_and_span(people: People, calls: Calls, near: Client) -> None:
    account = factories.account(near)
    for day in (1, 2, 3):
        factories.transaction(account, value_date=dt.date(2026, 3, day), text=f"Day {day}", amount=Decimal("-0.10"))
    factories.transaction(factories.account(near))
    call = calls(people.manager)
    rows = call.get(f"clients/{near.pk}/transactions/", account=account.pk, since="2026-03-02").json()["results"]
    assert [(row["text"], row["amount"], row["balance"]) for row in rows] == [
        ("Day 3", "-0.10", None),
        ("Day 2", "-0.10", None),
    ]


def test_an_account_of_others_adds_no_movement(people: People, calls: Calls, near: Client, far: Client) -> None:
    foreign = factories.account(far)
    factories.transaction(foreign)
    answer = calls(people.manager).get(f"clients/{near.pk}/transactions/", account=foreign.pk)
    assert answer.json()["results"] == []


def test_operations_sends_a_file_once(people: People, calls: Calls) -> None:
    call = calls(people.operations)
    first, again = call.post("feeds/", FILE), call.post("feeds/", FILE)
    assert (first.status_code, again.status_code) == (201, 200), first.content
    assert first.json()["id"] == again.json()["id"]
    assert (first.json()["state"], first.json()["uploaded_by"]) == ("waiting", "operations")
    with acting(service()):
        assert Job.objects.filter(name="portfolios.apply_feed").count() == 1
    assert [row["id"] for row in call.get("feeds/").json()["results"]] == [first.json()["id"]]
    assert call.get(f"feeds/{first.json()['id']}/").json()["errors"] == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "secrets"}, "kind"),
        ({"content": ""}, "content"),
        ({"content": "\0"}, "content"),
        ({"file_name": "x" * 201}, "file_name"),
        ({"state": "applied"}, "state"),
    ],
)
def test_a_file_that_cannot_be_is_refused_by_its_field(
    people: People, calls: Calls, change: dict[str, str], field: str
) -> None:
    document = refused(calls(people.operations).post("feeds/", {**FILE, **change}), 400)
    assert list(document["errors"]) == [field]
    with acting(service()):
        assert not FeedRun.objects.exists()


def test_a_file_s_refused_lines_are_told(people: People, calls: Calls) -> None:
    errors = [{"line": 2, "field": "price", "code": "missing", "values": {}, "message": "A value is missing."}]
    run = factories.feed_run(people.operations, state="refused", errors=errors)
    shown = calls(people.operations).get(f"feeds/{run.pk}/").json()
    assert [(error["line"], error["field"]) for error in shown["errors"]] == [(2, "price")]


def test_a_manager_neither_reads_nor_sends_files(people: People, calls: Calls) -> None:
    run, call = factories.feed_run(people.operations), calls(people.manager)
    for answer in (call.get("feeds/"), call.get(f"feeds/{run.pk}/"), call.post("feeds/", FILE)):
        refused(answer, 403)
    with acting(service()):
        assert FeedRun.objects.count() == 1


def test_a_file_comes_as_it_is_with_what_it_is_in_the_address(people: People, calls: Calls) -> None:
    where = "feeds/?kind=clients&file_name=c.csv&dry_run=true&strategy=create"
    body = "reference,kind,name,manager\nC1,person,Müller,mei\n".encode()
    answer = calls(people.operations).post(where, body, content_type="text/csv")
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert (told["kind"], told["dry_run"], told["strategy"], told["source"]) == ("clients", True, "create", "api")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("file_name=c.csv", "kind"),
        ("kind=clients", "file_name"),
        ("kind=loans&file_name=c.csv", "kind"),
        ("kind=mapped&file_name=c.zip", "kind"),
        ("kind=mapped&file_name=c.zip&mapping=nobody", "mapping"),
        ("kind=clients&file_name=c.csv&strategy=maybe", "strategy"),
        ("kind=clients&file_name=c.csv&encoding=morse", "encoding"),
    ],
)
def test_a_file_without_a_word_that_is_needed_is_refused(people: People, calls: Calls, query: str, field: str) -> None:
    answer = calls(people.operations).post(f"feeds/?{query}", b"x", content_type="text/csv")
    assert field in refused(answer, 400)["errors"]


def test_an_extract_comes_through_its_mapping(people: People, calls: Calls) -> None:
    mapping = factories.mapping(people.operations)
    query = f"feeds/?kind=mapped&file_name=x.csv&mapping={mapping.name}"
    answer = calls(people.operations).post(query, b"id;acc;day;sum\n", content_type="application/octet-stream")
    assert answer.status_code == 201, answer.content
    with acting(service()):
        assert FeedRun.objects.get(pk=answer.json()["id"]).mapping_id == mapping.pk
