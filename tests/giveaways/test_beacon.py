"""drand: the pinned key belongs to the promised chain, and only a genuine signature passes."""

import hashlib
import struct
import time

import pytest

from giveaways import beacon, promise
from sandbox import drand

KEY = bytes.fromhex(beacon.QUICKNET_KEY)
QUICKNET = beacon.chain(promise.QUICKNET, beacon.QUICKNET_KEY)
QUICKNET_GROUP = "f477d5c89f21a17c863a7f937c6a6d15859414d2be09cd448d4279af331c5d3e"  # its /info, groupHash
BY_ROUND = {number: bytes.fromhex(signature) for number, signature in drand.RECORDED.items()}


def test_the_chain_hash_in_the_opening_record_names_the_pinned_key() -> None:
    """drand's chain hash covers period, genesis, key, group and name: another key is another chain."""
    clock = struct.pack(">Iq", QUICKNET.period, QUICKNET.genesis)
    info = clock + QUICKNET.public_key + bytes.fromhex(QUICKNET_GROUP) + b"quicknet"
    assert hashlib.sha256(info).hexdigest() == QUICKNET.chain_hash


@pytest.mark.parametrize("number", BY_ROUND)
def test_a_recorded_round_is_genuine(number: int) -> None:
    assert beacon.genuine(BY_ROUND[number], beacon_round=number, public_key=KEY)


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        BY_ROUND[1000][:-1],
        BY_ROUND[657413],
        bytes(48),
        b"\xc0" + bytes(47),  # the point at infinity
        b"\x80" + bytes(47),  # on the curve, outside the group
        b"\xff" * 48,
        BY_ROUND[1000][:-1] + bytes([BY_ROUND[1000][-1] ^ 1]),
        BY_ROUND[1000] + b"\0",
    ],
)
def test_anything_else_is_not(signature: bytes) -> None:
    assert not beacon.genuine(signature, beacon_round=1000, public_key=KEY)


def test_another_chains_signature_is_not() -> None:
    foreign = bytes.fromhex(drand.signature_of(1000))
    assert beacon.genuine(foreign, beacon_round=1000, public_key=bytes.fromhex(drand.PUBLIC_KEY))
    assert not beacon.genuine(foreign, beacon_round=1000, public_key=KEY)


def test_checking_takes_no_time() -> None:
    begun = time.process_time()
    for _ in range(20):
        beacon.genuine(BY_ROUND[1000], beacon_round=1000, public_key=KEY)
    assert (time.process_time() - begun) / 20 < 0.1


def test_a_round_has_its_time() -> None:
    assert QUICKNET.time_of(1) == 1692803367
    assert QUICKNET.time_of(1000) == 1692806364


@pytest.mark.parametrize("promised", ["none", "drand", "drand:xyz:1:3"])
def test_what_names_no_chain_is_refused(promised: str) -> None:
    with pytest.raises(promise.RecordError):
        beacon.chain(promised, beacon.QUICKNET_KEY)
