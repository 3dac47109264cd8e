"""Facts about broadcasts: what is sent to whom, how far it is, and what became of every recipient."""

from broadcasts.models.broadcast import Broadcast, BroadcastFile
from broadcasts.models.delivery import ERASED, Chunk, Delivery, Erasure, Intent, Lane, Recipient, Tally

__all__ = [
    "ERASED",
    "Broadcast",
    "BroadcastFile",
    "Chunk",
    "Delivery",
    "Erasure",
    "Intent",
    "Lane",
    "Recipient",
    "Tally",
]
