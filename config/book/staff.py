"""The people of the desk: who they are, in which team, and whose name is printed for which role."""

from dataclasses import dataclass

LAKESIDE, RIVERSIDE = "Lakeside desk", "Riverside desk"
TEAMS = (LAKESIDE, RIVERSIDE)


@dataclass(frozen=True, slots=True)
class Person:
    """One account of the staff. ``share`` is the part of the book a manager looks after."""

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


def colleagues(username: str) -> list[Person]:
    """Return the other managers of the same team, who can stand in."""
    team = next(person.team for person in MANAGERS if person.username == username)
    return [person for person in MANAGERS if person.team == team and person.username != username]
