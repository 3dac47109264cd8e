"""The Markdown parser, set up so that it never drops a word of what somebody wrote."""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block import reference as standard_reference
from markdown_it.rules_block import table as standard_table
from markdown_it.rules_block.table import escapedSplit, getLine
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline import image as standard_image
from markdown_it.token import Token

from bots.markdown.addresses import link_address

# The parser recurses into quotes, lists and pictures; deeper ones than these are shown as they were written.
DEEPEST_BLOCK = 24
DEEPEST_PICTURE = 4
DEFINITION = re.compile(r"\[[^\]]*\]:\s*(?:<(?P<bracketed>[^<>\n]*)>|(?P<bare>\S+))")
SURROGATE = re.compile("[\ud800-\udfff]")
REPLACEMENT = "\ufffd"


class _Parser(MarkdownIt):
    """Leaves addresses as they were written: which of them become links is decided elsewhere."""

    def validateLink(self, url: str) -> bool:  # noqa: N802, ARG002 - the parser's own names
        return True

    def normalizeLink(self, url: str) -> str:  # noqa: N802
        return url

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802
        return link


def tokens_of(markdown: str) -> list[Token]:
    """The document's blocks; half a surrogate pair, which no message can carry, becomes a replacement sign."""
    return PARSER.parse(SURROGATE.sub(REPLACEMENT, markdown))


def _too_deep(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Takes the rest as one paragraph where the parser itself would drop it."""
    if silent or state.level < DEEPEST_BLOCK:
        return False
    state.line = end
    opening = state.push("paragraph_open", "p", 1)
    opening.map = [start, end]
    inline = state.push("inline", "", 0)
    inline.content = state.getLines(start, end, state.blkIndent, False).strip()
    inline.map, inline.children = [start, end], []
    state.push("paragraph_close", "p", -1)
    return True


def _reference(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """`[Note]: thanks` is a sentence; only an address makes it the definition of a link, which is not shown."""
    found = DEFINITION.match(state.src, state.bMarks[start] + state.tShift[start])
    if not found or not link_address(found["bracketed"] or found["bare"] or ""):
        return False
    return standard_reference(state, start, end, silent)


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    first = len(state.tokens)
    found = standard_table(state, start, end, silent)
    _keep_surplus_cells(state, state.tokens[first:])
    return found


def _keep_surplus_cells(state: StateBlock, tokens: list[Token]) -> None:
    """Cells beyond the head's columns, which the standard drops, go into the last column."""
    columns = sum(token.type == "th_open" for token in tokens)
    last: Token | None = None
    for token in tokens:
        if token.type == "inline":
            last = token
        elif token.type == "tr_close" and last and last.map:
            surplus = _cells(getLine(state, last.map[0]))[columns:]
            last.content = " | ".join([last.content, *filter(None, surplus)])


def _cells(line: str) -> list[str]:
    line = line.strip()
    return [cell.strip() for cell in escapedSplit(line)[line.startswith("|") :]]


def _image(state: StateInline, silent: bool) -> bool:
    depth = state.env.get("pictures", 0)
    if depth >= DEEPEST_PICTURE:
        return False
    state.env["pictures"] = depth + 1
    found = standard_image(state, silent)
    state.env["pictures"] = depth
    return found


def _set_up() -> MarkdownIt:
    parser = _Parser("commonmark", {"maxNesting": 2 * DEEPEST_BLOCK})
    parser.enable(["table", "strikethrough"])
    # Tags are read inside paragraphs only. Escaped signs stay apart, so that `\|\|` hides nothing.
    parser.disable(["html_block", "text_join"])
    parser.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    parser.block.ruler.before("table", "too_deep", _too_deep)
    parser.block.ruler.at("reference", _reference)
    parser.inline.ruler.at("image", _image)
    return parser


PARSER = _set_up()
