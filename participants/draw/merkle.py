"""The Merkle tree of RFC 6962 over the lines of entries.txt without their LF: roots and inclusion proofs."""

import hashlib
from collections.abc import Iterable, Sequence
from itertools import islice


class NoSuchLeafError(ValueError):
    """The index lies outside the tree."""


def leaf_hash(line: bytes) -> bytes:
    """The hash of one leaf; the prefix keeps a leaf from passing for a node."""
    return hashlib.sha256(b"\0" + line).digest()


def _node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


class MerkleTree:
    """A tree that grows by one leaf hash at a time and keeps one hash per level."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def add(self, node: bytes) -> None:
        """Appends a leaf hash; every pair of full halves becomes one node at once."""
        self.size += 1
        halves = self.size
        while not halves & 1:
            node = _node_hash(self._peaks.pop(), node)
            halves >>= 1
        self._peaks.append(node)

    def root(self) -> bytes:
        """The root over everything added so far; the hash of nothing for an empty list."""
        if not self._peaks:
            return hashlib.sha256(b"").digest()
        *others, root = self._peaks
        for peak in reversed(others):
            root = _node_hash(peak, root)
        return root


def merkle_root(hashes: Iterable[bytes]) -> bytes:
    """The root over leaf hashes.

    Roots of whole blocks of 2**n leaves may stand for their leaves: a path inside the block, followed by the
    path of the block among all block roots, is the path in the whole tree. Kept, they make proofs cheap.
    """
    tree = MerkleTree()
    for node in hashes:
        tree.add(node)
    return tree.root()


def _siblings(index: int, size: int) -> list[tuple[int, int]]:
    """The ranges of leaves that stand beside the way from leaf `index` up to the root, nearest first."""
    if not 0 <= index < size:
        raise NoSuchLeafError(f"there is no leaf {index} among {size}")
    ranges, start, end = [], 0, size
    while end - start > 1:
        middle = start + (1 << (end - start - 1).bit_length() - 1)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def inclusion_proof(hashes: Iterable[bytes], *, index: int, size: int) -> list[bytes]:
    """The audit path of leaf `index` (from 0) among `size` leaf hashes, nearest sibling first."""
    stream = iter(hashes)
    siblings = _siblings(index, size)
    in_order = sorted([*siblings, (index, index + 1)])
    roots = {(start, end): merkle_root(islice(stream, end - start)) for start, end in in_order}
    return [roots[sibling] for sibling in siblings]


def verify_inclusion(line: bytes, path: Sequence[bytes], *, index: int, size: int, root: bytes) -> bool:
    """Whether the line (without LF) stands at `index` in the list of `size` lines under this root."""
    if not 0 <= index < size:
        return False
    siblings = _siblings(index, size)
    if len(siblings) != len(path):
        return False
    node = leaf_hash(line)
    for (start, _), sibling in zip(siblings, path, strict=True):
        node = _node_hash(node, sibling) if start > index else _node_hash(sibling, node)
    return node == root
