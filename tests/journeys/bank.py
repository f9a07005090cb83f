"""The files a bank sends of one new client: a deposit that falls due in ten days, a fund, an account that moves."""

import csv
import datetime as dt
import io

REFERENCE, DEPOSIT = "W-1", "W-D1"
NAMES = {"en": "Wang Yifan", "zh-hans": "王一帆"}
EMAIL = "wang.yifan@mail.example"
TERM = dt.timedelta(days=180)
DUE_IN = dt.timedelta(days=10)


def text(*lines: dict[str, object]) -> bytes:
    """Write lines as CSV; a cell that a line does not have stays empty."""
    columns = list(dict.fromkeys(name for line in lines for name in line))
    sheet = io.StringIO()
    writer = csv.DictWriter(sheet, columns)
    writer.writeheader()
    writer.writerows(lines)
    return sheet.getvalue().encode()


def files(language: str, *, manager: str, backup: str, today: dt.date) -> dict[str, bytes]:
    """Return the files in the order in which they are sent, by layout; the last whole month has movements."""
    return {
        "clients": _clients(language, manager, backup),
        "accounts": _accounts(today),
        "prices": _prices(month_end(today)),
        "holdings": _holdings(today),
        "transactions": _transactions(month_end(today)),
    }


def month_end(today: dt.date) -> dt.date:
    """Return the last day of the month before ``today``'s; on a last day the month itself is over."""
    tomorrow = today + dt.timedelta(days=1)
    return today if tomorrow.day == 1 else today.replace(day=1) - dt.timedelta(days=1)


def _clients(language: str, manager: str, backup: str) -> bytes:
    return text(
        {
            "reference": REFERENCE,
            "kind": "person",
            "name": NAMES[language],
            "born_on": "1972-03-09",
            "tier": "private",
            "language": language,
            "email": EMAIL,
            "phone": "+86 139 0000 4417",
            "manager": manager,
            "backup": backup,
            "consented_on": "2025-01-15",
        }
    )


def _accounts(today: dt.date) -> bytes:
    opened = {"client": REFERENCE, "institution": "W-B1", "currency": "CNY", "opened_on": today - 4 * TERM}
    bank = {"name": "Harbour Bank", "name_zh": "海港银行", "licence": "B0099H", "country": "CN"}
    return text(
        {"record": "institution", "reference": "W-B1", **bank},
        {"record": "account", "reference": "W-A1", "number": "6222001122334417", "kind": "cash", **opened},
        {"record": "account", "reference": "W-A2", "number": "6222001122334425", "kind": "custody", **opened},
    )


def _prices(end: dt.date) -> bytes:
    fund = {"name": "Lake Income Fund", "name_zh": "湖滨收益基金", "asset_class": "fund", "risk_level": 2}
    return text(
        {"record": "instrument", "reference": "W-I1", "currency": "CNY", **fund},
        {"record": "price", "reference": "W-I1", "value_date": end, "price": "1.2345", "source": "fund house"},
    )


def _holdings(today: dt.date) -> bytes:
    term = {"value_date": today + DUE_IN - TERM, "matures_on": today + DUE_IN}
    deposit = {"kind": "time", "principal": "2000000.00", "rate": "0.0185", "day_count": "ACT/360", **term}
    fund = {"instrument": "W-I1", "quantity": "100000", "cost": "110000.00"}
    return text(
        {"record": "deposit", "reference": DEPOSIT, "account": "W-A1", "currency": "CNY", **deposit},
        {"record": "holding", "reference": "W-H1", "account": "W-A2", "value_date": today - 2 * TERM, **fund},
    )


def _transactions(end: dt.date) -> bytes:
    line = {"account": "W-A1", "currency": "CNY"}
    paid = {"kind": "transfer", "amount": "50000.00", "balance": "50000.00", "counterparty": "Employer"}
    fee = {"kind": "fee", "amount": "-120.00", "balance": "49880.00", "text": "Custody fee"}
    return text(
        {"reference": "W-T1", "value_date": end.replace(day=5), **line, **paid},
        {"reference": "W-T2", "value_date": end.replace(day=20), **line, **fee},
    )
