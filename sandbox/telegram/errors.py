"""Refusals of the Bot API, worded as Telegram words them."""

from typing import Any

PREFIXES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    413: "Request Entity Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
}


def describe(code: int, text: str) -> str:
    """Puts the prefix of the code before the text, with the first letter lowered.

    CHAT_ADMIN_REQUIRED and its like keep their capitals: Telegram lowers the letter only when the
    second character is neither a capital nor an underscore.
    """
    prefix = PREFIXES.get(code, "")
    if not text or text == prefix or text.startswith(f"{prefix}: ") or not prefix:
        return text or prefix
    if not (len(text) > 1 and (text[1] == "_" or text[1].isupper())):
        text = text[0].lower() + text[1:]
    return f"{prefix}: {text}"


class BotApiError(Exception):
    """An answer `{"ok": false}` with its HTTP status, description and parameters."""

    def __init__(self, code: int, text: str = "", parameters: dict[str, Any] | None = None) -> None:
        self.code = code
        self.description = describe(code, text)
        self.parameters = parameters
        super().__init__(self.description)

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


def bad_request(text: str) -> BotApiError:
    return BotApiError(400, text)


def forbidden(text: str) -> BotApiError:
    return BotApiError(403, text)


def conflict(text: str) -> BotApiError:
    return BotApiError(409, text)


def too_many_requests(retry_after: int) -> BotApiError:
    return BotApiError(429, f"retry after {retry_after}", {"retry_after": retry_after})


CHAT_NOT_FOUND = "chat not found"
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a "
    "current content and reply markup of the message"
)
QUERY_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_ACTIVE = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
