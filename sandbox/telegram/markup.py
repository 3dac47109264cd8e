"""Keyboards under messages: read, checked, refused in Telegram's words."""

import json
import re
from typing import Any
from urllib.parse import urlsplit

from sandbox.telegram.errors import bad_request
from sandbox.telegram.models import JSON

CALLBACK_BYTES = 64
ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)
KEYBOARDS = ("inline_keyboard", "keyboard", "remove_keyboard", "force_reply")


def read(value: Any) -> JSON | None:
    """The keyboard of a request, or None; only inline keyboards are shown back to bots."""
    if value in (None, ""):
        return None
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError as error:
            raise bad_request("can't parse reply keyboard markup JSON object") from error
    if not isinstance(value, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in value:
        rows = [_row(row) for row in _rows(value["inline_keyboard"])]
        rows = [row for row in rows if row]
        return {"inline_keyboard": rows} if rows else None
    return {key: value[key] for key in value} if any(key in value for key in KEYBOARDS) else None


def _rows(rows: Any) -> list[Any]:
    if not isinstance(rows, list):
        raise bad_request("can't parse inline keyboard: expected an Array of Arrays")
    return rows


def _row(row: Any) -> list[JSON]:
    if not isinstance(row, list):
        raise bad_request("can't parse inline keyboard: expected an Array of Arrays")
    return [_button(button) for button in row]


def _button(button: Any) -> JSON:
    wrong = "can't parse inline keyboard button: "
    if not isinstance(button, dict):
        raise bad_request(wrong + "InlineKeyboardButton must be an Object")
    if not isinstance(button.get("text"), str):
        raise bad_request(wrong + 'Field "text" must be of a type String')
    actions = {key: button[key] for key in ACTIONS if button.get(key) is not None}
    if not actions:
        raise bad_request(wrong + "Text buttons are unallowed in the inline keyboard")
    if "callback_data" in actions and not 0 < len(str(actions["callback_data"]).encode()) <= CALLBACK_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    if "url" in actions:
        actions["url"] = checked_url(str(actions["url"]))
    if isinstance(actions.get("login_url"), dict):
        actions = {"url": checked_url(str(actions["login_url"].get("url", "")))}
    style = {key: button[key] for key in ("style", "icon_custom_emoji_id") if button.get(key)}
    return {"text": button["text"], **style, **actions}


def checked_url(url: str) -> str:
    """The URL as Telegram stores it; a host without a dot, `localhost` too, is refused."""
    url = url.strip()
    if re.match(r"(tg|ton|tonsite)://", url):
        return url
    if not re.match(r"[a-z][a-z0-9+.-]*://", url, re.IGNORECASE):
        url = "http://" + url
    reason = _url_fault(url)
    if reason:
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: {reason}")
    return url if urlsplit(url).path or urlsplit(url).query else url + "/"


def _url_fault(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return "Wrong HTTP URL"
    if parts.scheme not in {"http", "https"}:
        return "Unsupported URL protocol"
    if not host:
        return "URL host is empty"
    if ("." not in host and ":" not in host) or re.search(r"\s|\.\.", host):
        return "Wrong HTTP URL"
    return ""
