"""The arithmetic of the draw (draw/1), pure: no database, no network, no clock.

Every function streams: a million entries pass through without ever standing in memory together.
"""

from participants.draw.entries import (
    EntriesError,
    Entry,
    Sealed,
    closing_record,
    entry_code,
    entry_lines,
    new_nonce,
    parse_closing,
    promised_round,
    seal,
)
from participants.draw.merkle import (
    MerkleTree,
    NoSuchLeafError,
    inclusion_proof,
    leaf_hash,
    merkle_root,
    verify_inclusion,
)
from participants.draw.receipts import receipt_key, receipt_text, sign_receipt, verify_receipt
from participants.draw.scores import Proof, Ranked, prk, proof, randomness, ranking, score, scorer, winners

__all__ = [
    "EntriesError",
    "Entry",
    "MerkleTree",
    "NoSuchLeafError",
    "Proof",
    "Ranked",
    "Sealed",
    "closing_record",
    "entry_code",
    "entry_lines",
    "inclusion_proof",
    "leaf_hash",
    "merkle_root",
    "new_nonce",
    "parse_closing",
    "prk",
    "promised_round",
    "proof",
    "randomness",
    "ranking",
    "receipt_key",
    "receipt_text",
    "score",
    "scorer",
    "seal",
    "sign_receipt",
    "verify_inclusion",
    "verify_receipt",
    "winners",
]
