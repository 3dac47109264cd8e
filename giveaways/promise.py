"""What is promised when a giveaway is published: the opening record of its draw, and the format of records.

Everything here is pure and fixed to the byte (draw/1), because strangers hash these bytes long after us.
"""

import hashlib
import json
import re
import secrets
from base64 import b32encode
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

VERSION = "1"
OPENING_KEYS = (
    "draw",
    "giveaway",
    "winners",
    "max_tickets",
    "seed_sha256",
    "beacon",
    "beacon_delay",
    "rules_sha256",
)
CHANGE_KEYS = ("draw", "giveaway", "change", "previous_sha256", "at", "field", "before", "after")
SEED_BYTES = 32
MOST_TICKETS = 100
NO_BEACON = "none"
# drand's public chain with a round every three seconds.
QUICKNET = "drand:52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971:1692803367:3"

_KEY = re.compile(r"[a-z][a-z0-9_]*")
# Besides LF, everything some editor or language takes for the end of a line, and what no eye can see.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
# No zero byte and no separator: the id is hashed beside other fields and travels in links.
_GIVEAWAY = re.compile(r"[A-Za-z0-9-]{1,64}")
_DRAND = re.compile(r"drand:([0-9a-f]{64}):(0|[1-9][0-9]{0,11}):([1-9][0-9]{0,5})")


class RecordError(ValueError):
    """A record, or a value meant for one, breaks the format."""


class Beacon(NamedTuple):
    """A source of public randomness; `genesis` in unix seconds, `period` in seconds."""

    chain_hash: str
    genesis: int
    period: int


def sha256_hex(data: bytes) -> str:
    """The SHA-256 of the exact bytes, in lowercase hex."""
    return hashlib.sha256(data).hexdigest()


def new_seed() -> bytes:
    """A secret seed of 32 bytes; nobody may see it before the draw."""
    return secrets.token_bytes(SEED_BYTES)


def new_public_id() -> str:
    """Sixteen lowercase letters and digits (80 bits): fit for links, where `_` already separates."""
    return b32encode(secrets.token_bytes(10)).decode().lower()


def record(pairs: Iterable[tuple[str, str | int]]) -> bytes:
    """Writes `key=value` lines in the order given; raises RecordError for what could be read in two ways."""
    lines: dict[str, str] = {}
    for key, value in pairs:
        if key in lines:
            raise RecordError(f"{key} is given twice")
        lines[key] = _line(key, str(value))
    if not lines:
        raise RecordError("a record needs at least one line")
    return "".join(lines.values()).encode()


def _line(key: str, value: str) -> str:
    if not _KEY.fullmatch(key):
        raise RecordError(f"{key!r} is no key")
    if _UNFIT.search(value):
        raise RecordError(f"the value of {key} holds a control character")
    return f"{key}={value}\n"


def parse_record(data: bytes) -> dict[str, str]:
    """Reads a record back; raises RecordError unless `record` would write these very bytes."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise RecordError("a record is UTF-8 text") from error
    if not text.endswith("\n"):
        raise RecordError("every line of a record ends with LF")
    pairs = [_pair(line) for line in text[:-1].split("\n")]
    record(pairs)  # the writer's rules are the reader's rules
    return dict(pairs)


def _pair(line: str) -> tuple[str, str]:
    key, equals, value = line.partition("=")
    if not equals:
        raise RecordError(f"{line!r} is not key=value")
    return key, value


def expect_keys(fields: dict[str, str], *expected: Sequence[str]) -> None:
    """Refuses a record whose keys are not one of the expected lists, in that order."""
    if list(fields) not in [list(keys) for keys in expected]:
        raise RecordError(f"the keys are {', '.join(fields)}, not {', '.join(expected[0])}")


def expect_giveaway(giveaway: str) -> str:
    """Returns the public id; raises RecordError unless it is 1-64 letters, digits or hyphens."""
    if not _GIVEAWAY.fullmatch(giveaway):
        raise RecordError(f"{giveaway!r} is no public id of a giveaway")
    return giveaway


def expect_sha256(value: str) -> str:
    """Returns the hash; raises RecordError unless it is 64 lowercase hex digits."""
    if not _SHA256.fullmatch(value):
        raise RecordError(f"{value!r} is no SHA-256 in lowercase hex")
    return value


def expect_number(value: str, *, least: int = 0, most: int | None = None) -> int:
    """Reads a plain decimal number (ASCII digits, no sign, no leading zero) within its bounds."""
    if not _NUMBER.fullmatch(value):
        raise RecordError(f"{value!r} is no plain number")
    number = int(value)
    if number < least or (most is not None and number > most):
        raise RecordError(f"{number} is out of bounds")
    return number


def parse_beacon(beacon: str) -> Beacon | None:
    """Reads `none` (as None) or `drand:<chain hash>:<genesis>:<period>`; raises RecordError for the rest."""
    if beacon == NO_BEACON:
        return None
    match = _DRAND.fullmatch(beacon)
    if not match:
        raise RecordError(f"{beacon!r} is no beacon")
    return Beacon(match[1], int(match[2]), int(match[3]))


def opening_record(
    *,
    giveaway: str,
    winners: int,
    max_tickets: int,
    seed: bytes,
    beacon: str,
    beacon_delay: int,
    rules: str | None = None,
    rules_sha256: str | None = None,
) -> bytes:
    """Binds us before the first person joins; its SHA-256 is printed in the post.

    Takes either the `rules` shown to people or their `rules_sha256`; `beacon_delay` is in seconds.
    """
    if len(seed) != SEED_BYTES:
        raise RecordError("a seed is 32 bytes")
    if (rules is None) == (rules_sha256 is None):
        raise RecordError("either the rules or their hash")
    values = (
        VERSION,
        giveaway,
        winners,
        max_tickets,
        sha256_hex(seed),
        beacon,
        beacon_delay,
        rules_sha256 if rules is None else sha256_hex(rules.encode()),
    )
    opening = record((key, str(value)) for key, value in zip(OPENING_KEYS, values, strict=True))
    parse_opening(opening)
    return opening


def parse_opening(data: bytes) -> dict[str, str]:
    """Reads an opening record and checks every field's shape; raises RecordError."""
    fields = parse_record(data)
    expect_keys(fields, OPENING_KEYS)
    if fields["draw"] != VERSION:
        raise RecordError(f"draw/{fields['draw']} is not known here")
    expect_giveaway(fields["giveaway"])
    expect_number(fields["winners"], least=1)
    expect_number(fields["max_tickets"], least=1, most=MOST_TICKETS)
    expect_sha256(fields["seed_sha256"])
    parse_beacon(fields["beacon"])
    expect_number(fields["beacon_delay"])
    expect_sha256(fields["rules_sha256"])
    return fields


def change_record(
    *, giveaway: str, number: int, previous_sha256: str, at: int, field: str, before: Any, after: Any
) -> bytes:
    """What was changed while people could enter. `previous_sha256` is that of the change before, of the first one that
    of the opening record, which holds the rules' hash: nobody can leave one out. Values are JSON in ASCII."""
    record_bytes = record(
        zip(
            CHANGE_KEYS,
            (VERSION, giveaway, number, previous_sha256, at, field, json.dumps(before), json.dumps(after)),
            strict=True,
        )
    )
    parse_change(record_bytes)
    return record_bytes


def parse_change(data: bytes) -> dict[str, str]:
    """Reads a change and checks every field's shape; raises RecordError."""
    fields = parse_record(data)
    expect_keys(fields, CHANGE_KEYS)
    expect_giveaway(fields["giveaway"])
    expect_number(fields["change"], least=1)
    expect_sha256(fields["previous_sha256"])
    expect_number(fields["at"])
    return fields


def check_changes(opening_sha256: str, records: Iterable[bytes]) -> int:
    """How many changes follow one another from the opening record on; raises RecordError where the chain breaks."""
    expected, number = opening_sha256, 0
    for number, data in enumerate(records, start=1):
        fields = parse_change(data)
        if (fields["previous_sha256"], fields["change"]) != (expected, str(number)):
            raise RecordError(f"change {number} does not follow from the one before it")
        expected = sha256_hex(data)
    return number
