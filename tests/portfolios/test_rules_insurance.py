"""What deposit insurance covers: sums, limits, joint ownership, what a scheme leaves out, and an insured split."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolios.rules.insurance import NEAR, SCHEMES, ZERO, Bank, BankCover, Kept, Room, at_bank, scheme_of, spread
from tests.reference.answers import LIMITS

CASES = Path(__file__).parent.parent / "reference" / "cases" / "deposit_insurance.json"
LIMIT = Decimal(500_000)
CHINA = Bank("L1", "First Bank", "CN", LIMIT)
MONEY = st.decimals(0, 10**9, places=2)


def kept(
    worth: str | Decimal, *, ripe: str | None = None, owners: int = 1, kind: str = "time", currency: str = "CNY"
) -> Kept:
    """Return a share in the currency of the scheme."""
    value = Decimal(worth)
    return Kept("D", kind, currency, value, owners, value, value if ripe is None else Decimal(ripe))


def figures(cover: BankCover) -> list[Decimal]:
    """Return balance, insured, uninsured and headroom."""
    return [cover.balance, cover.insured, cover.uninsured, cover.headroom]


@given(st.lists(st.tuples(MONEY, MONEY, st.integers(1, 4), st.sampled_from(["CN", "US", "SG", "HK"])), max_size=8))
def test_insured_and_uninsured_are_the_balance(rows: list[tuple[Decimal, Decimal, int, str]]) -> None:
    place = rows[0][3] if rows else "CN"
    lines = [kept(now, ripe=str(now + more), owners=owners) for now, more, owners, _place in rows]
    cover = at_bank(Bank("L", "Bank", place, LIMIT), lines)
    assert cover.insured + cover.uninsured == cover.balance == sum((line.worth or 0 for line in lines), Decimal(0))
    assert cover.insured >= 0
    assert cover.later >= cover.uninsured
    assert (cover.headroom > 0) <= (cover.used < 1)


def test_what_one_bank_holds_counts_together_with_its_interest() -> None:
    cover = at_bank(CHINA, [kept("300000"), kept("250000.50", currency="USD")])
    assert figures(cover) == [Decimal("550000.50"), LIMIT, Decimal("50000.50"), Decimal(0)]
    assert cover.state == "over"


@pytest.mark.parametrize(
    ("now", "ripe", "state", "headroom"),
    [
        ("399999.99", "399999.99", "well", "100000.01"),
        ("400000", "400000", "near", "100000"),
        ("495000", "505000", "grows", "0"),
        ("500000", "500000", "near", "0"),
        ("500000.01", "500000.01", "over", "0"),
    ],
)
def test_the_desk_is_warned_before_the_limit(now: str, ripe: str, state: str, headroom: str) -> None:
    cover = at_bank(CHINA, [kept(now, ripe=ripe)])
    assert (cover.state, cover.headroom) == (state, Decimal(headroom))
    assert Decimal("0.8") == NEAR


def test_joint_money_has_a_limit_of_its_own_where_the_scheme_has_categories() -> None:
    lines = [kept("250000"), kept("250000", owners=2)]
    in_america = at_bank(Bank("L", "Bank", "US", Decimal(250_000)), lines)
    in_britain = at_bank(Bank("L", "Bank", "GB", Decimal(250_000)), lines)
    assert (in_america.uninsured, in_britain.uninsured) == (ZERO, Decimal(250_000))
    assert (in_america.headroom, in_america.used) == (ZERO, Decimal(1))


def test_what_a_scheme_leaves_out_is_uninsured_and_takes_no_room() -> None:
    singapore = Bank("L", "Bank", "SG", Decimal(100_000))
    cover = at_bank(
        singapore, [kept("60000", currency="SGD"), kept("5000"), kept("7000", kind="structured", currency="SGD")]
    )
    assert figures(cover) == [Decimal(72_000), Decimal(60_000), Decimal(12_000), Decimal(40_000)]


def test_a_line_without_a_rate_and_a_bank_without_a_scheme_are_in_no_sum() -> None:
    unknown = Kept("D", "time", "XAU", Decimal(5), 1, None, None)
    assert figures(at_bank(CHINA, [unknown, kept("10")])) == [10, 10, 0, LIMIT - 10]
    nowhere = at_bank(Bank("L", "Bank", "", None), [unknown])
    assert (nowhere.state, nowhere.balance, nowhere.lines) == ("unknown", ZERO, [unknown])


@pytest.mark.parametrize(("country", "place"), [("CN", "CN"), ("DE", "EU"), ("GB", "GB"), ("ZZ", ""), ("", "")])
def test_a_licence_belongs_to_the_scheme_of_its_country(country: str, place: str) -> None:
    assert scheme_of(country) == place


def room(headroom: str, *, client: int = 1, known: bool = False, licence: str = "L") -> Room:
    """Return a place for money."""
    return Room(client, f"Person {client}", Bank(licence, f"Bank {licence}", "CN", LIMIT), Decimal(headroom), known)


def test_a_split_begins_where_people_are_known_and_then_where_there_is_most_room() -> None:
    rooms = [room("300000", licence="A"), room("500000", licence="B"), room("100000", licence="C", known=True)]
    parts, left = spread(Decimal(700_000), rooms)
    assert [(part.room.bank.licence, part.amount) for part in parts] == [
        ("C", Decimal(100_000)),
        ("B", Decimal(500_000)),
        ("A", Decimal(100_000)),
    ]
    assert left == 0
    assert spread(Decimal(950_000), rooms)[1] == 50_000
    assert spread(Decimal(5), []) == ([], Decimal(5))


@given(
    st.decimals("0.01", 10**9, places=2),
    st.lists(st.decimals(0, 10**7, places=2), max_size=12),
    st.decimals(1, "1.5", places=4),
)
def test_every_part_is_insured_until_it_matures(amount: Decimal, rooms: list[Decimal], growth: Decimal) -> None:
    parts, left = spread(amount, [room(str(one), client=number) for number, one in enumerate(rooms)], growth=growth)
    assert sum((part.amount for part in parts), Decimal(0)) + left == amount
    assert left >= 0
    for part in parts:
        assert part.amount > 0
        assert part.ripe <= part.room.headroom


def outside(fn: str) -> list[dict[str, Any]]:
    """Return cases that were computed outside this project."""
    return [case for case in json.loads(CASES.read_text()) if case["fn"] == fn]


def known_to_the_desk(case: dict[str, Any]) -> bool:
    """Say whether a case is of deposits: wealth products and retirement accounts the rule below knows alone."""
    given = case["inputs"]
    return all(
        one.get("category") != "retirement" and (one.get("eligible", True) or given["scheme"] == "SG")
        for one in given["accounts"]
    )


DESK = [case for case in outside("insured") if known_to_the_desk(case)]


@pytest.mark.parametrize("case", DESK, ids=lambda case: case["id"])
def test_banks_are_covered_as_computed_outside(case: dict[str, Any]) -> None:
    scheme = case["inputs"]["scheme"]
    place = scheme.partition("_")[0].replace("UK", "GB")
    by_bank: dict[str, list[Kept]] = {}
    for one in case["inputs"]["accounts"]:
        owners = one.get("owners", 1)
        kind, currency = ("structured", "XAU") if not one.get("eligible", True) else ("time", SCHEMES[place].currency)
        by_bank.setdefault(one["bank"], []).append(
            kept(Decimal(str(one["balance"])) / owners, owners=owners, kind=kind, currency=currency)
        )
    covers = [at_bank(Bank(bank, bank, place, Decimal(LIMITS[scheme])), lines) for bank, lines in by_bank.items()]
    assert float(sum(one.insured for one in covers)) == pytest.approx(case["expected"]["insured"])
    assert float(sum(one.uninsured for one in covers)) == pytest.approx(case["expected"]["uninsured"])


@pytest.mark.parametrize("case", outside("split_plan"), ids=lambda case: case["id"])
def test_a_split_needs_as_many_banks_as_computed_outside(case: dict[str, Any]) -> None:
    given = {name: Decimal(str(value)) for name, value in case["inputs"].items()}
    rooms = [room(str(given["limit"]), licence=f"B{number}") for number in range(9)]
    parts, left = spread(given["amount"], rooms, growth=1 + given["rate"] * given["years"])
    assert (len(parts), left) == (case["expected"], ZERO)
