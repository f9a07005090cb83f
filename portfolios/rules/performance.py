"""What many clients' money returned, linked from day to day. Amounts are whole minor units, indices begin at one.

A day's return is the gain over the capital that worked for it: what was there, and each flow for the part of the time
that it was there (Modified Dietz). Money that comes in works from the beginning of its day, money that leaves until the
end of it, so that between one day and the next this is the true time-weighted return.
"""

from dataclasses import dataclass

import numpy as np

from portfolios.rules.valuation import NEVER, Flags, Floats, Ints

PART = 0.5
"""By how much of itself an exchange may be unequal and still be one: a trade at another price than the day's, interest
that was lost. Beyond it, what has no other side in the book came from outside or has left."""


@dataclass(frozen=True)
class Events:
    """Amounts that moved: whose, at the place of which valuation day they count, on which date (an ordinal)."""

    owner: Ints
    place: Ints
    date: Ints
    amount: Floats

    def by_day(self, clients: int, days: int) -> Floats:
        """Return the sums by day and client."""
        return self._sums(self.amount, clients, days)

    def dated(self, clients: int, days: int) -> Floats:
        """Return the sums of amount by date, by day and client."""
        return self._sums(self.amount * self.date, clients, days)

    def where(self, chosen: Flags) -> "Events":
        """Return some of them."""
        return Events(self.owner[chosen], self.place[chosen], self.date[chosen], self.amount[chosen])

    def netted(self) -> "Events":
        """Return one event for each owner and date: what moved between accounts of the same owner is none."""
        sums = _Sums(self)
        return sums.events(sums.of(self, self.amount))

    def _sums(self, weights: Floats, clients: int, days: int) -> Floats:
        sums = np.zeros((days, clients))
        np.add.at(sums, (self.place, self.owner), weights)
        return sums


def joined(*events: Events) -> Events:
    """Return all events as one."""
    return Events(
        np.concatenate([one.owner for one in events]),
        np.concatenate([one.place for one in events]),
        np.concatenate([one.date for one in events]),
        np.concatenate([one.amount for one in events]),
    )


class _Sums:
    """Sums of several events by owner and date."""

    def __init__(self, *events: Events) -> None:
        whole = joined(*events)
        self.keys, first = np.unique(_key(whole), return_index=True)
        self.owner, self.place, self.date = whole.owner[first], whole.place[first], whole.date[first]

    def of(self, events: Events, amounts: Floats) -> Floats:
        """Return the sum of amounts for each owner and date."""
        found: Floats = np.bincount(np.searchsorted(self.keys, _key(events)), amounts, len(self.keys)).astype(float)
        return found

    def events(self, amounts: Floats) -> Events:
        """Return sums as events."""
        return Events(self.owner, self.place, self.date, amounts).where(amounts != 0)


def _key(events: Events) -> Ints:
    return events.owner.astype(np.int64) * NEVER + events.date


@dataclass(frozen=True)
class Exchange:
    """What left cash for something the bank holds (``paid`` is signed, out negative), and what came of it (``got``).

    ``income`` came into cash and may have paid for what was given back: interest, when a deposit closes. ``repaid`` is
    the part of it that was posted together with a repayment.
    """

    paid: Events
    got: Events
    income: Events | None = None
    repaid: Events | None = None

    def flows(self) -> Events:
        """Return what of an exchange is a flow, because its other side is not in the book on that date.

        Something that came without being paid for was brought by the client; what was paid and brought nothing has
        left, until it comes back.
        """
        sums = _Sums(*(one for one in (self.paid, self.got, self.income) if one))
        paid, got = sums.of(self.paid, self.paid.amount), sums.of(self.got, self.got.amount)
        rest = paid + got
        gave, took = sums.of(self.paid, abs(self.paid.amount)), sums.of(self.got, abs(self.got.amount))
        if self.income and self.repaid:
            back = sums.of(self.got, np.minimum(self.got.amount, 0)) < 0
            earned = np.maximum(sums.of(self.income, self.income.amount), 0)
            late = np.where((paid > 0) & (took == 0), sums.of(self.repaid, self.repaid.amount), 0)
            settled = np.where(back, np.clip(-rest, 0, earned), late)
            rest, gave = rest + settled, gave + settled
        return sums.events(np.where(abs(rest) > PART * np.minimum(gave, took), rest, 0))


@dataclass(frozen=True)
class Start:
    """Where each client's returns go on: what they were worth, on which date (an ordinal), and the indices then."""

    value: Floats
    date: Ints
    net: Floats
    gross: Floats


@dataclass(frozen=True)
class Chain:
    """By day and client: what flowed in and out since the day before, what was charged, and the linked indices."""

    flow: Floats
    fees: Floats
    net: Floats
    gross: Floats


@dataclass(frozen=True)
class Moved:
    """What moved money over the days: the client's own flows, what the bank charged (as positive), and exchanges."""

    flows: Events
    fees: Events
    exchanges: tuple[Exchange, ...]


def chain(value: Floats, complete: Flags, days: Ints, start: Start, moved: Moved) -> Chain:
    """Link the returns of ``value`` by day and client; ``days`` are ordinals.

    A day on which something is not known has no index; the next complete day is linked to the last one before it.
    """
    count, clients = value.shape
    flows = joined(moved.flows, *(exchange.flows() for exchange in moved.exchanges)).netted()
    into, out = flows.where(flows.amount > 0), flows.where(flows.amount < 0)
    fees = moved.fees.by_day(clients, count)
    came, left = into.by_day(clients, count), out.by_day(clients, count)
    came_dated, left_dated = into.dated(clients, count), out.dated(clients, count)
    net, gross = np.empty_like(value), np.empty_like(value)
    link = _Link(start, clients)
    still = ~((came != 0) | (left != 0) | (fees != 0)).any(axis=1)
    for day in range(count):
        if not still[day]:
            link.add(came[day], left[day], came_dated[day], left_dated[day], fees[day])
        link.close(value[day], complete[day], int(days[day]))
        net[day], gross[day] = link.net, link.gross
    net[~complete] = gross[~complete] = np.nan
    return Chain(came + left, fees, net, gross)


def _linked(index: Floats, works: Flags, returned: Floats) -> Floats:
    """Return an index after one more return: nothing is left where all was lost or more, and new money begins anew."""
    begun = np.where(works & (index == 0), 1.0, index)
    return np.where(works, begun * (1 + np.maximum(returned, -1)), index)


class _Link:
    """The link that is being made: what was worth what when it began, and what moved since."""

    def __init__(self, start: Start, clients: int) -> None:
        self.value, self.date = start.value.copy(), start.date.copy()
        self.net, self.gross = start.net.copy(), start.gross.copy()
        self.moved = np.zeros((5, clients))
        self.still = True

    def add(self, *moved: Floats) -> None:
        """Let money come and leave, by amount and by amount times date, and fees be charged."""
        self.moved += moved
        self.still = False

    def close(self, value: Floats, complete: Flags, today: int) -> None:
        """Link the clients whose day is complete, and begin their next link."""
        capital, gain, fees = (self.value, value - self.value, None) if self.still else self._worked(value, today)
        works = complete & (capital > 0)
        divisor = np.where(works, capital, 1)
        self.net = _linked(self.net, works, gain / divisor)
        self.gross = _linked(self.gross, works, (gain if fees is None else gain + fees) / divisor)
        if complete.all():
            self.value, self.date[:], self.moved[:] = value, today, 0
            self.still = True
            return
        self.value = np.where(complete, value, self.value)
        self.date[complete] = today
        self.moved[:, complete] = 0
        self.still = not self.moved.any()

    def _worked(self, value: Floats, today: int) -> tuple[Floats, Floats, Floats]:
        """Return the capital that worked since the link began, what it gained, and what was charged."""
        came, left, came_dated, left_dated, fees = self.moved
        length = np.maximum(today - self.date, 1)
        capital = self.value + ((length + 1 + self.date) * came - came_dated) / length
        capital += ((length + self.date) * left - left_dated) / length
        return capital, value - self.value - came - left, fees
