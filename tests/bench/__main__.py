"""Measure on a book of its own, print a table, write ``bench.json`` into the folder of files.

Each figure stands beside its rival or limit of the same run; a goal is said where one is promised.
"""

import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import django

RUNS, WARM = 30, 3


@dataclass(frozen=True)
class Row:
    """One figure: seconds or bytes, ours and the rival's; ``ratio`` is ours over the rival's."""

    name: str
    ours: float
    rival: float
    against: str
    goal: float

    @property
    def ratio(self) -> float:
        """Return how many times the rival."""
        return self.ours / self.rival

    @property
    def met(self) -> bool:
        """Say whether the goal holds."""
        return self.ratio <= self.goal


def paired(ours: Callable[[], object], rival: Callable[[], object], runs: int = RUNS) -> tuple[float, float]:
    """Return the median seconds of both, measured in turn so that a drifting machine is fair to both."""
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(runs + WARM):
        for place, work in enumerate((ours, rival)):
            begun = time.perf_counter()
            work()
            if number >= WARM:
                taken[place].append(time.perf_counter() - begun)
    return statistics.median(taken[0]), statistics.median(taken[1])


def main() -> int:
    """Build the book, measure, tell."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.conf import settings  # noqa: PLC0415  (needs Django)
    from django.core.management import call_command  # noqa: PLC0415

    from tests.bench import figures  # noqa: PLC0415

    call_command("build_book", "--clients", "100", "--seed", "7")
    rows = [Row(name, *figure) for name, figure in figures.all_of_them(paired)]
    print(f"{'figure':38} {'ours':>10} {'rival':>10} {'ratio':>7} {'goal':>6}  against")
    for row in rows:
        state = "" if row.met else "  MISSED"
        print(
            f"{row.name:38} {row.ours:10.4g} {row.rival:10.4g} {row.ratio:7.2f} {row.goal:6.1f}  {row.against}{state}"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"peak memory {peak / 1024:.0f} MiB")
    told = [{**asdict(row), "ratio": row.ratio, "met": row.met} for row in rows]
    settings.VAR.mkdir(exist_ok=True)
    (settings.VAR / "bench.json").write_text(json.dumps(told, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
