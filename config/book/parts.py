"""A book in parts, each drawn and written on its own: the desk that every book has, then team by team.

The plan follows from the seed and the number of clients alone, so every process makes the same one.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

from config.book import staff
from config.book.staff import Person

LEAST, MOST = 12, 100_000
"""Clients of a book."""
DESK_MOST = 470
"""Clients of the first part, whose six managers then look after 61 to 122 each."""
TEAM_MOST = 1000


@dataclass(frozen=True, slots=True)
class Order:
    """Which book: its arguments."""

    clients: int
    seed: int
    as_of: dt.date

    @classmethod
    def read(cls, data: Mapping[str, object]) -> "Order":
        """Return the order that an event tells."""
        return cls(int(str(data["clients"])), int(str(data["seed"])), dt.date.fromisoformat(str(data["as_of"])))

    def data(self) -> dict[str, object]:
        """Return what an event tells."""
        return {"clients": self.clients, "seed": self.seed, "as_of": self.as_of}


@dataclass(frozen=True, slots=True)
class Part:
    """So many clients of one desk or team. ``first`` is how many come before them; ``staff`` is who is hired."""

    number: int
    first: int
    count: int
    staff: tuple[Person, ...]

    @property
    def desk(self) -> bool:
        """Say whether this is the part with the printed manager and the clients on purpose."""
        return self.number == 0

    @property
    def managers(self) -> tuple[Person, ...]:
        """Return who looks after clients."""
        return tuple(person for person in self.staff if person.role == "manager")

    def colleagues(self, username: str) -> list[str]:
        """Return the other managers of the same team, who can stand in."""
        team = next(person.team for person in self.managers if person.username == username)
        return [one.username for one in self.managers if one.team == team and one.username != username]

    def rng(self, seed: int, what: str) -> Random:
        """Return where the chances of one matter of this part come from."""
        return Random(f"{seed}/{self.number}/{what}")


def parts(*, seed: int, count: int) -> list[Part]:
    """Cut a book of ``count`` clients into parts of at most ``TEAM_MOST``."""
    return list(_parts(Random(f"{seed}/staff"), count))


def _parts(rng: Random, count: int) -> Iterator[Part]:
    desk = min(count, DESK_MOST)
    yield Part(0, 0, desk, staff.STAFF)
    taken = {person.username for person in staff.STAFF}
    teams = -(-(count - desk) // TEAM_MOST)
    first = desk
    for number in range(1, teams + 1):
        size = (count - first) // (teams + 1 - number)
        yield Part(number, first, size, staff.team(rng, number, size, taken))
        first += size
