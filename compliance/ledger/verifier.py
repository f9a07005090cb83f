"""Check Steward's ledger without Steward: this one file, Python's standard library and ``cryptography``.

    python verifier.py proof EVENT.json EVENT.tlog-proof --key VKEY [--witness VKEY]
    python verifier.py pack FOLDER --key VKEY [--witness VKEY]
    python verifier.py log FOLDER --key VKEY [--witness VKEY] [--anchors FOLDER] [--earlier VKEY]

The first says whether one event stands in the log as it is, the second whether all of a pack of evidence do, with the
values that they hide; the third reads a whole log (``events.jsonl``, an event
a line in the order of sealing; ``leaves.bin``; ``checkpoints.txt``) and names what was touched. 0 is returned when
nothing was found, 1 when something was, 2 when a file cannot be read.

A leaf of the log is the SHA-256 of an event's canonical bytes (version 1: the line as it stands); tree, proofs and
consistency are RFC 6962, notes and checkpoints those of C2SP (signed-note, tlog-checkpoint, tlog-cosignature and
tlog-proof).
"""

import argparse
import base64
import binascii
import datetime as dt
import hashlib
import itertools
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HASH = 32
EMPTY = hashlib.sha256(b"").digest()
DASH = "\N{EM DASH}"
SIGNATURE, COSIGNATURE = 1, 4
PROOF = "c2sp.org/tlog-proof@v1"
LONGEST_PROOF = 63
TIME = "time "
AT, SECOND = b'"at": "', len("2026-01-01T00:00:00")
MOST = 253402300799
RESTORE, RETIRE = b'"verb": "ledger:restore"', b'"verb": "trail:retire"'
RETAINED = 10 * 365 * 24 * 3600
"""Seconds that an event is kept at least; a log that has retired a younger one is not believed."""
MOST_NAMED = 10
SLACK, LONGEST_WAIT = 600, 6 * 3600
"""Seconds by which clocks may differ, and that an event may have waited for its transaction to end."""


class Wrong(ValueError):  # noqa: N818  (a finding, told to the reader)
    """A note, a proof or a file that does not say what it should."""


# --- the tree (RFC 6962, section 2.1) ---------------------------------------------------------------------------------


def leaf_hash(digest: bytes) -> bytes:
    """Return the hash of a leaf, whose content is the digest of an event."""
    return hashlib.sha256(b"\x00" + digest).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node over its two halves."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Growing:
    """A tree that only grows: its root after every leaf, in memory of its height."""

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Add the hash of a leaf."""
        at, sha256 = self.size, hashlib.sha256
        while at & 1:
            leaf = sha256(b"\x01" + self.peaks.pop() + leaf).digest()
            at >>= 1
        self.peaks.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """Return the root over what was added so far."""
        if not self.peaks:
            return EMPTY
        found = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            found = node_hash(peak, found)
        return found


def steps(at: int, last: int, proof: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield each hash of a proof with whether it stands left, on the way from a place to the root (RFC 9162, 2.1.3.2).

    Raises:
        Wrong: the proof is longer or shorter than the way.
    """
    for sibling in proof:
        if last == 0:
            raise Wrong("the proof is too long")
        left = bool(at & 1) or at == last
        yield sibling, left
        while left and not at & 1 and at:
            at, last = at >> 1, last >> 1
        at, last = at >> 1, last >> 1
    if last:
        raise Wrong("the proof is too short")


def root_of_inclusion(leaf: bytes, place: int, size: int, proof: Sequence[bytes]) -> bytes:
    """Return the root that an inclusion proof leads to.

    Raises:
        Wrong: the proof does not fit its place in the tree.
    """
    if not 0 <= place < size:
        raise Wrong("the place lies outside the log")
    found = leaf
    for sibling, left in steps(place, size - 1, proof):
        found = node_hash(sibling, found) if left else node_hash(found, sibling)
    return found


def check_consistency(old: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """Check that a log of ``old`` leaves is the beginning of one of ``size`` (RFC 9162, section 2.1.4.2).

    Raises:
        Wrong: it is not, or the proof does not show it.
    """
    if not 0 <= old <= size:
        raise Wrong("the log became smaller")
    if old in {0, size}:
        if proof or old_root != (root if old else EMPTY):
            raise Wrong("two logs of the same size differ")
        return
    first, *rest = [*([] if old & (old - 1) else [old_root]), *proof] or [b""]
    at, last = old - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = first
    for sibling, left in steps(at, last, rest):
        if left:
            before = node_hash(sibling, before)
        after = node_hash(sibling, after) if left else node_hash(after, sibling)
    if (before, after) != (old_root, root):
        raise Wrong("the later log does not begin with the earlier one")


# --- notes and checkpoints (C2SP) -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Key:
    """A public key with its name and what it signs: checkpoints as the log, or cosignatures as a witness."""

    name: str
    kind: int
    public: bytes

    @property
    def key_id(self) -> bytes:
        """Return the four bytes by which a signature names its key."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(bytes([self.kind]) + self.public).decode()}"

    def verified(self, signature: bytes, text: str) -> int | None:
        """Check a signature over a note's text; return the time that a witness put into it.

        Raises:
            Wrong: it is not of this key.
        """
        time, message = None, text.encode()
        if self.kind == COSIGNATURE:
            time, signature = int.from_bytes(signature[:8]), signature[8:]
            message = f"cosignature/v1\ntime {time}\n{text}".encode()
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError) as error:
            raise Wrong(f"a signature of {self.name} is false") from error
        return time


def key(text: str) -> Key:
    """Read a verifier key: ``name+id+base64``.

    Raises:
        Wrong: it is no key, or its id is another's.
    """
    name, _, rest = text.strip().partition("+")
    number, _, encoded = rest.partition("+")
    data = decoded(encoded)
    if len(data) != HASH + 1 or data[0] not in {SIGNATURE, COSIGNATURE} or not name:
        raise Wrong(f"not a key: {text[:80]}")
    found = Key(name, data[0], data[1:])
    if found.key_id.hex() != number:
        raise Wrong(f"the id of the key {name} does not belong to it")
    return found


def decoded(text: str) -> bytes:
    """Read base64 that is the one way to write its bytes, or raise ``Wrong``."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Wrong("not base64") from error
    if base64.b64encode(data).decode() != text:
        raise Wrong("not base64 as it is written")
    return data


@dataclass(frozen=True)
class Checkpoint:
    """What the log said of itself: so many leaves, this root. ``times`` are when witnesses said they saw it."""

    origin: str
    size: int
    root: bytes
    time: int
    text: str
    times: dict[str, int] = field(default_factory=dict)


def number(text: str) -> int:
    """Read a decimal number without leading zeroes, or raise ``Wrong``."""
    if not (text.isascii() and text.isdecimal()) or (text.startswith("0") and text != "0"):
        raise Wrong("not a number")
    return int(text)


def opened(note: str, keys: Iterable[Key]) -> tuple[str, dict[Key, int | None]]:
    """Return a signed note's text and which of the keys signed it, with the time of witnesses, or raise ``Wrong``."""
    text, blank, tail = note.rpartition("\n\n")
    if not blank or not tail.endswith("\n") or any(ord(sign) < ord(" ") and sign != "\n" for sign in note):
        raise Wrong("not a signed note")
    known = {(one.name, one.key_id): one for one in keys}
    signed: dict[Key, int | None] = {}
    for line in tail.splitlines():
        name, data = _signature(line)
        if one := known.get((name, data[:4])):
            signed[one] = one.verified(data[4:], f"{text}\n")
    return f"{text}\n", signed


def checkpoint(note: str, log: Key, witnesses: Iterable[Key] = ()) -> Checkpoint:
    """Read a signed checkpoint.

    Raises:
        Wrong: it is not signed by the log's key, a known key's signature is false, or it is no checkpoint of this log.
    """
    text, signed = opened(note, [log, *witnesses])
    if log not in signed:
        raise Wrong("the log's key did not sign it")
    lines = text.split("\n")[:-1]
    if len(lines) != 4 or lines[0] != log.name or not lines[3].startswith(TIME):  # noqa: PLR2004  (and their ends)
        raise Wrong("not a checkpoint of this log")
    root, times = decoded(lines[2]), {one.name: time for one, time in signed.items() if time is not None}
    if len(root) != HASH:
        raise Wrong("not a root")
    return Checkpoint(lines[0], number(lines[1]), root, number(lines[3].removeprefix(TIME)), text, times)


def _signature(line: str) -> tuple[str, bytes]:
    """Read a signature line: the key's name, its id and the signature."""
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    data = decoded(encoded)
    if dash != DASH or not name or len(data) < 4 + 2 * HASH:
        raise Wrong("not a signature line")
    return name, data


def check_proof(event: bytes, proof: str, log: Key, witnesses: Sequence[Key] = ()) -> Checkpoint:
    """Check that an event stands in the log; return the checkpoint that says so.

    Raises:
        Wrong: it does not, or the proof does not show it.
    """
    head, blank, note = proof.partition("\n\n")
    lines = head.split("\n")
    if not blank or len(lines) < 2 or lines[0] != PROOF or not lines[1].startswith("index "):  # noqa: PLR2004
        raise Wrong("not a proof")
    hashes = [decoded(line) for line in lines[2:]]
    if len(hashes) > LONGEST_PROOF or any(len(one) != HASH for one in hashes):
        raise Wrong("not a proof")
    seen = checkpoint(note, log, witnesses)
    leaf = leaf_hash(hashlib.sha256(event).digest())
    if root_of_inclusion(leaf, number(lines[1].removeprefix("index ")), seen.size, hashes) != seen.root:
        raise Wrong("the log does not hold this event")
    return seen


def check_values(event: bytes, values: dict[str, list[str]]) -> None:
    """Check that personal values are those an event commits to: each is hashed behind its salt.

    Raises:
        Wrong: one is not.
    """
    for label, (salt, value) in values.items():
        at = json.loads(event)["data"]
        for part in label.split("."):
            at = at[int(part)] if isinstance(at, list) else at.get(part, {})
        if at != {"sha256": hashlib.sha256(bytes.fromhex(salt) + value.encode()).hexdigest()}:
            raise Wrong(f"{label} is not the value that was sealed")


# --- a whole log ------------------------------------------------------------------------------------------------------


def notes_of(text: str) -> Iterator[str]:
    """Split a file of notes: each ends with its signature lines; an empty line may stand between two."""
    lines: list[str] = []
    signed = False
    for line in text.splitlines(keepends=True):
        if signed and not line.startswith(DASH):
            yield "".join(lines)
            lines, signed = [], False
            if line == "\n":
                continue
        signed = line.startswith(DASH)
        lines.append(line)
    if lines:
        yield "".join(lines)


def read_notes(
    text: str, logs: Sequence[Key], witnesses: Sequence[Key], what: str
) -> tuple[list[Checkpoint], list[str]]:
    """Return the checkpoints of a file, and what is wrong with the others; ``logs``: the key of now, then earlier."""
    found, wrong, known = [], [], {log.name: log for log in logs}
    for place, note in enumerate(notes_of(text)):
        try:
            found.append(checkpoint(note, known.get(note.partition("\n")[0], logs[0]), witnesses))
        except Wrong as error:
            wrong.append(f"{what} {place + 1}: {error}")
    return found, wrong


@dataclass(frozen=True)
class Log:
    """A log as it was handed over.

    ``events`` are canonical bytes in the order of sealing, ``leaves`` the hashes of the leaves as the log keeps them,
    ``checkpoints`` its notes, ``anchors`` notes that were kept elsewhere.
    """

    events: Iterable[bytes]
    leaves: Iterable[bytes]
    checkpoints: str
    anchors: Sequence[str] = ()


def check_log(log: Log, by: Key, witnesses: Sequence[Key] = (), earlier: Sequence[Key] = ()) -> tuple[int, list[str]]:
    """Return how many events a log holds and what is wrong with it.

    Nothing is when every event is what was sealed, and every anchor agrees. ``earlier`` are the keys of epochs before
    this one. What those sealed and a restore from a backup lost, and what was retired after its time, is no finding
    where the log itself says so.
    """
    keys = [by, *earlier]
    own, findings = read_notes(log.checkpoints, keys, witnesses, "checkpoint")
    findings += _order(own)
    outside = []
    for text in log.anchors:
        kept, wrong = read_notes(text, keys, witnesses, "anchor")
        outside += kept
        findings += wrong
    wanted = {one.size for one in [*own, *outside]}
    roots, growing, reading = {0: EMPTY}, Growing(), Reading(own)
    leaves, add, look = iter(log.leaves), growing.add, reading.look
    for event in log.events:
        add(look(event, next(leaves, b""), growing.size))
        if growing.size in wanted:
            roots[growing.size] = growing.root()
    findings += reading.findings(sum(1 for _leaf in leaves))
    outside = [one for one in outside if one.origin == by.name or not reading.lost(one.size)]
    sizes = {one.size for one in own}
    missing = sorted({one.size for one in outside if one.size not in sizes and one.size <= growing.size})
    findings += [f"a checkpoint that was kept outside is missing: {size} events" for size in missing]
    findings += [
        f"checkpoint of size {one.size} is dated after {name} saw it: a clock was set"
        for one in outside
        for name, time in one.times.items()
        if one.time > time + SLACK
    ]
    for what, notes in (("checkpoint", own), ("anchor", outside)):
        findings += _compared(what, notes, roots, growing.size)
    return growing.size, findings


class Reading:
    """What the events of a log show while they are read one after the other."""

    def __init__(self, own: Sequence[Checkpoint]) -> None:
        self.own = own
        self.spans = _spans(own)
        self.end, self.since, self.until = next(self.spans)
        self.touched, self.dated, self.gone = list[int](), list[int](), list[list[int]]()
        self.declared: list[tuple[str, int, int, float]] = []

    def look(self, event: bytes, kept: bytes, place: int) -> bytes:
        """Look at the event at a place, beside its leaf as the log keeps it; return the leaf that counts."""
        while place >= self.end:
            self.end, self.since, self.until = next(self.spans)
        if not event and kept:
            if self.gone and self.gone[-1][1] == place:
                self.gone[-1][1] += 1
            else:
                self.gone.append([place, place + 1])
            return kept
        leaf = hashlib.sha256(b"\x00" + hashlib.sha256(event).digest()).digest()
        if leaf != kept:
            self.touched.append(place)
        elif not self.since <= event[(begin := event.find(AT) + len(AT)) : begin + SECOND] <= self.until:
            self.dated.append(place)
        elif RESTORE in event or RETIRE in event:
            self.declared += _declared(event)
        return leaf

    def lost(self, size: int) -> bool:
        """Say whether a checkpoint of this size was lost by a restore that the log declares."""
        return any(kept < size <= lost for verb, kept, lost, _at in self.declared if verb == "ledger:restore")

    def findings(self, left: int) -> list[str]:
        """Say what was wrong; ``left`` leaves had no event at the end."""
        retired = [part for part in self.declared if part[0] == "trail:retire" and self._in_time(*part[2:])]
        missing = [
            place
            for begin, end in self.gone
            if not any(first <= begin and end <= behind for _verb, first, behind, _at in retired)
            for place in range(begin, min(end, begin + MOST_NAMED + 1))
        ]
        found = _named(sorted([*self.touched, *missing]), "is not the one that was sealed")
        found += [f"{left} sealed events are missing at the end"] if left else []
        return found + _named(self.dated, "says another time than its checkpoint: a clock was set")

    def _in_time(self, behind: int, at: float) -> bool:
        """Say whether what ends before a place was sealed long enough before it was retired."""
        return at - next((one.time for one in self.own if one.size >= behind), at) >= RETAINED


def _declared(event: bytes) -> list[tuple[str, int, int, float]]:
    """Return what an event declares: its verb, from where to where, and when; nothing where it is something else."""
    try:
        said = json.loads(event)
        verb, data, at = said["verb"], said["data"], dt.datetime.fromisoformat(said["at"]).timestamp()
        parts = data["places"] if verb == "trail:retire" else [(data["kept"], data["lost"])]
        return [(str(verb), int(first), int(last), at) for first, last in parts]
    except (ValueError, KeyError, TypeError):
        return []


def _spans(own: Sequence[Checkpoint]) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield up to which place events were sealed together, and between which instants they may have happened."""
    size, since = 0, 0
    for one in own:
        if one.size > size:
            yield one.size, _instant(since - LONGEST_WAIT), _instant(one.time + SLACK)
            size, since = one.size, one.time
    yield sys.maxsize, b"", _instant(MOST)


def _instant(seconds: int) -> bytes:
    """Write seconds since 1970 as events do, without their fractions; nothing lies before or behind the calendar."""
    return dt.datetime.fromtimestamp(min(max(seconds, 0), MOST), dt.UTC).strftime("%Y-%m-%dT%H:%M:%S").encode()


def _order(own: Sequence[Checkpoint]) -> list[str]:
    """Say where a log contradicts itself: two roots of one size, or a time that goes back."""
    findings = []
    for before, after in itertools.pairwise(own):
        if after.size == before.size and after.root != before.root:
            findings.append(f"fork: two roots of size {after.size}")
        elif after.size < before.size or after.time < before.time:
            findings.append(f"checkpoint of size {after.size} stands after one of size {before.size}, or is older")
    return findings if own else ["no checkpoint of this log"]


def _named(places: Sequence[int], what: str) -> list[str]:
    """Name the events of which something is to be said."""
    told = [f"event at place {place} {what}" for place in places[:MOST_NAMED]]
    return [*told, f"and {len(places) - MOST_NAMED} more events"] if len(places) > MOST_NAMED else told


def _compared(what: str, notes: Iterable[Checkpoint], roots: dict[int, bytes], size: int) -> list[str]:
    """Say which notes do not fit what the events give."""
    findings, good = [], 0
    for one in sorted(notes, key=lambda each: each.size):
        if one.size > size:
            findings.append(f"tail truncated: {what} of {one.time} saw {one.size} events, {size} are left")
        elif roots[one.size] != one.root:
            findings.append(
                f"history rewritten between {good} and {one.size}: the {what} of {one.time} saw another root"
            )
        else:
            good = one.size
    return findings


# --- the command ------------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Check what the command line names, and say what was found."""
    parser = argparse.ArgumentParser(prog="verifier.py", description="Check Steward's ledger.")
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("proof", help="one event and its proof")
    one.add_argument("event", type=Path)
    one.add_argument("proof", type=Path)
    pack = commands.add_parser("pack", help="a pack of evidence, unpacked")
    pack.add_argument("folder", type=Path)
    whole = commands.add_parser("log", help="a whole log")
    whole.add_argument("folder", type=Path)
    whole.add_argument("--anchors", type=Path, help="a folder of checkpoints kept outside")
    whole.add_argument("--earlier", action="append", default=[], type=key, help="a key of the log before a restore")
    for each in (one, pack, whole):
        each.add_argument("--key", required=True, type=key, help="the log's public key")
        each.add_argument("--witness", action="append", default=[], type=key, help="a witness's public key")
    given = parser.parse_args(arguments)
    try:
        findings, good = {"proof": _proof, "pack": _pack, "log": _log}[given.command](given)
    except OSError as error:
        sys.stdout.write(f"{error}\n")
        return 2
    sys.stdout.write("".join(f"WRONG  {finding}\n" for finding in findings) or f"GOOD   {good}\n")
    return 1 if findings else 0


def _proof(given: argparse.Namespace) -> tuple[list[str], str]:
    event = given.event.read_bytes().rstrip(b"\n")
    try:
        seen = _checked(event, given.proof, given)
    except (Wrong, UnicodeDecodeError) as error:
        return [str(error)], ""
    said = json.loads(event)
    good = f"event {said.get('id')} of {said.get('at')} stands in the log of {seen.size} events sealed at {seen.time}"
    return [], good


def _pack(given: argparse.Namespace) -> tuple[list[str], str]:
    findings, proved, waiting = list[str](), 0, 0
    for path in sorted((given.folder / "events").glob("*[0-9].json")):
        event, proof, values = path.read_bytes(), path.with_suffix(".tlog-proof"), path.with_suffix(".values.json")
        try:
            if values.exists():
                check_values(event, json.loads(values.read_bytes()))
            if proof.exists():
                _checked(event, proof, given)
            proved, waiting = proved + proof.exists(), waiting + (not proof.exists())
        except (ValueError, TypeError, LookupError) as error:
            findings.append(f"{path.name}: {error}")
    return findings, f"{proved} events stand in the log, {waiting} were not sealed yet"


def _checked(event: bytes, proof: Path, given: argparse.Namespace) -> Checkpoint:
    """Check a proof, and that every witness that was asked for saw its checkpoint; else raise ``Wrong``."""
    seen = check_proof(event, proof.read_text(encoding="utf-8"), given.key, given.witness)
    if missing := [one.name for one in given.witness if one.name not in seen.times]:
        raise Wrong(f"not seen by {', '.join(missing)}")
    return seen


def _log(given: argparse.Namespace) -> tuple[list[str], str]:
    folder: Path = given.folder
    anchors = sorted(given.anchors.glob("*.txt")) if given.anchors else []
    with (folder / "events.jsonl").open("rb") as file, (folder / "leaves.bin").open("rb") as hashes:
        log = Log(
            (line.rstrip(b"\n") for line in file),
            iter(lambda: hashes.read(HASH), b""),
            (folder / "checkpoints.txt").read_text(encoding="utf-8"),
            [path.read_text(encoding="utf-8") for path in anchors],
        )
        size, findings = check_log(log, given.key, given.witness, given.earlier)
    return findings, f"{size} events, {len(anchors)} anchors: nothing was changed"


if __name__ == "__main__":
    sys.exit(main())
