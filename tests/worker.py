"""A real Celery worker beside a test: its own process on the test's database and queue, told to end or killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

from config.environment import BASE
from core import jobs

COMMAND = ["worker", "--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "INFO"]
STOP_SECONDS = 15
STEP = 0.02


class Worker:
    """One worker with its pool, in a process group of its own. ``with`` ends it, whatever became of the test."""

    def __init__(self, log: Path, values: Mapping[str, str], *pool: str) -> None:
        self.log, self.values, self.pool = log, values, pool or ("-c", "1", "--pool=solo")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Start; what is announced meanwhile waits in the queue."""
        command = [sys.executable, "-m", "celery", "-A", "config", *COMMAND, *self.pool]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=BASE,
                env={**os.environ, **self.values},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self

    def kill(self) -> None:
        """Kill worker and pool at once, as a power cut would: nothing is given back, nothing tidied."""
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        """Let it finish what it does, and kill what is left."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def _signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        os.killpg(self.process.pid, number)
        self.process.wait()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()


def until(done: Callable[[], object], what: str, *, seconds: float = 60) -> None:
    """Wait for something that other processes bring about; fail by its name."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, f"waited {seconds:.0f} s: {what}"
        time.sleep(STEP)


def idle() -> bool:
    """Say whether every job is finished."""
    return not jobs.outstanding()
