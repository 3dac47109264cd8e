"""What a broadcast says, and the Bot API request it becomes. Pure.

Content is JSON: {"type": "text", "text": Telegram HTML, "buttons": [[{"text": str, "url": str}, ...], ...]}.
"""

from typing import Any

TEXT_LENGTH = 4096  # counted by Telegram after entities; markup may make the source longer
SOURCE_LENGTH = 4 * TEXT_LENGTH


def problem(content: dict[str, Any]) -> str:
    """What is wrong with the content, empty when nothing is."""
    text = content.get("text")
    if content.get("type") != "text":
        return "its type must be text"
    if not isinstance(text, str) or not text.strip():
        return "its text is empty"
    if len(text) > SOURCE_LENGTH:
        return f"its text is longer than {SOURCE_LENGTH} characters"
    return _problem_of_buttons(content.get("buttons", []))


def _problem_of_buttons(rows: Any) -> str:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        return "its buttons must be a list of rows"
    for button in (button for row in rows for button in row):
        if not isinstance(button, dict) or not button.get("text") or not button.get("url"):
            return "every button needs a text and a url"
    return ""


def request(content: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The method of the Bot API and its parameters, all but `chat_id`."""
    parameters: dict[str, Any] = {"text": content["text"], "parse_mode": "HTML"}
    if rows := [row for row in content.get("buttons", []) if row]:
        keyboard = [[{"text": button["text"], "url": button["url"]} for button in row] for row in rows]
        parameters["reply_markup"] = {"inline_keyboard": keyboard}
    return "sendMessage", parameters
