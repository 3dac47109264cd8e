"""drand: which chain a giveaway may promise, and whether a round's signature is genuine. Pure.

The signature check (BLS12-381) needs the optional package pyblst; everything else does not.
"""

import hashlib
from dataclasses import dataclass

from giveaways import promise

try:
    import pyblst
except ImportError:  # optional: requirements-drand.txt
    pyblst = None

# Scheme bls-unchained-g1-rfc9380: signatures on G1, keys on G2. https://drand.love/docs/cryptography
_DOMAIN = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"
_G2_GENERATOR = bytes.fromhex(
    "93e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e"
    "024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8"
)
SIGNATURE_BYTES = 48


@dataclass(frozen=True)
class Chain:
    """A drand chain: `genesis` in unix seconds, `period` in seconds, `public_key` the 96 pinned bytes."""

    chain_hash: str
    genesis: int
    period: int
    public_key: bytes

    @property
    def promised(self) -> str:
        """The chain as the opening record names it."""
        return f"drand:{self.chain_hash}:{self.genesis}:{self.period}"

    def time_of(self, beacon_round: int) -> int:
        """When the round is made, in unix seconds."""
        return self.genesis + (beacon_round - 1) * self.period


QUICKNET_KEY = (
    "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451"
    "0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a"
)


def chain(promised: str, public_key: str) -> Chain:
    """The chain of an opening record's `beacon` line with its pinned key; raises RecordError for nonsense."""
    source = promise.parse_beacon(promised)
    if source is None:
        raise promise.RecordError("the beacon names no drand chain")
    return Chain(*source, bytes.fromhex(public_key))


def available() -> bool:
    """Whether signatures can be checked here; what cannot be checked is not promised."""
    return pyblst is not None


def genuine(signature: bytes, *, beacon_round: int, public_key: bytes) -> bool:
    """Whether the chain with this key signed this round. About a millisecond."""
    message = hashlib.sha256(beacon_round.to_bytes(8, "big")).digest()
    try:
        signed = pyblst.BlstP1Element.uncompress(signature)  # refuses points outside the group
        key = pyblst.BlstP2Element.uncompress(public_key)
    except ValueError:
        return False
    generator = pyblst.BlstP2Element.uncompress(_G2_GENERATOR)
    expected = pyblst.BlstP1Element.hash_to_group(message, _DOMAIN)
    return bool(pyblst.final_verify(pyblst.miller_loop(signed, generator), pyblst.miller_loop(expected, key)))
