"""Skip rows: why a place of the ranking was passed over, each bound to the one before it by its hash."""

from typing import NamedTuple

from giveaways import promise

SKIP_KEYS = ("skip", "giveaway", "number", "rank", "code", "reason", "evidence_at", "note", "previous")
MOST_NOTE = 200


class Passed(NamedTuple):
    """What a skip row says: the place, why it was passed over and when the evidence for that was seen."""

    number: int
    rank: int
    code: str
    reason: str
    evidence_at: int
    note: str


def skip_record(passed: Passed, *, giveaway: str, previous: str) -> bytes:
    """The row's exact bytes; `previous` is the hash of the row before it, of the closing record for the first."""
    values = (
        promise.VERSION,
        promise.expect_giveaway(giveaway),
        passed.number,
        passed.rank,
        passed.code,
        passed.reason,
        passed.evidence_at,
        passed.note,
        promise.expect_sha256(previous),
    )
    return promise.record(zip(SKIP_KEYS, values, strict=True))


def one_line(note: str) -> str:
    """A note as a record can hold it: one line, no control characters."""
    printable = "".join(letter if letter.isprintable() else " " for letter in note)
    return " ".join(printable.split())[:MOST_NOTE]
