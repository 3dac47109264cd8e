"""The worked example of draw/1: whoever reproduces these bytes has implemented the same draw."""

import hashlib

import pytest

from giveaways import promise
from participants import draw

SEED = bytes(range(32))
CLOSED_AT = 1692806304
WEIGHTS = {1001: 1, 1002: 1, 1003: 3, 1004: 1, 1005: 2, 1006: 1}
ROUNDS = {
    1000: (
        "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39",
        "fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd",
    ),
    657413: (
        "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b",
        "fc1873a13f3545aeade8401532ef5519920652eee6b0d2b19ca12643b87b3587",
    ),
}
OPENING = promise.opening_record(
    giveaway="kat1",
    winners=2,
    max_tickets=100,
    seed=SEED,
    beacon="drand:52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971:1692803367:3",
    beacon_delay=60,
    rules="rules",
)
CODES = {
    draw.entry_code(giveaway="kat1", user_id=user, nonce=bytes([number]) * 16): user
    for number, user in enumerate(WEIGHTS, start=1)
}
ENTRIES = sorted((code, WEIGHTS[user]) for code, user in CODES.items())


def key() -> bytes:
    return draw.prk(
        seed=SEED,
        randomness=draw.randomness(bytes.fromhex(ROUNDS[1000][0])),
        open_sha256=promise.sha256_hex(OPENING),
    )


def test_the_opening_record_has_the_known_hash():
    assert promise.sha256_hex(OPENING) == "326732420fb8d88b06c01057194ae0f38122a92a33d1ed9ee863a2ca30db84f9"


def test_the_list_has_the_known_hash():
    sealed = draw.seal(ENTRIES)
    assert sealed.entries_sha256 == "df7582cfa86f1f4df7ed861907aa075fe93596eb996eab6390e51963dbfddfb5"
    assert (sealed.entries, sealed.tickets) == (6, 9)


def test_the_closing_record_without_a_root_has_five_lines():
    record = draw.closing_record(
        opening=OPENING, closed_at=CLOSED_AT, sealed=draw.seal(ENTRIES), with_root=False
    )
    assert record.decode() == (
        "open_sha256=326732420fb8d88b06c01057194ae0f38122a92a33d1ed9ee863a2ca30db84f9\n"
        "closed_at=1692806304\nentries=6\ntickets=9\n"
        "entries_sha256=df7582cfa86f1f4df7ed861907aa075fe93596eb996eab6390e51963dbfddfb5\n"
    )


def test_the_promised_round_is_the_thousandth():
    fields = promise.parse_opening(OPENING)
    beacon_round = draw.promised_round(
        beacon=fields["beacon"], beacon_delay=int(fields["beacon_delay"]), closed_at=CLOSED_AT
    )
    assert beacon_round == 1000


@pytest.mark.parametrize("number", ROUNDS)
def test_randomness_is_the_hash_of_the_signature(number):
    signature, expected = ROUNDS[number]
    assert draw.randomness(bytes.fromhex(signature)).hex() == expected


def test_the_key_is_the_known_one():
    assert key().hex() == "f6052a738f268327b6dc1cd9156132a37e7fcd4a08cbc4b134dbf78f5b5fafc8"


def test_the_ranking_is_the_known_one():
    ranked = draw.ranking(ENTRIES, key(), 6)
    assert [(CODES[place.code], place.score.hex()[:16]) for place in ranked] == [
        (1005, "21374d13e8ec35eb"),
        (1004, "2780c0d087fe2d58"),
        (1003, "45d492e245358874"),
        (1006, "951352e9f3695df4"),
        (1001, "e32bce0a1e6a0d12"),
        (1002, "fed7dd2810856ee4"),
    ]


def test_a_code_is_what_a_participant_can_compute_by_hand():
    preimage = b"draw/1/entry\x00kat1\x001001\x00" + b"\x01" * 16
    code = draw.entry_code(giveaway="kat1", user_id=1001, nonce=b"\x01" * 16)
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    number = int.from_bytes(hashlib.sha256(preimage).digest()[:20], "big")
    assert code == "".join(letters[number >> shift & 31] for shift in range(155, -1, -5))
