"""The watched folder: a bank's systems lay files into it, each is received once and answered by a text beside it.

``running/`` holds what was received and is being applied, ``done/`` and ``refused/`` what is over. The names begin
with the run's number, so a scan that was cut off is taken up where it stopped: the file's place is the only state.
"""

import contextlib
import datetime as dt
import fcntl
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
from django.utils.translation import gettext as _

from core.errors import Refused
from core.walls import acting, service
from portfolios import feeds, queries
from portfolios.models import FeedRun
from portfolios.operations.corrections import correctable, error_file
from portfolios.operations.feeds import Wishes, receive

NAME = re.compile(r"[\w()+-][\w .()+-]{0,150}\.(csv|xlsx|zip)", re.IGNORECASE)
UNFINISHED = re.compile(r"\..*|.*(~|\.(part|tmp|temp|filepart|crdownload))", re.IGNORECASE)
STEADY = dt.timedelta(seconds=5)
SEEN_SECONDS = 3600
RUNNING, DONE, REFUSED = "running", "done", "refused"
ORDER = ("clients", "accounts", "prices", "holdings", "transactions", "mapped")
"""Files that others need come first; a file waits while one before it in this order is being applied."""


@dataclass(frozen=True)
class Found:
    """A file of the folder, with the layout or mapping that its name asks for."""

    path: Path
    kind: str
    mapping_id: int | None = None

    @property
    def rank(self) -> int:
        """Return its place in the order."""
        return ORDER.index(self.kind)


def scan(*, folder: Path, now: dt.datetime) -> int:
    """Receive what lies ready, and put away what is over; return how many files were received.

    One scan at a time works in a folder: a second one, also in another process, leaves at once.
    """
    for name in (RUNNING, DONE, REFUSED):
        (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(folder) as ours:
        if not ours:
            return 0
        waiting = _put_away(folder)
        ready = _ready(folder, now)
        first = waiting if waiting is not None else min((found.rank for found in ready), default=0)
        return sum(_receive(folder, found, now) for found in ready if found.rank == first and _steady(found.path, now))


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Hold the folder's lock; it ends with the process."""
    with (folder / ".lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True


def _ready(folder: Path, now: dt.datetime) -> list[Found]:
    """Return what may be received, in its order; what never may goes to ``refused``."""
    ready = []
    with acting(service()):
        mappings = {name.lower(): key for key, name in queries.mapping_names().items()}
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if UNFINISHED.fullmatch(entry.name) or entry.is_dir(follow_symlinks=False):
            continue
        path = Path(entry.path)
        if not entry.is_file(follow_symlinks=False):
            _refuse(folder, path, _("Not a plain file: links and devices are not followed."), now)
        elif not NAME.fullmatch(entry.name):
            _refuse(
                folder, path, _("The name has signs that are not expected, or does not end in csv, xlsx or zip."), now
            )
        elif found := _target(path, mappings):
            ready.append(found)
        else:
            _refuse(folder, path, _("No layout and no mapping begins like this name."), now)
    return sorted(ready, key=lambda found: found.rank)


def _target(path: Path, mappings: dict[str, int]) -> Found | None:
    """Return what a file's name asks for: the longest name of a layout or mapping that it begins with."""
    name, suffix = path.name.lower(), path.suffix.lower()
    kinds = [] if suffix == ".zip" else list(feeds.LAYOUTS)
    fitting = [word for word in (*kinds, *mappings) if re.match(rf"{re.escape(word)}(?![a-z0-9])", name)]
    if not fitting:
        return None
    word = max(fitting, key=len)
    return Found(path, "mapped", mappings[word]) if word in mappings else Found(path, word)


def _steady(path: Path, now: dt.datetime) -> bool:
    """Say whether a file stood still since the scan before and for some seconds: it is written to its end."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    said = [found.st_ino, found.st_size, found.st_mtime_ns]
    key = f"inbox:{found.st_dev}:{found.st_ino}"
    before = cache.get(key)
    cache.set(key, said, SEEN_SECONDS)
    return before == said and now.timestamp() - found.st_mtime >= STEADY.total_seconds()


def _receive(folder: Path, found: Found, now: dt.datetime) -> int:
    """Receive a file as the service account, then move it; cut off between, the next scan finds the same run."""
    try:
        with _opened(found.path) as content, acting(service()):
            run = receive(
                user=service(),
                kind=found.kind,
                file_name=found.path.name,
                content=content,
                now=now,
                wishes=Wishes(mapping_id=found.mapping_id, source=FeedRun.Source.FOLDER),
            )
    except Refused as refusal:
        _refuse(folder, found.path, refusal.message, now)
        return 0
    except OSError:
        return 0
    found.path.rename(folder / RUNNING / f"{run.pk}-{found.path.name}")
    return 1


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """Open a plain file that has one name; one that was exchanged for a link since it was listed is not followed."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as content:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
            raise Refused("feed-link", _("Not a plain file: links and devices are not followed."))
        yield content


def _put_away(folder: Path) -> int | None:
    """Move what is over, with its result; return the first place in the order at which something still runs."""
    waiting = []
    for path in sorted((folder / RUNNING).iterdir()):
        number, _dash, name = path.name.partition("-")
        if not number.isdecimal():
            continue
        with acting(service()):
            card = queries.feed(user=service(), run_id=int(number))
            if card.waiting:
                waiting.append(ORDER.index(card.run.kind))
                continue
            over = DONE if card.run.state in {FeedRun.State.APPLIED, FeedRun.State.UNDONE} else REFUSED
            if correctable(card.run):
                _write(folder / over / f"{number}-{name}.wrong-lines.csv", b"".join(error_file(run=card.run)))
            _write(folder / over / f"{number}-{name}.txt", _result(card).encode())
        path.rename(folder / over / path.name)
    return min(waiting, default=None)


def _result(card: queries.FeedCard) -> str:
    """Say in words what became of a run."""
    run = card.run
    lines = [_("Run %(run)s, %(state)s") % {"run": run.pk, "state": run.get_state_display()}]
    if card.failed:
        lines = [_("The file could not be applied because of a fault on our side. Nothing of it was taken.")]
    counts = {"new": run.created, "changed": run.changed, "unchanged": run.unchanged}
    lines.append(_("New %(new)s, changed %(changed)s, unchanged %(unchanged)s") % counts)
    lines += [f"{error.line}\t{error.field}\t{error.message}" for error in card.errors]
    return "\n".join([*lines, settings.PUBLIC_URL + reverse("portfolios:feed", args=[run.pk]), ""])


def _refuse(folder: Path, path: Path, reason: str, now: dt.datetime) -> None:
    """Put a file aside that no run was made of, under a name that any system can show."""
    plain = re.sub(r"[^\w.()+-]", "_", path.name)[:150]
    target = folder / REFUSED / f"{now:%Y%m%dT%H%M%S}-{plain}"
    with contextlib.suppress(FileNotFoundError):
        path.rename(target)
        _write(target.with_name(target.name + ".txt"), f"{reason}\n".encode())


def _write(path: Path, content: bytes) -> None:
    """Write a text whole: it appears under its name when it is complete."""
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    part.replace(path)
