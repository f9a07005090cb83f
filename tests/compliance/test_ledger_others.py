"""Proofs and checkpoints as software that others wrote reads them: Sigstore's verifier takes what the ledger gives."""

import base64
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sigstore._internal.merkle import verify_merkle_inclusion
from sigstore._internal.rekor.checkpoint import SignedCheckpoint
from sigstore._internal.trust import Keyring, RekorKeyring
from sigstore._utils import KeyID
from sigstore.errors import VerificationError
from sigstore_models.common.v1 import PublicKey, PublicKeyDetails

from compliance.ledger import kept
from compliance.models import Leaf
from core.walls import acting, service
from tests.compliance.ledgers import Ledger, ledger
from tests.people import People

EVENTS = 300
"""More than a tile holds."""


@pytest.fixture
def book(committed: People, tmp_path: Path) -> Iterator[Ledger]:
    """Give a ledger that grew in three steps."""
    with ledger(tmp_path) as made:
        for _step in range(3):
            made.grow(committed.manager, events=EVENTS // 3)
        yield made


def entry(proof: kept.Proof, root: bytes, size: int) -> Any:
    """Return what Sigstore's verifier asks of an entry: the leaf's content (the event's digest) and its proof."""
    head, *_signed = proof.text.split("\n\n")
    _kind, index, *hashes = head.splitlines()
    told = SimpleNamespace(
        log_index=int(index.removeprefix("index ")),
        tree_size=size,
        hashes=[base64.b64decode(one) for one in hashes],
        root_hash=root,
    )
    return SimpleNamespace(
        _inner=SimpleNamespace(inclusion_proof=told, canonicalized_body=sha256(proof.event.encode()).digest())
    )


def ring(public: bytes) -> RekorKeyring:
    """Return a key ring with the log's key."""
    der = Ed25519PublicKey.from_public_bytes(public).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return RekorKeyring(
        Keyring([PublicKey(raw_bytes=base64.b64encode(der), key_details=PublicKeyDetails.PKIX_ED25519)])
    )


def checked(proof: kept.Proof, book: Ledger) -> Any:
    """Check the checkpoint under a proof, and return the entry it is about."""
    signed = SignedCheckpoint.from_text(proof.text.split("\n\n", 1)[1])
    signed.signed_note.verify(ring(book.log.public.public), KeyID(book.log.public.key_id))
    return entry(proof, bytes.fromhex(signed.checkpoint.log_hash), signed.checkpoint.log_size)


def test_every_proof_and_checkpoint_is_taken(book: Ledger) -> None:
    with acting(service()):
        proofs = [kept.proof(event_id=one) for one in Leaf.objects.order_by("place").values_list("event_id", flat=True)]
    assert len(proofs) >= EVENTS
    for proof in proofs:
        verify_merkle_inclusion(checked(proof, book))


def test_what_was_touched_is_not(book: Ledger) -> None:
    with acting(service()):
        event = Leaf.objects.order_by("place")[EVENTS // 2].event_id
        proof = kept.proof(event_id=event)
    for part, value in {
        "canonicalized_body": sha256(proof.event.replace("test:act", "test:ace").encode()).digest(),
        "log_index": EVENTS // 2 - 1,
        "hashes": [b"\0" * 32] * 9,
        "root_hash": b"\0" * 32,
    }.items():
        told = checked(proof, book)
        verify_merkle_inclusion(told)
        place = told._inner if part == "canonicalized_body" else told._inner.inclusion_proof
        setattr(place, part, value)
        with pytest.raises(VerificationError):
            verify_merkle_inclusion(told)
    size = proof.text.split("\n\n", 1)[1].splitlines()[1]
    forged = kept.Proof(proof.event, proof.text.replace(f"\n{size}\n", f"\n{int(size) + 1}\n"), proof.keys)
    with pytest.raises(VerificationError):
        checked(forged, book)
