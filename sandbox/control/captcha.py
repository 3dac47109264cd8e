"""Reading an arithmetic question out of a bot's words, liberally."""

import re

# A pair with an equals or question mark after it beats a bare one. Bare pairs are no question inside a
# date, a time, a code or a longer chain of numbers, nor as a range: "3-5 minutes" needs no answer.
ASKED = re.compile(r"(\d{1,4})\s*([+\-−–*×·xх])\s*(\d{1,4})\s*[=?]")
BARE = re.compile(r"(?<![\w.,:\-−–/])(\d{1,4})(?:\s*([+−*×])\s*|\s+([\-–·xх])\s+)(\d{1,4})(?![\w:\-−–/])")


def solution(words: str) -> int | None:
    """The answer to the question in the text; None when nothing is asked."""
    asked = ASKED.search(words) or BARE.search(words)
    if asked is None:
        return None
    first, sign, second = (part for part in asked.groups() if part is not None)
    left, right = int(first), int(second)
    if sign == "+":
        return left + right
    return left - right if sign in "-−–" else left * right
