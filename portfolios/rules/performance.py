"""What many clients' money returned, linked from day to day. Amounts are whole minor units, indices begin at one.

A day's return is the gain over the capital that worked for it: what was there, and each flow for the part of the time
that it was there (Modified Dietz). Money that comes in works from the beginning of its day, money that leaves until the
end of it, so that between one day and the next this is the true time-weighted return.
"""

from dataclasses import dataclass

import numpy as np

from portfolios.rules.valuation import Flags, Floats, Ints


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

    def there(self, clients: int, days: int) -> Flags:
        """Say for which day and client anything moved."""
        return self._sums(np.ones_like(self.amount), clients, days) > 0

    def where(self, chosen: Flags) -> "Events":
        """Return some of them."""
        return Events(self.owner[chosen], self.place[chosen], self.date[chosen], self.amount[chosen])

    def _sums(self, weights: Floats, clients: int, days: int) -> Floats:
        sums = np.zeros((days, clients))
        np.add.at(sums, (self.place, self.owner), weights)
        return sums


@dataclass(frozen=True)
class Exchange:
    """What left cash for something the bank holds (``paid`` is signed, out negative), and what came of it (``got``).

    ``income`` came into cash and may have been paid by what was got: interest, when a deposit closes.
    """

    paid: Events
    got: Events
    income: Events | None = None

    def flows(self, clients: int, days: int) -> Floats:
        """Return what of an exchange is a flow, because its other side is not in the book.

        Something that came without being paid for on that day was brought by the client; what was paid and brought
        nothing has left.
        """
        paid, got = self.paid.there(clients, days), self.got.there(clients, days)
        earned = self.income.there(clients, days) if self.income else paid
        brought = np.where(got & ~paid & ~earned, self.got.by_day(clients, days), 0)
        return brought + np.where(paid & ~got, self.paid.by_day(clients, days), 0)


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
    into, out = moved.flows.where(moved.flows.amount > 0), moved.flows.where(moved.flows.amount < 0)
    fees = moved.fees.by_day(clients, count)
    came, left = into.by_day(clients, count), out.by_day(clients, count)
    came_dated, left_dated = into.dated(clients, count), out.dated(clients, count)
    for exchange in moved.exchanges:
        flows = exchange.flows(clients, count)
        came += np.maximum(flows, 0)
        left += np.minimum(flows, 0)
        came_dated += np.maximum(flows, 0) * days[:, None]
        left_dated += np.minimum(flows, 0) * days[:, None]
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
        works = complete & (capital > 0) & (gain >= -capital)  # who owes more than there was has no return
        divisor = np.where(works, capital, 1)
        self.net *= 1 + np.where(works, gain, 0) / divisor
        self.gross *= 1 + np.where(works, gain if fees is None else gain + fees, 0) / divisor
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
