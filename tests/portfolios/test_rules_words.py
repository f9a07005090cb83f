"""Amounts and dates in capitals follow the bank's rules for bills."""

import datetime as dt
from decimal import Decimal

import pytest

from portfolios.rules.words import date_in_capitals, in_capitals


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "人民币零元整"),
        ("1409.50", "人民币壹仟肆佰零玖元伍角"),
        ("6007.14", "人民币陆仟零柒元壹角肆分"),
        ("16409.02", "人民币壹万陆仟肆佰零玖元零贰分"),
        ("30000000000.10", "人民币叁佰亿元零壹角"),
        ("0.10", "人民币壹角"),
    ],
)
def test_an_amount_reads_as_on_a_bill(amount: str, text: str) -> None:
    assert in_capitals(Decimal(amount)) == text


@pytest.mark.parametrize(
    ("day", "text"),
    [
        ("2026-02-09", "贰零贰陆年零贰月零玖日"),
        ("2026-10-10", "贰零贰陆年零壹拾月零壹拾日"),
        ("2026-03-11", "贰零贰陆年叁月壹拾壹日"),
    ],
)
def test_a_date_cannot_be_prolonged_at_its_front(day: str, text: str) -> None:
    assert date_in_capitals(dt.date.fromisoformat(day)) == text
