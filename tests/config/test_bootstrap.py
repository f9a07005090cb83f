"""Setting up changes nothing outside the checkout."""

from typing import Any

import pytest

from config import bootstrap


def test_pip_keeps_its_cache_inside_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[Any]] = []
    monkeypatch.setattr(bootstrap, "run", lambda command, **_values: ran.append(command))
    bootstrap.pip("-r", bootstrap.LOCK)
    (command,) = ran
    cache = command[command.index("--cache-dir") + 1]
    assert cache.is_relative_to(bootstrap.BASE)
    assert "--require-hashes" in command
