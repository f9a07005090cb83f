"""Databases, books and web servers of a measurement, and the folder they live in."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import psutil
import psycopg
from psycopg import sql

from config import embedded, scratch, serving
from config.demo import free_port
from config.environment import BASE, write_keys

HOME = BASE / "var" / "bench"
START_SECONDS = 60
RIVAL = "bench_rival"
PASSWORD = "a-long-password-of-the-bench"
TAIL = 3000


class FailedError(RuntimeError):
    """Something that is measured did not start or answered otherwise than it should."""


@dataclass(frozen=True)
class Book:
    """One database with a book in it, and how it came to be."""

    name: str
    clients: int
    values: dict[str, str]
    rival_url: str
    seconds: float
    peak: int

    @property
    def environ(self) -> dict[str, str]:
        """Return what a process that works on this book has in its environment."""
        return {**os.environ, **self.values, "RIVAL_URL": self.rival_url, "DJANGO_SETTINGS_MODULE": "config.settings"}


class Place:
    """Servers of a bench. ``with`` starts them and removes everything at the end.

    A place of its own (``make bench``) keeps what it is told through a power cut, as a real server does; a test lends
    the servers of its run.
    """

    def __init__(self, lent: Mapping[str, str] | None = None) -> None:
        self.lent = lent
        self.cleanup = contextlib.ExitStack()

    def __enter__(self) -> Self:
        if self.lent is None:
            self._start()
        else:
            self.folder = Path(self.lent["STEWARD_VAR"]) / "bench"
            self.folder.mkdir(parents=True, exist_ok=True)
            self.values = dict(self.lent)
            self.superuser, self.template = self.lent["SUPERUSER_URL"], self.lent["TEST_TEMPLATE"]
            self.prefix = f"{self.lent['TEST_DATABASE']}_bench"
        return self

    def __exit__(self, *_error: object) -> None:
        self.cleanup.close()

    def _start(self) -> None:
        """Start a cluster that nobody else uses, and migrate its template."""
        self.folder = HOME
        shutil.rmtree(HOME / "books", ignore_errors=True)
        HOME.mkdir(parents=True, exist_ok=True)
        write_keys(HOME / "keys.env")
        server = embedded.start_postgres(HOME / "pg")
        self.cleanup.callback(server.stop)
        valkey = embedded.start_valkey(HOME / "valkey")
        self.cleanup.callback(valkey.stop)
        self.superuser, self.prefix = server.superuser_url(), "bench"
        self.template = "bench_empty"
        self.values = {
            **embedded.environment(server, valkey, self.template, HOME),
            "KEY_FILE": str(HOME / "keys.env"),
            "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
            "STEWARD_SECURE": "0",
            "SMTP_URL": "smtp://127.0.0.1:9",
        }
        scratch.drop(self.superuser, self.template)
        embedded.create_database(server, self.template)
        scratch.manage(["migrate", "--verbosity", "0"], self.values)

    def book(self, name: str, clients: int, *, seed: int = 7) -> Book:
        """Make a database and build a book in it, as an operator would."""
        database = f"{self.prefix}_{name}"
        self.cleanup.callback(scratch.drop, self.superuser, database)
        scratch.reset(self.superuser, self.template, database)
        values = self._values(database, name)
        arguments = ["build_book", "--clients", str(clients), "--seed", str(seed), "--password", PASSWORD]
        seconds, peak = timed_command([sys.executable, "manage.py", *arguments], {**os.environ, **values})
        with psycopg.connect(_named(self.superuser, database), autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
        return Book(name, clients, values, lend_to_rival(_named(self.superuser, database)), seconds, peak)

    def _values(self, database: str, name: str) -> dict[str, str]:
        """Return the environment of processes that use a database, with a folder of its own."""
        folder = self.folder / "books" / name
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "static").is_symlink():
            (folder / "static").symlink_to(scratch.collected_static(self.values))
        urls = {key: _named(self.values[key], database) for key in ("DATABASE_URL", "DATABASE_OWNER_URL")}
        redis = re.sub(r"db=\d+", f"db={50 + len(name)}", self.values["REDIS_URL"])
        return {**self.values, **urls, "STEWARD_VAR": str(folder), "REDIS_URL": redis}


def _named(url: str, database: str) -> str:
    """Return the address of another database of the same server."""
    return re.sub(r"(://[^/]*/)[^?]*", rf"\g<1>{database}", url)


def database(superuser: str, book: Book) -> str:
    """Return the superuser's address of a book's database."""
    name = re.search(r"://[^/]*/([^?]*)", book.values["DATABASE_URL"])
    assert name is not None
    return _named(superuser, name[1])


def lend_to_rival(superuser_url: str) -> str:
    """Give the rival a role without walls and tables of its own beside Steward's; return its address."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [RIVAL]).fetchone():
            with contextlib.suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN BYPASSRLS").format(sql.Identifier(RIVAL)))
        for statement in (
            "CREATE SCHEMA IF NOT EXISTS rival AUTHORIZATION {0}",
            "GRANT USAGE ON SCHEMA public TO {0}",
            "GRANT SELECT, UPDATE ON ALL TABLES IN SCHEMA public TO {0}",
            "GRANT INSERT, DELETE ON django_session TO {0}",
            "GRANT REFERENCES ON clients_client, core_user, django_content_type TO {0}",
            "GRANT INSERT ON django_content_type TO {0}",
            "CREATE TABLE IF NOT EXISTS rival.portfolios_transaction (LIKE portfolios_transaction INCLUDING ALL)",
            "ALTER TABLE rival.portfolios_transaction OWNER TO {0}",
        ):
            connection.execute(sql.SQL(statement).format(sql.Identifier(RIVAL)))
    url = re.sub(r"://[^/@]*@", f"://{RIVAL}@", superuser_url)
    return f"{url}&options=-c%20search_path%3Drival,public"


def timed_command(command: list[str], values: Mapping[str, str]) -> tuple[float, int]:
    """Run a command; return its seconds and its peak resident bytes. Its output is shown when it fails."""
    begun = time.perf_counter()
    with (HOME.parent / "bench.log").open("wb+") as output:
        process = psutil.Popen(command, cwd=BASE, env=dict(values), stdout=output, stderr=subprocess.STDOUT)
        peak = 0
        while process.poll() is None:
            with contextlib.suppress(psutil.Error):
                peak = max(peak, process.memory_info().rss)
            time.sleep(0.05)
        seconds = time.perf_counter() - begun
        if process.returncode:
            output.seek(0)
            raise FailedError(f"{' '.join(command)} failed:\n{output.read().decode(errors='replace')[-TAIL:]}")
    return seconds, peak


@dataclass
class Server:
    """A web server that answers on a port of its own."""

    name: str
    application: str
    values: Mapping[str, str]
    log: Path
    probe: str
    port: int = field(default_factory=free_port)
    process: psutil.Popen = field(init=False)

    def __enter__(self) -> Self:
        command = serving.web(host="127.0.0.1", port=self.port, application=self.application)
        with self.log.open("wb") as output:
            self.process = psutil.Popen(
                command,
                cwd=BASE,
                env=dict(self.values),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > until:
                self.__exit__()
                raise FailedError(f"{self.name} did not start:\n{self.log.read_text(errors='replace')[-TAIL:]}")
            time.sleep(0.1)
        return self

    def __exit__(self, *_error: object) -> None:
        children = self.family()
        with contextlib.suppress(psutil.NoSuchProcess):
            self.process.terminate()
        psutil.wait_procs(children, timeout=15)
        for child in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
        self.process.wait()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{self.probe}", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def family(self) -> list[psutil.Process]:
        """Return the process and its workers."""
        try:
            return [self.process, *self.process.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def resident(self) -> int:
        """Return the resident bytes of all its processes together."""
        total = 0
        for process in self.family():
            with contextlib.suppress(psutil.NoSuchProcess):
                total += process.memory_info().rss
        return total


def ours(book: Book) -> Server:
    """Return Steward's web on a book, as the demo starts it."""
    log = Path(book.values["STEWARD_VAR"]) / "web.log"
    return Server(f"web-{book.name}", "config.wsgi:application", book.environ, log, "/healthz")


def rival(book: Book) -> Server:
    """Return the rival's web on the same book, served by the same program with the same settings."""
    log = Path(book.values["STEWARD_VAR"]) / "rival.log"
    return Server(f"rival-{book.name}", "tests.bench.rival.wsgi:application", book.environ, log, "/login/")


@contextlib.contextmanager
def stage(name: str) -> Iterator[None]:
    """Tell what goes on and how long it took."""
    begun = time.monotonic()
    print(f"  {name} ...", end=" ", flush=True)
    yield
    print(f"{time.monotonic() - begun:.1f} s", flush=True)
