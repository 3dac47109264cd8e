"""What a broadcast sends through a bot: prepared once; a file that the bot has no id for goes up once, alone.

The id comes with the answer and is kept for everybody. A process that dies on the way leaves a grant without a
result, as always; whoever goes on finds the id or uploads again. Two pumps upload at most once each.
"""

import asyncio
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bots.answers import Answer
from bots.media import file_id_of
from bots.services import media
from bots.services.bots import token_of
from broadcasts import content as contents
from broadcasts.gateway import PAID, Message, prepare, url_of
from broadcasts.services.leasing import Lease
from broadcasts.tasks.change import Change

if TYPE_CHECKING:
    from broadcasts.tasks.lane import Lane

MOST_TRIES = 3  # ids may be refused again and again: then it is the content's fault
REFUSED_ID = "file"
REFUSES_VOICE = "voice_forbidden"


class Letter:
    """One content of one bot. `message` is None until every uploaded file in it has an id."""

    def __init__(self, lane: "Lane", content: Mapping[str, Any], token: str, *, paid: bool) -> None:
        self.lane = lane
        self.content = content
        self.token = token
        self.paid = paid
        self.cost = contents.cost(content)
        self.needed = contents.needed(content)
        self.known: contents.FileIds = {}
        self.message: Message | None = None if self.needed else prepare(token, content, paid=paid)
        self.alone = False  # somebody is on the way with the file
        self.lock = asyncio.Lock()
        other = contents.fallback(content)
        self.other = Letter(lane, other, token, paid=paid) if other else None

    def sendable(self, ready: int) -> int:
        """How many of those who are ready may leave now."""
        if self.message is not None:
            return ready
        return 0 if self.alone else min(1, ready)

    def leaves(self) -> None:
        """Somebody was chosen to be sent to; the others wait for what they bring."""
        self.alone = self.message is None

    def stays(self) -> None:
        """Whoever was on the way is back, or did not leave."""
        if self.alone:
            self.alone = False
            self.lane.look()

    async def send(self, to: int, person: contents.Values) -> Answer:
        """Sends to one chat, all within one grant: what was clearly refused did not happen and is tried otherwise."""
        try:
            answer = _first_of(await self._deliver(to, person))
        finally:
            self.stays()
        if answer.kind != REFUSES_VOICE or self.other is None:
            return answer
        answer = await self.other.send(to, person)
        return replace(answer, kind="fallback") if answer.ok else answer

    async def _deliver(self, to: int, person: contents.Values) -> Answer:
        for attempt in range(1, MOST_TRIES + 1):
            message = self.message
            if message is None:
                async with self.lock:
                    message = self.message or await self._resolved()
                    if message is None:
                        return await self._uploaded(to, person)
            answer = await self.lane.shared.gateway.send(message, to, person)
            if answer.kind != REFUSED_ID or not self.needed or attempt == MOST_TRIES:
                break
            await self._forget(message)
        return answer

    async def _resolved(self) -> Message | None:
        """The message, when somebody has uploaded all its files by now."""
        ids = {media_id for media_id, _ in self.needed}
        self.known = await self.lane.shared.database.run(
            media.file_ids, bot_id=self.lane.bot.pk, media_ids=ids
        )
        if all(file in self.known for file in self.needed):
            self.message = prepare(self.token, self.content, self.known, paid=self.paid)
        return self.message

    async def _forget(self, message: Message) -> None:
        """Telegram does not know one of the ids any more, and does not say which."""
        if self.message is not message:
            return  # another one noticed first
        self.message, self.alone = None, True
        for media_id, kind in self.needed:
            await self.lane.shared.database.run(
                media.forget_file_id,
                bot_id=self.lane.bot.pk,
                media_id=media_id,
                file_id=self.known[media_id, kind],
            )

    async def _uploaded(self, to: int, person: contents.Values) -> Answer:
        """Sends the message with the files the bot has no id for, and keeps the ids that come with the answer."""
        database = self.lane.shared.database
        missing = {media_id for media_id, kind in self.needed if (media_id, kind) not in self.known}
        with ExitStack() as open_files:
            files = {}
            for media_id in missing:
                name, file = await database.run(media.spooled, media_id)
                files[str(media_id)] = (name, open_files.enter_context(file))
            method, parameters = contents.request(contents.filled(self.content, person), self.known)
            parameters |= {"chat_id": to, **(PAID if self.paid else {})}
            answer = await self.lane.shared.gateway.upload(url_of(self.token, method), parameters, files)
        if not answer.ok:
            return answer
        await self._remember(answer.result if isinstance(answer.result, list) else [answer.result])
        return replace(answer, kind="uploaded")

    async def _remember(self, messages: list[dict[str, Any]]) -> None:
        parts = self.content["album"] if self.content["type"] == "album" else [self.content]
        for part, message in zip(parts, messages, strict=False):
            if "media_id" in part and (file_id := file_id_of(message, part["type"])):
                await self.lane.shared.database.run(
                    media.remember_file_id,
                    bot_id=self.lane.bot.pk,
                    media_id=part["media_id"],
                    kind=part["type"],
                    file_id=file_id,
                )
        await self._resolved()


def _first_of(answer: Answer) -> Answer:
    """An album's answer is a list of messages; its first one stands for it."""
    return replace(answer, result=answer.result[0]) if isinstance(answer.result, list) else answer


def letter_of(lane: "Lane", lease: Lease) -> Letter | Change:
    """The letter of the lease's broadcast, one for all its chunks in this lane; a new token makes a new one."""
    bot = lease.broadcast.bot
    key = (lease.broadcast.pk, bot.token_fingerprint)
    if key not in lane.letters:
        lane.letters[key] = _new(lane, lease, token_of(bot))
    return lane.letters[key]


def _new(lane: "Lane", lease: Lease, token: str) -> Letter | Change:
    if lease.broadcast.target_id:
        return Change(lane, lease.broadcast, token)
    return Letter(lane, lease.broadcast.content, token, paid=lease.paid)
