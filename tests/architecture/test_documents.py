"""README and ARCHITECTURE tell the truth: what they name exists."""

import importlib
import re

import pytest
from django.core.management import get_commands, load_command_class
from django.urls import Resolver404, resolve

from tests.architecture.source import APPS, BASE

DOCUMENTS = ["README.md", "ARCHITECTURE.md"]
CODE = re.compile(r"`([^`\n]+)`")
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
MODULE = re.compile(rf"(?:{'|'.join(APPS)}|tests)(?:\.\w+)+")
PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)+/?|[\w-]+\.(?:md|toml|yml|py|sql|js|css|html)")
ADDRESS = re.compile(r"/(?:api|clients|healthz|reviews|reports|portfolios|compliance|staff)[\w/]*")
VARIABLE = re.compile(r"[A-Z][A-Z]+(?:_[A-Z]+)+")


def text(name: str) -> str:
    """Return a document."""
    return (BASE / name).read_text()


def spans(name: str) -> list[str]:
    """Return what a document writes as code within a line."""
    return CODE.findall(FENCE.sub("", text(name)))


def exists(dotted: str) -> bool:
    """Say whether a dotted name can be imported, to whatever depth it is a module or an attribute."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_module_exists(name: str) -> None:
    dotted = [span for span in spans(name) if MODULE.fullmatch(span) and not PATH.fullmatch(span)]
    assert [span for span in dotted if not exists(span)] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_path_exists(name: str) -> None:
    tops = {path.name for path in BASE.iterdir()}
    paths = [span for span in spans(name) if PATH.fullmatch(span) and ("/" not in span or span.split("/")[0] in tops)]
    gone = [path for path in paths if not (BASE / path).exists() and not (BASE / f"{path}.py").exists()]
    assert gone == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_picture_exists(name: str) -> None:
    pictures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", text(name))
    assert [picture for picture in pictures if not (BASE / picture).exists()] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_make_target_exists(name: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", text("Makefile"), re.MULTILINE))
    lines = [line.split("#")[0] for line in "\n".join(code_of(name)).splitlines()]
    named = {
        word for line in lines for words in re.findall(r"\bmake ((?:[a-z]+\b ?)+)", line) for word in words.split()
    }
    assert named - targets == set()


def code_of(name: str) -> list[str]:
    """Return everything a document writes as code."""
    return [*spans(name), *FENCE.findall(text(name))]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_command_exists_with_its_options(name: str) -> None:
    commands = get_commands()
    for command, rest in re.findall(r"manage\.py (\w+)([^`\n]*)", "\n".join(code_of(name))):
        assert command in commands, command
        app = commands[command]
        loaded = load_command_class(app, command)
        parser = loaded.create_parser("manage.py", command)
        known = {option for action in parser._actions for option in action.option_strings}
        assert set(re.findall(r"--[\w-]+", rest)) <= known, command


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_address_exists(name: str) -> None:
    gone = []
    for span in spans(name):
        if ADDRESS.fullmatch(span):
            try:
                resolve(span)
            except Resolver404:
                gone.append(span)
    assert gone == []


def test_the_configuration_table_is_the_environment() -> None:
    table = text("README.md").split("## Configuration")[1].split("\n## ")[0]
    told = {
        name for line in table.splitlines() if line.startswith("|") for name in VARIABLE.findall(line.split("|")[1])
    }
    read = set(re.findall(r'"([A-Z][A-Z_]+_?[A-Z]+)"', text("config/environment.py")))
    assert told == {name for name in read if VARIABLE.fullmatch(name)}


def test_the_documents_stay_short() -> None:
    assert len(text("ARCHITECTURE.md").splitlines()) < 120
