"""Templates parse, and none carries what the content security policy forbids."""

import re
from pathlib import Path

import pytest
from django.template import engines
from django_cotton.compiler_regex import CottonCompiler

from tests.architecture.source import BASE, TEMPLATES, name_of

FORBIDDEN = {
    "an inline style": re.compile(r"""<[^>]*\sstyle\s*=""", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "an inline script": re.compile(r"<script\b(?![^>]*\bsrc\s*=)", re.IGNORECASE),
    "an event attribute": re.compile(r"""<[^>]*\son[a-z]+\s*=\s*["']""", re.IGNORECASE),
    "a handler of htmx": re.compile(r"\bhx-on[:=-]", re.IGNORECASE),
    "a script address": re.compile(r"javascript:", re.IGNORECASE),
    "values computed by htmx": re.compile(r"""hx-(?:vals|headers)\s*=\s*["']js:""", re.IGNORECASE),
}
PAGES = [path for path in TEMPLATES if path.suffix == ".html"]
PRINTED = BASE / "templates" / "reports" / "pdf"
"""Templates that WeasyPrint reads; no browser does, and their style lies inside."""
MEDIAN_LINES, COMPONENT_LINES = 30, 40


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_template_parses(path: Path) -> None:
    text = path.read_text()
    engine = engines["django"].engine  # type: ignore[attr-defined]
    engine.from_string(CottonCompiler().process(text) if path.suffix == ".html" else text)


@pytest.mark.parametrize("path", [path for path in PAGES if not path.is_relative_to(PRINTED)], ids=name_of)
def test_a_template_carries_nothing_that_the_policy_forbids(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}", "", path.read_text(), flags=re.DOTALL)
    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(text)] == []


def test_templates_are_short() -> None:
    sizes = sorted(len(path.read_text().splitlines()) for path in PAGES)
    assert sizes[len(sizes) // 2] < MEDIAN_LINES


def test_components_are_short() -> None:
    components = {
        name_of(path): len(path.read_text().splitlines()) for path in (BASE / "templates/components").rglob("*.html")
    }
    assert {name: size for name, size in components.items() if size >= COMPONENT_LINES} == {}


def test_our_own_script_evaluates_no_text() -> None:
    script = (BASE / "static/steward.js").read_text()
    assert [
        word
        for word in ("eval(", "new Function", "innerHTML", "document.write", "insertAdjacentHTML")
        if word in script
    ] == []
