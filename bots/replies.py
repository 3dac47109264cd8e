"""A reply to a person: light, because a post brings thousands of people in a moment, and each is answered."""

import json
from typing import Any, NamedTuple

from aiogram.methods import SendMessage
from aiogram.types import InlineKeyboardMarkup


class Reply(NamedTuple):
    """A message in HTML, without a preview of its links."""

    chat_id: int
    text: str
    keyboard: InlineKeyboardMarkup | None = None

    def fields(self) -> dict[str, Any]:
        """The message by the names of the Bot API."""
        keyboard = {"reply_markup": self.keyboard.model_dump(exclude_none=True)} if self.keyboard else {}
        return {
            "chat_id": self.chat_id,
            "text": self.text,
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": True},
            **keyboard,
        }

    def method(self) -> SendMessage:
        """To be sent in a request of its own."""
        return SendMessage.model_validate(self.fields())

    def body(self) -> bytes:
        """To be sent in the answer to a webhook."""
        return json.dumps({"method": "sendMessage", **self.fields()}).encode()
