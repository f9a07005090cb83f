"""The whole book as plain values: one seed and one day in, everything that is to be written out."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from config.book import contacts, market, people, plan
from config.book.contacts import Diary, Note, PastReview
from config.book.market import Market
from config.book.parts import Part, parts
from config.book.people import Profile
from config.book.wealth import History
from portfolios.feeds.rows import AccountRow, DepositRow, HoldingRow, LotRow, PartyRow, TransactionRow


@dataclass(slots=True)
class Desk:
    """Clients, their histories in the same order, and what the desk wrote down."""

    as_of: dt.date
    zone: ZoneInfo
    market: Market
    profiles: list[Profile]
    histories: list[History] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    reviews: list[PastReview] = field(default_factory=list)

    def purpose(self, name: str) -> Profile:
        """Return the client who is there on purpose."""
        return next(profile for profile in self.profiles if profile.purpose == name)

    def accounts(self) -> list[AccountRow]:
        """Return every account."""
        return [row for history in self.histories for row in history.accounts]

    def deposits(self) -> list[DepositRow]:
        """Return every contract, as it stands on the day of the book."""
        return [row for history in self.histories for row in history.deposits.values()]

    def holdings(self) -> list[HoldingRow]:
        """Return what was held, a row for each day it changed."""
        return [row for history in self.histories for row in history.holdings]

    def lots(self) -> list[LotRow]:
        """Return what was left of single purchases, a row for each day it changed."""
        return [row for history in self.histories for row in history.lots.values()]

    def transactions(self) -> list[TransactionRow]:
        """Return every movement."""
        return [row for history in self.histories for row in history.transactions]

    def parties(self) -> Iterator[PartyRow]:
        """Yield who may operate another's account: spouses jointly, founders that of their company."""
        for profile in self.profiles:
            if profile.partner and profile.row.kind == "person":
                yield PartyRow(f"A{profile.partner[1:]}-CNY", profile.reference, "joint")
            elif profile.partner:
                yield PartyRow(f"A{profile.reference[1:]}-CNY", profile.partner, "disponent")


@dataclass(slots=True)
class Life:
    """One client with everything that happened: three years of money, contacts and reviews."""

    profile: Profile
    history: History
    notes: list[Note]
    reviews: list[PastReview]


def lives(part: Part, *, seed: int, as_of: dt.date, cycles: Mapping[str, int], zone: ZoneInfo) -> Iterator[Life]:
    """Yield the clients of a part one after the other; ``cycles`` are the months between periodic reviews by tier."""
    rng, market_ = part.rng(seed, "lives"), market.of(seed, as_of)
    profiles = people.people(part, seed=seed, as_of=as_of)
    told = contacts.told(profiles) if part.desk else set()
    for profile in profiles:
        history = plan.history(rng, market_, profile, as_of, full=part.desk)
        diary = Diary(rng, profile, history, as_of=as_of, zone=zone)
        notes = diary.notes()
        if profile.reference in told:
            notes.append(diary.leaving())
        yield Life(profile, history, notes, [*diary.maturities(), *diary.cycles(cycles[profile.row.tier])])


def make(*, seed: int, as_of: dt.date, count: int, cycles: Mapping[str, int], zone: ZoneInfo) -> Desk:
    """Draw a whole book of ``count`` clients into memory: for small ones."""
    desk = Desk(as_of, zone, market.of(seed, as_of), [])
    for part in parts(seed=seed, count=count):
        for life in lives(part, seed=seed, as_of=as_of, cycles=cycles, zone=zone):
            desk.profiles.append(life.profile)
            desk.histories.append(life.history)
            desk.notes += life.notes
            desk.reviews += life.reviews
    return desk
