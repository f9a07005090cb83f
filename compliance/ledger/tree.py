"""The log as it is kept: tiles of 256 hashes, from which every root and every proof is made in a few reads.

A tile of level 0 holds the hashes of leaves, one of level n + 1 the roots of whole tiles of level n (C2SP tlog-tiles).
"""

from collections.abc import Callable, Iterable, Sequence

from compliance.ledger.verifier import EMPTY, HASH, node_hash

WIDTH = 256
BITS = 8
Read = Callable[[int, int], bytes]
"""Gives the bytes of a tile by level and place; none where there is no such tile."""


class Tree:
    """A log of ``size`` leaves over its tiles; ``add`` lets it grow, ``changed`` holds the tiles to be kept."""

    def __init__(self, read: Read, size: int) -> None:
        self.read = read
        self.size = size
        self.tiles: dict[tuple[int, int], bytes] = {}
        self.changed: dict[tuple[int, int], bytearray] = {}

    def add(self, leaves: Iterable[bytes]) -> None:
        """Add hashes of leaves."""
        for leaf in leaves:
            self._append(0, self.size, leaf)
            self.size += 1

    def settled(self) -> list[tuple[tuple[int, int], bytes]]:
        """Return the tiles that changed since the last time, and forget those that are full."""
        told = [(number, bytes(tile)) for number, tile in self.changed.items()]
        self.changed = {number: tile for number, tile in self.changed.items() if len(tile) < WIDTH * HASH}
        return told

    def _append(self, level: int, place: int, found: bytes) -> None:
        """Add a hash to a level; a tile that is full gives its root to the level above."""
        number = (level, place // WIDTH)
        tile = self.changed.get(number)
        if tile is None:
            tile = self.changed[number] = bytearray(self._tile(*number)[: place % WIDTH * HASH])
        tile += found
        if len(tile) == WIDTH * HASH:
            self._append(level + 1, place // WIDTH, fold(split(bytes(tile))))

    def _tile(self, level: int, place: int) -> bytes:
        """Return a tile, read once."""
        if (level, place) in self.changed:
            return bytes(self.changed[level, place])
        if (level, place) not in self.tiles:
            self.tiles[level, place] = self.read(level, place)
        return self.tiles[level, place]

    def _whole(self, begin: int, height: int) -> bytes:
        """Return the root over the 2 ** ``height`` leaves from ``begin``, which is a multiple of that."""
        level, rest = divmod(height, BITS)
        place = begin >> (BITS * level)
        first = place % WIDTH * HASH
        return fold(split(self._tile(level, place // WIDTH)[first : first + (HASH << rest)]))

    def part(self, begin: int, end: int) -> bytes:
        """Return the root over leaves ``begin`` to ``end``, where a tree of RFC 6962 would cut."""
        if begin == end:
            return EMPTY
        count = end - begin
        if not count & (count - 1):
            return self._whole(begin, count.bit_length() - 1)
        middle = begin + _half(count)
        return node_hash(self.part(begin, middle), self.part(middle, end))

    def root(self, size: int | None = None) -> bytes:
        """Return the root over the first ``size`` leaves, all of them by default."""
        return self.part(0, self.size if size is None else size)

    def inclusion(self, place: int, size: int) -> list[bytes]:
        """Return the proof that a leaf stands at ``place`` in the first ``size`` (RFC 6962, section 2.1.1)."""
        begin, end, found = 0, size, list[bytes]()
        while end - begin > 1:
            middle = begin + _half(end - begin)
            if place < middle:
                found.append(self.part(middle, end))
                end = middle
            else:
                found.append(self.part(begin, middle))
                begin = middle
        return found[::-1]

    def consistency(self, old: int, size: int) -> list[bytes]:
        """Return the proof that the first ``old`` leaves begin the first ``size`` (RFC 6962, section 2.1.2)."""
        if old in {0, size}:
            return []
        begin, end, found, whole = 0, size, list[bytes](), True
        while old != end:
            middle = begin + _half(end - begin)
            if old <= middle:
                found.append(self.part(middle, end))
                end = middle
            else:
                found.append(self.part(begin, middle))
                begin, whole = middle, False
        return ([] if whole else [self.part(begin, end)]) + found[::-1]


def _half(count: int) -> int:
    """Return the largest power of two below ``count``."""
    return 1 << ((count - 1).bit_length() - 1)


def split(tile: bytes) -> list[bytes]:
    """Return the hashes of a tile."""
    return [tile[at : at + HASH] for at in range(0, len(tile), HASH)]


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the root over hashes that stand side by side, the last of which may stand for fewer leaves."""
    row = list(hashes)
    if not row:
        return EMPTY
    while len(row) > 1:
        pairs = [node_hash(row[at], row[at + 1]) for at in range(0, len(row) - 1, 2)]
        row = pairs + row[-1:] if len(row) % 2 else pairs
    return row[0]
