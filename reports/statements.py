"""Values of a month to a frozen snapshot and its digest. Pure: the same values always give the same digest.

A snapshot is plain JSON: amounts are text at the currency's minor unit, rates and quantities text without trailing
zeros, dates ISO 8601. It holds codes, not words, so one snapshot prints in either language. Totals are sums of the
lines as printed; where the books disagree with them, ``notes`` says so and the statement prints it.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.money import quantum, rounded
from portfolios.rules.book import AccountMovements, Book, Bucket, CashLine, DepositLine, HoldingLine, Movement
from portfolios.rules.periods import Measured

FORMAT = 4
LATER: dict[int, set[str]] = {3: {"source", "estimated", "rates", "performance"}, 4: {"accrued", "multiplier"}}
"""What each format added to the one before: a snapshot of an earlier one is made again without it."""
WEIGHT = Decimal("0.0001")
Snapshot = dict[str, Any]
Lines = list[dict[str, Any]]


@dataclass(frozen=True)
class Person:
    """Somebody of the bank whom the client may call."""

    name: str
    email: str


@dataclass(frozen=True)
class Parties:
    """Who speaks to whom: the bank, the client, the manager, and the back-up where there is one."""

    bank: Person
    reference: str
    name: str
    manager: Person | None
    backup: Person | None


def freeze(
    *,
    parties: Parties,
    start: dt.date,
    book: Book,
    movements: Sequence[AccountMovements],
    ladder: Sequence[Bucket],
    ahead: int,
    language: str,
    in_words: str,
    ledger: tuple[int, str] | None,
    performance: Sequence[Measured] = (),
) -> Snapshot:
    """Return the snapshot of the month from ``start`` to the book's date.

    ``ahead`` is how many days of maturities it lists, ``in_words`` the total in Chinese capitals or empty,
    ``ledger`` how many events the bank's ledger had sealed and the beginning of its root, ``performance`` the spans
    that ended with the last valued day.
    """
    deposits = [_deposit(line, book.currency) for line in book.deposits]
    holdings = [_holding(line, book.currency) for line in book.holdings]
    cash = [_cash(line, book.currency) for line in book.cash]
    accounts = [_account(one) for one in movements]
    totals = _totals({"deposits": deposits, "holdings": holdings, "cash": cash}, book.currency)
    classes = [{"key": one.key, "amount": _money(one.amount, book.currency)} for one in book.by_class]
    for line in (*deposits, *holdings, *cash, *classes):
        line["weight"] = _weight(line.get("base_value", line.get("amount")), totals["total"])
    return {
        "format": FORMAT,
        "language": language,
        "period": {"start": start.isoformat(), "end": book.as_of.isoformat()},
        "known_at": book.known_at.isoformat(),
        "currency": book.currency,
        "bank": _person(parties.bank),
        "client": {"reference": parties.reference, "name": parties.name},
        "manager": _person(parties.manager),
        "backup": _person(parties.backup),
        "deposits": deposits,
        "holdings": holdings,
        "cash": cash,
        "totals": totals,
        "in_words": in_words,
        "classes": classes,
        "ladder": [_bucket(one, book.currency) for one in ladder],
        "accounts": accounts,
        "maturities": _maturities(deposits, book.as_of, ahead),
        "ahead": ahead,
        "ledger": dict(zip(("size", "root"), ledger, strict=True)) if ledger else None,
        "performance": [_span(one, book.currency) for one in performance],
        "rates": [
            {"currency": one.currency, "rate": _plain(one.rate), "day": _date(one.day), "source": one.source}
            for one in book.rates
        ],
        "missing": list(book.missing),
        "notes": _notes(book, totals, accounts, cash),
    }


def as_format(snapshot: Snapshot, wanted: int) -> Snapshot:
    """Return what an earlier format would have said."""
    later = set().union(*(names for number, names in LATER.items() if number > wanted))
    lines = [{name: said for name, said in line.items() if name not in later} for line in snapshot["holdings"]]
    kept = {name: said for name, said in snapshot.items() if name not in later}
    return {**kept, "format": wanted, "holdings": lines}


def total(book: Book) -> Decimal:
    """Return what the statement will print as the client's total: the sum of the lines, each rounded once."""
    lines: Iterable[DepositLine | HoldingLine | CashLine] = (*book.deposits, *book.holdings, *book.cash)
    return sum((rounded(line.base_value, book.currency) for line in lines if line.base_value is not None), Decimal(0))


def canonical(snapshot: Snapshot) -> bytes:
    """Return the one form of a snapshot that is hashed: sorted keys, no blanks, UTF-8."""
    return json.dumps(snapshot, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(snapshot: Snapshot) -> str:
    """Return the SHA-256 of the canonical form, in hex."""
    return hashlib.sha256(canonical(snapshot)).hexdigest()


def _money(amount: Decimal | None, currency: str) -> str | None:
    return None if amount is None else f"{rounded(amount, currency):f}"


def _plain(number: Decimal | None) -> str | None:
    return None if number is None else f"{number.normalize():f}"


def _person(person: Person | None) -> dict[str, str] | None:
    return None if person is None else {"name": person.name, "email": person.email}


def _date(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


def _deposit(line: DepositLine, base: str) -> dict[str, Any]:
    principal, accrued = rounded(line.principal, line.currency), rounded(line.accrued, line.currency)
    return {
        "reference": line.reference,
        "kind": line.kind,
        "institution": line.institution,
        "currency": line.currency,
        "principal": f"{principal:f}",
        "rate": _plain(line.rate),
        "day_count": line.day_count,
        "value_date": _date(line.value_date),
        "matures_on": _date(line.matures_on),
        "instruction": line.instruction,
        "accrued": f"{accrued:f}",
        "value": f"{principal + accrued:f}",
        "base_value": _money(line.base_value, base),
    }


def _holding(line: HoldingLine, base: str) -> dict[str, Any]:
    return {
        "reference": line.reference,
        "name": line.name,
        "name_zh": line.name_zh,
        "asset_class": line.asset_class,
        "institution": line.institution,
        "currency": line.currency,
        "quantity": _plain(line.quantity),
        "cost": _money(line.cost, line.currency),
        "price": _plain(line.price),
        "price_date": _date(line.price_date),
        "stale": line.stale,
        "value": _money(line.value, line.currency),
        "gain": _money(line.gain, line.currency),
        "risk_level": line.risk_level,
        "base_value": _money(line.base_value, base),
        "source": line.source,
        "estimated": line.estimated,
        "accrued": _money(line.accrued, line.currency),
        "multiplier": _plain(line.multiplier),
    }


def _ratio(number: float | None) -> str | None:
    """Return a fraction to a hundredth of a percent."""
    return None if number is None else f"{number:.4f}"


def _span(one: Measured, base: str) -> dict[str, Any]:
    return {
        "key": one.key,
        "start": _date(one.start),
        "end": _date(one.end),
        "flow": _money(one.flow, base),
        "gain": _money(one.gain, base),
        "fees": _money(one.fees, base),
        "net": _ratio(one.net),
        "gross": _ratio(one.gross),
        "annualised": _ratio(one.annualised),
        "money_weighted": _ratio(one.money_weighted),
    }


def _cash(line: CashLine, base: str) -> dict[str, Any]:
    return {
        "reference": line.reference,
        "number": line.number_hint,
        "institution": line.institution,
        "currency": line.currency,
        "balance": _money(line.balance, line.currency),
        "base_value": _money(line.base_value, base),
    }


def _sum(lines: Iterable[dict[str, Any]], name: str, currency: str) -> Decimal:
    """Add what is printed; a line without a value adds nothing and is named among the missing."""
    printed = (Decimal(line[name]) for line in lines if line[name] is not None)
    return sum(printed, Decimal(0).quantize(quantum(currency)))


def _totals(sections: dict[str, Lines], currency: str) -> dict[str, str]:
    sums = {name: _sum(lines, "base_value", currency) for name, lines in sections.items()}
    return {**{name: f"{amount:f}" for name, amount in sums.items()}, "total": f"{sum(sums.values(), Decimal(0)):f}"}


def _weight(amount: str | None, whole: str) -> str | None:
    """Return a share of the total to a hundredth of a percent; a total of nothing has no shares."""
    if amount is None or Decimal(whole) <= 0:
        return None
    return f"{(Decimal(amount) / Decimal(whole)).quantize(WEIGHT):f}"


def _account(one: AccountMovements) -> dict[str, Any]:
    lines = [_movement(line, one.currency) for line in one.lines]
    opening = rounded(one.opening, one.currency)
    return {
        "reference": one.reference,
        "currency": one.currency,
        "opening": f"{opening:f}",
        "lines": lines,
        "credits": f"{_sum([x for x in lines if Decimal(x['amount']) > 0], 'amount', one.currency):f}",
        "debits": f"{_sum([x for x in lines if Decimal(x['amount']) < 0], 'amount', one.currency):f}",
        "interest": f"{_sum([x for x in lines if x['kind'] == 'interest'], 'amount', one.currency):f}",
        "fees": f"{_sum([x for x in lines if x['kind'] == 'fee'], 'amount', one.currency):f}",
        "closing": f"{opening + _sum(lines, 'amount', one.currency):f}",
        "booked": _money(one.closing, one.currency),
    }


def _bucket(one: Bucket, currency: str) -> dict[str, Any]:
    return {"key": one.label_key, "amount": _money(one.amount, currency), "count": one.count}


def _movement(line: Movement, currency: str) -> dict[str, Any]:
    return {
        "value_date": _date(line.value_date),
        "text": line.text,
        "counterparty": line.counterparty,
        "kind": line.kind,
        "amount": _money(line.amount, currency),
        "balance": _money(line.balance, currency),
    }


def _maturities(deposits: Lines, as_of: dt.date, ahead: int) -> Lines:
    """Return the deposits that fall due after ``as_of`` and within ``ahead`` days, soonest first."""
    first, last = as_of.isoformat(), (as_of + dt.timedelta(days=ahead)).isoformat()
    due = [line for line in deposits if line["matures_on"] and first < line["matures_on"] <= last]
    names = ("matures_on", "reference", "kind", "institution", "currency", "principal", "instruction")
    due.sort(key=lambda line: (line["matures_on"], line["reference"]))
    return [{name: line[name] for name in names} for line in due]


def _notes(book: Book, totals: dict[str, str], accounts: Lines, cash: Lines) -> Lines:
    """Return where two sources of one figure disagree: never silently settled, always printed."""
    notes = [
        _difference("account", one, printed=one["closing"], booked=one["booked"])
        for one in accounts
        if one["closing"] != one["booked"]
    ]
    closing = {one["reference"]: one["booked"] for one in accounts}
    notes += [
        _difference("balance", line, printed=line["balance"], booked=closing[line["reference"]])
        for line in cash
        if line["reference"] in closing and closing[line["reference"]] != line["balance"]
    ]
    booked = _money(book.total, book.currency)
    if booked != totals["total"]:
        whole = {"reference": "", "currency": book.currency}
        notes.append(_difference("total", whole, printed=totals["total"], booked=booked))
    return notes


def _difference(code: str, line: dict[str, Any], *, printed: str | None, booked: str | None) -> dict[str, Any]:
    names = ("reference", "currency")
    return {"code": code, **{name: line[name] for name in names}, "printed": printed, "booked": booked}


UNTOLD = {"known_at", "weight"}
"""What differs between two snapshots of other times without saying anything else: when, and shares of the whole."""


def differences(one: Snapshot, other: Snapshot) -> list[tuple[str, str, str]]:
    """Return where two snapshots of a period say something else: the place, and what each says.

    Lines are told apart by their reference; a line that only one has is told whole.
    """
    left, right = dict(_figures(one)), dict(_figures(other))
    places = [place for place in {**left, **right} if left.get(place) != right.get(place)]
    return [(place, left.get(place, ""), right.get(place, "")) for place in places]


def _figures(value: Any, place: str = "") -> Iterable[tuple[str, str]]:
    """Yield every figure of a snapshot with its place."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in UNTOLD:
                yield from _figures(inner, f"{place}.{name}".lstrip("."))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            named = inner.get("reference") or inner.get("key") if isinstance(inner, dict) else None
            yield from _figures(inner, f"{place}[{named or number + 1}]")
    elif value is not None:
        yield place, str(value)
