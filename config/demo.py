"""``make demo``: the whole of Steward on one machine.

    python -m config.demo            start everything and stay until Ctrl-C
    python -m config.demo --clean    stop what runs and remove its data

Every process carries ``STEWARD_RUN`` in its environment. By it the next start finds what a killed supervisor left
behind, whatever numbers the system has given since.
"""

import contextlib
import datetime as dt
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import types
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from config import embedded, scratch, serving, told
from config.environment import BASE, write_keys
from config.ledgers import Ledger, forget

VAR = Path(os.environ.get("STEWARD_VAR") or BASE / "var").resolve()
RUN = VAR / "run"
STATE = RUN / "demo.json"
LOGS = VAR / "log"
MARK = "STEWARD_RUN"
DATABASE = "steward"
GRACE = 25  # a worker may finish its task
OLD_BOOK = dt.timedelta(days=7)
TAIL = 25
STEADY_SECONDS = 10


class Refused(SystemExit):
    """The demo cannot start; the message says why and what to do."""


def say(text: str) -> None:
    """Tell the person at the terminal, at once."""
    print(text, flush=True)


@contextlib.contextmanager
def step(name: str) -> Iterator[None]:
    """Show what takes time, and how much."""
    started = time.monotonic()
    print(f"  {name} ...", end=" ", flush=True)
    yield
    print(f"{time.monotonic() - started:.1f} s", flush=True)


# --- one supervisor, and what an earlier one left --------------------------------------------------------------------


class Lock:
    """Held by the supervisor alone: a record lock is not passed on to children and ends with the process."""

    def __init__(self) -> None:
        RUN.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.file = (RUN / "demo.lock").open("a")

    def take(self) -> bool:
        """Whether no other supervisor runs."""
        try:
            fcntl.lockf(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


def running_elsewhere() -> str:
    """What to say about the supervisor that holds the lock."""
    state: dict[str, object] = {}
    with contextlib.suppress(OSError, ValueError):
        state = json.loads(STATE.read_text())
    where, number = state.get("url", "it is starting"), state.get("pid", "?")
    return f"Steward runs already: {where} (process {number}). Ctrl-C there ends it."


def leftovers() -> list[psutil.Process]:
    """Processes of an earlier demo of this checkout, or of this one when it ends."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and process.environ().get(MARK) == str(RUN) and embedded.alive(process):
                found.append(process)
    return found


def stop_leftovers() -> None:
    """End them: gently, then by force. Children of children are found too."""
    for gently in (True, True, False):
        found = leftovers()
        for process in found:
            with contextlib.suppress(psutil.Error):
                process.send_signal(signal.SIGTERM if gently else signal.SIGKILL)
        until = time.monotonic() + 10
        while found and time.monotonic() < until:
            found = [process for process in found if embedded.alive(process)]
            time.sleep(0.05)


def stop_servers() -> None:
    """End the two servers of an earlier demo. They rewrite their environment, so their own pid files name them."""
    embedded.stop_leftover_valkey(VAR / "valkey")
    data = embedded.data_home(VAR / "pg")
    if process := embedded.running_postgres(data):
        embedded.Postgres(data, embedded.sockets_of(data), process).stop()


# --- the processes ---------------------------------------------------------------------------------------------------


@dataclass
class Child:
    """One process of the demo. Its output goes to a file."""

    name: str
    command: list[str]
    values: dict[str, str]
    process: psutil.Popen = field(init=False)
    started: float = field(init=False, default=0)

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return LOGS / f"{self.name}.log"

    def start(self) -> "Child":
        """Start it in a session of its own, so that Ctrl-C reaches the supervisor only."""
        with self.log.open("ab" if self.started else "wb") as output:
            self.process = psutil.Popen(
                self.command,
                cwd=BASE,
                env=self.values,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.started = time.monotonic()
        return self

    def tail(self) -> str:
        """The end of its output."""
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-TAIL:])


def stop_children(children: list[Child]) -> None:
    """Tell each process, not its group: a worker's pool must live while the worker finishes."""
    running = [child for child in children if child.process.poll() is None]
    for child in running:
        child.process.send_signal(signal.SIGTERM)
    psutil.wait_procs([child.process for child in running], timeout=GRACE)
    for child in running:
        if child.process.poll() is None:
            child.process.kill()
            child.process.wait()


def programs(port: int, values: dict[str, str], ledger: Ledger | None) -> list[Child]:
    """What seals the trail, web, worker and beat."""
    return [
        *(Child(one.name, one.command, {**values, **one.values}) for one in (ledger.programs() if ledger else ())),
        Child("web", serving.web(host="127.0.0.1", port=port), values),
        Child("worker", serving.worker(), values),
        Child("beat", serving.beat(RUN / "beat"), values),
    ]


# --- preparing the data ----------------------------------------------------------------------------------------------


def manage(arguments: list[str], values: dict[str, str], *, show: bool = False) -> None:
    """Run manage.py; its output is shown when asked for, or when it fails."""
    command = [sys.executable, str(BASE / "manage.py"), *arguments]
    output = None if show else subprocess.PIPE
    done = subprocess.run(
        command, cwd=BASE, env=values, stdout=output, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise Refused(f"\nmanage.py {arguments[0]} failed:\n{done.stdout or ''}")


class Notes:
    """What the demo has done to a database, kept with the database itself as its comment."""

    def __init__(self, url: str) -> None:
        self.url = url

    def read(self) -> dict[str, str]:
        """The notes; none in a new database."""
        query = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
        with psycopg.connect(self.url) as connection:
            row = connection.execute(query).fetchone()
        try:
            return dict(json.loads(row[0])) if row and row[0] else {}
        except ValueError:
            return {}

    def add(self, **values: str) -> None:
        """Add or replace."""
        text = json.dumps({**self.read(), **values})
        with psycopg.connect(self.url) as connection:
            statement = sql.SQL("COMMENT ON DATABASE {} IS {}")
            connection.execute(statement.format(sql.Identifier(connection.info.dbname), sql.Literal(text)))


def migrate(values: dict[str, str], notes: Notes) -> None:
    """Migrate when anything a migration reads has changed."""
    state = scratch.fingerprint(Path(values["KEY_FILE"]))
    if notes.read().get("migrations") != state:
        with step("tables"):
            manage(["migrate", "--verbosity", "0"], values)
        notes.add(migrations=state)


def sign(values: dict[str, str], notes: Notes, ledger: Ledger) -> None:
    """Sign what guards the trail, once for each state of the migrations."""
    known = notes.read()
    if known.get("signed") != known["migrations"]:
        command = [*ledger.programs()[1].command, "--sign"]
        subprocess.run(command, cwd=BASE, env={**values, **ledger.programs()[1].values}, check=True)
        notes.add(signed=known["migrations"])


def once(name: str, files: set[Path], made: bool, arguments: list[str], values: dict[str, str]) -> None:  # noqa: FBT001
    """Run manage.py when its sources have changed since the last time, or what it makes is missing."""
    stamp = RUN / f"{arguments[0]}.stamp"
    state = scratch.digest(files)
    if made and stamp.exists() and stamp.read_text() == state:
        return
    with step(name):
        manage(arguments, values)
    stamp.write_text(state)


def static_and_messages(values: dict[str, str]) -> None:
    """Collect static files and compile translations."""
    sources = set((BASE / "locale").rglob("*.po"))
    compiled = all(path.with_suffix(".mo").exists() for path in sources)
    if sources:
        once("translations", sources, compiled, ["messages", "--compile"], values)
    collected = (VAR / "static" / "staticfiles.json").exists()
    once("static files", scratch.static_sources(), collected, ["collectstatic", "--noinput", "--clear", "-v0"], values)


def book(values: dict[str, str], notes: Notes) -> None:
    """Build the demo's clients once."""
    built = notes.read().get("book")
    if not built:
        say("  the book: 300 invented clients with three years of history; this is done once")
        manage(["build_book", "--clients", "300", "--seed", "7"], values, show=True)
        notes.add(book=dt.datetime.now().astimezone().date().isoformat())
    elif dt.datetime.now().astimezone().date() - dt.date.fromisoformat(built) > OLD_BOOK:
        say(f"  the book was built on {built}; its dates lie behind. `make clean demo` builds one of today.")


# --- the run ---------------------------------------------------------------------------------------------------------


class Demo:
    """Starts everything in order and stops it in reverse."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://localhost:{port}"
        self.cleanup = contextlib.ExitStack()
        self.ledger: Ledger | None = None
        self.values = {
            **os.environ,
            MARK: str(RUN),
            "STEWARD_VAR": str(VAR),
            "STEWARD_DEMO": "1",
            "STEWARD_SECURE": "0",
            "ALLOWED_HOSTS": os.environ.get("ALLOWED_HOSTS", "localhost,127.0.0.1,testserver"),
            "PUBLIC_URL": os.environ.get("PUBLIC_URL", self.url),
            "KEY_FILE": os.environ.get("KEY_FILE", str(VAR / "keys.env")),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONUNBUFFERED": "1",
            "XDG_RUNTIME_DIR": os.environ.get("XDG_RUNTIME_DIR", str(RUN)),
            # A worker told to end gives its unfinished task back.
            "REMAP_SIGTERM": "SIGQUIT",
        }

    def run(self) -> int:
        """The whole life of the demo; the answer is the exit code."""
        with self.cleanup:
            self.cleanup.callback(stop_leftovers)
            self.start_services()
            self.values |= self.ledger.public if self.ledger else {}
            self.cleanup.callback(told.leave(RUN, self.values).unlink, missing_ok=True)
            self.prepare()
            children = programs(self.port, self.values, self.ledger)
            self.cleanup.callback(stop_children, children)
            for child in children:
                child.start()
            self.wait_for_web(children)
            self.announce()
            return self.watch(children)

    def start_services(self) -> None:
        """PostgreSQL, Valkey and mail, each unless the environment names another."""
        if "KEY_FILE" not in os.environ:
            new_keys(Path(self.values["KEY_FILE"]))
        if "DATABASE_URL" not in os.environ:
            embedded.prepare_root()
            with step("PostgreSQL"):
                self.start_postgres()
        if "REDIS_URL" not in os.environ:
            valkey = embedded.start_valkey(VAR / "valkey")
            self.cleanup.callback(valkey.stop)
            self.values["REDIS_URL"] = valkey.url
        if "SMTP_URL" not in os.environ:
            port = free_port()
            folder = str(VAR / "mail")
            sink = Child(
                "mail", [sys.executable, "-m", "config.mailsink", "--port", str(port), "--folder", folder], self.values
            )
            self.cleanup.callback(stop_children, [sink.start()])
            self.values["SMTP_URL"] = f"smtp://127.0.0.1:{port}"

    def start_postgres(self) -> None:
        """Start the server; a database whose book was never finished is made anew."""
        server = embedded.start_postgres(VAR / "pg")
        self.cleanup.callback(server.stop)
        embedded.create_database(server, DATABASE)
        notes = Notes(server.superuser_url(DATABASE)).read()
        if "book" not in notes:
            forget(VAR)
        if notes and "book" not in notes:
            scratch.drop(server.superuser_url(), DATABASE)
            embedded.create_database(server, DATABASE)
        self.ledger = Ledger(VAR, server.url(DATABASE, "steward_sealer"), free_port())
        self.values["DATABASE_URL"] = server.url(DATABASE, "steward_app")
        self.values["DATABASE_OWNER_URL"] = embedded.owner_url(server, DATABASE)

    def prepare(self) -> None:
        """Tables, files, translations, clients: each only when needed."""
        notes = Notes(self.values.get("DATABASE_OWNER_URL") or self.values["DATABASE_URL"])
        migrate(self.values, notes)
        if self.ledger:
            sign(self.values, notes, self.ledger)
        static_and_messages(self.values)
        book(self.values, notes)

    def wait_for_web(self, children: list[Child]) -> None:
        """Until /healthz answers 200."""
        with step("web, worker and beat"):
            while not healthy(self.port):
                ended(children)
                time.sleep(0.1)

    def announce(self) -> None:
        """Say who can sign in, where the mail is, and last of all the address."""
        logins = RUN / "logins.txt"
        if logins.exists():
            say("\nSign in as (role, name, password):")
            for role, name, password in (
                line.rsplit(" ", 2) for line in logins.read_text().splitlines() if line.strip()
            ):
                say(f"  {role:<24} {name:<16} {password}")
        if "SMTP_URL" not in os.environ:
            say("Mail that Steward sends is kept here: `make mail` lists it, `make mail N=1` shows one.")
        say(f"Logs: {LOGS}. Ctrl-C ends everything.")
        STATE.write_text(json.dumps({"pid": os.getpid(), "started": psutil.Process().create_time(), "url": self.url}))
        self.cleanup.callback(STATE.unlink, missing_ok=True)
        say(f"ready: {self.url}")

    def watch(self, children: list[Child]) -> int:
        """Until a signal. A process that was killed is started again; one that cannot live ends the demo."""
        while True:
            ended([child for child in children if time.monotonic() - child.started < STEADY_SECONDS])
            for child in children:
                if child.process.poll() is not None:
                    say(f"{child.name} ended with code {child.process.returncode}: starting it again")
                    child.start()
            time.sleep(0.5)


def ended(children: list[Child]) -> None:
    """When one process ends, so does the demo; the end of its log says why."""
    for child in children:
        if child.process.poll() is not None:
            raise Refused(
                f"\n{child.name} ended with code {child.process.returncode}; {child.log} ends:\n{child.tail()}"
            )


def healthy(port: int) -> bool:
    """Whether the web answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004
    except (urllib.error.URLError, OSError):
        return False


def new_keys(path: Path) -> None:
    """Make the keys. Without the old ones, data that root keeps outside the checkout can no longer be read."""
    data = embedded.data_home(VAR / "pg")
    if not path.exists() and data.exists():
        say(f"  the keys of the earlier data are gone: removing {data}")
        shutil.rmtree(data)
    write_keys(path)


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def check_port(port: int) -> None:
    """Refuse a port in use: the web server would share it with the stranger without a word."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Refused(f"port {port} is in use by another program; try `make demo PORT={port + 1}`") from error


def interrupt(_number: int, _frame: types.FrameType | None) -> None:
    """The first signal ends the demo; more of them do not hurry it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def clean() -> None:
    """Remove the demo's data, and the tests' unless a test run is going on."""
    stop_leftovers()
    stop_servers()
    keep = scratch.remove()
    for path in VAR.iterdir():
        if path.name not in {"run", "node", *(["test"] if keep else [])}:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.rmtree(RUN, ignore_errors=True)
    if embedded.as_root() and embedded.root_home().is_dir():
        for path in embedded.root_home().glob("*"):
            if not (keep and (path.name.startswith("var-test-") or path.name.startswith("postgresql-"))):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        with contextlib.suppress(OSError):
            embedded.root_home().rmdir()
    say("removed the demo's data" + ("; a test run goes on, its data stay" if keep else ""))


def main() -> int:
    """Refuse, clean or run."""
    lock = Lock()
    if not lock.take():
        raise Refused(running_elsewhere())
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    if "--clean" in sys.argv[1:]:
        clean()
        return 0
    LOGS.mkdir(parents=True, exist_ok=True)
    (VAR / "inbox").mkdir(mode=0o700, exist_ok=True)
    STATE.unlink(missing_ok=True)
    stop_leftovers()
    stop_servers()
    port = int(os.environ.get("PORT") or 8000)
    check_port(port)
    say("Steward")
    try:
        return Demo(port).run()
    except KeyboardInterrupt:
        say("\nstopped")
        return 0
    except embedded.ServerError as error:
        raise Refused(str(error)) from error


if __name__ == "__main__":
    sys.exit(main())
