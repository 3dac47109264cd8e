"""What a run of edits or deletions asks of Telegram: the same for everybody but for the chat and its message."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bots.answers import Answer, Outcome
from broadcasts import content as contents
from broadcasts.gateway import Message, url_of
from broadcasts.models import Broadcast

if TYPE_CHECKING:
    from broadcasts.tasks.lane import Lane

DELETE = Broadcast.Kind.DELETE
METHODS = {"text": "editMessageText", "video_note": "editMessageReplyMarkup"}
KEPT = ("text", "caption", "parse_mode", "link_preview_options", "reply_markup")
MESSAGE = "message_id"  # among what is known of a person, beside their names
NO_MESSAGE = Answer(Outcome.REFUSED, "message_not_found")


class Change:
    """Takes the place of a letter in a line: one request a recipient, nothing to bring along."""

    cost = 1

    def __init__(self, lane: "Lane", broadcast: Broadcast, token: str) -> None:
        self.lane = lane
        self.deletes = broadcast.kind == DELETE
        self.content = broadcast.content
        method = METHODS.get(self.content["type"], "editMessageCaption")
        self.url = url_of(token, "deleteMessage" if self.deletes else method)
        self.same = self._rest({}) if self.deletes or not self.content.get("placeholders") else None

    def sendable(self, ready: int) -> int:
        return ready

    def leaves(self) -> None:
        """Nobody has to wait for what it brings."""

    def stays(self) -> None:
        """Nobody waited."""

    async def send(self, to: int, person: Mapping[str, str]) -> Answer:
        """Changes the message in one chat; that it is so already is as good."""
        if MESSAGE not in person:
            return NO_MESSAGE
        message_id = int(person[MESSAGE])
        rest = self.same if self.same is not None else self._rest(person)
        message = Message(self.url, b', "message_id": %d%b' % (message_id, rest))
        answer = await self.lane.shared.gateway.send(message, to)
        if answer.ok or self._is_so(answer):
            return replace(answer, outcome=Outcome.OK, kind="ok", result={MESSAGE: message_id})
        return answer

    def _is_so(self, answer: Answer) -> bool:
        return answer.kind == ("message_not_found" if self.deletes else "not_modified")

    def _rest(self, person: Mapping[str, str]) -> bytes:
        """What follows the message's id."""
        parameters: dict[str, Any] = {}
        if not self.deletes:
            _, parameters = contents.request(contents.filled(self.content, person))
        kept = {name: parameters[name] for name in KEPT if name in parameters}
        return b", " + json.dumps(kept).encode()[1:] if kept else b"}"
