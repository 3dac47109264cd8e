"""Paragraphs, headings, lists, quotes, code and tables, one under another as their author placed them.

Blocks between which the author left an empty line keep one empty line; all others follow on the next line.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from markdown_it.token import Token

from bots.markdown.formatted import Formatted
from bots.markdown.inline import write_inline
from bots.markdown.parser import tokens_of
from bots.markdown.tables import Table
from bots.markdown.writer import Writer

BULLET = "• "
RULE = "———"
TASKS = {"[ ] ": "☐ ", "[x] ": "☑ ", "[X] ": "☑ "}
TAB = 4
# The name of a language; what else stands behind a fence is for other programs.
LANGUAGE = re.compile(r"[\w+#.-]+")


def to_telegram(markdown: str) -> Formatted:
    """The message that shows `markdown`; it takes any text at all."""
    page = _Page()
    for token in tokens_of(markdown):
        page.read(token)
    return page.writer.finish()


@dataclass
class _List:
    number: int | None
    indent: str


class _Page:
    def __init__(self) -> None:
        self.writer = Writer()
        self._lists: list[_List] = []
        self._indents: list[str] = []  # as they were outside the quotes around
        self._indent = ""
        self._marker = ""  # of a list's item that has shown nothing yet
        self._marker_line = 0
        self._last_line = 0  # where the block before ended
        self._table: Table | None = None
        self._readers: dict[str, Callable[[Token], None]] = {
            "paragraph_open": self._begin,
            "heading_open": self._open_heading,
            "heading_close": self._close_heading,
            "inline": self._inline,
            "hr": self._rule,
            "fence": self._code,
            "code_block": self._code,
            "bullet_list_open": self._open_list,
            "ordered_list_open": self._open_list,
            "bullet_list_close": self._close_list,
            "ordered_list_close": self._close_list,
            "list_item_open": self._open_item,
            "list_item_close": self._close_item,
            "blockquote_open": self._open_quote,
            "blockquote_close": self._close_quote,
            "table_open": self._open_table,
            "table_close": self._close_table,
        }

    def read(self, token: Token) -> None:
        if self._table and token.type != "table_close":
            self._table.read(token)
        elif reader := self._readers.get(token.type):
            reader(token)

    def _begin(self, token: Token) -> None:
        start, end = token.map or (self._last_line, self._last_line)
        self._begin_at(start, end)

    def _begin_at(self, start: int, end: int) -> None:
        self.writer.gap = "\n\n" if start > self._last_line else "\n"
        self.writer.lead = self._marker or self._indent
        self._marker = ""
        self._last_line = end

    def _begin_full_width(self, token: Token) -> None:
        """A block that Telegram draws as a box: below its bullet and without indentation."""
        self._write_marker()
        self._begin(token)
        self.writer.lead = ""

    def _write_marker(self) -> None:
        """The bullet of an item alone on its line, if it is still owed."""
        if not self._marker:
            return
        marker = self._marker.rstrip()
        self._begin_at(self._marker_line, self._marker_line + 1)
        self.writer.lead = ""
        self.writer.write(marker)

    def _inline(self, token: Token) -> None:
        write_inline(self.writer, self._without_task_box(token), indent=self._indent)

    def _without_task_box(self, token: Token) -> list[Token]:
        children = token.children or []
        box = TASKS.get(token.content[:4])
        if not box or not self.writer.lead.strip() or not children[0].content.startswith(token.content[:4]):
            return children
        self.writer.lead = self.writer.lead.removesuffix(BULLET) + box
        children[0].content = children[0].content[4:]
        return children

    def _open_heading(self, token: Token) -> None:
        self._begin(token)
        self.writer.open("bold")

    def _close_heading(self, _token: Token) -> None:
        self.writer.close()

    def _rule(self, token: Token) -> None:
        self._begin(token)
        self.writer.write(RULE)

    def _code(self, token: Token) -> None:
        language = LANGUAGE.match(token.info.strip())
        self._pre(token, token.content.expandtabs(TAB), language[0] if language else None)

    def _pre(self, token: Token, content: str, language: str | None = None) -> None:
        self._begin_full_width(token)
        self.writer.open("pre", language=language)
        self.writer.write(content.rstrip().lstrip("\n"))
        self.writer.close()

    def _open_list(self, token: Token) -> None:
        start = token.attrGet("start")
        number = None if token.type.startswith("bullet") else int(1 if start is None else start)
        self._lists.append(_List(number, self._indent))

    def _close_list(self, _token: Token) -> None:
        self._indent = self._lists.pop().indent

    def _open_item(self, token: Token) -> None:
        current = self._lists[-1]
        marker = BULLET
        if current.number is not None:
            marker = f"{current.number}{token.markup} "
            current.number += 1
        self._marker = (self._marker or current.indent) + marker
        self._marker_line = token.map[0] if token.map else self._last_line
        self._indent = current.indent + " " * len(marker)

    def _close_item(self, _token: Token) -> None:
        self._write_marker()
        self._indent = self._lists[-1].indent

    def _open_quote(self, _token: Token) -> None:
        if not self._indents:
            self._write_marker()
        self.writer.open("" if self._indents else "blockquote")
        self._indents.append(self._indent)
        self._indent = self._indent if len(self._indents) > 1 else ""

    def _close_quote(self, _token: Token) -> None:
        self.writer.close()
        self._indent = self._indents.pop()

    def _open_table(self, token: Token) -> None:
        self._table = Table()
        self._begin_full_width(token)

    def _close_table(self, _token: Token) -> None:
        table, self._table = self._table, None
        if table:
            self.writer.open("pre")
            self.writer.write(table.drawn())
            self.writer.close()
