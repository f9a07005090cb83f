"""Files as people and attackers send them: each is taken whole, or refused whole with the line and the reason."""

from dataclasses import dataclass

import pytest

from core.walls import acting, service
from portfolios import operations
from portfolios.models import FeedRun, Transaction
from portfolios.operations import Wishes
from tests.people import People
from tests.portfolios.test_feeds_operations import ACCOUNTS, CLIENTS, LATER, counts, send
from tests.portfolios.test_feeds_workbooks import LINE, workbook

HEADER = "reference,account,value_date,kind,amount,currency,balance,counterparty,text\n"
GOOD = "T1,A1,2026-03-30,transfer,1000.00,CNY,1000.00,Zhao,Salary\n"
SECOND = "T2,A1,2026-03-31,fee,-10.00,CNY,990.00,,Fee\n"


@dataclass(frozen=True)
class Case:
    """A file, and what becomes of it: how many rows are taken, or the line and code of the first refusal."""

    content: bytes
    taken: int = 0
    refused: tuple[int, str] | None = None
    name: str = "t.csv"
    encoding: str = ""


def text(*lines: str, header: str = HEADER) -> bytes:
    """Return the bytes of a file."""
    return (header + "".join(lines)).encode()


CASES = {
    "a byte order mark": Case(b"\xef\xbb\xbf" + text(GOOD), 1),
    "UTF-16 with its mark, little end first": Case(text(GOOD).decode().encode("utf-16"), 1),
    "UTF-16 with its mark, big end first": Case(b"\xfe\xff" + text(GOOD).decode().encode("utf-16-be"), 1),
    "rare Han in GB 18030, said so": Case(
        text(GOOD.replace("Zhao", "㼆靐")).decode().encode("gb18030"), 1, encoding="gb18030"
    ),
    "rare Han in GB 18030, not said": Case(
        text(GOOD.replace("Zhao", "㼆靐")).decode().encode("gb18030"), refused=(2, "encoding")
    ),
    "Windows-1252 not said": Case(
        text(GOOD.replace("Zhao", "Müller")).decode().encode("cp1252"), refused=(2, "encoding")
    ),
    "UTF-16 without a mark": Case(text(GOOD).decode().encode("utf-16-le"), refused=(1, "control")),
    "semicolons": Case(text(GOOD).replace(b",", b";"), 1),
    "tabs": Case(text(GOOD).replace(b",", b"\t"), 1),
    "bars": Case(text(GOOD).replace(b",", b"|"), 1),
    "a sign nobody uses": Case(text(GOOD).replace(b",", b"^"), refused=(1, "header-unknown")),
    "line breaks and quotes inside cells": Case(text(GOOD.replace("Salary", '"Sal\n""ary"""')), 1),
    "Windows line ends": Case(text(GOOD, SECOND).replace(b"\n", b"\r\n"), 2),
    "old Macintosh line ends": Case(text(GOOD, SECOND).replace(b"\n", b"\r"), 2),
    "no line break at the end": Case(text(GOOD).rstrip(b"\n"), 1),
    "a quote that is never closed": Case(text(GOOD, '"T2,A1\n' * 5000), refused=(3, "quote")),
    "a quote inside a cell": Case(text(GOOD.replace("Salary", 'Sal"ary')), 1),
    "the header again": Case(text(GOOD, HEADER, SECOND), refused=(3, "header-again")),
    "a column twice": Case(text(GOOD, header=HEADER.replace("text", "balance")), refused=(1, "header-twice")),
    "a column nobody knows": Case(text(GOOD, header=HEADER.replace("text", "note")), refused=(1, "header-unknown")),
    "a column that is missing": Case(b"reference,account\nT1,A1\n", refused=(1, "header-missing")),
    "one reference with different data": Case(text(GOOD, GOOD.replace("1000.00", "1.00")), refused=(2, "different")),
    "one reference twice, the same": Case(text(GOOD, GOOD), 1),
    "formulas in words": Case(text(GOOD.replace("Zhao", "=1+1").replace("Salary", "@SUM(1)")), 1),
    "formulas in figures": Case(text(GOOD.replace("1000.00,CNY", "=1+1,CNY")), refused=(2, "amount")),
    "a null byte": Case(text(GOOD.replace("Salary", "Sal\0ary")), refused=(2, "control")),
    "an escape": Case(text(GOOD.replace("Salary", "Sal\x1bary")), refused=(2, "control")),
    "an invisible letter": Case(text(GOOD.replace("Salary", "Sal\u202eary")), refused=(2, "invisible")),
    "a delete": Case(text(GOOD.replace("T1", "T\x7f1")), refused=(2, "control")),
    "half of a surrogate pair": Case(text(GOOD).replace(b"Salary", b"\xed\xa0\x80"), refused=(2, "encoding")),
    "digits lost in a reference": Case(text(GOOD.replace("T1", "4.40301E+17")), refused=(2, "lost-digits")),
    "digits lost with a comma": Case(text(GOOD.replace("T1", '"4,40301E+17"')), refused=(2, "lost-digits")),
    "dates of two kinds": Case(text(GOOD, SECOND.replace("2026-03-31", "01/02/2026")), refused=(3, "date")),
    "a day that is none": Case(text(GOOD.replace("03-30", "02-30")), refused=(2, "date")),
    "a year far away": Case(text(GOOD.replace("2026", "2999")), refused=(2, "date")),
    "decimal commas": Case(text(GOOD.replace("1000.00,CNY", '"1.000,00",CNY')), refused=(2, "amount")),
    "decimal commas beside points": Case(text(GOOD, SECOND.replace("-10.00", '"1,234.56"')), refused=(3, "amount")),
    "five decimals": Case(text(GOOD.replace("1000.00,CNY", "1.00001,CNY")), refused=(2, "amount")),
    "too many digits": Case(text(GOOD.replace("1000.00,CNY", "9" * 20 + ",CNY")), refused=(2, "too-big")),
    "not a number": Case(text(GOOD.replace("1000.00,CNY", "NaN,CNY")), refused=(2, "amount")),
    "another currency than the account's": Case(text(GOOD.replace("CNY", "USD")), refused=(2, "currency-differs")),
    "a currency without decimals": Case(text(GOOD.replace("CNY", "JPY")), refused=(2, "minor-unit")),
    "an unknown account": Case(text(GOOD, SECOND.replace("A1", "A7")), refused=(3, "no-account")),
    "a workbook under another name": Case(workbook(LINE), refused=(1, "packed")),
    "a text under a workbook's name": Case(text(GOOD), refused=(1, "workbook"), name="t.xlsx"),
    "a workbook": Case(workbook([*LINE[:7], "Fee"]), 1, name="t.xlsx"),
    "a broken line at the end of a thousand": Case(
        text(*(GOOD.replace("T1", f"T{n}") for n in range(998)), "T999,A1,never\n"), refused=(1000, "cells")
    ),
    "a wrong cell at the end of a thousand": Case(
        text(*(GOOD.replace("T1", f"T{n}") for n in range(998)), GOOD.replace("transfer", "gift")),
        refused=(1000, "choice"),
    ),
    "backslashes": Case(text(GOOD.replace("Salary", r"C:\new\table\N")), 1),
    "only a header": Case(text(), refused=(1, "empty")),
}


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_a_file_is_taken_whole_or_refused_with_its_line(people: People, case: Case) -> None:
    counts(send(people, "clients", CLIENTS))
    counts(send(people, "accounts", ACCOUNTS))
    with acting(people.operations):
        run = operations.receive(
            user=people.operations,
            kind="transactions",
            file_name=case.name,
            content=case.content,
            now=LATER,
            wishes=Wishes(encoding=case.encoding),
        )
    with acting(service(), behalf=people.operations):
        run = operations.apply(run_id=run.pk, now=LATER)
        there = Transaction.objects.count()
    if case.refused:
        assert (run.state, there) == (FeedRun.State.REFUSED, 0)
        assert case.refused in [(error["line"], error["code"]) for error in run.errors]
    else:
        assert (run.state, run.errors, run.created, there) == ("applied", [], case.taken, case.taken)


def test_words_come_out_of_the_table_as_they_went_into_the_file(people: People) -> None:
    counts(send(people, "clients", CLIENTS))
    counts(send(people, "accounts", ACCOUNTS))
    words = [r"C:\new\table\N", "=1+1", "'quoted", "欧阳娜 ", 'say "no"', "two\nlines", "\\"]
    cells = ['"' + word.replace('"', '""') + '"' for word in words]
    lines = [GOOD.replace("T1", f"T{n}").replace("Salary", cell) for n, cell in enumerate(cells)]
    run = send(people, "transactions", text(*lines).decode(), now=LATER)
    assert counts(run) == (len(words), 0, 0)
    with acting(service()):
        told = list(Transaction.objects.order_by("reference").values_list("text", flat=True))
    assert told == [r"C:\new\table\N", "=1+1", "'quoted", "欧阳娜", 'say "no"', "two lines", "\\"]
