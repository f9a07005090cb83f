"""The clients of the book: who they are, how they hang together, who looks after them."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random

from clients.rules.intake import ClientRow
from clients.rules.names import plain, syllables
from config.book import names, numbers, profiles
from config.book.dates import add_months, between, first_day, on_or_after
from config.book.names import Named
from config.book.parts import LEAST, Part
from config.book.staff import LEAVING, PRINTED

SPECIAL = {
    0: ("person", "private", "concentrated"),
    1: ("person", "private", "need"),
    2: ("person", "private", "maturities"),
    3: ("company", "ultra", "hold"),
    4: ("person", "ultra", "overdue"),
    11: ("trust", "ultra", ""),
}
"""Clients that every book has, by their place: kind, tier, and what about them is on purpose."""
OWN = 5
"""So many first clients are looked after by the manager whose login is printed."""
KINDS, KIND_WEIGHTS = ("person", "company", "trust"), (80, 13, 7)
TIERS, TIER_WEIGHTS = ("hnw", "private", "ultra"), (46, 42, 12)
FIRST = 10_001
"""The number of the first client."""
WEALTH = {"hnw": (2_000_000, 6_000_000), "private": (6_000_000, 45_000_000), "ultra": (50_000_000, 260_000_000)}
DOMAINS = ("example.com", "example.net", "example.org")
CHILD, SPOUSE = "child", "spouse"


@dataclass(frozen=True, slots=True)
class Profile:
    """A client as the generator knows it: the row of the feed and what drives the history."""

    row: ClientRow
    wealth: int
    currencies: tuple[str, ...]
    risk: int
    joined_on: dt.date
    purpose: str = ""
    partner: str = ""
    former: str = ""
    handed_over_on: dt.date | None = None
    also: ClientRow | None = None

    @property
    def reference(self) -> str:
        """Return the bank's reference of the client."""
        return self.row.reference

    @property
    def chinese(self) -> bool:
        """Say whether the client reads Chinese."""
        return self.row.language == "zh-hans"


@dataclass(slots=True)
class _Draft:
    """A client before the references and managers are known; ``home`` numbers the household."""

    kind: str
    tier: str
    named: Named
    purpose: str = ""
    home: int = 0
    part: str = ""
    manager: str = field(default="")


@dataclass(slots=True)
class _Draw:
    """What drawing the clients of one part needs at every step; ``taken`` are the numbers of their identity cards."""

    rng: Random
    as_of: dt.date
    part: Part
    taken: set[str] = field(default_factory=set)


def people(part: Part, *, seed: int, as_of: dt.date) -> list[Profile]:
    """Draw the clients of a part, in the first one those on purpose first."""
    draw = _Draw(part.rng(seed, "people"), as_of, part)
    drafts = _drafts(draw.rng, part)
    _give_managers(draw.rng, part, drafts)
    references = [f"C{FIRST + part.first + number}" for number in range(part.count)]
    draw.rng.shuffle(references)
    homes = {draft.home: names.household(draft.named) for draft in reversed(drafts) if draft.home}
    profiles = [_profile(draw, draft, reference, homes) for draft, reference in zip(drafts, references, strict=True)]
    return list(_partners(drafts, profiles))


# --- who --------------------------------------------------------------------------------------------------------------


def _drafts(rng: Random, part: Part) -> list[_Draft]:
    drafts: list[_Draft] = []
    home = part.first
    while len(drafts) < part.count:
        draft = _on_purpose(rng, len(drafts)) if part.desk and len(drafts) < LEAST else _draft(rng)
        drafts.append(draft)
        if draft.kind == "person" and not (part.desk and len(drafts) <= LEAST) and rng.random() < 0.19:
            home += 1
            draft.home = home
            drafts += _family(rng, draft)
    return drafts[: part.count]


def _draft(rng: Random, kind: str = "", tier: str = "") -> _Draft:
    kind = kind or rng.choices(KINDS, KIND_WEIGHTS)[0]
    tier = tier or rng.choices(TIERS, TIER_WEIGHTS)[0]
    return _Draft(kind, tier, _named(rng, kind))


def _on_purpose(rng: Random, place: int) -> _Draft:
    """Draw one of the first clients of every book."""
    kind, tier, purpose = SPECIAL.get(place, ("person" if place in names.FIXED else "", "", ""))
    draft = _draft(rng, kind, tier)
    draft.named, draft.purpose = names.FIXED.get(place) or draft.named, purpose
    return draft


def _named(rng: Random, kind: str) -> Named:
    makers = {"person": names.person, "company": names.company, "trust": names.trust}
    return makers[kind](rng)


def _family(rng: Random, head: _Draft) -> Iterator[_Draft]:
    """Yield the spouse of a client, and often a child, their company or their trust."""
    gender = "w" if head.named.gender == "m" else "m"
    spouse = names.chinese_person(rng, gender=gender) if head.named.chinese else names.foreign_person(rng)
    yield _Draft("person", head.tier, spouse, home=head.home, part=SPOUSE)
    third = rng.choices(("", "child", "company", "trust"), (30, 30, 20, 20))[0]
    if third == CHILD and head.named.chinese:
        yield _Draft("person", "hnw", names.chinese_person(rng, family=head.named.surname), home=head.home, part=CHILD)
    elif third == "company":
        yield _Draft("company", head.tier, names.company(rng), home=head.home)
    elif third == "trust":
        yield _Draft("trust", head.tier, names.trust(rng, head.named), home=head.home)


def _give_managers(rng: Random, part: Part, drafts: list[_Draft]) -> None:
    """Share the clients out; a household stays with one manager, and who leaves has the most."""
    whole, given = sum(person.share for person in part.managers), {person.username: 0 for person in part.managers}
    quota = {person.username: part.count * person.share / whole for person in part.managers}
    if part.desk:
        quota[LEAVING.username] = max(quota[LEAVING.username], OWN + 1)
    homes: dict[int, str] = {}
    for place, draft in enumerate(drafts):
        early = part.desk and place < LEAST
        short = {name: quota[name] - given[name] for name in given if not early or name == LEAVING.username}
        if part.desk and place < OWN:
            name = PRINTED.username
        elif draft.home in homes:
            name = homes[draft.home]
        elif max(short.values()) >= 1:
            name = rng.choices(list(short), [max(left, 0.0) for left in short.values()])[0]
        else:
            name = max(quota, key=lambda one: (quota[one] - given[one], one))
        draft.manager = name
        given[name] += 1
        if draft.home:
            homes[draft.home] = name


def _partners(drafts: list[_Draft], profiles: list[Profile]) -> Iterator[Profile]:
    """Yield the profiles, spouses and companies pointing to the head of their household."""
    heads: dict[int, str] = {}
    for draft, profile in zip(drafts, profiles, strict=True):
        if draft.home and draft.home in heads and (draft.part == SPOUSE or draft.kind == "company"):
            yield replace(profile, partner=heads[draft.home])
        else:
            yield profile
        if draft.home:
            heads.setdefault(draft.home, profile.reference)


# --- what is known of them --------------------------------------------------------------------------------------------


def _profile(draw: _Draw, draft: _Draft, reference: str, homes: dict[int, str]) -> Profile:
    rng, as_of = draw.rng, draw.as_of
    joined = _joined(rng, as_of, early=bool(draft.purpose))
    backup = rng.choice(draw.part.colleagues(draft.manager))
    english = not draft.named.chinese or (rng.random() < 0.08 and not draft.purpose)
    born = _born(rng, as_of, draft)
    row = ClientRow(
        reference=reference,
        kind=draft.kind,
        name=draft.named.name,
        alias=draft.named.alias,
        household=f"H{draft.home:04d}" if draft.home else "",
        household_name=homes.get(draft.home, ""),
        tier=draft.tier,
        status="active",
        language="en" if english else "zh-hans",
        base_currency="CNY"
        if draft.named.chinese or draft.purpose
        else rng.choice(("CNY", "CNY", "USD", "HKD", "EUR")),
        born_on=born,
        manager=draft.manager,
        backup=backup,
        consented_on=joined if draft.purpose or rng.random() < 0.85 else None,
        preferences=profiles.preference(rng, chinese=not english),
        avoid=profiles.avoid(rng, chinese=not english),
    )
    row = _identified(draw, _reachable(rng, row, draft.named), draft, born)
    former, handed = _former(draw, joined, row) if not draft.purpose else ("", None)
    low, high = WEALTH[draft.tier]
    return Profile(
        row=row,
        wealth=_wealth(rng, low, high),
        currencies=_currencies(rng, draft, row.base_currency),
        risk=rng.choices((1, 2, 3, 4, 5), (15, 30, 30, 18, 7))[0],
        joined_on=joined,
        purpose=draft.purpose,
        former=former,
        handed_over_on=handed,
        also=_second(rng, as_of, row),
    )


def _wealth(rng: Random, low: int, high: int) -> int:
    """Draw wealth in yuan, most of it near the lower end, in round tens of thousands."""
    share: float = rng.random() ** 2.2
    return int(low + (high - low) * share) // 10_000 * 10_000


def _joined(rng: Random, as_of: dt.date, *, early: bool) -> dt.date:
    first = first_day(as_of)
    if early or rng.random() < 0.8:
        return between(rng, first, first + dt.timedelta(days=40))
    return between(rng, first + dt.timedelta(days=40), add_months(as_of, -5))


def _born(rng: Random, as_of: dt.date, draft: _Draft) -> dt.date:
    if draft.kind != "person":
        years = rng.uniform(4, 25)
    elif draft.part == CHILD:
        years = rng.uniform(22, 34)
    else:
        years = rng.triangular(34, 82, 52)
    return as_of - dt.timedelta(days=int(years * 365.25))


def _currencies(rng: Random, draft: _Draft, base: str) -> tuple[str, ...]:
    found = {"CNY": None, base: None}
    if draft.purpose == "concentrated":
        return tuple(found)
    if draft.purpose in {"need", "maturities", "hold"}:
        found |= {"USD": None}
    for currency, chance in (("USD", 0.42), ("HKD", 0.24), ("EUR", 0.14)):
        if rng.random() < chance:
            found[currency] = None
    return tuple(found)


def _former(draw: _Draw, joined: dt.date, row: ClientRow) -> tuple[str, dt.date | None]:
    """Draw an earlier manager and the day of the handover for one client in twelve."""
    day = on_or_after(add_months(joined, draw.rng.randrange(8, 24)))
    choices = [one.username for one in draw.part.managers if one.username not in {row.manager, row.backup}]
    if not choices or draw.rng.random() >= 1 / 12 or day >= add_months(draw.as_of, -2):
        return "", None
    return draw.rng.choice(choices), day


# --- how they are reached and identified ------------------------------------------------------------------------------


def _reachable(rng: Random, row: ClientRow, named: Named) -> ClientRow:
    words = syllables(named.name) if named.chinese else plain(named.name).split()
    local = "".join(
        letter for letter in ".".join(words[:3]) if letter.isascii() and (letter.isalnum() or letter == ".")
    )
    email = f"{local.strip('.') or 'client'}.{row.reference[1:]}@{rng.choice(DOMAINS)}"
    country = "CN" if named.chinese else rng.choice([code for code, _ in numbers.COUNTRIES])
    address = profiles.address(rng, country) if rng.random() < 0.7 else ""
    return replace(row, email=email, phone=numbers.phone(rng, country), address=address, domicile=country)


def _identified(draw: _Draw, row: ClientRow, draft: _Draft, born: dt.date) -> ClientRow:
    """Give the client a document: those on purpose expire soon or have expired, the others mostly later."""
    rng = draw.rng
    if row.kind == "trust":
        number = f"TD-{born.year}-{row.reference[1:]}"
        return replace(row, id_kind="trust_deed", id_country=row.domicile, id_number=number)
    expires = draw.as_of + dt.timedelta(days=_days_left(rng, draft.purpose))
    if row.kind == "company":
        if row.domicile == "CN":
            return replace(row, id_kind="uscc", id_country="CN", id_number=numbers.social_credit_code(rng))
        number = f"REG-{numbers.digits(rng, 8)}"
        return replace(row, id_kind="other", id_country=row.domicile, id_number=number, id_expires_on=expires)
    if row.domicile == "CN":
        number = _unused(draw, born, draft.named.gender)
        return replace(row, id_kind="resident_id", id_country="CN", id_number=number, id_expires_on=expires)
    number = numbers.passport(rng, row.domicile)
    return replace(row, id_kind="passport", id_country=row.domicile, id_number=number, id_expires_on=expires)


def _unused(draw: _Draw, born: dt.date, gender: str) -> str:
    """Draw a resident identity number that nobody else of the book has: parts do not share order numbers."""
    while (number := numbers.resident_id(draw.rng, born, gender, draw.part.number)) in draw.taken:
        continue
    draw.taken.add(number)
    return number


def _days_left(rng: Random, purpose: str) -> int:
    on_purpose = {"concentrated": -17, "need": 21, "overdue": 9}
    if purpose in on_purpose:
        return on_purpose[purpose]
    return rng.randrange(3, 60) if rng.random() < 0.03 else rng.randrange(95, 5000)


def _second(rng: Random, as_of: dt.date, row: ClientRow) -> ClientRow | None:
    """Draw a passport beside the identity card for one person in six, as a second line of the same client."""
    if row.id_kind != "resident_id" or rng.random() >= 1 / 6:
        return None
    expires = as_of + dt.timedelta(days=rng.randrange(120, 3600))
    return ClientRow(
        reference=row.reference,
        kind=row.kind,
        name=row.name,
        id_kind="passport",
        id_country="CN",
        id_number=numbers.passport(rng, "CN"),
        id_expires_on=expires,
    )
