"""A frozen month adds up as printed, says where the books disagree, and has one digest."""

import datetime as dt
import json
from decimal import Decimal

from reports import statements
from tests.reports import paper


def test_the_total_is_the_sum_of_the_printed_lines() -> None:
    frozen = paper.snapshot()
    lines = [*frozen["deposits"], *frozen["holdings"], *frozen["cash"]]
    printed = sum(Decimal(line["base_value"]) for line in lines)
    assert Decimal(frozen["totals"]["total"]) == printed == Decimal("1109024.61")


def test_the_classes_make_the_total() -> None:
    frozen = paper.snapshot()
    assert sum(Decimal(one["amount"]) for one in frozen["classes"]) == Decimal(frozen["totals"]["total"])
    assert [one["weight"] for one in frozen["classes"]] == ["0.9157", "0.0821", "0.0023"]


def test_opening_and_lines_make_closing() -> None:
    (account,) = paper.snapshot()["accounts"]
    assert [account[name] for name in ("opening", "credits", "debits", "closing")] == [
        "1500.00",
        "1200.00",
        "-200.00",
        "2500.00",
    ]


def test_books_that_agree_leave_no_note() -> None:
    assert paper.snapshot()["notes"] == []


def test_an_account_that_does_not_add_up_is_named_with_both_figures() -> None:
    (note, balance) = paper.snapshot(moved=[paper.movements(closing="2600.00")])["notes"]
    assert (note["code"], note["reference"], note["printed"], note["booked"]) == (
        "account",
        "A-1",
        "2500.00",
        "2600.00",
    )
    assert balance["code"] == "balance"


def test_a_line_without_a_rate_is_printed_without_worth_and_left_out_of_the_total() -> None:
    of = paper.book(deposits=[paper.deposit(currency="HKD", base_value=None)], missing={"HKD/CNY"})
    frozen = paper.snapshot(of=of)
    assert frozen["deposits"][0]["base_value"] is None
    assert frozen["deposits"][0]["weight"] is None
    assert frozen["totals"]["deposits"] == "0.00"
    assert frozen["missing"] == ["HKD/CNY"]


def test_maturities_begin_the_day_after_and_end_after_ninety_days() -> None:
    days = {"D-0": 0, "D-1": 1, "D-90": 90, "D-91": 91}
    due = [paper.deposit(reference=name, matures_on=paper.END + dt.timedelta(days=days[name])) for name in days]
    frozen = paper.snapshot(of=paper.book(deposits=due))
    assert [line["reference"] for line in frozen["maturities"]] == ["D-1", "D-90"]


def test_the_digest_survives_a_database_that_orders_keys_its_own_way() -> None:
    frozen = paper.snapshot()
    shuffled = json.loads(json.dumps(dict(reversed(frozen.items()))))
    assert statements.digest(shuffled) == statements.digest(frozen)


def test_one_cent_changes_the_digest() -> None:
    other = paper.snapshot(of=paper.book(cash=[paper.cash(balance=Decimal("2500.01"))]))
    assert statements.digest(other) != statements.digest(paper.snapshot())


def test_a_client_without_anything_has_a_total_of_nothing() -> None:
    frozen = paper.snapshot(of=paper.book(deposits=[], holdings=[], cash=[]), moved=[])
    assert frozen["totals"]["total"] == "0.00"
    assert frozen["notes"] == []


def test_no_number_is_a_float() -> None:
    def floats(value: object) -> bool:
        if isinstance(value, dict):
            return any(floats(one) for one in value.values())
        return any(floats(one) for one in value) if isinstance(value, list) else isinstance(value, float)

    assert not floats(paper.snapshot())
