"""Proof that a code stands in the sealed list, from a block of it and the kept roots of all blocks."""

from typing import TypedDict

from participants import draw
from participants.models import Draw, Entry


class Inclusion(TypedDict):
    giveaway: str
    code: str
    weight: int
    index: int
    size: int
    path: list[str]
    merkle_root: str
    closing_sha256: str


def prove(row: Draw, code: str) -> Inclusion | None:
    """The audit path of the code's line (RFC 6962), nearest sibling first; None when it is not in the list."""
    entries = Entry.objects.filter(giveaway_id=row.giveaway_id)
    weight = entries.filter(code=code).values_list("weight", flat=True).first()
    if weight is None:
        return None
    index = entries.filter(code__lt=code).count()
    kept = bytes(row.block_roots)  # lists sealed before these were kept are read whole
    lines_of_block = draw.BLOCK_LINES if kept else row.entries
    block, place = divmod(index, lines_of_block)
    first = block * lines_of_block
    lines = entries.in_order_of_codes().values_list("code", "weight")[first : first + lines_of_block]
    leaves = [draw.leaf_hash(line[:-1]) for line in draw.entry_lines(lines)]
    roots = list(draw.split_roots(kept)) or [draw.merkle_root(leaves)]
    path = draw.inclusion_proof(leaves, index=place, size=len(leaves))
    path += draw.inclusion_proof(roots, index=block, size=len(roots))
    return {
        "giveaway": row.giveaway.public_id,
        "code": code,
        "weight": weight,
        "index": index,
        "size": row.entries,
        "path": [node.hex() for node in path],
        "merkle_root": draw.parse_closing(row.closing_record.encode())["merkle_root"],
        "closing_sha256": row.closing_sha256,
    }
