"""What the banks of the book list for deposits: a board at the beginning of each quarter of the history."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from config.book import instruments
from config.book.dates import add_months, first_day, on_or_after
from config.book.market import NOTICE, SOURCE, listed, terms
from portfolios.feeds.rows import ListedRow

QUARTER = 3
APART = {"CHENGJIANG": 5, "YUNFENG": -5, "RUIHE": 10, "NANPU": 5, "BEICHEN": -10, "LIONROCK": 5, "STRAITS": -5}
"""By how many basis points a bank lists more than the market, or less."""
TIER, MORE = Decimal(1_000_000), 5
"""From this sum on the desk's own bank pays some basis points more for yuan."""
LEAST_CD = Decimal(200_000)
PAID_BY_TREASURY = {3: 55, 6: 52, 12: 48, 24: 42, 36: 38, 60: 35}
"""By how many basis points the treasury of the desk's bank pays more for money of a term than the bank lists."""
POINT = Decimal("0.0001")


def board_rows(as_of: dt.date) -> Iterator[ListedRow]:
    """Yield the boards of all banks, the earliest quarter first."""
    begins = first_day(as_of)
    while begins <= as_of:
        day = min(on_or_after(begins), as_of)
        for bank in instruments.BANKS:
            for currency in _currencies(bank.reference):
                yield from _board(bank.reference, currency, day)
        begins = add_months(begins, QUARTER)


def _currencies(bank: str) -> list[str]:
    home = ["CNY"] if bank in instruments.CNY_BANKS else []
    return home + [currency for currency, banks in instruments.FOREIGN_BANKS.items() if bank in banks]


def _board(bank: str, currency: str, day: dt.date) -> Iterator[ListedRow]:
    apart, own = APART.get(bank, 0) * POINT, bank == instruments.HOME_BANK

    def row(kind: str, months: int, least: Decimal = Decimal(0), more: int = 0) -> ListedRow:
        base = listed(kind, currency, months, day) + apart
        paid = listed("time", currency, months, day) + PAID_BY_TREASURY[months] * POINT if own else None
        rate = base + more * POINT
        return ListedRow(bank, kind, currency, day, SOURCE, months, 0, least, rate, paid)

    yield ListedRow(bank, "demand", currency, day, SOURCE, rate=listed("demand", currency, 0, day))
    for months in terms(currency):
        yield row("time", months)
        if currency == "CNY":
            yield row("large_cd", months, LEAST_CD)
            if own:
                yield row("time", months, TIER, MORE)
    if currency == "CNY":
        for days in NOTICE:
            rate = listed("notice", currency, days, day)
            yield ListedRow(bank, "notice", currency, day, SOURCE, notice_days=days, rate=rate)
