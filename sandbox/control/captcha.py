"""Reading an arithmetic question out of a bot's words, liberally."""

import re

# A pair with an equals or question mark after it beats a bare one; a pair inside a date, a time or a
# longer chain of numbers is no question.
_PAIR = r"(\d{1,4})\s*([+\-−–*×·xх])\s*(\d{1,4})"
ASKED = re.compile(_PAIR + r"\s*[=?]")
BARE = re.compile(r"(?<![\d.,:\-−–/])" + _PAIR + r"(?![\d.:\-−–/])")


def solution(words: str) -> int | None:
    """The answer to the question in the text; None when nothing is asked."""
    asked = ASKED.search(words) or BARE.search(words)
    if asked is None:
        return None
    left, sign, right = int(asked.group(1)), asked.group(2), int(asked.group(3))
    if sign == "+":
        return left + right
    return left - right if sign in "-−–" else left * right
