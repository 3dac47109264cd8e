"""The opening record and the format of records."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giveaways import promise

KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
CONTROLS = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029]))
VALUES = st.text(st.characters(codec="utf-8", exclude_characters=CONTROLS), max_size=20)


def opening(**changes: object) -> bytes:
    values = {
        "giveaway": "kat1",
        "winners": 2,
        "max_tickets": 100,
        "seed": bytes(range(32)),
        "beacon": promise.QUICKNET,
        "beacon_delay": 60,
        "rules": "rules",
    }
    return promise.opening_record(**{**values, **changes})


@given(st.dictionaries(KEYS, VALUES, min_size=1))
def test_a_record_reads_back_as_it_was_written(fields):
    assert promise.parse_record(promise.record(fields.items())) == fields


@given(st.binary(max_size=40))
def test_bytes_are_either_refused_or_are_what_we_would_write(data):
    try:
        fields = promise.parse_record(data)
    except promise.RecordError:
        return
    assert promise.record(fields.items()) == data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"a=1",
        b"a=1\n\n",
        b"a=1\r\n",
        b"a\n",
        b"=1\n",
        b"A=1\n",
        b" a=1\n",
        b"a=1\na=2\n",
        b"a=\xff\n",
    ],
)
def test_it_refuses_a_record_that_breaks_the_format(data):
    with pytest.raises(promise.RecordError):
        promise.parse_record(data)


@pytest.mark.parametrize(
    "pairs", [[], [("a", "1"), ("a", "1")], [("a", "x\ny=2")], [("a=b", "1")], [("", "1")]]
)
def test_it_refuses_to_write_what_could_be_read_in_two_ways(pairs):
    with pytest.raises(promise.RecordError):
        promise.record(pairs)


def test_the_opening_record_is_fixed_to_the_byte():
    seed_sha256 = promise.sha256_hex(bytes(range(32)))
    expected = (
        "draw=1\ngiveaway=kat1\nwinners=2\nmax_tickets=100\n"
        f"seed_sha256={seed_sha256}\nbeacon={promise.QUICKNET}\nbeacon_delay=60\n"
        f"rules_sha256={promise.sha256_hex(b'rules')}\n"
    )
    assert opening() == expected.encode()


def test_the_rules_may_be_given_as_their_hash():
    assert opening(rules=None, rules_sha256=promise.sha256_hex(b"rules")) == opening()


@pytest.mark.parametrize(
    "changes",
    [
        {"giveaway": "two words"},
        {"giveaway": "zero\0byte"},
        {"giveaway": ""},
        {"winners": 0},
        {"winners": True},
        {"winners": 1.5},
        {"max_tickets": 101},
        {"max_tickets": 0},
        {"seed": b"short"},
        {"beacon": "drand"},
        {"beacon": "drand:" + "0" * 64 + ":1:0"},
        {"beacon_delay": -1},
        {"rules": None},
        {"rules_sha256": "0" * 64},
        {"rules": None, "rules_sha256": "ABC"},
    ],
)
def test_it_refuses_to_promise_what_cannot_be_kept(changes):
    with pytest.raises(promise.RecordError):
        opening(**changes)


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"draw=1", b"draw=2"), (b"winners=2\n", b""), (b"winners=2", b"winners=02"), (b"seed_", b"sowed_")],
)
def test_it_refuses_an_opening_record_of_another_shape(old, new):
    with pytest.raises(promise.RecordError):
        promise.parse_opening(opening().replace(old, new))


def test_a_beacon_is_read_with_its_clock():
    assert promise.parse_beacon(promise.QUICKNET) == (
        "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971",
        1692803367,
        3,
    )
    assert promise.parse_beacon("none") is None


def test_seeds_are_long_and_public_ids_fit_into_links():
    assert len(promise.new_seed()) == 32
    assert promise.new_seed() != promise.new_seed()
    ids = {promise.new_public_id() for _ in range(100)}
    assert len(ids) == 100
    assert all(re.fullmatch("[a-z2-7]{16}", public_id) for public_id in ids)
