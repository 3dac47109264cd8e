"""The draw itself: from the seed and the beacon to one ranking, its winners and proof.json."""

import hashlib
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from heapq import nsmallest
from hmac import digest as hmac_digest
from itertools import islice
from typing import NamedTuple, NotRequired, TypedDict

from giveaways import promise
from participants.draw.entries import Entry, parse_closing

NO_RANDOMNESS = bytes(32)
_SHA256_BLOCK_BYTES = 64


class Ranked(NamedTuple):
    """One place of the ranking; the smallest score comes first."""

    score: bytes
    code: str


class Proof(TypedDict):
    open: str
    close: str
    seed: str
    round: int | None
    signature: str | None
    randomness: str
    skipped: dict[str, str]
    skips: NotRequired[list[str]]
    winners: list[str]


def randomness(signature: bytes | None) -> bytes:
    """What the beacon adds: the hash of the round's signature, or 32 zero bytes without a beacon."""
    return NO_RANDOMNESS if signature is None else hashlib.sha256(signature).digest()


def prk(*, seed: bytes, randomness: bytes, open_sha256: str) -> bytes:
    """The key of all tickets; fixed by the opening record and by a round that nobody could know."""
    return hmac_digest(seed, randomness + bytes.fromhex(open_sha256), "sha256")


def scorer(prk: bytes) -> Callable[[str, int], bytes]:
    """A function from code and weight to score.

    HMAC spends half its work on the key; hashed once and copied, a million scores take under a second.
    """
    inner = hashlib.sha256(_padded(prk, 0x36)).copy
    outer = hashlib.sha256(_padded(prk, 0x5C)).copy

    def ticket(message: bytes) -> bytes:
        within, without = inner(), outer()
        within.update(message)
        without.update(within.digest())
        return without.digest()

    def score(code: str, weight: int) -> bytes:
        if weight == 1:
            return ticket(b"%b/0\x01" % code.encode())
        return min(ticket(b"%b/%d\x01" % (code.encode(), i)) for i in range(weight))

    return score


def _padded(key: bytes, pad: int) -> bytes:
    return bytes(byte ^ pad for byte in key.ljust(_SHA256_BLOCK_BYTES, b"\0"))


def score(prk: bytes, code: str, weight: int) -> bytes:
    """The smallest ticket of one entry."""
    return scorer(prk)(code, weight)


def ranking(entries: Iterable[Entry], prk: bytes, limit: int, *, after: bytes = b"") -> list[Ranked]:
    """The best `limit` entries in order, in memory that grows with `limit` only.

    To go deeper, ask for more, or give the last score already known as `after`.
    """
    score_of = scorer(prk)
    scores = ((score_of(code, weight), code) for code, weight in entries)
    return [Ranked(*place) for place in nsmallest(limit, (place for place in scores if place[0] > after))]


def winners(ranked: Iterable[str], *, count: int, skipped: Container[str] = ()) -> list[str]:
    """The first `count` codes of the ranking that are not skipped."""
    return list(islice((code for code in ranked if code not in skipped), count))


def proof(
    *,
    opening: bytes,
    closing: bytes,
    seed: bytes,
    beacon_round: int | None,
    signature: bytes | None,
    skipped: Mapping[str, str],
    winners: Sequence[str],
    skips: Sequence[bytes] | None = None,
) -> Proof:
    """The content of proof.json: `open` and `close` are the exact records, `skipped` maps code to reason,
    `skips` are the exact skip rows, each bound to the one before it.

    `randomness` stands beside the promised fields so that a replaced signature is told from replaced winners.
    """
    if promise.sha256_hex(seed) != promise.parse_opening(opening)["seed_sha256"]:
        raise promise.RecordError("this seed was not promised")
    if promise.sha256_hex(opening) != parse_closing(closing)["open_sha256"]:
        raise promise.RecordError("these records do not belong together")
    told: Proof = {
        "open": opening.decode(),
        "close": closing.decode(),
        "seed": seed.hex(),
        "round": beacon_round,
        "signature": None if signature is None else signature.hex(),
        "randomness": randomness(signature).hex(),
        "skipped": dict(skipped),
        "winners": list(winners),
    }
    if skips is not None:
        told["skips"] = [row.decode() for row in skips]
    return told
