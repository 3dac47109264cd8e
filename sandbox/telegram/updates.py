"""Updates: what happened, queued for each bot until it confirms, by long polling or through its webhook."""

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.telegram.models import JSON, Bot
from sandbox.telegram.world import World

NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}
KINDS = {
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "message_reaction",
    "message_reaction_count",
    "inline_query",
    "chosen_inline_result",
    "callback_query",
    "shipping_query",
    "pre_checkout_query",
    "poll",
    "poll_answer",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
}
# Order is kept inside a lane only: a chat for messages, a user for everything else, each kind apart.
LANES = {
    "callback_query": 3 << 33,
    "chat_member": 4 << 33,
    "my_chat_member": 5 << 33,
    "chat_join_request": 6 << 33,
    "pre_checkout_query": 7 << 33,
}
DAY_SECONDS = 24 * 3600
RETENTION_SECONDS = {
    "callback_query": 150,
    "chosen_inline_result": 600,
    "inline_query": 30,
    "pre_checkout_query": 30,
}
ANSWER_BYTES = 4 * 1024 * 1024


@dataclass(slots=True, eq=False)
class Pending:
    """An update not yet confirmed; `lane` names the chat or user inside which order is kept."""

    update_id: int
    lane: int
    expires_at: float
    body: str
    gone: bool = False


class Mailbox:
    """The unconfirmed updates of one bot, and the one poller that may wait for them."""

    def __init__(self) -> None:
        self.pending: deque[Pending] = deque()
        self.poller: asyncio.Future[None] | None = None
        self.last_offset: int | None = None
        self.last_poll_at = float("-inf")
        self.next_conflict_at = float("-inf")

    @property
    def is_polled(self) -> bool:
        return self.poller is not None and not self.poller.done()

    def wake(self) -> None:
        if self.poller is not None and not self.poller.done():
            self.poller.set_result(None)


class Updates:
    def __init__(self, world: World) -> None:
        self._world = world
        self._mailboxes: defaultdict[int, Mailbox] = defaultdict(Mailbox)
        # Set by the webhooks: takes the update of a bot that has one.
        self.forward: Callable[[Bot, Pending], None] = lambda *_: None
        for (bot_id, update_id), (lane, expires_at, body) in sorted(world.updates.items()):
            self._mailboxes[bot_id].pending.append(Pending(update_id, lane, expires_at, body))
        world.updates.clear()

    def mailbox(self, bot_id: int) -> Mailbox:
        return self._mailboxes[bot_id]

    def forget(self) -> None:
        for mailbox in self._mailboxes.values():
            mailbox.wake()
        self._mailboxes.clear()

    def wants(self, bot: Bot, kind: str) -> bool:
        if bot.allowed_updates:
            return kind in bot.allowed_updates
        return kind not in NOT_BY_DEFAULT

    def emit(self, bot: Bot, kind: str, subject: JSON, lane: int) -> None:
        """Queues an update, unless the bot does not ask for its kind at this moment."""
        if not self.wants(bot, kind):
            return
        update_id = self._world.next(bot.id)
        body = json.dumps({"update_id": update_id, kind: subject}, ensure_ascii=False)
        expires_at = self._world.clock.now() + RETENTION_SECONDS.get(kind, DAY_SECONDS)
        lane += LANES.get(kind, 0)
        pending = Pending(update_id, lane, expires_at, body)
        mailbox = self._mailboxes[bot.id]
        mailbox.pending.append(pending)
        self._world.journal.put("update", bot.id, update_id, [lane, expires_at, body])
        mailbox.wake()
        if bot.webhook:
            self.forward(bot, pending)

    def drop(self, bot_id: int, pending: Pending) -> None:
        """Forgets one update wherever it stands, as a webhook confirms them."""
        pending.gone = True
        self._mailboxes[bot_id].pending.remove(pending)
        self._world.journal.drop("update", bot_id, pending.update_id)

    def drop_all(self, bot_id: int) -> None:
        while self._mailboxes[bot_id].pending:
            self._drop_head(bot_id)

    def confirm(self, bot_id: int, offset: int) -> None:
        """Forgets updates below the offset; a negative offset keeps that many of the newest."""
        pending = self._mailboxes[bot_id].pending
        while pending and (len(pending) > -offset if offset < 0 else pending[0].update_id < offset):
            self._drop_head(bot_id)

    def waiting(self, bot_id: int, limit: int = 100) -> list[Pending]:
        """The oldest unconfirmed updates, as many as fit into one answer; expired ones vanish silently."""
        mailbox = self._mailboxes[bot_id]
        now = self._world.clock.now()
        for expired in [pending for pending in mailbox.pending if pending.expires_at <= now]:
            self.drop(bot_id, expired)
        chosen: list[Pending] = []
        size = 0
        for pending in mailbox.pending:
            size += len(pending.body.encode())
            if len(chosen) == limit or (chosen and size > ANSWER_BYTES):
                break
            chosen.append(pending)
        return chosen

    def count(self, bot_id: int) -> int:
        return len(self._mailboxes[bot_id].pending)

    def _drop_head(self, bot_id: int) -> None:
        head = self._mailboxes[bot_id].pending.popleft()
        head.gone = True
        self._world.journal.drop("update", bot_id, head.update_id)


def allowed_kinds(asked: list[str]) -> list[str]:
    """The kinds a bot asks for, as the server remembers them: unknown names are ignored, none is default."""
    return [kind for kind in asked if kind in KINDS]
