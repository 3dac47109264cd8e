"""A line: one leased chunk in a pump, from its first grant to its last result."""

import asyncio
import hashlib
import json
from collections import deque
from typing import TYPE_CHECKING

import structlog
from django.conf import settings

from bots.answers import Answer
from bots.chats import Content
from broadcasts.models import Broadcast, Delivery
from broadcasts.services.granting import Wish
from broadcasts.services.leasing import Lease, Pending
from broadcasts.services.results import Result
from broadcasts.tasks.change import Change
from broadcasts.tasks.letter import Letter

if TYPE_CHECKING:
    from broadcasts.tasks.lane import Lane

NOBODY: dict[str, str] = {}


class Line:
    """`rest` wait for a grant, `ready` have one and wait for a slot; `open` are granted without a saved result.

    The chunk may be given back or called done only when nothing is open.
    """

    def __init__(self, lease: Lease, lane: "Lane", letter: Letter | Change, *, valid_until: float) -> None:
        self.lease = lease
        self.lane = lane
        self.letter = letter
        self.valid_until = valid_until
        self.broadcast_id = lease.broadcast.pk
        self.content = content_of(lease.broadcast)
        self.resends = lease.broadcast.uncertain_policy == Broadcast.UncertainPolicy.RESEND_ONCE
        self.rest = deque(lease.rest)
        self.ready: deque[Pending] = deque()
        self.postponed = 0
        self.open = 0
        self.closing = False
        self.spent = False
        self.changed = asyncio.Event()
        for result in lease.settled:
            self._put(result, opens=True)

    @property
    def sendable(self) -> int:
        """How many may leave now: fewer than are ready while a file is on its way to Telegram for the first time."""
        return self.letter.sendable(len(self.ready))

    @property
    def cost(self) -> int:
        """Slots one message takes: an album is as many messages as it has parts."""
        return self.letter.cost

    async def send(self, pending: Pending) -> Answer:
        """Sends to one recipient, with all that the content needs for it, and says what the answer means."""
        return await self.letter.send(pending.to, self.lease.people.get(pending.chat_id, NOBODY))

    @property
    def over(self) -> bool:
        return not self.open and (self.closing or self.spent or not (self.rest or self.postponed))

    @property
    def wants(self) -> int:
        """How many grants to ask for now: none while the bot has to be silent or enough are ready."""
        most = self.lane.grants_of(self)
        if self.closing or self.spent or self.lane.silent or len(self.ready) > most // 2:
            return 0
        return min(most - len(self.ready), len(self.rest))

    async def run(self) -> None:
        """Asks for grants until everybody has a result or the line is closed."""
        broadcast = self.lease.broadcast
        structlog.contextvars.bind_contextvars(  # of this asyncio task alone
            broadcast_id=broadcast.pk, account_id=broadcast.account_id, bot_id=broadcast.bot_id
        )
        while not self.over:
            if number := self.wants:
                await self._ask([self.rest.popleft() for _ in range(number)])
            else:
                self.changed.clear()
                await self.changed.wait()

    async def _ask(self, asked: list[Pending]) -> None:
        """Chats first, then the grant: an intent is written only for whom nothing else keeps waiting."""
        free = await self._free(asked)
        again = [pending for pending in free if pending.attempt > 1]
        first = [pending for pending in free if pending.attempt == 1]
        granted = await self.lane.shared.granter.ask([self._wish(one) for one in first]) if first else set()
        batch = again + [one for one in first if (self.broadcast_id, one.seq) in granted]
        self.open += len(batch)
        self.ready.extend(batch)
        if len(batch) < len(free):
            self._refused([one for one in free if one not in batch])
        elif self.closing or self.lane.silent:
            self.recall()
        self.lane.look()

    async def _free(self, asked: list[Pending]) -> list[Pending]:
        """Those whose chat is free; the others wait on the loop's heap, or have got the same already."""
        waits = await self.lane.chats.look([pending.chat_id for pending in asked], self.content)
        free = []
        for pending, wait in zip(asked, waits, strict=True):
            if wait == 0:
                free.append(pending)
            elif wait > 0:
                self._postpone(pending, wait)
            else:
                self._put(self._result(pending, Delivery.Outcome.SKIPPED, "repeat"), opens=True)
        return free

    def _refused(self, refused: list[Pending]) -> None:
        """Paused, cancelled, expired or taken over: whoever leases the chunk next finds the rest. A paid line
        may have come to the end of its Stars: what they paid for still leaves."""
        for pending in refused:
            self._forget(pending)
        if self.lease.paid:
            self.spent = True
            self.changed.set()
        else:
            self.close()

    async def granted_now(self, pending: Pending) -> bool:
        """The grant of a second attempt is written in its slot, not ahead: so a second kill leaves only those in
        doubt whose message was in the air, and nobody whose turn had not come."""
        granted = await self.lane.shared.granter.ask([self._wish(pending)])
        if granted:
            return True
        self.open -= 1
        self.letter.stays()
        self._refused([pending])
        return False

    def _wish(self, pending: Pending) -> Wish:
        lease = self.lease
        return Wish(
            lease.chunk_id,
            lease.epoch,
            lease.broadcast.pk,
            pending.seq,
            pending.chat_id,
            pending.attempt,
            pending.run,
            lease.paid,
        )

    def next_ready(self) -> Pending:
        """The recipient whose message leaves now."""
        self.letter.leaves()
        pending = self.ready.popleft()
        if len(self.ready) <= self.lane.grants_of(self) // 2:
            self.changed.set()
        return pending

    def settle(
        self, pending: Pending, outcome: Delivery.Outcome, kind: str, message_id: int | None = None
    ) -> None:
        """The recipient has a result; it counts when it is saved."""
        if outcome is Delivery.Outcome.FAILED:
            self._forget(pending)
        else:
            self.lane.chats.let_go(pending.chat_id)
        self._put(self._result(pending, outcome, kind, message_id))

    def _result(
        self, pending: Pending, outcome: Delivery.Outcome, kind: str, message_id: int | None = None
    ) -> Result:
        return Result(
            self.broadcast_id, pending.seq, pending.chat_id, outcome.value, kind, message_id, pending.run
        )

    def _forget(self, pending: Pending) -> None:
        """It was not sent after all: the chat is free for others, and for the same content."""
        self.lane.chats.let_go(pending.chat_id)
        if self.content.seconds:
            self.lane.shared.marks.take_back(self.content, self.lane.bot.telegram_id, pending.chat_id)

    def _put(self, result: Result, *, opens: bool = False) -> None:
        self.open += opens
        self.lane.shared.recorder.put(self, result)

    def withdraw(self, pending: Pending, *, delay: float = 0) -> None:
        """Surely not sent: no doubt may remain about this recipient if the process dies while it waits."""
        self._forget(pending)
        self.lane.shared.recorder.withdraw(self, self._wish(pending), pending, delay)

    def again(self, pending: Pending) -> None:
        """Not sent, for a reason that is gone: the grant holds, the next slot is for this recipient."""
        if self.closing:
            self.withdraw(pending)
        else:
            self.ready.appendleft(pending)
            self.lane.look()

    def recall(self) -> None:
        """Takes back all grants that wait for a slot."""
        while self.ready:
            self.withdraw(self.ready.popleft())

    def repeat(self, pending: Pending) -> None:
        """In doubt, and the policy prefers twice to missed: one more attempt, under a grant of its own."""
        self.open -= 1
        self.lane.chats.let_go(pending.chat_id)
        pending.attempt += 1
        self.rest.appendleft(pending)
        self.changed.set()

    def close(self) -> None:
        """No further message of this line; what is in the air is awaited and recorded."""
        self.closing = True
        self.recall()
        self.changed.set()

    def result_saved(self) -> None:
        self.open -= 1
        if not self.open:
            self.changed.set()

    def grant_withdrawn(self, pending: Pending, delay: float) -> None:
        self.open -= 1
        if delay and not self.closing:
            self._postpone(pending, delay)
        else:
            self.rest.appendleft(pending)
        self.changed.set()

    def _postpone(self, pending: Pending, delay: float) -> None:
        self.postponed += 1
        asyncio.get_running_loop().call_later(delay, self._due, pending)

    def _due(self, pending: Pending) -> None:
        self.postponed -= 1
        self.rest.appendleft(pending)
        self.changed.set()


def content_of(broadcast: Broadcast) -> Content:
    """What is remembered of it, so that its chats do not get the same again from another broadcast."""
    seconds = broadcast.repeat_seconds
    seconds = settings.REPEAT_SECONDS if seconds is None else seconds
    if not seconds:
        return Content()
    digest = hashlib.sha256(json.dumps(broadcast.content, sort_keys=True).encode()).hexdigest()[:32]
    return Content(digest, str(broadcast.pk), seconds)
