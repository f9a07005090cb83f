"""The tests' PostgreSQL and Valkey. Loaded by ``-p tests.embedded`` before pytest-django reads the settings.

The first process of a run starts the servers and clones one database for itself and one for each xdist worker; a
worker finds its own in the environment. The fixtures are in tests/database.py.
"""

import os
from collections.abc import Generator
from typing import Any

import pytest

from config.scratch import Scratch

SCRATCH = Scratch()
OURS = "PYTEST_XDIST_WORKER" not in os.environ


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> Generator[None, object, object]:
    """A wrapper: pytest-django's own hook asks to be first, and wrappers come before that."""
    if OURS and not {"--help", "-h", "--version", "-V"} & set(args):
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        SCRATCH.start()
        early_config.add_cleanup(SCRATCH.stop)
        os.environ.update(SCRATCH.clone("main"))
    return (yield)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(specs: list[Any]) -> None:
    """A database for each worker, told through its environment."""
    for spec in specs:
        spec.env.update(SCRATCH.clone(spec.id))


def pytest_configure(config: pytest.Config) -> None:
    """Registered after pytest-django, the fixtures win over its own."""
    config.pluginmanager.import_plugin("tests.database")
