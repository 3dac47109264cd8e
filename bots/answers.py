"""What an answer of Telegram means to whoever sent the request. Pure; the one place that decides it.

Texts and codes: the public source of the Bot API server and recorded answers (design notes `telegram.md`).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    OK = "ok"
    FLOOD = "flood"  # 429: not sent; wait `retry_after` seconds, same attempt
    RECIPIENT = "recipient"  # final for this chat
    RIGHTS = "rights"  # the bot may not do this in this chat
    CONTENT = "content"  # the content is broken, whoever receives it
    MIGRATED = "migrated"  # the chat has a new id
    BOT_DEAD = "bot_dead"  # 401: the token was revoked
    REFUSED = "refused"  # any other clear "no": nothing happened
    NOT_SENT = "not_sent"  # Telegram was not reached: nothing happened
    UNKNOWN = "unknown"  # nobody knows whether it happened


@dataclass(frozen=True)
class Answer:
    """`kind` is a short stable word for rows and metrics; `description` is Telegram's own sentence."""

    outcome: Outcome
    kind: str = ""
    result: Any = None
    description: str = ""
    retry_after: float = 0
    migrate_to: int | None = None

    @property
    def ok(self) -> bool:
        return self.outcome is Outcome.OK


# (part of the description in lower case, outcome, kind); the first that fits decides.
RULES: tuple[tuple[str, Outcome, str], ...] = (
    ("bot was blocked by the user", Outcome.RECIPIENT, "blocked"),
    ("user is deactivated", Outcome.RECIPIENT, "deactivated"),
    ("can't initiate conversation", Outcome.RECIPIENT, "never_started"),
    ("can't send messages to", Outcome.RECIPIENT, "is_a_bot"),
    ("bot was kicked", Outcome.RIGHTS, "kicked"),
    ("bot is not a member", Outcome.RIGHTS, "not_a_member"),
    ("need administrator rights", Outcome.RIGHTS, "not_an_administrator"),
    ("not enough rights", Outcome.RIGHTS, "not_enough_rights"),
    ("chat_admin_required", Outcome.RIGHTS, "not_an_administrator"),
    ("chat_write_forbidden", Outcome.RIGHTS, "not_enough_rights"),
    ("member list is inaccessible", Outcome.RIGHTS, "not_an_administrator"),
    ("chat not found", Outcome.RECIPIENT, "chat_not_found"),
    ("peer_id_invalid", Outcome.RECIPIENT, "chat_not_found"),
    ("group chat was deactivated", Outcome.RECIPIENT, "deactivated"),
    ("group is deactivated", Outcome.RECIPIENT, "deactivated"),
    ("voice_messages_forbidden", Outcome.RECIPIENT, "voice_forbidden"),
    ("message is not modified", Outcome.REFUSED, "not_modified"),
    ("message to edit not found", Outcome.REFUSED, "message_not_found"),
    ("message can't be edited", Outcome.REFUSED, "not_editable"),
    ("message to delete not found", Outcome.REFUSED, "message_not_found"),
    ("query is too old", Outcome.REFUSED, "query_too_old"),
    ("participant_id_invalid", Outcome.UNKNOWN, "participant_id_invalid"),
    ("can't parse", Outcome.CONTENT, "parse"),
    ("message is too long", Outcome.CONTENT, "too_long"),
    ("caption is too long", Outcome.CONTENT, "too_long"),
    ("text is too long", Outcome.CONTENT, "too_long"),
    ("entities_too_long", Outcome.CONTENT, "too_long"),
    ("entities too long", Outcome.CONTENT, "too_long"),
    ("message text is empty", Outcome.CONTENT, "empty"),
    ("button", Outcome.CONTENT, "button"),
    ("wrong file identifier", Outcome.CONTENT, "file"),
    ("wrong remote file identifier", Outcome.CONTENT, "file"),
    ("invalid file id", Outcome.CONTENT, "file"),
    ("file is too big", Outcome.CONTENT, "file"),
    ("failed to get http url content", Outcome.CONTENT, "file"),
    ("wrong type of the web page content", Outcome.CONTENT, "file"),
    ("can't use file of type", Outcome.CONTENT, "file"),
    ("type of file mismatch", Outcome.CONTENT, "file"),
    ("webpage_curl_failed", Outcome.CONTENT, "file"),
    ("webpage_media_empty", Outcome.CONTENT, "file"),
    ("media_empty", Outcome.CONTENT, "file"),
    ("file must be non-empty", Outcome.CONTENT, "file"),
    ("photo_invalid_dimensions", Outcome.CONTENT, "photo"),
    ("image_process_failed", Outcome.CONTENT, "photo"),
    ("photo_ext_invalid", Outcome.CONTENT, "photo"),
    ("is too big for a", Outcome.CONTENT, "too_large"),
    ("as an album", Outcome.CONTENT, "album"),
    ("for an album", Outcome.CONTENT, "album"),
    ("can't be mixed with other media", Outcome.CONTENT, "album"),
    ("unsupported parse_mode", Outcome.CONTENT, "parse"),
)

NOT_LASTING = {"voice_forbidden"}  # refuses this message, not the next one


def classify(code: int, description: str, *, retry_after: float = 0, migrate_to: int | None = None) -> Answer:
    """The meaning of an error answer: HTTP/Bot API `code` and `description`, and its parameters."""
    if code == 429:
        return Answer(Outcome.FLOOD, "flood", description=description, retry_after=retry_after or 1)
    if migrate_to:
        return Answer(Outcome.MIGRATED, "migrated", description=description, migrate_to=migrate_to)
    if code == 401:
        return Answer(Outcome.BOT_DEAD, "token_refused", description=description)
    if code == 413:
        return Answer(Outcome.CONTENT, "too_large", description=description)
    if code >= 500:
        return Answer(Outcome.UNKNOWN, "server_error", description=description)
    lower = description.lower()
    for part, outcome, kind in RULES:
        if part in lower:
            return Answer(outcome, kind, description=description)
    return Answer(Outcome.REFUSED, "refused", description=description)
