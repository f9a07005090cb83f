"""Field encryption and blind indexes: personal values are ciphertext before they reach the database.

A sealed value is ``version ‖ key id ‖ nonce ‖ AES-256-GCM ciphertext``; its additional data name the column and the
row, so a ciphertext moved to another row or column does not open.
"""

import hashlib
import hmac
import os
import secrets
import uuid

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

VERSION = b"\x01"
KEY_ID_BYTES, NONCE_BYTES = 4, 12
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class Tampered(Exception):  # noqa: N818  (named for what happened)
    """A sealed value does not open: wrong row, wrong key or changed bytes."""


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"key id" + key).digest()[:KEY_ID_BYTES]


def _label(column: str, row: uuid.UUID) -> bytes:
    return f"{column}|{row}".encode()


def seal(value: str, *, column: str, row: uuid.UUID) -> bytes:
    """Encrypt ``value`` for one column (``table.column``) of the row whose seal id is ``row``."""
    key: bytes = settings.FIELD_KEY
    nonce = os.urandom(NONCE_BYTES)
    return VERSION + _key_id(key) + nonce + AESGCM(key).encrypt(nonce, value.encode(), _label(column, row))


def unseal(sealed: bytes | memoryview, *, column: str, row: uuid.UUID) -> str:
    """Decrypt what ``seal`` made for the same column and row.

    Raises:
        Tampered: the bytes were made for another place, by another key, or were changed.
    """
    data, key = bytes(sealed), settings.FIELD_KEY
    head = 1 + KEY_ID_BYTES
    if data[:head] != VERSION + _key_id(key):
        raise Tampered(column)
    try:
        return (
            AESGCM(key)
            .decrypt(data[head : head + NONCE_BYTES], data[head + NONCE_BYTES :], _label(column, row))
            .decode()
        )
    except (InvalidTag, ValueError) as error:
        raise Tampered(column) from error


def seal_chunk(data: bytes, *, column: str, row: uuid.UUID, number: int, last: bool) -> bytes:
    """Encrypt one part of a file; it opens only in its place, and the last one only as the last."""
    key: bytes = settings.FIELD_KEY
    nonce = os.urandom(NONCE_BYTES)
    return VERSION + _key_id(key) + nonce + AESGCM(key).encrypt(nonce, data, _place(column, row, number, last=last))


def unseal_chunk(sealed: bytes, *, column: str, row: uuid.UUID, number: int, last: bool) -> bytes:
    """Decrypt what ``seal_chunk`` made for the same place.

    Raises:
        Tampered: the bytes were made for another place, by another key, or were changed.
    """
    key, head = settings.FIELD_KEY, 1 + KEY_ID_BYTES
    if sealed[:head] != VERSION + _key_id(key):
        raise Tampered(column)
    nonce, body = sealed[head : head + NONCE_BYTES], sealed[head + NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, body, _place(column, row, number, last=last))
    except (InvalidTag, ValueError) as error:
        raise Tampered(column) from error


def _place(column: str, row: uuid.UUID, number: int, *, last: bool) -> bytes:
    return _label(column, row) + f"|{number}|{'last' if last else 'more'}".encode()


def blind(kind: str, normalised: str) -> str:
    """Return the keyed index of a value, for exact search only: 128 bits of HMAC-SHA-256 in hex."""
    return hmac.new(settings.INDEX_KEY, f"{kind}|{normalised}".encode(), hashlib.sha256).hexdigest()[:32]


def new_secret() -> str:
    """Return a client's statement secret: 80 random bits in four groups, without letters that look alike."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(16))
    return "-".join(letters[i : i + 4] for i in range(0, 16, 4))
