"""The arithmetic of the draw (draw/1), pure: no database, no network, no clock.

Every function streams: a million entries pass through without ever standing in memory together.
"""

from participants.draw.entries import (
    BLOCK_LINES,
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
    split_roots,
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
from participants.draw.skips import MOST_NOTE, SKIP_KEYS, Passed, one_line, skip_record

__all__ = [
    "BLOCK_LINES",
    "MOST_NOTE",
    "SKIP_KEYS",
    "EntriesError",
    "Entry",
    "MerkleTree",
    "NoSuchLeafError",
    "Passed",
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
    "one_line",
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
    "skip_record",
    "split_roots",
    "verify_inclusion",
    "verify_receipt",
    "winners",
]
