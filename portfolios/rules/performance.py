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
        """Return the sums by client and day."""
        return self._sums(self.amount, clients, days)

    def dated(self, clients: int, days: int) -> Floats:
        """Return the sums of amount by date, by client and day."""
        return self._sums(self.amount * self.date, clients, days)

    def there(self, clients: int, days: int) -> Flags:
        """Say for which client and day anything moved."""
        return self._sums(np.ones_like(self.amount), clients, days) > 0

    def where(self, chosen: Flags) -> "Events":
        """Return some of them."""
        return Events(self.owner[chosen], self.place[chosen], self.date[chosen], self.amount[chosen])

    def _sums(self, weights: Floats, clients: int, days: int) -> Floats:
        flat: Floats = np.bincount(self.owner * days + self.place, weights, clients * days).astype(np.float64)
        return flat.reshape(clients, days)


@dataclass(frozen=True)
class Exchange:
    """What left cash for something the bank holds (``paid`` is signed, out negative), and what came of it (``got``)."""

    paid: Events
    got: Events

    def flows(self, clients: int, days: int) -> Floats:
        """Return what of an exchange is a flow, because its other side is not in the book.

        Something that came without being paid for on that day was brought by the client; what was paid and brought
        nothing has left.
        """
        paid, got = self.paid.there(clients, days), self.got.there(clients, days)
        brought = np.where(got & ~paid, self.got.by_day(clients, days), 0)
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
    """By client and day: what flowed in and out since the day before, what was charged, and the linked indices."""

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
    """Link the returns of ``value`` by client and day; ``days`` are ordinals.

    A day on which something is not known has no index; the next complete day is linked to the last one before it.
    """
    clients, count = value.shape
    into, out = moved.flows.where(moved.flows.amount > 0), moved.flows.where(moved.flows.amount < 0)
    fees = moved.fees.by_day(clients, count)
    came, left = into.by_day(clients, count), out.by_day(clients, count)
    came_dated, left_dated = into.dated(clients, count), out.dated(clients, count)
    for exchange in moved.exchanges:
        flows = exchange.flows(clients, count)
        came += np.maximum(flows, 0)
        left += np.minimum(flows, 0)
        came_dated += np.maximum(flows, 0) * days
        left_dated += np.minimum(flows, 0) * days
    net, gross = np.full_like(value, np.nan), np.full_like(value, np.nan)
    link = _Link(start, clients)
    for day in range(count):
        link.add(came[:, day], left[:, day], came_dated[:, day], left_dated[:, day], fees[:, day])
        link.close(value[:, day], complete[:, day], int(days[day]))
        net[:, day] = np.where(complete[:, day], link.net, np.nan)
        gross[:, day] = np.where(complete[:, day], link.gross, np.nan)
    return Chain(came + left, fees, net, gross)


class _Link:
    """The link that is being made: what was worth what when it began, and what moved since."""

    def __init__(self, start: Start, clients: int) -> None:
        self.value, self.date = start.value.copy(), start.date.copy()
        self.net, self.gross = start.net.copy(), start.gross.copy()
        self.came, self.left, self.fees = np.zeros(clients), np.zeros(clients), np.zeros(clients)
        self.came_dated, self.left_dated = np.zeros(clients), np.zeros(clients)

    def add(self, came: Floats, left: Floats, came_dated: Floats, left_dated: Floats, fees: Floats) -> None:
        self.came += came
        self.left += left
        self.came_dated += came_dated
        self.left_dated += left_dated
        self.fees += fees

    def close(self, value: Floats, complete: Flags, today: int) -> None:
        """Link the clients whose day is complete, and begin their next link."""
        length = np.maximum(today - self.date, 1)
        came = ((length + 1 + self.date) * self.came - self.came_dated) / length
        left = ((length + self.date) * self.left - self.left_dated) / length
        capital = self.value + came + left
        gain = value - self.value - self.came - self.left
        works = complete & (capital > 0)
        divisor = np.where(works, capital, 1)
        self.net = np.where(works, self.net * (1 + gain / divisor), self.net)
        self.gross = np.where(works, self.gross * (1 + (gain + self.fees) / divisor), self.gross)
        self.value = np.where(complete, value, self.value)
        self.date = np.where(complete, today, self.date)
        for sums in (self.came, self.left, self.came_dated, self.left_dated, self.fees):
            sums[complete] = 0
