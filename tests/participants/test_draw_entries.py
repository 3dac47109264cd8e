"""Codes, receipts, the sealed list and the promised round."""

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giveaways import promise
from participants import draw

A, B = "a" * 32, "b" * 32
FACTS = {"giveaway": "kat1", "code": A, "weight": 1, "joined_at": 1692806304}
SIGNING_KEY = bytes(range(32))


def test_a_code_hides_the_person_and_differs_each_time():
    codes = {draw.entry_code(giveaway="kat1", user_id=7, nonce=draw.new_nonce()) for _ in range(50)}
    assert len(codes) == 50
    assert all(len(code) == 32 and code == code.lower() for code in codes)


def test_it_refuses_a_code_that_could_be_read_in_two_ways():
    with pytest.raises(promise.RecordError):
        draw.entry_code(giveaway="kat1\x007", user_id=7, nonce=bytes(16))
    with pytest.raises(draw.EntriesError):
        draw.entry_code(giveaway="kat1", user_id=7, nonce=bytes(15))


def test_a_line_is_code_space_weight():
    assert list(draw.entry_lines([(A, 1), (B, 12)])) == [A.encode() + b" 1\n", B.encode() + b" 12\n"]


@pytest.mark.parametrize(
    "entries",
    [
        [(B, 1), (A, 1)],
        [(A, 1), (A, 1)],
        [(A, 0)],
        [(A, 101)],
        [(A[1:], 1)],
        [(A.upper(), 1)],
        [(A + "\n", 1)],
        [("1" * 32, 1)],
    ],
)
def test_it_refuses_to_seal_a_list_that_is_not_sorted_unique_and_well_formed(entries):
    with pytest.raises(draw.EntriesError):
        draw.seal(entries)


def test_it_refuses_more_tickets_than_promised():
    with pytest.raises(draw.EntriesError):
        draw.seal([(A, 3)], max_tickets=2)


def test_an_empty_list_can_be_sealed():
    sealed = draw.seal([])
    assert (sealed.entries, sealed.tickets) == (0, 0)
    assert sealed.entries_sha256 == sealed.merkle_root == promise.sha256_hex(b"")


def test_the_closing_record_binds_list_and_opening():
    sealed = draw.seal([(A, 1), (B, 2)])
    closing = draw.parse_closing(draw.closing_record(opening=b"x=1\n", closed_at=5, sealed=sealed))
    assert closing == {
        "open_sha256": promise.sha256_hex(b"x=1\n"),
        "closed_at": "5",
        "entries": "2",
        "tickets": "3",
        "entries_sha256": promise.sha256_hex(f"{A} 1\n{B} 2\n".encode()),
        "merkle_root": sealed.merkle_root,
    }


@given(st.integers(1692803367, 2**40), st.integers(0, 10**6))
def test_the_promised_round_is_the_first_one_late_enough(closed_at, delay):
    genesis, period = 1692803367, 3
    beacon_round = draw.promised_round(beacon=promise.QUICKNET, beacon_delay=delay, closed_at=closed_at)
    made_at = genesis + (beacon_round - 1) * period
    assert closed_at + delay <= made_at < closed_at + delay + period


def test_without_a_beacon_there_is_no_round():
    assert draw.promised_round(beacon="none", beacon_delay=0, closed_at=5) is None


def test_it_refuses_a_closing_before_the_beacon_began():
    with pytest.raises(promise.RecordError):
        draw.promised_round(beacon=promise.QUICKNET, beacon_delay=0, closed_at=5)


def test_a_receipt_signs_four_lines():
    assert draw.receipt_text(**FACTS) == f"kat1\n{A}\n1\n1692806304".encode()


def test_a_receipt_is_ours_for_exactly_these_facts():
    receipt = draw.sign_receipt(SIGNING_KEY, **FACTS)
    public_key = draw.receipt_key(SIGNING_KEY)
    assert draw.verify_receipt(public_key, receipt, **FACTS)
    for change in ({"giveaway": "kat2"}, {"code": B}, {"weight": 2}, {"joined_at": 1}):
        assert not draw.verify_receipt(public_key, receipt, **{**FACTS, **change})
    assert not draw.verify_receipt(draw.receipt_key(secrets.token_bytes(32)), receipt, **FACTS)


@pytest.mark.parametrize("receipt", ["", "!!!", "AAAA", "é"])
def test_nonsense_is_no_receipt(receipt):
    assert not draw.verify_receipt(draw.receipt_key(SIGNING_KEY), receipt, **FACTS)
