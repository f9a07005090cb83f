"""Keys that sign, and what the log and its witnesses sign with them.

The formats are those of C2SP: signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof.
"""

import base64
import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from compliance.ledger.verifier import COSIGNATURE, DASH, PROOF, SIGNATURE, TIME, Key

SEED = 32


@dataclass(frozen=True)
class Signer:
    """A private key with its name; ``public`` is what others know of it."""

    public: Key
    private: Ed25519PrivateKey

    def line(self, signature: bytes) -> str:
        """Return a signature as a line of a note."""
        return f"{DASH} {self.public.name} {base64.b64encode(self.public.key_id + signature).decode()}\n"

    def sign(self, text: str) -> str:
        """Return the signature line of a log over a note's text."""
        return self.line(self.private.sign(text.encode()))

    def cosign(self, text: str, time: int) -> str:
        """Return the signature line of a witness over a checkpoint's text, seen at ``time`` (seconds since 1970)."""
        signature = self.private.sign(f"cosignature/v1\ntime {time}\n{text}".encode())
        return self.line(time.to_bytes(8) + signature)


def signer(path: Path) -> Signer:
    """Read a key file: its name, its kind and its seed, a line each.

    Raises:
        ValueError: it is no key file.
    """
    name, kind, seed = path.read_text(encoding="utf-8").split()
    private = Ed25519PrivateKey.from_private_bytes(base64.b64decode(seed, validate=True))
    return Signer(Key(name, int(kind), private.public_key().public_bytes_raw()), private)


def make_key(path: Path, name: str, *, witness: bool = False) -> None:
    """Make a key file once, readable by its owner only, and its public part beside it (``.pub``)."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        seed = base64.b64encode(os.urandom(SEED)).decode()
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{name}\n{COSIGNATURE if witness else SIGNATURE}\n{seed}\n")
    path.with_suffix(".pub").write_text(f"{signer(path).public}\n")


def checkpoint_text(*, origin: str, size: int, root: bytes, at: dt.datetime) -> str:
    """Return what a checkpoint says, without signatures; the time is an extension line."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n{TIME}{int(at.timestamp())}\n"


def proof_text(place: int, hashes: list[bytes], note: str) -> str:
    """Return a proof that a stranger can check: the place, the hashes beside it, the signed checkpoint."""
    lines = "".join(f"{base64.b64encode(one).decode()}\n" for one in hashes)
    return f"{PROOF}\nindex {place}\n{lines}\n{note}"
