"""What a bank may write into a cell, and what is refused before it can do harm."""

import pytest

from portfolios.feeds import Parsed, read

HEADER = "reference,kind,name,email,phone,id_kind,id_country,id_number,born_on,manager\n"
MOVEMENTS = "reference,account,value_date,kind,amount,currency,text\n"


def client(**cells: str) -> Parsed:
    """Read a file of one client who differs from an ordinary one by some cells."""
    ordinary = {"reference": "C1", "kind": "person", "name": "Li Wen", "manager": "mei", **cells}
    line = ",".join('"' + ordinary.get(name, "").replace('"', '""') + '"' for name in HEADER.strip().split(","))
    return read("clients", (HEADER + line + "\n").encode())


def movement(**cells: str) -> Parsed:
    """Read a file of one movement that differs from an ordinary one by some cells."""
    ordinary = {
        "reference": "T1",
        "account": "A1",
        "value_date": "2026-03-31",
        "kind": "cash",
        "amount": "1",
        "currency": "CNY",
    }
    line = ",".join('"' + {**ordinary, **cells}.get(name, "") + '"' for name in MOVEMENTS.strip().split(","))
    return read("transactions", (MOVEMENTS + line + "\n").encode())


def codes(parsed: Parsed) -> list[tuple[int, str, str]]:
    """Return where and why a file was refused."""
    return [(error.line, error.field, error.code) for error in parsed.errors]


@pytest.mark.parametrize(
    "name", ["O'Brien-Łukasz", "司马 相如", "Nguyễn Thị Ánh", "陈𠮷", "=1+1", "+1+1", "-2+3", "@SUM(1)"]
)
def test_a_name_is_kept_as_it_was_written(name: str) -> None:
    parsed = client(name=name)
    assert [row.name for row in parsed.rows] == [name]  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["Ann\0", "Ann\x07", "Ann\x85Li", "Ann\x1b[31m"])
def test_control_characters_are_refused_with_their_cell(name: str) -> None:
    assert codes(client(name=name)) == [(2, "name", "control")]


@pytest.mark.parametrize("name", ["Ann\u202eLi", "A\u200bnn"])
def test_characters_that_cannot_be_seen_are_refused(name: str) -> None:
    assert codes(client(name=name)) == [(2, "name", "invisible")]


def test_blanks_around_a_cell_make_no_second_record() -> None:
    assert client(reference=" C1\u00a0", name="\u3000Li Wen\u200b").rows == client().rows


def test_a_name_too_long_is_refused() -> None:
    assert codes(client(name="x" * 10_001)) == [(2, "name", "too-long")]


@pytest.mark.parametrize(
    "address",
    [
        "a@b",
        "ann@localhost",
        "ann@[127.0.0.1]",
        "a@x.com,b@y.com",
        "ann@example..com",
        ".ann@example.com",
        "ann@-example.com",
        '"two words"@example.com',
        "ann@example.com\r\nBcc: evil@example.net",
        "ann",
        "@example.com",
        f"{'a' * 250}@example.com",
    ],
)
def test_what_is_not_one_deliverable_address_is_refused(address: str) -> None:
    assert codes(client(email=address)) == [(2, "email", "email")]


@pytest.mark.parametrize("address", ["ann+tag@example.com", "o'neil@example.com", "ann@exämple.com", "ANN@Example.COM"])
def test_unusual_addresses_are_accepted(address: str) -> None:
    assert [row.email for row in client(email=address).rows] == [address]  # type: ignore[union-attr]


def test_an_identity_number_in_powers_of_ten_has_lost_digits() -> None:
    assert codes(client(id_kind="resident_id", id_country="CN", id_number="4.40301E+17")) == [
        (2, "id_number", "lost-digits")
    ]


@pytest.mark.parametrize(
    ("kind", "number", "code"),
    [
        ("resident_id", "110105194912310021", "resident-id"),
        ("resident_id", "11010519491231002X", None),
        ("resident_id", "11010519491231002x", None),
        ("resident_id", "440524188001010014", None),
        ("uscc", "91110000600037341A", "uscc"),
        ("uscc", "91110000600037341L", None),
        ("passport", "E12345678", None),
    ],
)
def test_identity_numbers_are_checked_by_their_digits(kind: str, number: str, code: str | None) -> None:
    found = codes(client(id_kind=kind, id_country="CN", id_number=number))
    assert found == ([(2, "id_number", code)] if code else [])


def test_an_identity_document_is_told_whole() -> None:
    assert codes(client(id_number="E12345678")) == [(2, "id_kind", "id-incomplete")]


@pytest.mark.parametrize(
    "day",
    ["01/02/2026", "2026-1-2", "20260102", "2027-02-29", "0001-01-01", "9999-01-01", "1899-12-31", "２０２６-01-01"],
)
def test_a_date_is_written_one_way(day: str) -> None:
    assert codes(movement(value_date=day)) == [(2, "value_date", "date")]


@pytest.mark.parametrize(
    "amount",
    [
        "1.234,56",
        "1,234.56",
        "1e9",
        "0x10",
        "1_000",
        "NaN",
        "Infinity",
        "sNaN",
        "=1+1",
        "+1",
        "1.23456",
        ".5",
        "5.",
        "١٢",
    ],
)
def test_an_amount_is_plain_digits(amount: str) -> None:
    assert codes(movement(amount=amount)) == [(2, "amount", "amount")]


def test_an_amount_of_21_digits_is_too_large() -> None:
    assert codes(movement(amount="1" * 21)) == [(2, "amount", "too-big")]


def test_yen_have_no_decimals() -> None:
    assert codes(movement(amount="100.50", currency="JPY")) == [(2, "amount", "minor-unit")]


@pytest.mark.parametrize("currency", ["cny", "RMB", "XXX", "DEM", "CNYY"])
def test_a_currency_is_an_iso_code_in_use(currency: str) -> None:
    assert codes(movement(currency=currency)) == [(2, "currency", "currency")]


def test_a_line_break_inside_a_quoted_cell_is_one_row() -> None:
    parsed = movement(text='Paid ""in full""\nwith thanks')
    assert [row.text for row in parsed.rows] == ['Paid "in full" with thanks']  # type: ignore[union-attr]
