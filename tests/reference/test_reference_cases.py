"""Our rules give the numbers that others published or computed."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.reference.__main__ import main
from tests.reference.answers import ANSWERS
from tests.reference.asking import FOLDER, Case, agrees, outcomes, read

CASES = read(FOLDER)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_rule_gives_the_reference_answer(case: Case) -> None:
    (outcome,) = outcomes([case])
    assert outcome.problem == ""


def test_every_answer_is_asked_for() -> None:
    assert set(ANSWERS) == {(case.area, case.fn) for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_altered_answer_fails(case: Case) -> None:
    altered = Case(case.id, case.area, case.fn, case.inputs, _altered(case.expected, case.tolerance), case.tolerance)
    (outcome,) = outcomes([altered])
    assert not outcome.passed


def _altered(expected: Any, tolerance: float) -> Any:
    """Return an answer that must not pass: each number moved by twice the tolerance, each text prolonged."""
    if isinstance(expected, dict):
        return {key: _altered(value, tolerance) for key, value in expected.items()}
    if isinstance(expected, list):
        return [_altered(value, tolerance) for value in expected]
    if isinstance(expected, bool):
        return not expected
    return f"{expected}!" if isinstance(expected, str) else expected + 2 * tolerance + abs(expected) * 1e-6 + 1e-6


def test_an_unknown_question_has_failed() -> None:
    (outcome,) = outcomes([Case("x-001", "x", "y", {}, True, 0)])
    assert outcome.problem == "no implementation"


def test_a_rule_that_raises_has_failed() -> None:
    (outcome,) = outcomes([Case("x-001", "day_count", "yearfrac", {}, 1, 0)])
    assert not outcome.passed


@pytest.mark.parametrize(
    ("found", "expected"), [(True, 1), (1, True), ("1", 1), (None, 0), ({"a": 1}, {"a": 1, "b": 2})]
)
def test_answers_of_another_kind_do_not_agree(found: object, expected: object) -> None:
    assert not agrees(found, expected, 1)


def test_the_runner_counts_by_area_and_tells_by_its_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "cases.json"
    good = {"id": "a-1", "area": "twr", "fn": "link", "inputs": {"returns": [0.5]}, "expected": 0.5, "tolerance": 1e-9}
    file.write_text(json.dumps([good]))
    assert main(str(file)) == 0
    file.write_text(json.dumps([good, {**good, "id": "a-2", "expected": 0.6}, {**good, "id": "b-1", "area": "b"}]))
    assert main(str(file)) == 1
    printed = capsys.readouterr().out
    assert "FAILED a-2 link" in printed
    assert [line.split()[:4:3] for line in printed.splitlines() if line.startswith(("b ", "twr "))] == [
        ["twr", "0"],
        ["b", "1"],
        ["twr", "1"],
    ]
