"""Several processes that write the parts of one book. Django is set up in each before anything of it is imported."""

import importlib
import multiprocessing
import os
import queue
from collections.abc import Callable
from multiprocessing.context import SpawnProcess
from typing import Any

import django

POLL_SECONDS = 0.5


class WorkerError(Exception):
    """A process that wrote parts ended early; what it had written of its part is gone, the other parts stay."""


def write_parts(processes: int, arguments: dict[str, Any], tell: Callable[[str, int], None]) -> None:
    """Write the parts of a book by so many processes.

    Raises:
        WorkerError: one of them ended early.
    """
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    workers = [context.Process(target=_work, args=(arguments, told, os.getpid())) for _ in range(processes)]
    for worker in workers:
        worker.start()
    try:
        _listen(workers, told, tell)
    finally:
        for worker in workers:
            worker.terminate()
            worker.join()


def _listen(workers: list[SpawnProcess], told: Any, tell: Callable[[str, int], None]) -> None:
    while True:
        running = any(worker.is_alive() for worker in workers)
        try:
            while True:
                tell(*told.get(timeout=POLL_SECONDS if running else 0))
        except queue.Empty:
            pass
        if any(worker.exitcode for worker in workers):
            raise WorkerError
        if not running:
            return


def _work(arguments: dict[str, Any], told: Any, parent: int) -> None:
    """Write parts until none is left, or the command that started this process is gone."""
    django.setup()
    writing = importlib.import_module("config.book.writing")

    def wanted() -> None:
        if os.getppid() != parent:
            raise SystemExit(1)

    writing.write_parts(**arguments, tell=lambda what, count: told.put((what, count)), wanted=wanted)
