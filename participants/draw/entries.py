"""Entries of a draw: the code that stands for a person, and the sorted list that is sealed at closing."""

import hashlib
import re
import secrets
from base64 import b32encode
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from giveaways import promise
from participants.draw.merkle import MerkleTree, leaf_hash, merkle_root

NONCE_BYTES = 16
CLOSING_KEYS = ("open_sha256", "closed_at", "entries", "tickets", "entries_sha256")
CLOSING_KEYS_WITH_ROOT = (*CLOSING_KEYS, "merkle_root")

BLOCK_LINES = 1024  # a power of two, so that blocks are subtrees
_CODE_LETTERS = 32
_CODE = re.compile(r"[a-z2-7]{32}")

Entry = tuple[str, int]
"""A code and its weight, the number of its tickets."""


class EntriesError(ValueError):
    """The list of entries cannot be sealed as it stands."""


class Sealed(NamedTuple):
    """What the closing record says about entries.txt."""

    entries: int
    tickets: int
    entries_sha256: str
    merkle_root: str
    block_roots: bytes = b""
    """Merkle roots of whole blocks of lines, 32 bytes each: kept, they make inclusion proofs cheap."""


def new_nonce() -> bytes:
    """What hides the person behind a code; given to the person, who alone can show whose the code is."""
    return secrets.token_bytes(NONCE_BYTES)


def entry_code(*, giveaway: str, user_id: int, nonce: bytes) -> str:
    """The 32 letters that stand for a person in entries.txt; `user_id` is Telegram's."""
    promise.expect_giveaway(giveaway)
    if len(nonce) != NONCE_BYTES:
        raise EntriesError("a nonce is 16 bytes")
    preimage = b"\0".join([b"draw/1/entry", giveaway.encode(), str(user_id).encode(), nonce])
    return b32encode(hashlib.sha256(preimage).digest()[:20]).decode().lower()


def entry_lines(entries: Iterable[Entry], *, max_tickets: int = promise.MOST_TICKETS) -> Iterator[bytes]:
    """The lines of entries.txt with their LF; raises EntriesError at a malformed, repeated or unsorted one.

    The order is of bytes, as PostgreSQL's `COLLATE "C"`.
    """
    before = ""
    for code, weight in entries:
        if not _CODE.fullmatch(code) or not 1 <= weight <= max_tickets:
            raise EntriesError(f"{code!r} with weight {weight} is no entry")
        if code <= before:
            raise EntriesError(f"{code} is {'repeated' if code == before else 'out of order'}")
        before = code
        yield b"%b %d\n" % (code.encode(), weight)


def seal(entries: Iterable[Entry], *, max_tickets: int = promise.MOST_TICKETS) -> Sealed:
    """Counts and hashes the sorted list in one pass; raises EntriesError as `entry_lines` does."""
    count, tickets, sha256, block, roots = 0, 0, hashlib.sha256(), MerkleTree(), bytearray()
    for line in entry_lines(entries, max_tickets=max_tickets):
        sha256.update(line)
        tickets += int(line[_CODE_LETTERS:])
        block.add(leaf_hash(line[:-1]))
        if block.size == BLOCK_LINES:
            count += BLOCK_LINES
            roots += block.root()
            block = MerkleTree()
    if block.size:
        roots += block.root()
    root = merkle_root(split_roots(roots)).hex()
    return Sealed(count + block.size, tickets, sha256.hexdigest(), root, bytes(roots))


def split_roots(roots: bytes | bytearray) -> Iterator[bytes]:
    """The single roots of `Sealed.block_roots`."""
    return (bytes(roots[start : start + 32]) for start in range(0, len(roots), 32))


def closing_record(*, opening: bytes, closed_at: int, sealed: Sealed, with_root: bool = True) -> bytes:
    """Binds the list to the opening record; published before the promised round exists."""
    keys = CLOSING_KEYS_WITH_ROOT if with_root else CLOSING_KEYS
    open_sha256 = promise.sha256_hex(opening)
    values = (
        open_sha256,
        closed_at,
        sealed.entries,
        sealed.tickets,
        sealed.entries_sha256,
        sealed.merkle_root,
    )
    closing = promise.record((key, str(value)) for key, value in zip(keys, values, strict=False))
    parse_closing(closing)
    return closing


def parse_closing(data: bytes) -> dict[str, str]:
    """Reads a closing record and checks every field's shape; raises RecordError."""
    fields = promise.parse_record(data)
    promise.expect_keys(fields, CLOSING_KEYS, CLOSING_KEYS_WITH_ROOT)
    for key, value in fields.items():
        if key in ("closed_at", "entries", "tickets"):
            promise.expect_number(value)
        else:
            promise.expect_sha256(value)
    return fields


def promised_round(*, beacon: str, beacon_delay: int, closed_at: int) -> int | None:
    """The first round made no sooner than `beacon_delay` seconds after closing; None without a beacon."""
    source = promise.parse_beacon(beacon)
    if source is None:
        return None
    waited = closed_at + beacon_delay - source.genesis
    if waited < 0:
        raise promise.RecordError("closed before the beacon's first round")
    return -(-waited // source.period) + 1
