"""The project's own files, read as text and as syntax."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings

BASE = Path(settings.BASE_DIR)
APPS = ("core", "clients", "portfolios", "compliance", "reviews", "reports", "config")
"""From the lowest to the highest: each may look at those before it."""
TEMPLATES = sorted(path for path in (BASE / "templates").rglob("*") if path.is_file())


def rank(app: str) -> int:
    """Return how high an app stands; what is no app of ours stands below all."""
    return APPS.index(app) if app in APPS else -1


def name_of(path: Path) -> str:
    """Name a file from the project's root."""
    return str(path.relative_to(BASE))


@cache
def modules() -> dict[str, ast.Module]:
    """Return the syntax of every module of the apps, migrations left out, by its path."""
    found = [path for app in APPS for path in sorted((BASE / app).rglob("*.py")) if "migrations" not in path.parts]
    return {name_of(path): ast.parse(path.read_text()) for path in found}


def room(path: str) -> str:
    """Return which room a module is in: the second name of its path."""
    return path.split("/")[1].removesuffix(".py")


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function of a module, methods too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def imports(tree: ast.Module) -> Iterator[str]:
    """Yield the full name of everything a module imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
