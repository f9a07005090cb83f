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


def test_the_full_round_asks_for_a_spreadsheet_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: "" if name == "soffice" else name)
    assert "libreoffice-calc-nogui" in bootstrap.missing_packages("--full")
    assert "libreoffice-calc-nogui" not in bootstrap.missing_packages("--tests")
