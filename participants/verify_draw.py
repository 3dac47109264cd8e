"""Checks a finished giveaway draw from its two published files, with nothing but Python 3.8 or newer.

    python verify_draw.py proof.json entries.txt [--open-sha256 HASH] [--close-sha256 HASH]

It trusts nobody: what was promised before anyone joined (the opening record), what was sealed before the
randomness existed (the closing record and entries.txt) and what came out (the winners) are recomputed and
compared. Give it the hashes that were posted in the channel, or compare those it prints by eye: without that
comparison a wholly invented draw would pass as well. Exit code 0: everything agrees; 1: something does not.

What it cannot check with the standard library: that the signature of the public round is drand's own (BLS).
Ask any drand relay for that round and compare: https://api.drand.sh/<chain hash>/public/<round>
"""

from __future__ import annotations

import argparse
import hashlib
import heapq
import hmac
import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

OPENING = ["draw", "giveaway", "winners", "max_tickets", "seed_sha256"]
OPENING += ["beacon", "beacon_delay", "rules_sha256"]
CLOSING = ["open_sha256", "closed_at", "entries", "tickets", "entries_sha256"]
SKIP = ["skip", "giveaway", "number", "rank", "code", "reason", "evidence_at", "note", "previous"]
ENTRY = re.compile(rb"([a-z2-7]{32}) ([1-9][0-9]{0,2})\n")
BEACON = re.compile(r"drand:[0-9a-f]{64}:([0-9]{1,12}):([1-9][0-9]{0,5})")
FIELDS = {"open": str, "close": str, "seed": str, "skipped": dict, "winners": list}


class RefusedError(Exception):
    """The files contradict each other; the message says where."""


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


def require(agrees: bool, otherwise: str) -> None:
    if not agrees:
        raise RefusedError(otherwise)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def read_proof(path: str) -> dict[str, Any]:
    try:
        proof: dict[str, Any] = json.loads(Path(path).read_bytes(), object_pairs_hook=without_repeats)
    except ValueError as error:
        raise RefusedError(f"proof.json is not readable: {error}") from error
    require(isinstance(proof, dict), "proof.json is not an object")
    for name, kind in FIELDS.items():
        require(isinstance(proof.get(name), kind), f"proof.json has no proper field '{name}'")
    codes = proof["winners"]
    require(all(isinstance(code, str) for code in codes), "a winner is not written as a code")
    require(len(codes) == len(set(codes)), "a winner is listed twice")
    require(not set(codes) & set(proof["skipped"]), "a code is both winner and skipped")
    require(all(isinstance(row, str) for row in proof.get("skips", [])), "a skip row is not text")
    return proof


def without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    require(len(pairs) == len(dict(pairs)), "proof.json repeats a name")
    return dict(pairs)


def read_record(text: str, keys: list[list[str]], name: str) -> dict[str, str]:
    """One key=value per line, each line ended by LF, the keys in their fixed order."""
    require(text.endswith("\n"), f"the {name} record does not end with a line end")
    pairs = [line.partition("=") for line in text[:-1].split("\n")]
    require([key for key, _, _ in pairs] in keys, f"the {name} record has other lines than it should")
    return {key: value for key, _, value in pairs}


def number(fields: dict[str, str], key: str) -> int:
    value = fields[key]
    require(re.fullmatch("[0-9]{1,18}", value) is not None, f"'{key}' is not a number in its record")
    return int(value)


def from_hex(value: Any, name: str) -> bytes:
    usable = isinstance(value, str) and re.fullmatch("([0-9a-f]{2})+", value)
    require(bool(usable), f"the {name} is not lowercase hex")
    return bytes.fromhex(value)


def promised_round(opening: dict[str, str], closing: dict[str, str]) -> int | None:
    """The first round of the beacon after the closing time and the promised delay."""
    if opening["beacon"] == "none":
        return None
    beacon = BEACON.fullmatch(opening["beacon"])
    if not beacon:
        raise RefusedError("the opening record names an unknown beacon")
    waited = number(closing, "closed_at") + number(opening, "beacon_delay") - int(beacon[1])
    require(waited >= 0, "the closing time lies before the beacon's first round")
    return -(-waited // int(beacon[2])) + 1


def beacon_randomness(proof: dict[str, Any], promised: int | None) -> bytes:
    """SHA-256 of the round's signature; 32 zero bytes where no beacon was promised."""
    found = proof.get("round")
    require(found == promised, f"another round: round {promised} was promised, the proof uses {found}")
    if promised is None:
        require(proof.get("signature") is None, "a signature is given though no beacon was promised")
        randomness = bytes(32)
    else:
        randomness = hashlib.sha256(from_hex(proof.get("signature"), "signature")).digest()
    # The proof repeats the randomness only so that this mistake can be told from wrong winners.
    stated = proof.get("randomness", randomness.hex())
    require(stated == randomness.hex(), "another signature: the stated randomness is not its hash")
    return randomness


class EntryList:
    """Reads entries.txt line by line, counting and hashing on the way."""

    def __init__(self, lines: Iterable[bytes], max_tickets: int, with_root: bool) -> None:
        self.lines, self.max_tickets, self.with_root = lines, max_tickets, with_root
        self.entries = self.tickets = 0
        self.hash = hashlib.sha256()
        self.peaks: list[bytes] = []  # roots of the full subtrees so far (RFC 6962), largest first

    def __iter__(self) -> Iterator[tuple[bytes, int]]:
        before = b""
        for line in self.lines:
            match = ENTRY.fullmatch(line)
            if not match:
                raise RefusedError(f"line {self.entries + 1} of entries.txt is not 'code weight'")
            code, weight = match[1], int(match[2])
            if code <= before or weight > self.max_tickets:
                self.refuse(code, before)
            before = code
            self.entries += 1
            self.tickets += weight
            self.hash.update(line)
            if self.with_root:
                self.add_leaf(line[:-1])
            yield code, weight

    def refuse(self, code: bytes, before: bytes) -> None:
        where = f"line {self.entries + 1} of entries.txt"
        require(code >= before, f"the list is unsorted at {where}")
        require(code > before, f"an entry is repeated at {where}")
        raise RefusedError(f"more tickets than the promised {self.max_tickets} at {where}")

    def add_leaf(self, line: bytes) -> None:
        node = hashlib.sha256(b"\0" + line).digest()
        halves = self.entries
        while halves % 2 == 0:
            node = hashlib.sha256(b"\1" + self.peaks.pop() + node).digest()
            halves //= 2
        self.peaks.append(node)

    def merkle_root(self) -> str:
        if not self.peaks:
            return sha256(b"")
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = hashlib.sha256(b"\1" + peak + root).digest()
        return root.hex()


def score(prk: bytes, code: bytes, weight: int) -> bytes:
    """The smallest of the entry's tickets."""
    return min(hmac.digest(prk, b"%b/%d\x01" % (code, i), "sha256") for i in range(weight))


def check_entries(listed: EntryList, closing: dict[str, str]) -> None:
    entries, tickets = number(closing, "entries"), number(closing, "tickets")
    changed = "dropped" if listed.entries < entries else "added"
    require(listed.entries == entries, f"entries were {changed}: {listed.entries} listed, {entries} sealed")
    require(listed.tickets == tickets, f"a weight was changed: {listed.tickets} tickets, {tickets} sealed")
    sealed = listed.hash.hexdigest() == closing["entries_sha256"]
    require(sealed, "entries.txt is not the list that was sealed")
    if listed.with_root:
        require(listed.merkle_root() == closing["merkle_root"], "the sealed merkle_root is of another list")


def check_winners(proof: dict[str, Any], ranking: list[str], count: int) -> None:
    """The winners are the first of the ranking that are not skipped; says how they differ."""
    found, skipped = proof["winners"], proof["skipped"]
    standing = [code for code in ranking if code not in skipped]
    expected = standing[:count]
    if found == expected:
        return
    hint = "" if "randomness" in proof else " (or the signature is not that of the promised round)"
    require(len(found) <= count, f"more winners than the promised {count}")
    require(set(found) != set(expected), f"winners swapped: they are not in the order of the ranking{hint}")
    missing = next(code for code in expected if code not in found)
    require(len(found) == len(expected), f"a winner is missing: {missing} is not listed{hint}")
    place = ranking.index(missing) + 1
    in_order = [code for code in standing if code in found]
    require(found != in_order, f"a skip is missing: {missing}, place {place}, is passed over{hint}")
    raise RefusedError(f"winners swapped: {missing}, place {place}, had to win and is not listed{hint}")


def check_skips(proof: dict[str, Any], opening: dict[str, str], ranking: list[str]) -> None:
    """Every skip is a row that carries the hash of the row before it; the first carries that of the closing."""
    before, said = sha256(proof["close"].encode()), {}
    for number, text in enumerate(proof["skips"], start=1):
        where, row = f"skip row {number}", read_record(text, [SKIP], "skip")
        bound = [row["skip"], row["giveaway"], row["number"], row["previous"]]
        follows = bound == ["1", opening["giveaway"], str(number), before]
        require(follows, f"{where} does not follow the one before")
        code = row["code"]
        placed = code in ranking and str(ranking.index(code) + 1) == row["rank"]
        require(placed and code not in said, f"{where} names another place than the ranking gives that code")
        said[code], before = row["reason"], sha256(text.encode())
    require(said == proof["skipped"], "the skipped codes and their reasons are not those of the skip rows")


def check_records(proof: dict[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    closing = read_record(proof["close"], [CLOSING, [*CLOSING, "merkle_root"]], "closing")
    edited = sha256(proof["open"].encode()) != closing["open_sha256"]
    require(not edited, "opening record edited: the closing record was made for another one")
    opening = read_record(proof["open"], [OPENING], "opening")
    require(opening["draw"] == "1", "this is not draw/1")
    return opening, closing


def check_posted(record: str, posted: str | None, name: str) -> None:
    found = sha256(record.encode())
    if posted is None:
        say(f"   compare with the channel: {name}_sha256 {found}")
        return
    require(found == posted.strip().lower(), f"the {name} hash posted in the channel is of another record")
    say(f"ok the posted {name}_sha256 is the hash of this record")


def verify(
    proof: dict[str, Any], lines: Iterable[bytes], posted_open: str | None, posted_close: str | None
) -> None:
    """Raises RefusedError at the first contradiction."""
    opening, closing = check_records(proof)
    say("ok the closing record was made for this opening record")
    check_posted(proof["open"], posted_open, "open")
    check_posted(proof["close"], posted_close, "close")
    seed = from_hex(proof["seed"], "seed")
    require(sha256(seed) == opening["seed_sha256"], "another seed: it is not the one that was promised")
    say("ok the seed is the one promised before anybody joined")
    promised = promised_round(opening, closing)
    randomness = beacon_randomness(proof, promised)
    if promised is None:
        say("ok no public randomness was promised: somebody could have looked ahead, but changed nothing")
    else:
        say(f"ok the round is the promised one, {promised}")
        say(f"   compare with a drand relay (not checked here): signature {proof['signature']}")
    prk = hmac.digest(seed, randomness + bytes.fromhex(closing["open_sha256"]), "sha256")
    listed = EntryList(lines, number(opening, "max_tickets"), "merkle_root" in closing)
    count = number(opening, "winners")
    depth = 2 * count + len(proof["skipped"]) + 100  # deep enough to tell what went wrong
    best = heapq.nsmallest(depth, ((score(prk, code, weight), code) for code, weight in listed))
    check_entries(listed, closing)
    say(f"ok the list is complete, sorted and as sealed: {listed.entries} entries, {listed.tickets} tickets")
    ranking = [code.decode() for _, code in best]
    check_winners(proof, ranking, count)
    if "skips" in proof:
        check_skips(proof, opening, ranking)
        say(f"ok the {len(proof['skips'])} skip rows are bound to each other and to the closing record")
    say(f"ok the winners are the first {len(proof['winners'])} of the ranking that are not skipped")


def report(proof: dict[str, Any]) -> None:
    for code, reason in proof["skipped"].items():
        say(f"skipped {ascii(code)[1:-1]}: {reason!a}")
    for place, code in enumerate(proof["winners"], start=1):
        say(f"winner {place}: {code}")


def main() -> int:
    parser = argparse.ArgumentParser(description="Checks a finished giveaway draw.")
    parser.add_argument("proof", help="proof.json")
    parser.add_argument("entries", help="entries.txt")
    parser.add_argument("--open-sha256", help="the hash printed in the giveaway's post")
    parser.add_argument("--close-sha256", help="the hash posted in the channel at closing")
    options = parser.parse_args()
    try:
        proof = read_proof(options.proof)
        with Path(options.entries).open("rb") as lines:
            verify(proof, lines, options.open_sha256, options.close_sha256)
    except (RefusedError, OSError, UnicodeError) as error:
        say(f"REFUSED {error}")
        return 1
    report(proof)
    say("VERIFIED")
    return 0


if __name__ == "__main__":
    sys.exit(main())
