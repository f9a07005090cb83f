"""Amounts and dates in Chinese capitals, as cheques and statements write them (人民币大写).

After the People's Bank's rules for filling in bills and vouchers (正确填写票据和结算凭证的基本规定).
"""

import datetime as dt
from decimal import Decimal

import cn2an

DIGITS = "零壹贰叁肆伍陆柒捌玖"
TEN, TENTH = 10, Decimal("0.1")


def in_capitals(amount: Decimal) -> str:
    """Return a CNY amount of at most two decimals in capitals: ``人民币壹仟陆佰捌拾元叁角贰分``.

    The prefix stands without a gap; an amount that ends at 元 takes 整; 零 stands between a 元 digit of nought and 角.
    """
    text = cn2an.an2cn(str(amount.quantize(Decimal("0.01"))), "rmb")
    whole, part = divmod(abs(amount), 1)
    if whole and not whole % 10 and part >= TENTH:
        text = text.replace("元", "元零", 1)
    return f"人民币{text}"


def date_in_capitals(day: dt.date) -> str:
    """Return a date in capitals: ``贰零贰陆年零壹月壹拾伍日``.

    Months 1, 2 and 10 and days 1 to 9, 10, 20 and 30 take a leading 零, so that nothing can be added before them.
    """
    year = "".join(DIGITS[int(digit)] for digit in str(day.year))
    month = ("零" if day.month in (1, 2, 10) else "") + _tens(day.month)
    led = day.day < TEN or not day.day % TEN
    return f"{year}年{month}月{'零' if led else ''}{_tens(day.day)}日"


def _tens(number: int) -> str:
    """Write a number below a hundred: 10 is 壹拾, 3 is 叁."""
    ten, one = divmod(number, TEN)
    return (f"{DIGITS[ten]}拾" if ten else "") + (DIGITS[one] if one else "")
