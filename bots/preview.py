"""Reading the public preview page of a channel, t.me/s/<name>: its facts, its posts, the way back. Pure.

What the page does not say is None, never zero; what cannot be read is an error, never a guess. Views are as
forgeable as the page is public: show them, decide nothing by them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html.parser import HTMLParser

MESSAGE = "tgme_widget_message"
WRAP = "tgme_widget_message_wrap"
CENTERED = "tgme_widget_message_centered"  # holds the links to more posts and the note below
NO_POSTS = "tme_no_messages_found"

POST = re.compile(r"([A-Za-z][A-Za-z0-9_]{1,63})/([1-9][0-9]{0,11})")
ALBUM_ITEM = re.compile(r"https://t\.me/[A-Za-z0-9_]+/([1-9][0-9]{0,11})\?single")
CURSOR = re.compile(r"[0-9]{0,12}")
CURSOR_IN_LINK = re.compile(r"[?&]before=([0-9]{0,12})(?:&|$)")
EXACT = re.compile(r"[0-9]{1,12}|[0-9]{1,3}(?:[.,\s][0-9]{3}){1,3}")
ABBREVIATED = re.compile(r"([0-9]{1,6})(?:[.,]([0-9]{1,2}))?\s?([KM])")
SIZES = {"K": 1_000, "M": 1_000_000}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class PreviewUnavailable(Exception):
    """There is no preview: a private, restricted or unknown channel, a group, or its redirect's target."""


class PreviewChanged(PreviewUnavailable):
    """A preview page, but not as we know it (new markup, or cut short): as good as none, and worth an alarm."""


@dataclass(frozen=True)
class Views:
    """A number as the page abbreviates it, of views or of subscribers: 1.23M is 1 230 000 ± 5 000.

    `precision` is half of the last digit shown, 0 for an exact number. Whether Telegram rounds or cuts is not
    known; if it cuts, the truth lies up to twice that above, never below.
    """

    number: int
    precision: int


@dataclass(frozen=True)
class Post:
    """One block of the page; an album is one block, under the id of its first item."""

    channel: str
    id: int
    published_at: datetime
    views: Views | None
    edited: bool
    is_service: bool
    album: tuple[int, ...]  # the ids of all its items; empty for a single post


@dataclass(frozen=True)
class Preview:
    """Posts come as on the page, oldest first; `older` is what `?before=` takes, None at the beginning.

    No posts proves nothing: beyond the beginning the page is empty, and a hurried Telegram is known to say
    "No posts found" of a channel that is full of them.
    """

    title: str
    username: str
    subscribers: Views | None
    posts: tuple[Post, ...]
    older: int | None


def read_preview(html: str) -> Preview:
    """The page as data; raises PreviewUnavailable, or PreviewChanged, when there is none to be had."""
    page = _tree(html)
    info = page.first("tgme_channel_info")
    histories = list(page.having("tgme_channel_history"))
    if info is None or not histories:
        if page.first("tgme_main"):  # the frame of a preview; a redirect's target has another
            raise PreviewChanged("a preview page without channel or posts")
        raise PreviewUnavailable("no preview of a channel")
    posts = tuple(post for history in histories for post in _posts(history))
    _refuse_oddities(posts)
    return Preview(
        title=_text(info, "tgme_channel_info_header_title"),
        username=_text(info, "tgme_channel_info_header_username").removeprefix("@"),
        subscribers=_subscribers(info),
        posts=posts,
        older=_older(page),
    )


def read_views(text: str) -> Views:
    """842, 1.2K, 436.6K, 1.23M: exact below a thousand, else as precise as the digits shown."""
    text = text.strip()
    if EXACT.fullmatch(text):
        return Views(int("".join(digit for digit in text if digit.isdigit())), 0)
    found = ABBREVIATED.fullmatch(text)
    if found is None:
        raise PreviewChanged(f"a number written as {text[:40]!r}")
    decimals = found[2] or ""
    unit: int = SIZES[found[3]] // 10 ** len(decimals)
    return Views(int(found[1] + decimals) * unit, unit // 2)


class Element:
    """A tag of the page with what is in it. Nothing recurses: how deep it goes is the page's choice."""

    def __init__(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag = tag
        self.attributes = attributes
        self.classes = frozenset(attributes.get("class", "").split())
        self.children: list[Element | str] = []
        self.is_closed = False

    def inside(self) -> Iterator["Element | str"]:
        """All tags and texts below, in page order."""
        waiting = self.children[::-1]
        while waiting:
            node = waiting.pop()
            yield node
            if isinstance(node, Element):
                waiting.extend(node.children[::-1])

    def having(self, name: str) -> Iterator["Element"]:
        """The tags below that have this class among theirs."""
        return (node for node in self.inside() if isinstance(node, Element) and name in node.classes)

    def first(self, name: str) -> "Element | None":
        return next(self.having(name), None)

    @property
    def text(self) -> str:
        return "".join(node for node in self.inside() if isinstance(node, str)).strip()


class Tree(HTMLParser):
    """Builds elements, as forgiving as a browser: strays are ignored, what is left open ends with its parent."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Element("", {})
        self.open = [self.page]
        self.open_tags: dict[str, int] = {}  # how many of each, so that a stray end costs no search

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)
            self.open_tags[tag] = self.open_tags.get(tag, 0) + 1

    def handle_endtag(self, tag: str) -> None:
        if not self.open_tags.get(tag):
            return
        while True:
            element = self.open.pop()
            self.open_tags[element.tag] -= 1
            if element.tag == tag:
                element.is_closed = True
                return

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def _tree(html: str) -> Element:
    tree = Tree()
    try:
        tree.feed(html)
        tree.close()
    except AssertionError as error:  # how the standard parser refuses a malformed "<![...": not our bug
        raise PreviewChanged("no HTML") from error
    return tree.page


def _posts(history: Element) -> Iterator[Post]:
    """The posts of a whole history; one that is cut short, or full of unknown things, is not a short one."""
    if not history.is_closed:
        raise PreviewChanged("the page ends within the posts")
    posts = list(history.having(MESSAGE))
    if not posts and any(not _is_known_filling(node) for node in history.children):
        raise PreviewChanged("no post is recognisable")
    for wrap in history.having(WRAP):
        if not wrap.first(MESSAGE) and not wrap.first(NO_POSTS):
            raise PreviewChanged("a block without a post")
    return map(_post, posts)


def _is_known_filling(node: Element | str) -> bool:
    """Whether it may stand in a history without posts: blanks, links to more, the note that there are none."""
    if isinstance(node, str):
        return not node.strip()
    return CENTERED in node.classes or node.first(NO_POSTS) is not None


def _post(block: Element) -> Post:
    name = POST.fullmatch(block.attributes.get("data-post", ""))
    if name is None:
        raise PreviewChanged("a post without an id")
    if block.first(MESSAGE):
        raise PreviewChanged("a post within a post")
    # Only the footer speaks of the post itself: quotes and link previews above it borrow its other classes.
    footer = block.first("tgme_widget_message_footer")
    if footer is None:
        raise PreviewChanged("a post without a footer")
    views = footer.first("tgme_widget_message_views")
    return Post(
        channel=name[1],
        id=int(name[2]),
        published_at=_published_at(footer),
        views=read_views(views.text) if views else None,
        edited=_is_edited(footer),
        is_service="service_message" in block.classes,
        album=_album(block),
    )


def _published_at(footer: Element) -> datetime:
    link = footer.first("tgme_widget_message_date")
    times = (
        [node for node in link.inside() if isinstance(node, Element) and node.tag == "time"] if link else []
    )
    try:
        at = datetime.fromisoformat(times[0].attributes["datetime"])
    except (IndexError, KeyError, ValueError) as error:
        raise PreviewChanged("a post without a date") from error
    if at.tzinfo is None:
        raise PreviewChanged("a date without a time zone")
    return at


def _is_edited(footer: Element) -> bool:
    """The word itself stands beside the author's signature, which may be anything, "edited" too."""
    meta = footer.first("tgme_widget_message_meta")
    return meta is not None and any(
        isinstance(node, str) and "edited" in node.split() for node in meta.children
    )


def _album(block: Element) -> tuple[int, ...]:
    group = block.first("tgme_widget_message_grouped_wrap")
    items = group.having("grouped_media_wrap") if group else ()
    links = (ALBUM_ITEM.fullmatch(item.attributes.get("href", "")) for item in items)
    return tuple(int(link[1]) for link in links if link)


def _refuse_oddities(posts: tuple[Post, ...]) -> None:
    """What no page of Telegram's shows, but a page read wrongly would."""
    if len({(post.channel, post.id) for post in posts}) < len(posts):
        raise PreviewChanged("a post twice")
    ordinary = [post for post in posts if not post.is_service]
    if len(ordinary) > 1 and all(post.views is None for post in ordinary):
        raise PreviewChanged("posts, and not one with views")


def _text(info: Element, name: str) -> str:
    element = info.first(name)
    if element is None or not element.text:
        raise PreviewChanged(f"a channel without {name}")
    return element.text


def _subscribers(info: Element) -> Views | None:
    for counter in info.having("tgme_channel_info_counter"):
        kind, value = counter.first("counter_type"), counter.first("counter_value")
        if kind and value and kind.text in ("subscriber", "subscribers"):
            return read_views(value.text)
    return None


def _older(page: Element) -> int | None:
    """The cursor of the link to older posts, or of its twin in the head; 0 and nothing lead nowhere."""
    cursor = ""
    for link in page.having("tme_messages_more"):
        cursor = cursor or link.attributes.get("data-before", "")
    if not CURSOR.fullmatch(cursor):
        raise PreviewChanged("an unreadable link to older posts")
    return int(cursor or _cursor_of_head(page) or 0) or None


def _cursor_of_head(page: Element) -> str:
    for node in page.inside():
        if isinstance(node, Element) and node.tag == "link" and node.attributes.get("rel") == "prev":
            found = CURSOR_IN_LINK.search(node.attributes.get("href", ""))
            return found[1] if found else ""
    return ""
