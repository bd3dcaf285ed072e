"""The Merkle tree of the journal: hashes, inclusion and consistency proofs (RFC 9162 §2.1, SHA-256).

A stored node (level, index) is the root over the 2^level leaves from index · 2^level on; only complete ones exist.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce

Place = tuple[int, int]
"""Level and index of a stored node."""
Node = Callable[[int, int], bytes]
"""Looks up the stored node (level, index)."""

EMPTY = hashlib.sha256(b"").digest()
"""The root of no leaves at all."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf: SHA-256 over 0x00 and its bytes."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256 over 0x01 and both children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """What is needed to append: how many leaves there are, and the roots of the complete subtrees over them.

    `peaks` stand from the largest (leftmost) to the smallest, one for each bit that is set in `size`; any other number
    of them is a ValueError.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size.bit_count() != len(self.peaks):
            raise ValueError("peaks do not fit the size")

    def append(self, leaf: bytes) -> tuple["Frontier", list[tuple[int, int, bytes]]]:
        """The frontier with one more leaf hash, and every node completed by it (level, index, hash), leaf first."""
        peaks, carry, level, index = list(self.peaks), leaf, 0, self.size
        completed = [(0, index, leaf)]
        while index & 1:
            carry = node_hash(peaks.pop(), carry)
            level, index = level + 1, index >> 1
            completed.append((level, index, carry))
        return Frontier(self.size + 1, (*peaks, carry)), completed

    def root(self) -> bytes:
        """The root over all leaves."""
        return _folded(self.peaks)


def _folded(peaks: Sequence[bytes]) -> bytes:
    """The root over complete subtrees, given from the largest to the smallest."""
    return reduce(lambda found, peak: node_hash(peak, found), reversed(peaks)) if peaks else EMPTY


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, by the definition itself (RFC 9162 §2.1.1)."""
    if not leaves:
        return EMPTY
    if len(leaves) == 1:
        return leaves[0]
    split = _split(len(leaves))
    return node_hash(root(leaves[:split]), root(leaves[split:]))


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


Range = tuple[int, int]
"""Leaves from the first number up to, not with, the second."""


def _complete(start: int, end: int) -> list[Place]:
    """The complete subtrees that the leaves start … end − 1 consist of; `start` is a multiple of the largest's size."""
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def peaks(size: int) -> list[Place]:
    """The complete subtrees over the first `size` leaves, the largest first: what `Frontier.peaks` holds."""
    return _complete(0, size)


def _hashes(ranges: list[Range], node: Node) -> list[bytes]:
    return [_folded([node(*place) for place in _complete(*each)]) for each in ranges]


def _places(ranges: list[Range]) -> list[Place]:
    return [place for each in ranges for place in _complete(*each)]


def _inclusion_ranges(index: int, start: int, end: int) -> list[Range]:
    if end - start == 1:
        return []
    split = start + _split(end - start)
    if index < split:
        return [*_inclusion_ranges(index, start, split), (split, end)]
    return [*_inclusion_ranges(index, split, end), (start, split)]


def _consistency_ranges(first: int, start: int, end: int, whole: bool) -> list[Range]:
    if first == end:
        return [] if whole else [(start, end)]
    split = start + _split(end - start)
    if first <= split:
        return [*_consistency_ranges(first, start, split, whole), (split, end)]
    return [*_consistency_ranges(first, split, end, False), (start, split)]


def _inclusion(index: int, size: int) -> list[Range]:
    if not 0 <= index < size:
        raise ValueError("no such leaf")
    return _inclusion_ranges(index, 0, size)


def _consistency(first: int, second: int) -> list[Range]:
    if not 0 < first <= second:
        raise ValueError("no such pair of sizes")
    return _consistency_ranges(first, 0, second, True)


def inclusion_path(index: int, size: int, node: Node) -> list[bytes]:
    """The hashes that lead from leaf `index` to the root over `size` leaves (RFC 9162 §2.1.3.1).

    Raises:
        ValueError: there is no such leaf.
    """
    return _hashes(_inclusion(index, size), node)


def inclusion_nodes(index: int, size: int) -> list[Place]:
    """Every node that `inclusion_path` looks up, so that they can be read from a database at once.

    Raises:
        ValueError: there is no such leaf.
    """
    return _places(_inclusion(index, size))


def consistency_path(first: int, second: int, node: Node) -> list[bytes]:
    """The hashes that show the first `first` leaves to be unchanged among `second` (RFC 9162 §2.1.4.1).

    Raises:
        ValueError: unless 0 < first <= second.
    """
    return _hashes(_consistency(first, second), node)


def consistency_nodes(first: int, second: int) -> list[Place]:
    """Every node that `consistency_path` looks up.

    Raises:
        ValueError: unless 0 < first <= second.
    """
    return _places(_consistency(first, second))


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether `path` leads from the leaf hash at `index` to `root` over `size` leaves (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        return False
    fn, sn, found = index, size - 1, leaf
    for step in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            found = node_hash(step, found)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            found = node_hash(found, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and found == root


def verify_consistency(first: int, second: int, path: Sequence[bytes], old: bytes, new: bytes) -> bool:
    """Whether `path` shows the tree with root `old` to be a prefix of that with root `new` (RFC 9162 §2.1.4.2)."""
    if not 0 < first <= second:
        return False
    if first == second:
        return not path and old == new
    steps = list(path) if first & (first - 1) else [old, *path]
    if not steps:
        return False
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = steps[0]
    for step in steps[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node_hash(step, fr), node_hash(step, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == old and sr == new
