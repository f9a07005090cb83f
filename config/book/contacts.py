"""Contact notes with their promises, and the reviews of earlier years, told from what happened to each client."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from zoneinfo import ZoneInfo

from config.book import talk
from config.book.dates import between, in_office, on_or_after, on_or_before
from config.book.people import Profile
from config.book.staff import LEAVING
from config.book.talk import Said
from config.book.wealth import History, Mark
from reviews.rules import cycle

CHANNELS, WEIGHTS = ("call", "meeting", "message", "email"), (45, 25, 18, 12)
LEAST, MOST_ABOUT = 10, 9
CONFIDENTIAL = 0.06
TOLD = 6
"""So many clients of the leaving manager know already."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What was promised; kept at ``done_at`` or still open."""

    text: str
    due_on: dt.date
    done_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Note:
    """One contact of ``author`` with the client."""

    client: str
    author: str
    channel: str
    happened_at: dt.datetime
    text: str
    people: str
    confidential: bool
    about: str = ""
    promise: Promise | None = None


@dataclass(frozen=True, slots=True)
class PastReview:
    """A review of an earlier time: of a deposit's maturity, or of a cycle. Without a decision it is still open."""

    client: str
    due_on: dt.date
    opened_at: dt.datetime
    decision: str
    note: str = ""
    by: str = ""
    decided_at: dt.datetime | None = None
    deposit: str = ""
    period: str = ""


class Diary:
    """Writes down what passed between one client and the desk."""

    def __init__(self, rng: Random, profile: Profile, history: History, *, as_of: dt.date, zone: ZoneInfo) -> None:
        self.rng = rng
        self.profile = profile
        self.history = history
        self.as_of = as_of
        self.zone = zone

    # --- notes ---

    def notes(self) -> list[Note]:
        """Return ten to twenty notes in the order of their day."""
        marks = self.history.marks
        chosen = self.rng.sample(marks, min(len(marks), self.rng.randrange(5, MOST_ABOUT + 1)))
        found = [self._about(mark) for mark in sorted(chosen)]
        daily = self.rng.sample(talk.DAILY, max(self.rng.randrange(5, 11), LEAST - len(found)))
        found += [self._note(between(self.rng, self.profile.joined_on, self.as_of), said) for said in daily]
        found += self._on_purpose()
        return sorted(found, key=lambda note: note.happened_at)

    def _about(self, mark: Mark) -> Note:
        values = {"about": mark.about, "what": mark.what, "amount": f"{mark.currency} {mark.amount:,.0f}"}
        said = self.rng.choice(talk.ABOUT[mark.topic])
        return self._note(mark.day, said, about=mark.about, values=values)

    def _on_purpose(self) -> Iterator[Note]:
        """Yield what the printed manager promised for today, and what is late."""
        plan = {
            "concentrated": (talk.CONCENTRATED, -6),
            "need": (talk.NEED, 0),
            "maturities": (talk.MATURING, 0),
            "overdue": (talk.OVERDUE, 0),
        }
        if self.profile.purpose in plan:
            said, due = plan[self.profile.purpose]
            day = on_or_before(self.as_of - dt.timedelta(days=12))
            yield self._note(day, said, due_on=on_or_before(self.as_of + dt.timedelta(days=due)) if due else self.as_of)

    def leaving(self) -> Note:
        """Return the note of a manager who tells that he leaves."""
        day = on_or_before(self.as_of - dt.timedelta(days=self.rng.randrange(1, 8)))
        return self._note(day, talk.LEAVING, due_on=on_or_after(self.as_of + dt.timedelta(days=15)))

    def _note(
        self,
        day: dt.date,
        said: Said,
        *,
        about: str = "",
        values: Mapping[str, str] | None = None,
        due_on: dt.date | None = None,
    ) -> Note:
        chinese, day = self.profile.chinese, min(day, on_or_before(self.as_of - dt.timedelta(days=1)))
        happened = in_office(self.rng, day, self.zone)
        return Note(
            client=self.profile.reference,
            author=self.covering(day) if due_on else self._author(day),
            channel=self.rng.choices(CHANNELS, WEIGHTS)[0],
            happened_at=happened,
            text=said.text[chinese].format(**values or {}),
            people=self.rng.choice(talk.PEOPLE)[chinese],
            confidential=said is talk.LEAVING or self.rng.random() < CONFIDENTIAL,
            about=about,
            promise=self._promise(said, happened, values or {}, due_on),
        )

    def _promise(
        self, said: Said, happened: dt.datetime, values: Mapping[str, str], due_on: dt.date | None
    ) -> Promise | None:
        """Keep a promise of the past in time; one with a given day is open."""
        if said.promise is None:
            return None
        text = said.promise[self.profile.chinese].format(**values)
        if due_on is not None:
            return Promise(text, due_on, None)
        day = happened.date()
        due = on_or_after(day + dt.timedelta(days=self.rng.randrange(3, 15)))
        kept = in_office(self.rng, between(self.rng, day + dt.timedelta(days=1), due), self.zone)
        return Promise(text, due, kept if kept.date() < self.as_of and due <= self.as_of else None)

    def covering(self, day: dt.date) -> str:
        """Return who was the dedicated manager on ``day``."""
        handed = self.profile.handed_over_on
        return self.profile.former if handed and day < handed else self.profile.row.manager

    def _author(self, day: dt.date) -> str:
        return self.profile.row.backup if self.rng.random() < 0.08 else self.covering(day)

    # --- reviews ---

    def maturities(self) -> Iterator[PastReview]:
        """Yield the decided review of every contract that has ended at its maturity."""
        for row in self.history.deposits.values():
            if row.closed_on is None or row.closed_on != row.matures_on:
                continue
            after = {"all": "renew_all", "principal": "renew_principal"}
            decision = after.get(row.instruction) or self.rng.choice(("move", "move", "pay_out"))
            opened = max(row.matures_on - dt.timedelta(days=30), row.value_date)
            decided = on_or_before(row.matures_on - dt.timedelta(days=self.rng.randrange(2, 12)))
            note = talk.MATURITY[decision][self.profile.chinese]
            yield self._review(row.matures_on, opened, max(decided, opened), decision, note, deposit=row.reference)

    def cycles(self, months: int) -> Iterator[PastReview]:
        """Yield the periodic reviews since the client joined; the current one may still be to be done."""
        chinese, day = self.profile.chinese, self.profile.joined_on
        while day < self.as_of:
            period, end = cycle(day, months=months)
            begin, day = day, end + dt.timedelta(days=1)
            decided = between(self.rng, begin + dt.timedelta(days=5), end)
            note = self.rng.choice(talk.REVIEWED)[chinese]
            overdue = self.profile.purpose == "overdue"
            if overdue and day <= self.as_of < end + dt.timedelta(days=31 * months):
                opened = in_office(self.rng, on_or_after(begin), self.zone)
                yield PastReview(self.profile.reference, end, opened, "", period=period)
            elif decided < self.as_of and not (overdue and day > self.as_of):
                yield self._review(end, on_or_after(begin), decided, "reviewed", note, period=period)

    def _review(
        self, due_on: dt.date, opened: dt.date, decided: dt.date, decision: str, note: str, **key: str
    ) -> PastReview:
        return PastReview(
            self.profile.reference,
            due_on,
            in_office(self.rng, opened, self.zone).replace(hour=7),
            decision,
            note,
            self.covering(decided),
            in_office(self.rng, decided, self.zone),
            **key,
        )


def told(profiles: list[Profile]) -> set[str]:
    """Return the clients who know that their manager leaves: the wealthiest of his."""
    own = [profile for profile in profiles if profile.row.manager == LEAVING.username]
    return {p.reference for p in sorted(own, key=lambda p: (-p.wealth, p.reference))[:TOLD]}
