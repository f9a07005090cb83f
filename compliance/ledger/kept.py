"""The ledger as the application reads it: how it stands, the proof of an event, everything that a check needs."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from compliance import queries
from compliance.ledger import fingerprint
from compliance.ledger.anchoring import FOLDER, STAMP
from compliance.ledger.notes import proof_text
from compliance.ledger.sealing import tree_of
from compliance.ledger.tree import WIDTH, Tree, split
from compliance.ledger.verifier import Key, Log, key
from compliance.models import Anchor, Checkpoint, Fingerprint, Leaf
from core.errors import Refused
from core.jobs import Progress, silent
from core.models import AuditEvent, AuditValue, Job

UNSIGNED = (FOLDER, STAMP)
LATE, STAMPED_LATE = dt.timedelta(seconds=60), dt.timedelta(days=2)
MOST_WAITING = 10_000
CHUNK = 20_000
WAITING = "SELECT count(*), min(at) FROM (SELECT at FROM core_auditevent WHERE xid >= %s LIMIT %s) waiting"
LEAVES = "SELECT hashes FROM compliance_tile WHERE level = 0 AND place >= %s AND place < %s ORDER BY place"
EVENTS = """
    SELECT e.body::text FROM compliance_leaf l LEFT JOIN core_auditevent e ON e.id = l.event_id
    WHERE l.place >= %s AND l.place < %s ORDER BY l.place"""
BODIES = "SELECT id, body::text FROM core_auditevent WHERE id = ANY (%s)"
CHECK, CHECK_JOB = "ledger:check", "compliance.check_ledger"
ALARM = "ledger:alarm"


@dataclass(frozen=True)
class Kept:
    """How far somebody outside the database has seen the ledger."""

    keeper: str
    size: int
    at: dt.datetime
    late: bool


@dataclass(frozen=True)
class State:
    """How the ledger stands: the last checkpoint, what waits to be sealed, who keeps it, what the last check found."""

    last: Checkpoint | None
    waiting: int
    oldest: dt.datetime | None
    kept: list[Kept]
    unsealed_late: bool
    checked: AuditEvent | None
    checkpoints: list[Checkpoint]
    job: int | None

    @property
    def findings(self) -> list[str]:
        """Return what the last check found."""
        return list(self.checked.body["data"]["findings"]) if self.checked else []

    @property
    def late(self) -> list[str]:
        """Return who lags behind: ``sealer``, or a keeper outside the database."""
        sealer = ["sealer"] if self.unsealed_late or self.last is None else []
        return sealer + [one.keeper for one in self.kept if one.late]

    @property
    def good(self) -> bool:
        """Say whether everything is sealed, anchored and as it was sealed."""
        return not self.late and not self.findings


class Keys(NamedTuple):
    """The public keys by which the ledger is checked: its own, its witnesses', and its own of earlier epochs."""

    log: Key
    witnesses: list[Key]
    earlier: list[Key]


def keys() -> Keys | None:
    """Return the public keys that are set; None where there is no ledger."""
    if not settings.LEDGER_KEYS:
        return None
    log, *earlier = [key(one) for one in settings.LEDGER_KEYS]
    return Keys(log, [key(one) for one in settings.LEDGER_WITNESSES], earlier)


def state(*, now: dt.datetime) -> State:
    """Return how the ledger stands; the wall shows it to those who may read it."""
    checkpoints = list(Checkpoint.objects.all()[:10])
    last = checkpoints[0] if checkpoints else None
    with connection.cursor() as cursor:
        cursor.execute(WAITING, [last.below if last else "0", MOST_WAITING + 1])
        waiting, oldest = cursor.fetchone()
    kept = [_kept(last, keeper, now) for keeper in _keepers()] if last else []
    late = oldest is not None and abs(now - oldest) > LATE  # from the future, too: then a clock was set
    checked = queries.trail(verb=CHECK).first()
    running = Job.objects.filter(name=CHECK_JOB, state__in=[Job.State.QUEUED, Job.State.RUNNING]).order_by("id")
    job = running.values_list("pk", flat=True).last()
    return State(last, waiting, oldest, kept, late, checked, checkpoints, job)


def _keepers() -> list[str]:
    """Return who is expected to keep checkpoints: the witnesses that are set, and whoever kept one before."""
    known = keys()
    return sorted(
        {*Anchor.objects.order_by().values_list("keeper", flat=True).distinct()}
        | {one.name for one in (known.witnesses if known else [])}
    )


def _kept(last: Checkpoint, keeper: str, now: dt.datetime) -> Kept:
    """Return how far a keeper is; late is who misses a checkpoint for longer than a minute, or two days for a stamp."""
    patience = STAMPED_LATE if keeper == STAMP else LATE
    anchor = Anchor.objects.filter(keeper=keeper).order_by("-size").first()
    size = anchor.size if anchor else 0
    missed = Checkpoint.objects.filter(size__gt=size).order_by("size").first() if size < last.size else None
    at = anchor.anchored_at if anchor else last.signed_at
    return Kept(keeper, size, at, late=missed is not None and now - missed.signed_at > patience)


@dataclass(frozen=True)
class Proof:
    """An event and what shows a stranger that it stands in the ledger, with the public keys to check it by."""

    event: str
    text: str
    keys: list[Key]


def proof(*, event_id: int) -> Proof:
    """Return an event's canonical form and its proof, against the newest checkpoint that a witness saw.

    Raises:
        Refused: it is not sealed yet.
    """
    leaf = Leaf.objects.filter(event_id=event_id).first()
    if leaf is None:
        raise Refused("not-sealed", _("This event is not sealed yet; that takes some seconds."))
    prover = Prover(over=leaf.place)
    ((_id, body, _values, text),) = prover.evidence([event_id])
    return Proof(body, text, prover.keys)


class Prover:
    """Proves many events by one checkpoint: the newest that a witness saw, or else the newest.

    ``over`` is a place that the checkpoint has to cover.
    """

    def __init__(self, *, over: int = 0) -> None:
        known, own = keys(), Checkpoint.objects.filter(size__gt=over)
        self.keys = [known.log, *known.witnesses] if known else []
        if known:  # what a key of an earlier epoch signed is not checked by today's
            own = own.filter(note__startswith=f"{known.log.name}\n")
        seen = own.filter(size__in=Anchor.objects.exclude(keeper__in=UNSIGNED).values("size"))
        self.checkpoint = seen.first() or own.first()
        self.note = note(self.checkpoint) if self.checkpoint else ""
        self._tree: Tree | None = None

    def evidence(self, event_ids: list[int]) -> Iterator[tuple[int, str, dict[str, list[str]], str]]:
        """Yield each event's number, canonical form, hidden values with their salts, and proof.

        The proof is empty while the event is not under the checkpoint.
        """
        places = dict(Leaf.objects.filter(event_id__in=event_ids).values_list("event_id", "place"))
        secrets = dict(AuditValue.objects.filter(pk__in=event_ids).values_list("pk", "secrets"))
        with connection.cursor() as cursor:
            cursor.execute(BODIES, [event_ids])
            bodies = dict(cursor.fetchall())
        for event_id in event_ids:
            yield event_id, bodies[event_id], secrets.get(event_id, {}), self._proof(places.get(event_id))

    def _proof(self, place: int | None) -> str:
        if self.checkpoint is None or place is None or place >= self.checkpoint.size:
            return ""
        size = self.checkpoint.size
        self._tree = self._tree or tree_of(connection.connection, size)
        return proof_text(place, self._tree.inclusion(place, size), self.note)


def anchored() -> Checkpoint | None:
    """Return the newest checkpoint that somebody outside has seen, as this database knows."""
    return Checkpoint.objects.filter(size__in=Anchor.objects.values("size")).first()


def newest_note() -> str:
    """Return the newest checkpoint, with the signatures of those who saw it.

    Raises:
        Checkpoint.DoesNotExist: nothing is sealed yet.
    """
    return note(Checkpoint.objects.latest("size"))


def note(checkpoint: Checkpoint) -> str:
    """Return a checkpoint with the signatures of those who saw it."""
    seen = Anchor.objects.filter(size=checkpoint.size).exclude(keeper__in=UNSIGNED).order_by("keeper")
    return checkpoint.note + "".join(seen.values_list("said", flat=True))


def sealed(progress: Progress = silent) -> Log:
    """Return the ledger as a check reads it, up to the newest checkpoint of now: what is sealed meanwhile is left out.

    Events and hashes come one after the other, however many there are.
    """
    whole = size()
    known = Checkpoint.objects.filter(size__lte=whole).order_by("size")
    checkpoints = "\n".join(one.note for one in known.iterator())
    seen = known.filter(size__in=Anchor.objects.values("size"))
    anchors = [note(one) for one in seen.iterator()]
    return Log(_events(whole, progress), islice(_leaves(), whole), checkpoints, anchors)


def size() -> int:
    """Return how many events are sealed."""
    last = Checkpoint.objects.first()
    return last.size if last else 0


def _events(whole: int, progress: Progress) -> Iterator[bytes]:
    """Yield the canonical bytes of every sealed event in the order of sealing; nothing for one that is gone."""
    for begin in range(0, whole, CHUNK):
        end = min(begin + CHUNK, whole)
        with connection.cursor() as cursor:
            cursor.execute(EVENTS, [begin, end])
            for (body,) in cursor.fetchall():
                yield (body or "").encode()
        progress(end, whole)


def _leaves() -> Iterator[bytes]:
    """Yield the hashes of all leaves as the ledger keeps them."""
    for place in count(0, CHUNK // WIDTH):
        with connection.cursor() as cursor:
            cursor.execute(LEAVES, [place, place + CHUNK // WIDTH])
            tiles = cursor.fetchall()
        if not tiles:
            return
        for (tile,) in tiles:
            yield from split(bytes(tile))


def unsigned() -> list[str]:
    """Return how what guards the trail differs from what was signed at the last release; nothing before the first."""
    signed, known = Fingerprint.objects.first(), keys()
    if signed is None or known is None:
        return []
    return fingerprint.compare(signed.lines, signed.note, fingerprint.lines(connection.connection), known.log)


def write(folder: Path) -> None:
    """Write the whole log into a folder, as the verifier reads it."""
    folder.mkdir(parents=True, exist_ok=True)
    log = sealed()
    with (folder / "events.jsonl").open("wb") as events, (folder / "leaves.bin").open("wb") as leaves:
        events.writelines(event + b"\n" for event in log.events)
        leaves.writelines(log.leaves)
    (folder / "checkpoints.txt").write_text(log.checkpoints, encoding="utf-8")
