"""The public preview of a channel, as t.me/s/<name> shows it: posts, times, abbreviated views, paging."""

import base64
import json
from datetime import UTC, datetime
from html import escape

from aiohttp import web

from sandbox.control.preview_text import to_html
from sandbox.control.requests import Refused, answer, body_of, telegram_of, text_in
from sandbox.telegram.core import Telegram
from sandbox.telegram.models import Channel, Message

POSTS_ON_A_PAGE = 20
PROFILES = ("2026", "2023", "changed")
PROFILE = web.AppKey("preview_profile", dict[str, str])
SUFFIXES = ((1_000_000, "M"), (1_000, "K"))


def abbreviated(count: int, profile: str) -> str:
    """1234 as 1.23K (three digits, 2026) or 1.2K (one decimal, 2023), never with trailing zeros."""
    for size, suffix in SUFFIXES:
        if count >= size:
            whole = len(str(count // size))
            decimals = max(0, 3 - whole) if profile == "2026" else 1
            cut = count * 10**decimals // size / 10**decimals
            text = f"{cut:.{decimals}f}"
            return (text.rstrip("0").rstrip(".") if "." in text else text) + suffix
    return str(count)


async def page(request: web.Request) -> web.Response:
    """The page, or the redirect without a body that stands for 'nothing to preview'."""
    telegram = telegram_of(request)
    name = request.match_info["name"]
    channel = telegram.world.names.get(name.lower())
    if not isinstance(channel, Channel):
        return web.Response(status=302, headers={"Location": f"https://t.me/{name}"})
    posts = [post for post in telegram.world.boxes[channel.id].values() if "pinned" not in post.content]
    shown, older, newer = _window(request, posts)
    profile = request.app[PROFILE].get("profile", PROFILES[0])
    body = _document(telegram, channel, shown, profile, _links(channel, shown, older=older, newer=newer))
    if profile == "changed":
        body = body.replace("tgme_widget_message", "tgw_post").replace("tgme_channel", "tgw_channel")
    return web.Response(text=body, content_type="text/html", charset="utf-8")


def _window(request: web.Request, posts: list[Message]) -> tuple[list[Message], bool, bool]:
    """At most twenty posts, oldest first, and whether there are older and newer ones."""
    words = request.query.get("q", "").casefold()
    posts = [post for post in posts if words in post.text.casefold()]
    before = _number(request.query.get("before"))
    after = _number(request.query.get("after"))
    around = _number(request.match_info.get("post"))
    if after:
        start = sum(post.message_id <= after for post in posts)
    elif before:
        start = max(0, sum(post.message_id < before for post in posts) - POSTS_ON_A_PAGE)
    elif around:
        start = max(0, sum(post.message_id < around for post in posts) - POSTS_ON_A_PAGE // 2)
    else:
        start = max(0, len(posts) - POSTS_ON_A_PAGE)
    end = start + POSTS_ON_A_PAGE
    if before:
        end = min(end, sum(post.message_id < before for post in posts))
    return posts[start:end], start > 0, end < len(posts)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0


def _links(channel: Channel, shown: list[Message], *, older: bool, newer: bool) -> dict[str, str]:
    links = {}
    if shown and older:
        links["before"] = f"/s/{channel.username}?before={shown[0].message_id}"
    if shown and newer:
        links["after"] = f"/s/{channel.username}?after={shown[-1].message_id}"
    return links


def _document(
    telegram: Telegram, channel: Channel, shown: list[Message], profile: str, links: dict[str, str]
) -> str:
    more = {
        side: f'<div class="tgme_widget_message_centered js-messages_more_wrap"><a href="{url}" '
        f'class="tme_messages_more js-messages_more" data-{side}="{url.rpartition("=")[2]}"></a></div>'
        for side, url in links.items()
    }
    rels = {"before": "prev", "after": "next"}
    head = "".join(f'<link rel="{rels[side]}" href="{url}">' for side, url in links.items())
    members = abbreviated(telegram.world.members_count(channel.id), profile)
    counter = (
        '<div class="tgme_channel_info_counter"><span class="counter_value">'
        f'{members}</span> <span class="counter_type">subscribers</span></div>'
    )
    posts = "".join(_post(channel, post, profile) for post in shown)
    title = escape(channel.title)
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title} – Telegram</title>{head}'
        f'<link rel="canonical" href="/s/{channel.username}"></head>'
        '<body class="widget_frame_base tgme_webpreview"><header class="tgme_header">'
        '<section class="tgme_right_column"><div class="tgme_channel_info">'
        f'<div class="tgme_channel_info_header_title"><span dir="auto">{title}</span></div>'
        '<div class="tgme_channel_info_header_username">'
        f'<a href="https://t.me/{channel.username}">@{channel.username}</a></div>'
        f'<div class="tgme_channel_info_counters">{counter}</div>'
        f'<div class="tgme_channel_info_description">{escape(channel.description)}</div>'
        f'</div></section></header><main class="tgme_main" data-url="/{channel.username}">'
        f'<section class="tgme_channel_history js-message_history">{more.get("before", "")}{posts}'
        f"{more.get('after', '')}</section></main></body></html>"
    )


def _post(channel: Channel, post: Message, profile: str) -> str:
    link = f"https://t.me/{channel.username}/{post.message_id}"
    at = datetime.fromtimestamp(post.date, UTC)
    edited = "edited &nbsp;" if post.edit_date else ""
    return (
        '<div class="tgme_widget_message_wrap js-widget_message_wrap"><div class="tgme_widget_message '
        f'text_not_supported_wrap js-widget_message" data-post="{channel.username}/{post.message_id}" '
        f'data-view="{_view(channel, post)}"><div class="tgme_widget_message_bubble">'
        '<div class="tgme_widget_message_author accent_color"><a class="tgme_widget_message_owner_name" '
        f'href="https://t.me/{channel.username}"><span dir="auto">{escape(channel.title)}</span></a></div>'
        f"{_media(post, link)}{_text(post)}"
        '<div class="tgme_widget_message_footer compact js-message_footer">'
        '<div class="tgme_widget_message_info short js-message_info"><span class="tgme_widget_message_views">'
        f'{abbreviated(post.views, profile)}</span><span class="copyonly"> views</span>'
        f'<span class="tgme_widget_message_meta">{edited}<a class="tgme_widget_message_date" href="{link}">'
        f'<time datetime="{at.isoformat()}" class="time">{at:%H:%M}</time></a></span></div></div>'
        "</div></div></div>"
    )


def _view(channel: Channel, post: Message) -> str:
    view = {"c": channel.id, "p": post.message_id, "t": post.date, "h": "0" * 18}
    return base64.urlsafe_b64encode(json.dumps(view, separators=(",", ":")).encode()).decode().rstrip("=")


def _text(post: Message) -> str:
    entities = post.content.get("entities") or post.content.get("caption_entities") or []
    if not post.text:
        return ""
    inside = to_html(post.text, entities)
    return f'<div class="tgme_widget_message_text js-message_text" dir="auto">{inside}</div>'


def _media(post: Message, link: str) -> str:
    if "photo" in post.content:
        style = "width:600px;background-image:url('https://cdn1.telesco.pe/file/photo.jpg')"
        return (
            f'<a class="tgme_widget_message_photo_wrap {post.message_id}" href="{link}" style="{style}"></a>'
        )
    if "video" in post.content or "animation" in post.content:
        return f'<a class="tgme_widget_message_video_player js-message_video_player" href="{link}"></a>'
    return ""


async def dress(request: web.Request) -> web.Response:
    """Chooses how the pages are marked up: as in 2026, as in 2023, or changed beyond recognition."""
    profile = text_in(await body_of(request), "profile")
    if profile not in PROFILES:
        raise Refused(f"A profile is one of {', '.join(PROFILES)}.")
    request.app[PROFILE]["profile"] = profile
    return answer({"profile": profile})


ROUTES = [
    web.get("/s/{name}", page),
    web.get("/s/{name}/{post}", page),
    web.put("/sandbox/preview", dress),
]
