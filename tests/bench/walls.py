"""What the wall in the database costs: pages with row-level security and without it, in blocks by turns."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle

from tests.bench.driver import Person, timed
from tests.bench.pages import CROWD, RICHEST, Desk, Size, alike, ask, told
from tests.bench.rows import Row, compared, in_blocks
from tests.bench.switches import Switch, walls

GOAL = 1.2
WARM = 4
AGAINST = "the same page with row-level security off"


def measured(desk: Desk, size: Size, *, rounds: int) -> Iterator[Row]:
    """Yield one figure for each page, role and crowd; the wall stands again at the end."""
    ids = [client for (client,) in ask(desk, RICHEST, desk.manager, CROWD)]
    with walls(desk.database) as wall:
        for role, username in (("manager", desk.manager), ("compliance", desk.compliance)):
            same_rows(desk.people(username)[0], wall, role)
            pages = {"client list": lambda person: person.page("/clients/"), "client page": whole(ids)}
            for name, page in pages.items():
                for count in (1, CROWD):
                    times = max(1, size.alone // rounds) if count == 1 else size.times
                    work = partial(timed, desk.people(username)[:count], page)
                    sides = [(wall.turn_on, work), (wall.turn_off, work)]
                    taken = in_blocks(sides, rounds=rounds, warm=WARM if count == 1 else 1, times=times)
                    yield compared(f"wall: {name}, {role}, {told(count)}", *taken, against=AGAINST, goal=GOAL)


def whole(ids: list[int]) -> Callable[[Person], object]:
    """Return what opens one client after the other, each with all its panels."""
    turns = cycle(ids)
    return lambda person: person.whole_page(f"/clients/{next(turns)}/")


def same_rows(person: Person, wall: Switch, role: str) -> None:
    """Refuse to compare pages that show different clients with the wall and without."""
    wall.turn_off()
    bare = person.page("/clients/").text
    wall.turn_on()
    alike(person.page("/clients/").text, bare, f"wall: client list, {role}")
