"""What imports cannot show points down as well: foreign keys, migrations, links in templates."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.urls import NoReverseMatch, URLResolver, get_resolver

from tests.architecture.source import APPS, BASE, TEMPLATES, modules, name_of, rank

LINK = re.compile(r"""\{%\s*url\s+['"]([\w:.-]+)['"]""")
UPWARD_BY_NAME = {("core", "clients.Client")}
"""The one foreign key of core that looks up: ``ClientOwned`` is what makes a row a client's."""


def links(resolver: URLResolver, space: str = "") -> set[str]:
    """Return the full name of every address."""
    found: set[str] = set()
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            found |= links(pattern, inner)
        elif pattern.name:
            found.add(space + pattern.name)
    return found


def test_foreign_keys_point_down() -> None:
    upward = []
    for model in apps.get_models():
        app = model._meta.app_label
        for field in model._meta.get_fields():
            other = getattr(field, "related_model", None)
            if other is None or isinstance(other, str) or not getattr(field, "concrete", False):
                continue
            if rank(other._meta.app_label) > rank(app) >= 0 and (app, other._meta.label) not in UPWARD_BY_NAME:
                upward.append(f"{model._meta.label}.{field.name}")
    assert upward == []


@pytest.mark.django_db
def test_migrations_depend_on_what_lies_below() -> None:
    loader = MigrationLoader(connection)
    upward = [
        f"{app}.{name} needs {other}"
        for (app, name), migration in loader.disk_migrations.items()
        if rank(app) >= 0
        for other, _name in migration.dependencies
        if rank(other) > rank(app)
    ]
    assert upward == []


@pytest.mark.django_db
def test_migrations_of_an_app_stand_in_one_line() -> None:
    loader = MigrationLoader(connection)
    assert {app: len(loader.graph.leaf_nodes(app)) for app in APPS[:-1]} == dict.fromkeys(APPS[:-1], 1)


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_links_of_a_template_exist_and_point_down(path: Path) -> None:
    known = links(get_resolver())
    owner = path.relative_to(BASE / "templates").parts[0]
    for name in LINK.findall(path.read_text()):
        assert name in known, NoReverseMatch(name)
        if owner in APPS:
            assert rank(name.split(":")[0]) <= rank(owner), f"{name_of(path)} links up to {name}"


def test_code_names_no_address_above_itself() -> None:
    upward = []
    for path in modules():
        app = path.split("/")[0]
        calls = re.findall(r"""(?:redirect|reverse)\(\s*["'](\w+):\w+""", (BASE / path).read_text())
        upward += [f"{path}: {space}" for space in calls if app != "config" and rank(space) > rank(app)]
    assert upward == []
