"""Receipts: what a participant holds to prove an entry that is missing from the list."""

from base64 import b64decode, b64encode
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from giveaways import promise


def receipt_text(*, giveaway: str, code: str, weight: int, joined_at: int) -> bytes:
    """The bytes a receipt signs: giveaway, code, weight and unix seconds, joined by LF."""
    return f"{promise.expect_giveaway(giveaway)}\n{code}\n{weight}\n{joined_at}".encode()


def sign_receipt(signing_key: bytes, *, giveaway: str, code: str, weight: int, joined_at: int) -> str:
    """Signs `"giveaway\\ncode\\nweight\\ntime"` with Ed25519; the answer is base64 of the 64 signature bytes.

    `signing_key` is the 32 byte private key. Whoever holds the receipt and is missing from entries.txt has
    proof of it.
    """
    text = receipt_text(giveaway=giveaway, code=code, weight=weight, joined_at=joined_at)
    return b64encode(_private_key(signing_key).sign(text)).decode()


def receipt_key(signing_key: bytes) -> bytes:
    """The 32 byte public key that receipts are checked with."""
    return _private_key(signing_key).public_key().public_bytes_raw()


@lru_cache(maxsize=2)
def _private_key(signing_key: bytes) -> Ed25519PrivateKey:
    """Making the key costs as much as signing with it."""
    return Ed25519PrivateKey.from_private_bytes(signing_key)


def verify_receipt(
    public_key: bytes, receipt: str, *, giveaway: str, code: str, weight: int, joined_at: int
) -> bool:
    """Whether we signed this receipt for exactly these facts."""
    text = receipt_text(giveaway=giveaway, code=code, weight=weight, joined_at=joined_at)
    key = Ed25519PublicKey.from_public_bytes(public_key)
    try:
        key.verify(b64decode(receipt, validate=True), text)
    except (InvalidSignature, ValueError):  # ValueError: no base64
        return False
    return True
