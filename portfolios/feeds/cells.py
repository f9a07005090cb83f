"""One cell of a bank's file: text in, a typed value out, or the reason why not. Nothing here guesses."""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, TypeAlias

from babel import Locale
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from stdnum import isin as isin_numbers
from stdnum.exceptions import ValidationError as WrongNumber

from clients.rules.intake import normal_email, normal_phone

Reader: TypeAlias = Callable[[str], Any]

CURRENCIES = frozenset(
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF
    CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD
    HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD
    LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK
    PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS
    TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XAG XAU XCD XOF XPD XPF XPT YER ZAR
    ZMW ZWG
    """.split()  # noqa: SIM905  (a list of words reads best as words)
)
"""ISO 4217 codes of money in use, with the four precious metals."""

MOVEMENTS = ("cash", "transfer", "card", "interest", "dividend", "fee", "trade", "deposit", "other")
"""What a movement of an account is for."""

_NOT_COUNTRIES = {"ZZ", "XA", "XB", "EU", "EZ", "UN", "QO"}
_TERRITORIES = {str(code) for code in Locale("en").territories}
COUNTRIES = frozenset(code for code in _TERRITORIES if re.fullmatch("[A-Z]{2}", code)) - _NOT_COUNTRIES
"""ISO 3166-1 codes."""

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
BLANKS = " \t\r\n\u00a0\u2007\u202f\u3000\ufeff\u200b"
JOINERS = "\u200c\u200d"
REFERENCE = re.compile(r"[A-Za-z0-9._:/#-]+")
POWER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?[eE][+-]?[0-9]+")
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
FIRST_YEAR, LAST_YEAR = 1900, 2200
WHOLE_DIGITS, RATE_DIGITS = 16, 10
EMAIL_MOST = 254


class CellRefused(Exception):  # noqa: N818  (named for what happened)
    """A cell cannot be read; ``code`` is a key of ``portfolios.feeds.messages``."""

    column = ""
    """Which cell, where a line made of a mapping knows it."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = tuple((name, str(value)) for name, value in values.items())


def clean(raw: str) -> str:
    """Return a cell without the blanks around it.

    Raises:
        CellRefused: a control character, or one that cannot be seen.
    """
    if raw.isascii() and raw.isprintable():
        return raw.strip()
    if CONTROL.search(raw):
        raise CellRefused("control")
    value = raw.strip(BLANKS)
    if any(unicodedata.category(letter) in {"Cf", "Co", "Cn", "Cs"} and letter not in JOINERS for letter in value):
        raise CellRefused("invisible")
    return value


def _bounded(value: str, most: int) -> str:
    if len(value) > most:
        raise CellRefused("too-long", most=most)
    return value


def text(most: int) -> Reader:
    """Read words of one line; a line break inside becomes a blank."""
    return lambda value: _bounded(" ".join(value.split()) if re.search(r"[\t\r\n]", value) else value, most)


def prose(most: int) -> Reader:
    """Read words of several lines."""
    return lambda value: _bounded(value.replace("\r\n", "\n").replace("\r", "\n"), most)


def reference(most: int = 40) -> Reader:
    """Read a bank's own name of something."""

    def read(value: str) -> str:
        if POWER.fullmatch(value) and "." in value:
            raise CellRefused("lost-digits")
        if not REFERENCE.fullmatch(value):
            raise CellRefused("lost-digits" if POWER.fullmatch(value) else "reference")
        return _bounded(value, most)

    return read


def number(most: int = 40) -> Reader:
    """Read an account's or document's number, which may have blanks; one in powers of ten has lost its digits."""

    def read(value: str) -> str:
        if POWER.fullmatch(value) and ("." in value or "+" in value or "," in value):
            raise CellRefused("lost-digits")
        if not re.fullmatch(r"[A-Za-z0-9一-鿿()（）〔〕第号 ._:/#-]+", value):
            raise CellRefused("reference")
        return _bounded(value, most)

    return read


def choice(known: Iterable[str]) -> Reader:
    """Read one of a few words."""
    words = tuple(known)

    def read(value: str) -> str:
        if value not in words:
            raise CellRefused("choice", known=", ".join(words))
        return value

    return read


def date(value: str) -> dt.date:
    """Read an ISO date; every other way of writing one is ambiguous."""
    if ISO_DATE.fullmatch(value) and FIRST_YEAR <= int(value[:4]) <= LAST_YEAR:
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            pass
    raise CellRefused("date")


def _decimal(value: str, *, whole: int, places: int, code: str) -> Decimal:
    found = re.fullmatch(rf"-?([0-9]+)(?:\.([0-9]{{1,{places}}}))?", value)
    if not found:
        raise CellRefused(code)
    if len(found[1].lstrip("0")) > whole:
        raise CellRefused("too-big")
    return Decimal(value)


def amount(value: str) -> Decimal:
    """Read an amount of money: digits, a point, at most four decimals."""
    return _decimal(value, whole=WHOLE_DIGITS, places=4, code="amount")


def decimal(value: str) -> Decimal:
    """Read a quantity or price: at most ten decimals."""
    return _decimal(value, whole=RATE_DIGITS, places=10, code="decimal")


def not_negative(read: Reader) -> Reader:
    """Refuse what is below zero."""

    def least(value: str) -> Decimal:
        figure: Decimal = read(value)
        if figure < 0:
            raise CellRefused("not-negative")
        return figure

    return least


def positive(value: str) -> Decimal:
    """Read a figure above zero."""
    figure = decimal(value)
    if figure <= 0:
        raise CellRefused("positive")
    return figure


def rate(value: str) -> Decimal:
    """Read an interest rate as a fraction of one; a whole one or more is a percentage by mistake."""
    figure = decimal(value)
    if not -1 < figure < 1:
        raise CellRefused("rate")
    return figure


def whole(least: int, most: int) -> Reader:
    """Read a whole number of a range."""

    def read(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,6}", value) or not least <= int(value) <= most:
            raise CellRefused("whole", least=least, most=most)
        return int(value)

    return read


def currency(value: str) -> str:
    """Read an ISO 4217 code."""
    if value not in CURRENCIES:
        raise CellRefused("currency")
    return value


def country(value: str) -> str:
    """Read an ISO 3166 code."""
    if value not in COUNTRIES:
        raise CellRefused("country")
    return value


def email(value: str) -> str:
    """Read one address that the internet can deliver to: no quoted names, no address literals, a domain with a dot."""
    local, _, domain = value.rpartition("@")
    if len(value) > EMAIL_MOST or not local.isascii() or "." not in domain or re.search(r"[\s,;\"\[\]()<>\\]", value):
        raise CellRefused("email")
    try:
        validate_email(normal_email(value))
    except (ValidationError, UnicodeError) as error:
        raise CellRefused("email") from error
    return value


def phone(value: str) -> str:
    """Read a phone number, written in any usual way."""
    if POWER.fullmatch(value):
        raise CellRefused("lost-digits")
    if not re.fullmatch(r"\+?[0-9 ()./-]+", value) or not 5 <= len(normal_phone(value)) <= 20:  # noqa: PLR2004  (the message)
        raise CellRefused("phone")
    return value


def isin(value: str) -> str:
    """Read an international securities number by its check digit."""
    try:
        return str(isin_numbers.validate(value))
    except WrongNumber as error:
        raise CellRefused("isin") from error
