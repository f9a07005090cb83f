"""The bench works: every figure is measured once on a tiny book, and the table is complete. Times are not judged."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from config.environment import BASE
from tests.bench.driver import Person
from tests.bench.load import FLAT_BYTES, growth
from tests.bench.rows import Block, Row, in_blocks, in_turn
from tests.bench.switches import WALLED, Switch, capture, walls

TRIGGERS = "SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = 'core_team'::regclass ORDER BY tgname"
ROLES = ("manager", "compliance")
PAGES = [
    *(f"client list, {role}" for role in ROLES),
    *(f"search, {role}" for role in ROLES),
    *("deep page, compliance", "client list, beside admin", "deep page, beside admin", "search, beside admin"),
    *("full client page", "portfolio page"),
    *("trail", *(f"search in the trail, by {what}" for what in ("person", "verb", "client"))),
    *(f"wall: {page}, {role}" for page in ("client list", "client page") for role in ROLES),
]
SAVES = [f"single save of a {act} note" for act in ("new", "changed")]
PACKAGES = ("django-auditlog", "django-simple-history")
SINGLE = [
    "book of 60 clients, events included",
    "import of 200 movements, per row",
    "import of 200 movements, per row (bulk)",
    "peak memory of the import",
    "memory of the web",
    "statement printed",
    *(f"valuing a client, 10 lines, 750 days{beside}" for beside in ("", " (numpy)")),
    *("growth of the night, a client", "peak memory of the night", "first valuation, a row"),
    *(f"{save}, with trail" for save in SAVES),
    *(f"{save}, overhead beside {package}" for save in SAVES for package in PACKAGES),
    "bulk_create of 20 notes, with trail",
    *(f"update of 20 notes ({column}), with trail" for column in ("channel", "text")),
    "2 writers while sealing, a write",
    "from commit to sealed, 99th percentile",
    *(f"200 events checked offline, a checkpoint every {each}" for each in ("1,000", "20")),
]


@pytest.fixture(scope="module")
def told() -> list[dict[str, Any]]:
    """Run the bench once on the servers of this run."""
    path = Path(os.environ["STEWARD_VAR"]) / "bench.json"
    path.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.bench", "--lent"]
    done = subprocess.run(command, cwd=BASE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "figures," in done.stdout
    rows: list[dict[str, Any]] = json.loads(path.read_text())
    return rows


@pytest.mark.full
def test_every_figure_is_in_the_table(told: list[dict[str, Any]]) -> None:
    names = {row["name"] for row in told}
    crowds = {f"{name}, {crowd}" for name in PAGES for crowd in ("1 user", "8 users")}
    assert crowds | set(SINGLE) <= names
    for role in ROLES:
        grown = {name for name in names if name.startswith(f"growth, {role}: ")}
        assert f"growth, {role}: clients/<int:client_id>/" in grown
        assert len(grown) >= 12


@pytest.mark.full
def test_every_figure_stands_beside_a_rival(told: list[dict[str, Any]]) -> None:
    for row in told:
        assert row["ours"] > 0, row
        assert row["rival"] > 0, row
        assert row["against"], row
        assert row["ratio"] == pytest.approx(row["ours"] / row["rival"])
        assert row["met"] == (row["goal"] is None or row["ratio"] <= row["goal"])


@pytest.mark.full
def test_goals_are_those_that_were_promised(told: list[dict[str, Any]]) -> None:
    goals = {row["name"]: row["goal"] for row in told}
    assert goals["client list, manager, 1 user"] == goals["search, compliance, 8 users"] == 2
    assert goals["deep page, beside admin, 8 users"] == pytest.approx(1 / 3)
    assert (goals["full client page, 1 user"], goals["full client page, 8 users"]) == (5, 12)
    assert goals["import of 200 movements, per row"] == pytest.approx(1 / 30)
    assert goals["import of 200 movements, per row (bulk)"] is None
    assert {goal for name, goal in goals.items() if name.startswith("growth, ")} == {1.5}
    assert {goal for name, goal in goals.items() if name.startswith("wall: ")} == {1.2}
    assert {goal for name, goal in goals.items() if "trail, " in name or name.startswith("trail")} == {2}
    assert {goals[f"{save}, with trail"] for save in SAVES} == {1.15}
    assert {goals[f"{save}, overhead beside {package}"] for save in SAVES for package in PACKAGES} == {1 / 3}
    assert goals["bulk_create of 20 notes, with trail"] == 1.5
    assert goals["update of 20 notes (text), with trail"] == 8
    assert goals["2 writers while sealing, a write"] == pytest.approx(1 / 0.9)
    assert goals["from commit to sealed, 99th percentile"] == 1
    assert goals["200 events checked offline, a checkpoint every 1,000"] == 1


def test_sides_are_measured_in_turn_and_the_first_round_only_warms() -> None:
    order: list[str] = []
    people = [Person(0)]
    taken = in_turn([(people, lambda _: order.append("ours")), (people, lambda _: order.append("rival"))], rounds=2)
    assert order == ["ours", "rival"] * 3
    assert [len(side) for side in taken] == [2, 2]


def test_blocks_take_turns_in_turned_order_and_their_first_pieces_only_warm() -> None:
    order: list[str] = []

    def side(name: str) -> Block:
        return lambda: order.append(name), lambda times: [float(times)] * times

    taken = in_blocks([side("ours"), side("rival")], rounds=2, warm=1, times=3)
    assert order == ["ours", "rival", "rival", "ours"]
    assert taken == [[3.0] * 6] * 2


@pytest.mark.parametrize(("switch", "query"), [(walls, WALLED), (partial(capture, table="core_team"), TRIGGERS)])
def test_what_was_turned_off_is_on_again_after_an_error(
    switch: Callable[[str], AbstractContextManager[Switch]], query: str
) -> None:
    superuser = re.sub(r"(://[^/]*/)[^?]*", rf"\g<1>{os.environ['TEST_DATABASE']}", os.environ["SUPERUSER_URL"])

    def found() -> list[Any]:
        with psycopg.connect(superuser) as connection:
            return connection.execute(query).fetchall()

    before, between = found(), []
    with pytest.raises(RuntimeError, match="meanwhile"), switch(superuser) as turned:
        turned.turn_off()
        between = found()
        raise RuntimeError("meanwhile")
    assert found() == before != between


def test_an_error_of_one_person_ends_the_measurement() -> None:
    def refuse(_person: Person) -> None:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        in_turn([([Person(0)], refuse)], rounds=1)


@pytest.mark.parametrize(("grown", "flat"), [(0, True), (FLAT_BYTES // 2, True), (400 * 2**20, False)])
def test_memory_that_grows_after_warming_up_is_not_flat(grown: int, flat: bool) -> None:  # noqa: FBT001
    size, minutes = 200 * 2**20, 30
    points = [(minute * 60.0, size + grown * minute // minutes) for minute in range(minutes)]
    assert growth(points)[1] is flat


@pytest.mark.parametrize("begun", range(8))
def test_memory_that_falls_back_whenever_children_are_replaced_is_flat(begun: int) -> None:
    size, saw = 200 * 2**20, 15 * 2**20
    points = [(minute * 60.0, size + saw * ((minute + begun) % 8)) for minute in range(30)]
    assert growth(points) == (0, True)


def test_a_missed_goal_is_told() -> None:
    assert Row("list", 3.0, 1.0, "a rival", 2).met is False
    assert Row("list", 3.0, 1.0, "a rival").met is True
