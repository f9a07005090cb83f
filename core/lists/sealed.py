"""Files that lie sealed: written chunk by chunk, so that nothing of them is ever in clear outside memory.

A sealed file is a row of chunks, each with its length in front. A chunk knows its number and whether it is the last, so
that none can be left out, moved or cut off unnoticed.
"""

import hashlib
import io
import struct
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, BinaryIO

from core import crypto

CHUNK = 256 * 1024
LENGTH = struct.Struct(">I")


class SealedWriter(io.RawIOBase):
    """Something to write to: what comes in goes on to ``out`` sealed. ``size``, ``sha256``: of the clear bytes."""

    def __init__(self, out: BinaryIO, *, column: str, row: uuid.UUID) -> None:
        self.out, self.column, self.row = out, column, row
        self.waiting = bytearray()
        self.number = self.size = 0
        self.digest = hashlib.sha256()

    def writable(self) -> bool:
        """Say yes."""
        return True

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]  # one kind of buffer
        """Take bytes; whole chunks go on at once."""
        self.waiting += data
        self.digest.update(data)
        self.size += len(data)
        while len(self.waiting) > CHUNK:
            self._send(bytes(self.waiting[:CHUNK]), last=False)
            del self.waiting[:CHUNK]
        return len(data)

    def finish(self) -> None:
        """Send what is left as the last chunk."""
        self._send(bytes(self.waiting), last=True)
        self.waiting.clear()

    @property
    def sha256(self) -> str:
        """Return the digest of what was written."""
        return self.digest.hexdigest()

    def _send(self, data: bytes, *, last: bool) -> None:
        sealed = crypto.seal_chunk(data, column=self.column, row=self.row, number=self.number, last=last)
        self.out.write(LENGTH.pack(len(sealed)) + sealed)
        self.number += 1


class _Clear(io.RawIOBase):
    """The clear bytes of chunks, to be read like a file."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.chunks, self.left = chunks, b""

    def readable(self) -> bool:
        """Say yes."""
        return True

    def readinto(self, buffer: Any) -> int:  # a writable buffer
        """Fill the buffer from the next chunk."""
        while not self.left:
            chunk = next(self.chunks, None)
            if chunk is None:
                return 0
            self.left = chunk
        part, self.left = self.left[: len(buffer)], self.left[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)


def reader(begin: Callable[[], AbstractContextManager[Any]], *, column: str, row: uuid.UUID) -> io.BufferedReader:
    """Return the clear bytes of the sealed file that ``begin`` opens, as a file to read once."""
    return io.BufferedReader(_Clear(opened(begin, column=column, row=row)), CHUNK)


def opened(begin: Callable[[], AbstractContextManager[Any]], *, column: str, row: uuid.UUID) -> Iterator[bytes]:
    """Yield the clear chunks of the sealed file that ``begin`` opens, which is closed at the end.

    Raises:
        crypto.Tampered: a chunk was changed, moved, left out or cut off.
    """
    with begin() as file:
        number, length = 0, file.read(LENGTH.size)
        while length or not number:
            if len(length) < LENGTH.size:
                raise crypto.Tampered(column)
            sealed = file.read(LENGTH.unpack(length)[0])
            length = file.read(LENGTH.size)
            yield crypto.unseal_chunk(sealed, column=column, row=row, number=number, last=not length)
            number += 1
