"""How many processes, threads and database connections this machine carries; the commands of web, worker and beat.

    python -m config.serving web --host 0.0.0.0 --port 8000
    python -m config.serving worker

A thread of the web keeps one connection, a process of the worker's pool another: what ``connections`` says is all that
PostgreSQL has to hold.
"""

import argparse
import os
import sys
from pathlib import Path

WEB_THREADS = 2
"""While one thread waits for the database, another computes; more of them only make each other wait."""
SPARE_CONNECTIONS = 30
"""For commands, migrations, a second set of processes during a change of version, and a look from outside."""
GRACE_SECONDS = 10
PROGRAMS = Path(sys.executable).parent
CPU_LIMIT = Path("/sys/fs/cgroup/cpu.max")


def cores() -> int:
    """Return how many cores this process may use: those it is bound to, at most what its control group grants."""
    bound = len(os.sched_getaffinity(0))
    try:
        quota, period = CPU_LIMIT.read_text().split()
        return bound if quota == "max" else max(1, min(bound, int(quota) // int(period)))
    except (OSError, ValueError):
        return bound


def web_workers() -> int:
    """Return the processes of the web: ``WEB_WORKERS``, otherwise one for each core."""
    return int(os.environ.get("WEB_WORKERS") or cores())


def pool() -> int:
    """Return the processes of the worker's pool: ``JOB_WORKERS``, otherwise one for each core."""
    return int(os.environ.get("JOB_WORKERS") or cores())


def connections() -> int:
    """Return how many connections PostgreSQL has to hold."""
    return web_workers() * WEB_THREADS + pool() + 1 + SPARE_CONNECTIONS


def web(*, host: str, port: int, application: str = "config.wsgi:application") -> list[str]:
    """Return the command of the web server."""
    sizes = ["--workers", str(web_workers()), "--blocking-threads", str(WEB_THREADS)]
    command = [str(PROGRAMS / "granian"), "--interface", "wsgi", "--http", "1", "--no-ws", *sizes]
    return [*command, "--host", host, "--port", str(port), "--workers-kill-timeout", str(GRACE_SECONDS), application]


def worker() -> list[str]:
    """Return the command of the worker."""
    celery = [str(PROGRAMS / "celery"), "-A", "config", "worker"]
    return [*celery, "-c", str(pool()), "-l", "INFO", "--without-gossip", "--without-mingle"]


def beat(schedule: Path) -> list[str]:
    """Return the command of beat. The name of the pid file is empty: a stale one would stop the next start."""
    return [str(PROGRAMS / "celery"), "-A", "config", "beat", "-l", "INFO", "--pidfile=", "-s", str(schedule)]


def main() -> None:
    """Become the program that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m config.serving")
    programs = parser.add_subparsers(dest="program", required=True)
    asked = programs.add_parser("web")
    asked.add_argument("--host", default="127.0.0.1")
    asked.add_argument("--port", type=int, default=8000)
    programs.add_parser("worker")
    programs.add_parser("beat").add_argument("--schedule", type=Path, required=True)
    given = parser.parse_args()
    if given.program == "web":
        command = web(host=given.host, port=given.port)
    else:
        command = worker() if given.program == "worker" else beat(given.schedule)
    os.execv(command[0], command)  # noqa: S606  (the point: the same process goes on as the program)


if __name__ == "__main__":
    main()
