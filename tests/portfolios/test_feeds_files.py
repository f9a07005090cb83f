"""What a file as a whole may look like: header, quotes, encoding, records, repetitions, size."""

import tracemalloc

import pytest

from portfolios.feeds import LAYOUTS, MOST_LINES, read
from portfolios.feeds.sources import How
from tests.portfolios.test_feeds_cells import HEADER, MOVEMENTS, codes

LINE = "T{n},A1,2026-03-31,cash,1.00,CNY,\n"


def movements(*lines: str) -> bytes:
    """Write a file of movements."""
    return (MOVEMENTS + "".join(lines)).encode()


def test_a_byte_order_mark_leaves_the_header_clean() -> None:
    parsed = read("transactions", b"\xef\xbb\xbf" + movements(LINE.format(n=1)))
    assert (len(parsed.rows), parsed.errors) == (1, [])


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16-le"])
def test_another_encoding_is_refused_and_never_guessed(encoding: str) -> None:
    content = (HEADER + "C1,person,欧阳娜,,,,,,,mei\n").encode(encoding)
    assert [code for _, _, code in codes(read("clients", content))] == ["encoding"]


def test_an_encoding_error_names_its_line() -> None:
    assert codes(read("transactions", movements(LINE.format(n=1)) + b"T2,A1,\xff\n")) == [(3, "", "encoding")]


def test_sixteen_bit_text_with_its_mark_is_read() -> None:
    parsed = read("clients", (HEADER + "C1,person,欧阳娜,,,,,,,mei\n").encode("utf-16"))
    assert (parsed.errors, [row.name for row in parsed.rows]) == ([], ["欧阳娜"])  # type: ignore[union-attr]


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "utf-8"])
def test_an_encoding_that_the_sender_names_is_read(encoding: str) -> None:
    content = (HEADER + "C1,person,歐陽娜,,,,,,,mei\n").encode(encoding)
    parsed = read("clients", content, how=How(encoding=encoding))
    assert (parsed.errors, [row.name for row in parsed.rows]) == ([], ["歐陽娜"])  # type: ignore[union-attr]


def test_an_encoding_that_was_named_wrongly_is_refused() -> None:
    content = (HEADER + "C1,person,欧阳娜,,,,,,,mei\n").encode("gb18030") + b"\xff\xff\n"
    assert codes(read("clients", content, how=How(encoding="gb18030"))) == [(3, "", "encoding-said")]


@pytest.mark.parametrize("sign", [";", "\t", "|"])
def test_a_usual_separator_is_found(sign: str) -> None:
    parsed = read("transactions", movements(LINE.format(n=1)).replace(b",", sign.encode()))
    assert (len(parsed.rows), parsed.errors) == (1, [])


def test_an_unusual_separator_is_refused() -> None:
    _line, _column, code = codes(read("transactions", movements().replace(b",", b"^")))[0]
    assert code == "header-unknown"


def test_a_header_that_is_wrong_is_refused_column_by_column() -> None:
    content = b"reference,account,value_date,kind,amount,amount,colour\n"
    expected = [(1, "amount", "header-twice"), (1, "colour", "header-unknown"), (1, "currency", "header-missing")]
    assert codes(read("transactions", content)) == expected


def test_a_header_again_among_the_lines_is_refused() -> None:
    assert codes(read("transactions", movements(LINE.format(n=1), MOVEMENTS))) == [(3, "", "header-again")]


def test_a_quote_that_is_never_closed_is_refused_with_the_line_it_begins_on() -> None:
    content = movements(
        LINE.format(n=1), 'T2,A1,2026-03-31,cash,1.00,CNY,"never\n', *(LINE.format(n=n) for n in range(3, 50_000))
    )
    tracemalloc.start()
    parsed = read("transactions", content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert codes(parsed) == [(3, "", "quote")]
    assert peak < 20 * len(content)


def test_lines_after_a_cell_of_several_lines_keep_their_numbers() -> None:
    content = movements('T1,A1,2026-03-31,cash,1.00,CNY,"a\nb\nc"\n', "T2,A1,yesterday,cash,1.00,CNY,\n")
    assert codes(read("transactions", content)) == [(5, "value_date", "date")]


def test_the_same_line_twice_is_one_row() -> None:
    parsed = read("transactions", movements(LINE.format(n=1), LINE.format(n=1)))
    assert (len(parsed.rows), parsed.errors) == (1, [])


def test_one_reference_with_different_data_is_refused_with_both_lines() -> None:
    parsed = read("transactions", movements(LINE.format(n=1), LINE.format(n=2), "T1,A1,2026-03-31,cash,2.00,CNY,\n"))
    assert codes(parsed) == [(2, "reference", "different"), (4, "reference", "different")]
    assert [dict(error.values)["other"] for error in parsed.errors] == ["4", "2"]


def test_a_late_wrong_line_leaves_no_rows() -> None:
    lines = [LINE.format(n=n) for n in range(1, 1000)]
    lines[997] = lines[997].replace("cash", "barter")
    parsed = read("transactions", movements(*lines))
    assert (parsed.rows, codes(parsed)) == ([], [(999, "kind", "choice")])


def test_a_line_with_other_cells_than_the_header_is_refused() -> None:
    assert codes(read("transactions", movements("T1,A1\n"))) == [(2, "", "cells")]


def test_a_cell_of_another_kind_of_line_is_refused() -> None:
    content = b"record,reference,client,capacity,currency\nparty,A1,C1,joint,CNY\nloan,A1,,,\n"
    assert codes(read("accounts", content)) == [(2, "currency", "foreign"), (3, "record", "record")]


def test_an_empty_file_is_refused() -> None:
    assert codes(read("transactions", movements())) == [(1, "", "empty")]


@pytest.mark.full
def test_a_file_longer_than_the_limit_is_refused() -> None:
    content = (HEADER + "C1,person,Li,,,,,,,mei\n" * (MOST_LINES + 1)).encode()
    assert codes(read("clients", content)) == [(MOST_LINES + 2, "", "too-large")]


def test_a_file_of_errors_ends_early() -> None:
    parsed = read("transactions", movements(*(["T1,A1\n"] * 2000)))
    assert (len(parsed.errors), parsed.errors[-1].code) == (501, "too-many")


def test_a_deposit_of_a_term_has_a_maturity() -> None:
    content = (
        b"record,reference,account,kind,currency,principal,rate,value_date,matures_on,notice_days\n"
        b"deposit,D1,A1,time,CNY,1000,0.02,2026-01-01,,\n"
        b"deposit,D2,A1,time,CNY,1000,0.02,2026-01-01,2026-01-01,\n"
        b"deposit,D3,A1,notice,CNY,1000,0.02,2026-01-01,,3\n"
        b"deposit,D4,A1,demand,CNY,1000,2.35,2026-01-01,,\n"
    )
    expected = [
        (2, "matures_on", "maturity"),
        (3, "matures_on", "maturity"),
        (4, "notice_days", "notice"),
        (5, "rate", "rate"),
    ]
    assert codes(read("holdings", content)) == expected


@pytest.mark.parametrize("kind", LAYOUTS)
@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"\x00" * 5000, b'"' * 5000, b"," * 5000, b"PK\x03\x04", b"<html>", b"\r" * 999]
)
def test_rubbish_is_refused_and_never_a_fault(kind: str, content: bytes) -> None:
    assert read(kind, content).errors
