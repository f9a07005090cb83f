"""What a deposit insurance scheme covers: per depositor and licensed bank, up to a limit that is given (存款保险)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

MOST_BENEFICIARIES = 5
"""FDIC counts at most five beneficiaries for each owner of a trust account (from 2024-04-01)."""
NEAR = Decimal("0.8")
"""The share of a limit from which the desk is warned (house)."""
MONTHS_A_YEAR = 12
STATES = ("over", "grows", "near", "well", "unknown")
ZERO = Decimal(0)


@dataclass(frozen=True)
class Scheme:
    """What a scheme counts. ``currency`` is that of its limit.

    ``foreign``: deposits in other currencies are covered; ``structured``: structured deposits are; ``categories``: what
    is owned jointly is counted apart, with a limit of its own (FDIC, CDIC).
    """

    name: str
    currency: str
    foreign: bool = True
    structured: bool = True
    categories: bool = False

    def covers(self, kind: str, currency: str) -> bool:
        """Say whether a deposit of a kind and currency is covered at all."""
        return (self.foreign or currency == self.currency) and (self.structured or kind != "structured")


SCHEMES: Mapping[str, Scheme] = {
    "AU": Scheme("FCS", "AUD", foreign=False),
    "CA": Scheme("CDIC", "CAD", categories=True),
    "CH": Scheme("esisuisse", "CHF"),
    "CN": Scheme("存款保险", "CNY"),
    "EU": Scheme("DGSD", "EUR"),
    "GB": Scheme("FSCS", "GBP"),
    "HK": Scheme("DPS", "HKD", structured=False),
    "IN": Scheme("DICGC", "INR"),
    "JP": Scheme("DICJ", "JPY", foreign=False),
    "KR": Scheme("KDIC", "KRW"),
    "MY": Scheme("PIDM", "MYR"),
    "NZ": Scheme("DCS", "NZD"),
    "SG": Scheme("SDIC", "SGD", foreign=False, structured=False),
    "TH": Scheme("DPA", "THB", foreign=False),
    "TW": Scheme("CDIC", "TWD"),
    "US": Scheme("FDIC", "USD", categories=True),
}
"""Schemes by place, as far as the desk needs them; their limits are dated parameters with a source each. Left out:
temporary high balances, trusts with several beneficiaries, and what a scheme adds for interest alone (DICJ)."""
EU = frozenset(
    {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV"}
    | {"MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"}
)


def scheme_of(country: str) -> str:
    """Return the place of the scheme that a bank's licence belongs to, '' where none is known."""
    place = "EU" if country in EU else country
    return place if place in SCHEMES else ""


@dataclass(frozen=True)
class Insured:
    """A balance at a licensed bank, principal and interest where the scheme counts it.

    ``owners`` share it equally. ``eligible`` is False for what no scheme covers, such as wealth products.
    """

    bank: str
    balance: Decimal
    category: str = ""
    owners: int = 1
    eligible: bool = True


@dataclass(frozen=True)
class Cover:
    """What one depositor has back if every bank failed, and what is left as a claim."""

    insured: Decimal
    uninsured: Decimal


def cover(balances: Iterable[Insured], limit: Decimal, *, by_category: bool = False) -> Cover:
    """Return what is covered: each bank's shares of the depositor together, up to ``limit``.

    ``by_category`` counts each ownership category of a bank for itself (FDIC, CDIC).
    """
    rows = list(balances)
    shares: dict[tuple[str, str], Decimal] = {}
    for one in (row for row in rows if row.eligible):
        key = (one.bank, one.category if by_category else "")
        shares[key] = shares.get(key, ZERO) + one.balance / one.owners
    insured = sum((min(limit, share) for share in shares.values()), ZERO)
    return Cover(insured, sum((one.balance / one.owners for one in rows), ZERO) - insured)


@dataclass(frozen=True)
class Kept:
    """A depositor's share of one account or deposit: ``amount`` in its currency, with interest to the date.

    ``worth`` is the amount in the currency of the scheme, ``ripe`` the same with all interest to maturity; both are
    None where the rate is missing or the bank has no scheme. ``owners`` share it.
    """

    reference: str
    kind: str
    currency: str
    amount: Decimal
    owners: int
    worth: Decimal | None
    ripe: Decimal | None


@dataclass(frozen=True)
class Bank:
    """A licensed bank with the limit that governs the date, None where the scheme or its limit is not known."""

    licence: str
    name: str
    place: str
    limit: Decimal | None

    @property
    def scheme(self) -> Scheme | None:
        """Return what the scheme counts."""
        return SCHEMES.get(self.place) if self.limit is not None else None


@dataclass(frozen=True)
class BankCover:
    """What one depositor has at one licence; amounts are in the currency of the scheme.

    ``headroom`` is what may still be placed in single ownership and ``used`` the share of the limit that is taken, both
    with the interest to maturity; ``later`` is what will be uninsured when everything has earned its interest.
    ``state`` is ``over``, ``grows`` (over the limit before it matures), ``near``, ``well`` or ``unknown``.
    """

    bank: Bank
    lines: list[Kept]
    insured: Decimal
    uninsured: Decimal
    headroom: Decimal
    later: Decimal
    used: Decimal
    state: str

    @property
    def balance(self) -> Decimal:
        """Return everything that is there."""
        return self.insured + self.uninsured


def at_bank(bank: Bank, lines: Sequence[Kept]) -> BankCover:
    """Return what is covered of everything that a depositor has at one bank. Lines without a worth are in no sum."""
    scheme, limit = bank.scheme, bank.limit
    if scheme is None or limit is None:
        return BankCover(bank, list(lines), ZERO, ZERO, ZERO, ZERO, ZERO, "unknown")
    grown = _counted(lines, scheme, lambda line: line.ripe)
    now = cover(_counted(lines, scheme, lambda line: line.worth), limit, by_category=scheme.categories)
    ripe = cover(grown, limit, by_category=scheme.categories)
    single = sum((one.balance for one in grown if one.eligible and not one.category), ZERO)
    used = single / limit
    state = "over" if now.uninsured else "grows" if ripe.uninsured else "near" if used >= NEAR else "well"
    return BankCover(
        bank=bank,
        lines=list(lines),
        insured=now.insured,
        uninsured=now.uninsured,
        headroom=max(limit - single, ZERO),
        later=ripe.uninsured,
        used=used,
        state=state,
    )


def _counted(lines: Iterable[Kept], scheme: Scheme, value: Callable[[Kept], Decimal | None]) -> list[Insured]:
    """Return shares as the scheme counts them; what was joint is a category of its own where it has categories."""
    return [
        Insured(
            bank="",
            balance=worth,
            category="joint" if scheme.categories and line.owners > 1 else "",
            eligible=scheme.covers(line.kind, line.currency),
        )
        for line in lines
        if (worth := value(line)) is not None
    ]


@dataclass(frozen=True)
class Placement:
    """An amount that somebody thinks of placing: for how many months, at what rate a year (a fraction)."""

    amount: Decimal
    currency: str
    months: int = 0
    rate: Decimal = ZERO

    @property
    def growth(self) -> Decimal:
        """Return what one unit has become at maturity, by simple interest."""
        return 1 + self.rate * self.months / MONTHS_A_YEAR


@dataclass(frozen=True)
class Room:
    """What one person may still place at one bank and have insured, in the currency that is to be placed."""

    client_id: int
    person: str
    bank: Bank
    headroom: Decimal
    known: bool
    """Whether the person has something there already: no new relationship is needed."""


@dataclass(frozen=True)
class Part:
    """A part of an amount that is to be placed."""

    room: Room
    amount: Decimal
    ripe: Decimal
    """The amount with the interest it will have earned."""


def spread(amount: Decimal, rooms: Iterable[Room], *, growth: Decimal = Decimal(1)) -> tuple[list[Part], Decimal]:
    """Return how an amount may be split so that each part stays insured until it matures, and what is left over.

    ``growth`` is what one unit has become at maturity. Banks where the person is known come first, then the largest
    room, so that few parts suffice; parts are whole units.
    """
    left, parts = amount, []
    for room in sorted(rooms, key=lambda one: (not one.known, -one.headroom, one.client_id, one.bank.licence)):
        placed = min(left, (room.headroom / growth).quantize(Decimal(1), ROUND_FLOOR))
        if placed > 0:
            parts.append(Part(room, placed, placed * growth))
            left -= placed
    return parts, left


def trust_limit(limit: Decimal, owners: int, beneficiaries: int) -> Decimal:
    """Return what a trust account is covered for: the limit for each owner and beneficiary, five at most each."""
    return limit * owners * min(MOST_BENEFICIARIES, beneficiaries)


def banks_needed(amount: Decimal, limit: Decimal, *, rate: Decimal = Decimal(0), years: Decimal = Decimal(1)) -> int:
    """Return over how many banks an amount is spread so that principal and simple interest stay within the limit."""
    return int((amount * (1 + rate * years) / limit).to_integral_value(ROUND_CEILING))
