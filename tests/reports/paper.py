"""A believable month as plain values, and the text of a printed one."""

import datetime as dt
import io
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from pypdf import PdfReader

from portfolios.rules.book import (
    AccountMovements,
    Book,
    CashLine,
    DepositLine,
    HoldingLine,
    Movement,
    assemble,
    ladder,
)
from portfolios.rules.periods import Measured, Point, measured
from reports import statements
from reports.statements import Parties, Person

START, END = dt.date(2026, 3, 1), dt.date(2026, 3, 31)
KNOWN = dt.datetime(2026, 4, 1, 2, tzinfo=dt.UTC)
SECRET = "ABCD-EFGH-JKLM-NPQR"


def deposit(**given: Any) -> DepositLine:
    """Return a time deposit in CNY."""
    values = {
        "deposit_id": 1,
        "reference": "D-1",
        "kind": "time",
        "institution": "Harbour Bank",
        "currency": "CNY",
        "principal": Decimal(1_000_000),
        "rate": Decimal("0.0185"),
        "day_count": "ACT/360",
        "value_date": dt.date(2025, 6, 1),
        "matures_on": dt.date(2026, 6, 1),
        "accrued": Decimal("15519.44"),
        "value": Decimal("1015519.44"),
        "base_value": Decimal("1015519.44"),
        "instruction": "all",
    }
    return DepositLine(**{**values, **given})


def holding(**given: Any) -> HoldingLine:
    """Return a fund in USD."""
    values = {
        "reference": "H-1",
        "name": "Pacific Income Fund",
        "name_zh": "太平洋收益基金",
        "asset_class": "fund",
        "currency": "USD",
        "quantity": Decimal("1250.5"),
        "cost": Decimal(12000),
        "price": Decimal("10.25"),
        "price_date": dt.date(2026, 3, 30),
        "stale": False,
        "value": Decimal("12817.63"),
        "base_value": Decimal("91005.17"),
        "gain": Decimal("817.63"),
        "risk_level": 3,
        "institution": "Harbour Bank",
    }
    return HoldingLine(**{**values, **given})


def cash(**given: Any) -> CashLine:
    """Return a cash account in CNY."""
    values = {
        "account_id": 1,
        "reference": "A-1",
        "number_hint": "•••• 4417",
        "institution": "Harbour Bank",
        "currency": "CNY",
        "balance": Decimal("2500.00"),
        "base_value": Decimal("2500.00"),
    }
    return CashLine(**{**values, **given})


def movements(*, closing: str = "2500.00", text: str = "Salary") -> AccountMovements:
    """Return a month of the account: 1,500 brought forward, 1,200 in, a fee of 200."""
    lines = [
        Movement(dt.date(2026, 3, 5), text, "Employer", "transfer", Decimal(1200), Decimal(2700)),
        Movement(dt.date(2026, 3, 20), "Fee", "", "fee", Decimal(-200), Decimal(2500)),
    ]
    return AccountMovements(1, "A-1", "CNY", Decimal(1500), lines, Decimal(closing))


def book(**given: Any) -> Book:
    """Return the month's book; ``deposits``, ``holdings``, ``cash`` and ``missing`` may be given."""
    values = {"deposits": [deposit()], "holdings": [holding()], "cash": [cash()], "missing": set(), **given}
    return assemble(client_id=1, as_of=END, known_at=KNOWN, currency="CNY", **values)


def snapshot(
    *,
    of: Book | None = None,
    moved: list[AccountMovements] | None = None,
    name: str = "Li Wen",
    language: str = "en",
    performance: Sequence[Measured] = (),
) -> dict[str, Any]:
    """Freeze the month."""
    manager = Person("Mei Lin", "mei@bank.example")
    bank = Person("Steward Private Banking", "statements@steward.example")
    of = of or book()
    return statements.freeze(
        parties=Parties(bank=bank, reference="C00042", name=name, manager=manager, backup=None),
        start=START,
        book=of,
        movements=[movements()] if moved is None else moved,
        ladder=ladder(of, END),
        ahead=90,
        language=language,
        in_words="",
        ledger=(1234567, "0123456789abcdef"),
        performance=performance,
    )


def year() -> Measured:
    """Return a year in which the money earned five per cent."""
    begun = dt.date(2025, 3, 31)
    points = [
        Point(begun, Decimal(1_000_000), Decimal(0), Decimal(0), 1.0, 1.0),
        Point(END, Decimal(1_060_000), Decimal(10_000), Decimal(500), 1.05, 1.0505),
    ]
    found = measured(points, "y1", since=begun, risk_free=0)
    assert found is not None
    return found


def words(content: bytes, secret: str = SECRET) -> str:
    """Return the text of a locked PDF, blanks collapsed."""
    pages = PdfReader(io.BytesIO(content), password=secret).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


def squeezed(text: str) -> str:
    """Return text without any blank: what wraps in a column is still there."""
    return re.sub(r"\s+", "", text)
