"""Processes that measure when they are told to: one line of JSON in, one line of JSON back."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

from config.environment import BASE
from tests.bench.places import TAIL, FailedError

GRACE = 30


class Worker:
    """A process of its own with another program or other settings, asked over its input. ``with`` starts it."""

    def __init__(self, module: str, values: Mapping[str, str], log: Path, *arguments: str) -> None:
        self.command = [sys.executable, "-m", module, *arguments]
        self.values, self.log = dict(values), log

    def __enter__(self) -> Self:
        with self.log.open("wb") as errors:
            self.process = subprocess.Popen(
                self.command,
                cwd=BASE,
                env=self.values,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        return self

    def __exit__(self, *_error: object) -> None:
        self._pipe("stdin").close()
        try:
            self.process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._pipe("stdout").close()

    def tell(self, **asked: object) -> None:
        """Tell it what to do, without waiting."""
        self._pipe("stdin").write(json.dumps(asked) + "\n")
        self._pipe("stdin").flush()

    def answer(self) -> dict[str, Any]:
        """Wait for its answer.

        Raises:
            FailedError: it ended instead.
        """
        line = self._pipe("stdout").readline()
        if not line:
            raise FailedError(f"{' '.join(self.command)} ended:\n{self.log.read_text(errors='replace')[-TAIL:]}")
        found: dict[str, Any] = json.loads(line)
        return found

    def ask(self, **asked: object) -> dict[str, Any]:
        """Tell it what to do and wait for its answer."""
        self.tell(**asked)
        return self.answer()

    def _pipe(self, name: str) -> Any:
        return getattr(self.process, name)


def serve(work: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Answer every line of the input until it ends."""
    for line in sys.stdin:
        sys.stdout.write(json.dumps(work(json.loads(line))) + "\n")
        sys.stdout.flush()
