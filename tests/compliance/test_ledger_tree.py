"""The tree, its proofs and its notes: reference roots of RFC 6962, and nothing false is ever taken for true."""

import base64
import datetime as dt
import hashlib
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from compliance.ledger.notes import Signer, checkpoint_text, make_key, proof_text, signer
from compliance.ledger.tree import WIDTH, Tree
from compliance.ledger.verifier import (
    EMPTY,
    Growing,
    Key,
    Wrong,
    check_consistency,
    check_proof,
    checkpoint,
    key,
    leaf_hash,
    node_hash,
    root_of_inclusion,
)

INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""Inputs and roots of the reference tests that came with Certificate Transparency (RFC 6962)."""
MOST = 3 * WIDTH
EVENTS = [b'{"id": %d, "at": "2026-03-31T00:00:00Z"}' % number for number in range(MOST)]
LEAVES = [leaf_hash(hashlib.sha256(event).digest()) for event in EVENTS]
AT = dt.datetime(2026, 3, 31, tzinfo=dt.UTC)


def naive(leaves: list[bytes]) -> bytes:
    """Return the root as RFC 6962 defines it, section 2.1."""
    if len(leaves) < 2:
        return leaves[0] if leaves else EMPTY
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return node_hash(naive(leaves[:half]), naive(leaves[half:]))


def grown(size: int) -> Tree:
    """Return a tree of some leaves."""
    tree = Tree(lambda _level, _place: b"", 0)
    tree.add(LEAVES[:size])
    return tree


WHOLE = grown(MOST)
ROOT = [WHOLE.root(size) for size in range(MOST + 1)]
sizes = st.integers(1, MOST)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    """Make the key of a log."""
    return made(tmp_path_factory.mktemp("log") / "ledger.key")


def made(path: Path, *, witness: bool = False) -> Signer:
    """Make a key."""
    make_key(path, "steward.example/ledger", witness=witness)
    return signer(path)


def note_of(log: Signer, size: int) -> str:
    """Return a signed checkpoint."""
    text = checkpoint_text(origin=log.public.name, size=size, root=ROOT[size], at=AT)
    return f"{text}\n{log.sign(text)}"


@pytest.mark.parametrize("size", range(len(ROOTS)))
def test_roots_are_those_of_the_reference(size: int) -> None:
    tree = Tree(lambda _level, _place: b"", 0)
    tree.add(leaf_hash(bytes.fromhex(one)) for one in INPUTS[:size])
    assert tree.root().hex() == ROOTS[size]


def test_tiles_growing_and_definition_give_the_same_roots() -> None:
    growing, tree = Growing(), Tree(lambda _level, _place: b"", 0)
    for size, leaf in enumerate(LEAVES, start=1):
        growing.add(leaf)
        tree.add([leaf])
        assert growing.root() == tree.root() == ROOT[size]
    for size in (*range(1, 70), WIDTH - 1, WIDTH, WIDTH + 1, 2 * WIDTH, MOST):
        assert naive(LEAVES[:size]) == ROOT[size]


def test_a_tree_goes_on_from_the_tiles_it_kept() -> None:
    kept: dict[tuple[int, int], bytes] = {}
    size = 0
    for more in (1, 254, 1, 1, 300, 211):
        tree = Tree(lambda level, place: kept.get((level, place), b""), size)
        tree.add(LEAVES[size : size + more])
        size += more
        kept.update(tree.settled())
        assert Tree(lambda level, place: kept.get((level, place), b""), size).root() == ROOT[size]
    assert size == MOST


@given(sizes, st.data())
def test_every_leaf_is_shown_and_no_other(size: int, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, size - 1))
    proof = WHOLE.inclusion(place, size)
    assert root_of_inclusion(LEAVES[place], place, size, proof) == ROOT[size]
    assert root_of_inclusion(leaf_hash(b"other"), place, size, proof) != ROOT[size]


@given(sizes, st.data())
def test_every_log_continues_its_earlier_self(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(0, size))
    check_consistency(old, ROOT[old], size, ROOT[size], WHOLE.consistency(old, size))


@st.composite
def changes(draw: st.DrawFn) -> tuple[str, int, int]:
    """Draw how a proof is touched: what is done, where, and which bit."""
    kinds = ["flip", "drop", "twice", "swap", "add"]
    return draw(st.sampled_from(kinds)), draw(st.integers(0, 62)), draw(st.integers(0, 255))


def touched(proof: list[bytes], change: tuple[str, int, int]) -> list[bytes]:
    """Return a proof that is another."""
    kind, where, bit = change
    found = list(proof)
    at = where % len(found) if found else 0
    if kind == "add" or not found:
        found.insert(at, bytes([bit]) * 32)
    elif kind == "flip":
        found[at] = bytes(
            byte ^ (1 << bit % 8) if number == bit // 8 else byte for number, byte in enumerate(found[at])
        )
    elif kind == "drop":
        del found[at]
    elif kind == "twice":
        found.insert(at, found[at])
    else:
        found.append(found.pop(at))
    return found


def never_accepted(size: int, data: st.DataObject, change: tuple[str, int, int]) -> None:
    """Touch an inclusion proof, its place, its size, and a consistency proof; none may be taken."""
    place, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    proof = WHOLE.inclusion(place, size)
    other = touched(proof, change)
    if other != proof:
        with pytest.raises(Wrong):
            shown(LEAVES[place], place, size, other)
    if (moved := data.draw(st.integers(0, size - 1))) != place:
        with pytest.raises(Wrong):
            shown(LEAVES[place], moved, size, proof)
    way = WHOLE.consistency(old, size)
    other = touched(way, change)
    if other != way:
        with pytest.raises(Wrong):
            check_consistency(old, ROOT[old], size, ROOT[size], other)
    if old != size:
        with pytest.raises(Wrong):
            check_consistency(old, ROOT[old - 1], size, ROOT[size], way)


def shown(leaf: bytes, place: int, size: int, proof: list[bytes]) -> None:
    """Check a proof against the root of a size."""
    if root_of_inclusion(leaf, place, size, proof) != ROOT[size]:
        raise Wrong("another root")


@settings(max_examples=1000, deadline=None)
@given(sizes, st.data(), changes())
def test_a_proof_that_was_touched_is_not_taken(size: int, data: st.DataObject, change: tuple[str, int, int]) -> None:
    never_accepted(size, data, change)


@pytest.mark.full
@settings(max_examples=10_000, deadline=None)
@given(sizes, st.data(), changes())
def test_ten_thousand_proofs_that_were_touched(size: int, data: st.DataObject, change: tuple[str, int, int]) -> None:
    never_accepted(size, data, change)


@settings(max_examples=500, deadline=None)
@given(place=st.integers(0, MOST - 1), bit=st.integers(0, 10**6))
def test_a_proof_file_of_which_one_bit_was_changed_is_not_taken(log: Signer, place: int, bit: int) -> None:
    text = proof_text(place, WHOLE.inclusion(place, MOST), note_of(log, MOST))
    assert check_proof(EVENTS[place], text, log.public).size == MOST
    data = bytearray(text.encode())
    data[bit // 8 % len(data)] ^= 1 << bit % 8
    assume(bytes(data) != text.encode())
    with pytest.raises(ValueError):
        check_proof(EVENTS[place], data.decode(), log.public)


def test_an_event_that_was_changed_has_no_proof(log: Signer) -> None:
    text = proof_text(7, WHOLE.inclusion(7, MOST), note_of(log, MOST))
    with pytest.raises(Wrong, match="does not hold"):
        check_proof(EVENTS[7] + b" ", text, log.public)


def test_a_checkpoint_is_its_logs_alone(log: Signer, tmp_path: Path) -> None:
    other = made(tmp_path / "other.key")
    with pytest.raises(Wrong, match="did not sign"):
        checkpoint(note_of(other, 5), log.public)
    forged = note_of(log, 5).replace("\n5\n", "\n6\n")
    with pytest.raises(Wrong, match="false"):
        checkpoint(forged, log.public)
    assert checkpoint(note_of(log, 5), log.public).time == int(AT.timestamp())


def test_a_witness_says_when_it_saw_a_checkpoint(log: Signer, tmp_path: Path) -> None:
    witness = made(tmp_path / "witness.key", witness=True)
    note = note_of(log, 5)
    seen = checkpoint(
        note + witness.cosign(note.partition("\n\n")[0] + "\n", 1_800_000_000), log.public, [witness.public]
    )
    assert seen.times == {witness.public.name: 1_800_000_000}
    assert checkpoint(note, log.public, [witness.public]).times == {}


def test_a_key_is_read_as_it_is_written(log: Signer) -> None:
    assert key(str(log.public)) == log.public
    name, number, data = str(log.public).split("+", 2)
    other = base64.b64encode(bytes([1]) + bytes(32)).decode()
    for wrong in ("", name, f"{name}+{number}", f"{name}+00000000+{data}", f"{name}+{number}+{other}"):
        with pytest.raises(Wrong):
            key(wrong)
    assert isinstance(log.public, Key)
