"""Tables drawn with letters of one width, because Telegram has none."""

import unicodedata
from dataclasses import dataclass, field

from markdown_it.token import Token

from bots.markdown.inline import plain


@dataclass
class Table:
    """Rows as they are read; the first is the head."""

    rows: list[list[str]] = field(default_factory=list)
    alignments: list[str] = field(default_factory=list)

    def read(self, token: Token) -> None:
        match token.type:
            case "tr_open":
                self.rows.append([])
            case "th_open":
                self.alignments.append(str(token.attrGet("style") or "").removeprefix("text-align:"))
            case "inline":
                self.rows[-1].append(plain(token.children or []).strip())

    def drawn(self) -> str:
        widths = [max(map(width, column)) for column in zip(*self.rows, strict=True)]
        lines = [" | ".join(map(_padded, row, widths, self.alignments)).rstrip() for row in self.rows]
        lines.insert(1, "-+-".join("-" * size for size in widths))
        return "\n".join(lines)


def width(text: str) -> int:
    """How many cells of a monospaced line it takes: East Asian signs and emoji two, combining marks none."""
    return sum(
        0
        if unicodedata.category(sign) in ("Mn", "Me", "Cf")
        else 1 + (unicodedata.east_asian_width(sign) in "WF")
        for sign in text
    )


def _padded(text: str, size: int, alignment: str) -> str:
    missing = size - width(text)
    left = {"right": missing, "center": missing // 2}.get(alignment, 0)
    return " " * left + text + " " * (missing - left)
