"""Reference cases: reading them, asking our rules, comparing what they say."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.reference.answers import ANSWERS

FOLDER = Path(__file__).parent / "cases"


@dataclass(frozen=True)
class Case:
    """One question with the answer from outside; numbers may differ by ``tolerance``."""

    id: str
    area: str
    fn: str
    inputs: dict[str, Any]
    expected: Any
    tolerance: float

    def __str__(self) -> str:
        return self.id


@dataclass(frozen=True)
class Outcome:
    """What our rules said to a case; ``problem`` is empty where that was right."""

    case: Case
    problem: str

    @property
    def passed(self) -> bool:
        """Say whether the rule gave the expected answer."""
        return not self.problem


def read(path: Path) -> list[Case]:
    """Return the cases of a file, or of every file of a folder."""
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    return [_case(row) for file in files for row in json.loads(file.read_text())]


def _case(row: Mapping[str, Any]) -> Case:
    return Case(row["id"], row["area"], row["fn"], row["inputs"], row["expected"], float(row.get("tolerance", 0)))


def outcomes(cases: Iterable[Case]) -> Iterator[Outcome]:
    """Yield what our rules say to each case; a question nobody answers has failed."""
    for case in cases:
        yield Outcome(case, _problem(case))


def _problem(case: Case) -> str:
    answer = ANSWERS.get((case.area, case.fn))
    if answer is None:
        return "no implementation"
    try:
        found = answer(case.inputs)
    except Exception as error:  # noqa: BLE001  (whatever a rule raises, the case has failed and the next one is asked)
        return f"{type(error).__name__}: {error}"
    return "" if agrees(found, case.expected, case.tolerance) else f"found {found!r}, expected {case.expected!r}"


def agrees(found: Any, expected: Any, tolerance: float) -> bool:
    """Say whether an answer is the expected one: numbers within the tolerance, texts and truths exactly.

    ``{"accepted": [...]}`` is satisfied by any one of its entries.
    """
    if isinstance(expected, Mapping) and set(expected) == {"accepted"}:
        return any(agrees(found, one, tolerance) for one in expected["accepted"])
    if isinstance(expected, Mapping):
        same = isinstance(found, Mapping) and set(found) == set(expected)
        return same and all(agrees(found[key], expected[key], tolerance) for key in expected)
    if isinstance(expected, list):
        same = isinstance(found, list | tuple) and len(found) == len(expected)
        return same and all(agrees(one, other, tolerance) for one, other in zip(found, expected, strict=True))
    if isinstance(expected, bool) or isinstance(found, bool) or not isinstance(expected, int | float):
        return type(found) is type(expected) and bool(found == expected)
    return isinstance(found, int | float | Decimal) and abs(float(found) - expected) <= tolerance
