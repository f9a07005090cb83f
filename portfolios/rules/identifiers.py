"""Numbers with check digits: of people, companies, accounts and instruments. Written as registers write them."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from stdnum import iban, isin, lei, luhn
from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError

PROVINCES = {
    11,
    12,
    13,
    14,
    15,
    21,
    22,
    23,
    *range(31, 38),
    *range(41, 47),
    *range(50, 55),
    *range(61, 66),
    71,
    81,
    82,
    83,
}
LENGTH = 18
Reader = Callable[[str], str]


@dataclass(frozen=True)
class Person:
    """What a resident identity number says of its holder."""

    born_on: dt.date
    sex: str

    def age(self, as_of: dt.date) -> int:
        """Return the whole years lived on a day."""
        had = (as_of.month, as_of.day) >= (self.born_on.month, self.born_on.day)
        return as_of.year - self.born_on.year - (not had)


def resident_check(first17: str) -> str:
    """Return the check digit of a resident identity number (ISO 7064 MOD 11-2)."""
    return ric.calc_check_digit(f"{first17}0")


def resident(number: str) -> Person | None:
    """Return what a resident identity number (居民身份证, GB 11643) says; None where it is not one.

    The county is not looked up: numbers keep the code of the day they were first issued, often years after the birth.
    """
    plain = len(number) == LENGTH and number.isascii() and number[:-1].isdigit()
    if not plain or int(number[:2]) not in PROVINCES or number[-1] != resident_check(number[:-1]):
        return None
    try:
        born_on = dt.datetime.strptime(number[6:14], "%Y%m%d").replace(tzinfo=dt.UTC).date()
    except ValueError:
        return None
    return Person(born_on, "M" if int(number[16]) % 2 else "F")


def company_check(first17: str) -> str:
    """Return the check digit of a unified social credit code (MOD 31-3)."""
    return uscc.calc_check_digit(f"{first17}0")


def is_company(code: str) -> bool:
    """Say whether this is a unified social credit code (统一社会信用代码, GB 32100)."""
    return _as_written(uscc.compact, code) and _holds(uscc.validate, code)


def is_iban(code: str) -> bool:
    """Say whether this is an account number of ISO 13616; spaces in it are meant for readers."""
    return _holds(iban.validate, code)


def is_isin(code: str) -> bool:
    """Say whether this is a securities number of ISO 6166."""
    return _as_written(isin.compact, code) and _holds(isin.validate, code)


def is_lei(code: str) -> bool:
    """Say whether this is a legal entity identifier of ISO 17442."""
    return _as_written(lei.compact, code) and _holds(lei.validate, code)


def is_card(number: str) -> bool:
    """Say whether the last digit is the Luhn digit of the others, as on bank cards."""
    return _holds(luhn.validate, number)


def _as_written(compact: Reader, code: str) -> bool:
    return compact(code) == code


def _holds(validate: Reader, code: str) -> bool:
    try:
        validate(code)
    except ValidationError:
        return False
    return True
