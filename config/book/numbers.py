"""Identity, account and phone numbers that pass their checks and belong to nobody."""

import datetime as dt
from random import Random

from stdnum.cn import ric, uscc

AREAS = ("110101", "110105", "310104", "310105")
"""Districts that have had their code for as long as any client lives."""
GROUPS = 125
USCC_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
COUNTRIES = (
    ("GB", "+44 7700 900"),
    ("US", "+1 202 555 0"),
    ("SG", "+65 8000 0"),
    ("HK", "+852 5550 0"),
    ("DE", "+49 171 3920 0"),
)
"""Where foreign clients come from, with the ranges that are kept free for invented numbers or look like it."""


def digits(rng: Random, count: int) -> str:
    """Draw a row of digits."""
    return "".join(rng.choice("0123456789") for _ in range(count))


def resident_id(rng: Random, born_on: dt.date, gender: str, group: int) -> str:
    """Draw a resident identity number (GB 11643): area, birthday, order by gender, check digit by ISO 7064 MOD 11-2.

    Numbers of two groups below ``GROUPS`` differ.
    """
    order = rng.randrange(1 + group % GROUPS, 500, GROUPS) * 2 + (1 if gender == "m" else 0)
    body = f"{rng.choice(AREAS)}{born_on:%Y%m%d}{order:03d}"
    return body + str(ric.calc_check_digit(body + "0"))


def social_credit_code(rng: Random) -> str:
    """Draw a unified social credit code (GB 32100) of a limited company."""
    body = f"91{rng.choice(AREAS)}MA" + "".join(rng.choice(USCC_LETTERS) for _ in range(7))
    return body + str(uscc.calc_check_digit(body))


def passport(rng: Random, country: str) -> str:
    """Draw a passport's number as the country writes it."""
    return f"E{rng.choice('ABCDEFGHJ')}{digits(rng, 7)}" if country == "CN" else f"{country[0]}{digits(rng, 8)}"


def phone(rng: Random, country: str) -> str:
    """Draw a mobile number."""
    if country == "CN":
        return f"+86 1{rng.choice(['39', '58', '86', '77'])} {digits(rng, 4)} {digits(rng, 4)}"
    return dict(COUNTRIES)[country] + digits(rng, 3)


def account(rng: Random) -> str:
    """Draw an account's number of nineteen digits."""
    return f"6217{digits(rng, 15)}"
