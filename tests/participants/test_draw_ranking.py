"""The ranking: one order for ever, whatever the way it is computed."""

import hashlib
import hmac
from base64 import b32encode

from hypothesis import given
from hypothesis import strategies as st

from participants import draw

KEY = bytes(range(32))
CODES = st.binary(min_size=20, max_size=20).map(lambda raw: b32encode(raw).decode().lower())
LISTS = st.dictionaries(CODES, st.integers(1, 5), min_size=1, max_size=30).map(
    lambda found: list(found.items())
)


def naive(entries: list[draw.Entry], key: bytes) -> list[str]:
    """The draw as its description words it."""

    def score(code: str, weight: int) -> bytes:
        return min(hmac.new(key, f"{code}/{i}\x01".encode(), "sha256").digest() for i in range(weight))

    return sorted((code for code, _ in entries), key=lambda code: score(code, dict(entries)[code]))


def codes(ranked: list[draw.Ranked]) -> list[str]:
    return [place.code for place in ranked]


@given(LISTS, st.binary(min_size=32, max_size=32))
def test_streaming_finds_what_sorting_everything_finds(entries, key):
    assert codes(draw.ranking(iter(entries), key, len(entries))) == naive(entries, key)


@given(LISTS.flatmap(lambda entries: st.tuples(st.just(entries), st.permutations(entries))))
def test_the_order_of_input_does_not_matter(orders):
    entries, shuffled = orders
    assert draw.ranking(entries, KEY, 5) == draw.ranking(shuffled, KEY, 5)


@given(LISTS, st.integers(0, 30))
def test_going_deeper_continues_the_same_ranking(entries, first):
    whole = draw.ranking(entries, KEY, len(entries))
    begun = draw.ranking(entries, KEY, first)
    after = begun[-1].score if begun else b""
    assert begun + draw.ranking(entries, KEY, len(entries), after=after) == whole


@given(LISTS)
def test_more_tickets_never_worsen_a_score(entries):
    for code, weight in entries:
        assert draw.score(KEY, code, weight + 1) <= draw.score(KEY, code, weight)


def test_the_chance_to_win_is_proportional_to_the_tickets():
    code = b32encode(bytes(20)).decode().lower()
    entries = [("a" + code[1:], 1), ("b" + code[1:], 2), ("c" + code[1:], 5)]
    keys = [hashlib.sha256(b"%d" % number).digest() for number in range(4000)]
    firsts = [draw.ranking(entries, key, 1)[0].code[0] for key in keys]
    shares = [firsts.count(letter) / len(keys) for letter in "abc"]
    assert all(abs(share - fair) < 0.02 for share, fair in zip(shares, [1 / 8, 2 / 8, 5 / 8], strict=True))


def test_skipped_places_move_the_next_ones_up():
    assert draw.winners("abcdef", count=2) == ["a", "b"]
    assert draw.winners("abcdef", count=2, skipped={"a": "left the channel", "c": "declined"}) == ["b", "d"]
    assert draw.winners("ab", count=3, skipped={"a"}) == ["b"]


def test_nobody_entered_and_nobody_wins():
    assert draw.ranking([], KEY, 3) == []


def test_without_a_beacon_the_randomness_is_zero_bytes():
    assert draw.randomness(None) == bytes(32)
