"""Text with entities as the HTML of Telegram's preview pages."""

from html import escape

from sandbox.telegram.models import JSON

TAGS = {
    "bold": ("<b>", "</b>"),
    "italic": ("<i>", "</i>"),
    "underline": ("<u>", "</u>"),
    "strikethrough": ("<s>", "</s>"),
    "code": ("<code>", "</code>"),
    "pre": ("<pre>", "</pre>"),
    "spoiler": ("<tg-spoiler>", "</tg-spoiler>"),
    "blockquote": ("<blockquote>", "</blockquote>"),
    "expandable_blockquote": ("<blockquote expandable>", "</blockquote>"),
}


def to_html(text: str, entities: list[JSON]) -> str:
    """Offsets count UTF-16 units; entities come outermost first, so closings are written in reverse."""
    units = text.encode("utf-16-le")

    def part(start: int, end: int) -> str:
        return escape(units[2 * start : 2 * end].decode("utf-16-le")).replace("\n", "<br/>")

    marks: dict[int, str] = {}
    for entity in entities:
        start, end = entity["offset"], entity["offset"] + entity["length"]
        opening, closing = _tags(entity, part(start, end))
        marks[start] = marks.get(start, "") + opening
        marks[end] = closing + marks.get(end, "")
    cuts = sorted({0, len(units) // 2, *marks})
    return "".join(
        marks.get(at, "") + part(at, following)
        for at, following in zip(cuts, [*cuts[1:], cuts[-1]], strict=True)
    )


def _tags(entity: JSON, inside: str) -> tuple[str, str]:
    kind = entity["type"]
    if kind in TAGS:
        return TAGS[kind]
    if kind == "text_link":
        return f'<a href="{escape(entity["url"])}" target="_blank" rel="noopener">', "</a>"
    if kind == "url":
        url = inside if "://" in inside else f"http://{inside}"
        return f'<a href="{url}" target="_blank" rel="noopener">', "</a>"
    if kind == "mention":
        return f'<a href="https://t.me/{inside.removeprefix("@")}" target="_blank">', "</a>"
    if kind == "hashtag":
        return f'<a href="?q=%23{inside.removeprefix("#")}">', "</a>"
    return "", ""
