"""The people of the desk: who they are, in which team, and whose name is printed for which role.

A small book has the people of ``STAFF``. A larger one has further teams of about ten managers, drawn from the seed.
"""

from dataclasses import dataclass
from random import Random

from clients.rules.names import plain, syllables
from config.book import names
from config.book.names import Named

LAKESIDE, RIVERSIDE = "Lakeside desk", "Riverside desk"
TEAMS = (LAKESIDE, RIVERSIDE)
PLACES = (
    *("Harbour", "Garden", "Bridge", "Hillside", "Station", "Market", "Museum", "Orchard", "Terrace", "Canal"),
    *("Cedar", "Willow", "Maple", "Lotus", "Bamboo", "Crane", "Pagoda", "Lantern", "Jade", "Pearl"),
)
PER_MANAGER, LEAST_MANAGERS = 100, 2
"""Clients of a manager; a back-up is of the same team."""
EVEN = (88, 113)
"""The bounds of a manager's share: books of one team differ a little."""
OFFICERS, CLERKS = 10, 20
"""One compliance officer and one of operations more for so many teams."""


@dataclass(frozen=True, slots=True)
class Person:
    """One account of the staff. ``share`` is the weight of a manager's part of the team's or desk's clients."""

    username: str
    name: str
    role: str
    team: str = ""
    language: str = "en"
    share: int = 0
    printed: bool = False


STAFF = (
    Person("linruoxi", "林若溪", "manager", LAKESIDE, "en", 17, printed=True),
    Person("zhouziang", "周子昂", "manager", LAKESIDE, "zh-hans", 15),
    Person("helenemarchetti", "Hélène Marchetti", "manager", LAKESIDE, "en", 14),
    Person("gaowenbo", "高文博", "manager", RIVERSIDE, "zh-hans", 26),
    Person("sunyiran", "孙怡然", "manager", RIVERSIDE, "zh-hans", 15),
    Person("tomaszwieczorek", "Tomasz Więczorek", "manager", RIVERSIDE, "en", 13),
    Person("xujingming", "许景明", "lead", LAKESIDE, "zh-hans", printed=True),
    Person("margaretosei", "Margaret Osei", "lead", RIVERSIDE),
    Person("dingshulan", "丁淑兰", "compliance", language="zh-hans", printed=True),
    Person("callumfraser", "Callum Fraser", "compliance"),
    Person("weiguoqiang", "魏国强", "operations", language="zh-hans", printed=True),
    Person("priyanair", "Priya Nair", "administrator", printed=True),
    Person("johannesbrandt", "Johannes Brandt", "auditor", printed=True),
)
MANAGERS = tuple(person for person in STAFF if person.role == "manager")
PRINTED = next(person for person in MANAGERS if person.printed)
LEAVING = next(person for person in MANAGERS if person.username == "gaowenbo")
"""He has handed in his notice and looks after the largest book."""


def team(rng: Random, number: int, clients: int, taken: set[str]) -> tuple[Person, ...]:
    """Draw the team ``number`` (from 1) for so many clients: its lead, its managers and who is hired with them.

    Adds the user names to ``taken``.
    """
    round_, place = divmod(number - 1, len(PLACES))
    name = f"{PLACES[place]} desk" + (f" {round_ + 1}" if round_ else "")
    managers = max(round(clients / PER_MANAGER), LEAST_MANAGERS)
    hired = [_person(rng, taken, "lead", name)]
    hired += [_person(rng, taken, "manager", name, rng.randrange(*EVEN)) for _ in range(managers)]
    if number % OFFICERS == 0:
        hired.append(_person(rng, taken, "compliance"))
    if number % CLERKS == 0:
        hired.append(_person(rng, taken, "operations"))
    return tuple(hired)


def _person(rng: Random, taken: set[str], role: str, team_name: str = "", share: int = 0) -> Person:
    named = names.person(rng)
    language = "zh-hans" if named.chinese and rng.random() < 0.85 else "en"
    return Person(_username(named, taken), named.name, role, team_name, language, share)


def _username(named: Named, taken: set[str]) -> str:
    """Return the name in small letters, with a number where somebody has it already."""
    words = syllables(named.name) if named.chinese else plain(named.name).split()
    stem = "".join(letter for letter in "".join(words) if letter.isascii() and letter.isalpha())
    number, found = 1, stem
    while found in taken:
        number += 1
        found = f"{stem}{number}"
    taken.add(found)
    return found
