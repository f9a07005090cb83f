"""One line of the table: a figure beside its rival of the same run, and how two of them are measured in turn."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from tests.bench.driver import Person, p95, timed

RUNS, WARM = 30, 3


@dataclass(frozen=True)
class Row:
    """One figure: medians of ours and the rival's in ``unit``; ``ratio`` is ours over the rival's, ``goal`` its most.

    A figure without a goal stands there to be known.
    """

    name: str
    ours: float
    rival: float
    against: str
    goal: float | None = None
    ours_p95: float | None = None
    rival_p95: float | None = None
    unit: str = "s"

    @property
    def ratio(self) -> float:
        """Return how many times the rival."""
        return self.ours / self.rival if self.rival else 0.0

    @property
    def met(self) -> bool:
        """Say whether the goal holds; what has none holds."""
        return self.goal is None or self.ratio <= self.goal

    def told(self) -> dict[str, object]:
        """Return what the file keeps."""
        return {**asdict(self), "ratio": self.ratio, "met": self.met}


def paired(
    ours: Callable[[], object], rival: Callable[[], object], runs: int = RUNS, *, most: int = RUNS
) -> tuple[float, float]:
    """Return the median seconds of both, of at most ``most`` runs, in turn: a drifting machine is fair to both."""
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(min(runs, most) + WARM):
        for place, work in enumerate((ours, rival)):
            begun = time.perf_counter()
            work()
            if number >= WARM:
                taken[place].append(time.perf_counter() - begun)
    return statistics.median(taken[0]), statistics.median(taken[1])


Side = tuple[Sequence[Person], Callable[[Person], object]]
"""People of one server, and what each of them does."""


def in_turn(sides: Sequence[Side], *, rounds: int, times: int = 1) -> list[list[float]]:
    """Let the people of each side work, side after side, round after round; the first round warms and is not counted.

    Returns the seconds of every single piece of work, by side.
    """
    taken: list[list[float]] = [[] for _ in sides]
    for number in range(rounds + 1):
        for place, (people, work) in enumerate(sides):
            found = timed(people, work, times)
            if number:
                taken[place] += found
    return taken


Block = tuple[Callable[[], object], Callable[[int], list[float]]]
"""How one side is made ready, and its work so many times over, which gives the seconds of each."""


def in_blocks(sides: Sequence[Block], *, rounds: int, warm: int, times: int) -> list[list[float]]:
    """Let each side work in blocks, the order turned round every time; the first pieces of a block only warm.

    For sides that cannot take turns piece by piece, because to change them costs more than the work.
    """
    taken: list[list[float]] = [[] for _ in sides]
    for number in range(rounds):
        for place in range(len(sides))[:: -1 if number % 2 else 1]:
            ready, work = sides[place]
            ready()
            work(warm)
            taken[place] += work(times)
    return taken


def repeated(act: Callable[[], object]) -> Callable[[int], list[float]]:
    """Return a block's work: something done so many times over, each time by the clock."""

    def work(times: int) -> list[float]:
        taken = []
        for _ in range(times):
            begun = time.perf_counter()
            act()
            taken.append(time.perf_counter() - begun)
        return taken

    return work


def compared(name: str, ours: list[float], rival: list[float], *, against: str, goal: float | None = None) -> Row:
    """Return the line of two measured sides."""
    medians = statistics.median(ours), statistics.median(rival)
    return Row(name, *medians, against, goal, p95(ours), p95(rival))
