"""What the import contracts cannot show: whose rooms may be entered, how long a function is, who touches tables."""

import ast
from collections import defaultdict

import pytest

from tests.architecture.source import APPS, BASE, functions, imports, modules, name_of, room

CORE = {
    "admin", "api", "approvals", "apps", "audit", "calendars", "checks", "clock", "crypto", "errors", "jobs", "models",
    "money", "lists", "post", "programs", "tasks", "templatetags", "views", "walls", "web", "migrations", "__init__",
    "management",
}  # fmt: skip
OPEN_ROOMS = {"queries", "operations", "rules", "access"}
DOORS = {"views", "api", "tasks"}
WITHOUT_TABLES = {"views", "api", "tasks", "forms", "rules", "feeds", "render", "urls"}
SHARED = {
    **{f"{app}.forms": {"clients.forms"} for app in APPS[2:-1]},
    **{f"{app}.api": {"clients.api"} for app in APPS[2:-1]},
    **{f"{app}.lists": {"clients.lists"} for app in APPS[2:-1]},
}
"""What doors above may use of the doors below: validators of dates and amounts, the act that creates tasks."""
MOST_LINES, MOST_MODULE, MOST_WIRING = 60, 450, 500
ONE_FILE, MOST_IN_ONE = "compliance/ledger/verifier.py", 600
"""Handed to strangers as it is, so it cannot be split."""
MARKED_SAFE = {"core/templatetags/steward.py"}


def app_of(path: str) -> str:
    """Return the app a module belongs to."""
    return path.split("/", 1)[0]


def test_core_is_a_closed_list() -> None:
    found = {path.stem for path in (BASE / "core").iterdir() if path.name != "__pycache__"}
    assert found <= CORE, f"core holds what every room needs and nothing else: {found - CORE}"


@pytest.mark.parametrize("app", APPS[1:-1])
def test_other_apps_enter_by_queries_operations_rules_and_access(app: str) -> None:
    strangers = []
    for path, tree in modules().items():
        here = app_of(path)
        if here in {app, "config"}:
            continue
        for name in imports(tree):
            parts = name.split(".")
            if parts[0] != app or len(parts) < 2 or parts[1] in OPEN_ROOMS:
                continue
            if f"{app}.{parts[1]}" in SHARED.get(f"{here}.{room(path)}", set()):
                continue
            if parts[1] == "models" and room(path) in {"models", "queries", "operations", "statements"}:
                continue
            strangers.append(f"{path} imports {name}")
    assert strangers == []


def test_tables_are_touched_by_queries_operations_and_access_alone() -> None:
    touched = [
        f"{path}:{node.lineno}"
        for path, tree in modules().items()
        if app_of(path) not in {"core", "config"} and room(path) in WITHOUT_TABLES
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}
    ]
    assert touched == []


def test_no_function_is_longer_than_a_screen() -> None:
    long = {
        f"{path}:{function.name}": function.end_lineno - function.lineno + 1
        for path, tree in modules().items()
        for function in functions(tree)
        if function.end_lineno and function.end_lineno - function.lineno + 1 > MOST_LINES
    }
    assert long == {}


def test_no_module_outgrows_its_room() -> None:
    sizes = {path: len((BASE / path).read_text().splitlines()) for path in modules()}
    most = {path: MOST_WIRING if app_of(path) == "config" else MOST_MODULE for path in sizes} | {ONE_FILE: MOST_IN_ONE}
    large = {path: size for path, size in sizes.items() if size > most[path]}
    assert large == {}


def test_every_room_says_what_it_is() -> None:
    silent = [path for path, tree in modules().items() if tree.body and not ast.get_docstring(tree)]
    assert silent == []


def test_models_do_nothing_when_saved_and_nobody_listens() -> None:
    found = defaultdict(list)
    for path, tree in modules().items():
        for function in functions(tree):
            if function.name in {"save", "delete"} and room(path) == "models":
                found[path].append(function.name)
        found[path] += [name for name in imports(tree) if ".dispatch" in name or ".signals" in name]
    assert {path: names for path, names in found.items() if names} == {}


def test_what_is_marked_safe_is_on_a_list() -> None:
    code = {path for path in modules() if "mark_safe" in (BASE / path).read_text()}
    assert code <= MARKED_SAFE
    pages = [
        name_of(path)
        for path in (BASE / "templates").rglob("*.html")
        if "|safe" in path.read_text() or "autoescape off" in path.read_text()
    ]
    assert pages == []


def test_nothing_is_left_for_later() -> None:
    words = ("TODO", "FIXME", "XXX:", "NotImplementedError")
    texts = {path: (BASE / path).read_text() for path in modules()}
    assert [path for path, text in texts.items() if any(word in text for word in words)] == []
