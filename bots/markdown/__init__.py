"""Standard Markdown, as owners of channels write it, turned into the text and entities of a Telegram message. Pure.

CommonMark with tables, ~~strikethrough~~, task lists and two things of Telegram's own: `||spoiler||` and its
HTML tags (<b> <strong> <i> <em> <u> <ins> <s> <strike> <del> <code> <tg-spoiler> <spoiler> <a href> <br>).
`__text__` is bold, as everywhere in Markdown; what is to be underlined says <u>. A line break stays a line
break. What is not understood is shown as it was written: a post never fails to parse, and no word is lost but
comments and addresses that Telegram cannot open.
"""

from bots.markdown.blocks import to_telegram
from bots.markdown.formatted import (
    MOST_CAPTION,
    MOST_ENTITIES,
    MOST_TEXT,
    MOST_URL,
    Entity,
    Formatted,
    problem,
)

__all__ = [
    "MOST_CAPTION",
    "MOST_ENTITIES",
    "MOST_TEXT",
    "MOST_URL",
    "Entity",
    "Formatted",
    "problem",
    "to_telegram",
]
