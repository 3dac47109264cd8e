"""Stages for real processes: an owner's bot and channel made as rows, and only nudges to the workers.

Nothing here speaks to Telegram in the platform's name; the processes under test do that.
"""

import time
from collections.abc import Callable
from typing import Any

from celery import Task

from bots.gateway import BotFacts, ChannelFacts
from bots.models import Binding, Bot
from bots.services import bots, channels
from giveaways import tasks as giveaway_tasks
from giveaways.models import Giveaway, Status
from giveaways.services import life
from tests.factories import make_user
from tests.faults.processes import PATIENCE_SECONDS, Platform
from tests.scene import OWNER, Scene

NUDGE_SECONDS = 0.5
LOOK_SECONDS = 0.01


class Stage(Scene):
    """A scene whose Telegram and workers are processes of their own."""

    def connect(self) -> Bot:
        facts = BotFacts(self.bot_id, f"bot{self.user.pk}_{id(self)}_bot", "Bot")
        row, _ = bots.connect_bot(account_id=self.user.account_id, token=self.token, identity=facts, by=OWNER)
        return row

    def bind(self, channel: int) -> Binding:
        job = channels.request_binding(
            account_id=self.user.account_id, channel=str(channel), by=OWNER, bot_id=self.bot.pk
        )
        job.status = job.Status.SUCCESS
        job.save()
        facts = ChannelFacts(channel, "News", "")
        return channels.bind(binding_id=job.arguments["binding_id"], channel=facts, may_post=True, reason="")

    def publish(self, **fields: Any) -> Giveaway:
        """Asks for a giveaway; a worker that hears of it posts it."""
        giveaway = life.publish(giveaway_id=self.draft(**fields).pk, by=OWNER)
        giveaway_tasks.post_waiting.delay()
        return giveaway

    def run(self, **fields: Any) -> Giveaway:
        """A giveaway that is running, posted by the worker."""
        giveaway = self.publish(**fields)
        eventually(lambda: status_of(giveaway) == Status.ACTIVE, "the giveaway to run")
        giveaway.refresh_from_db()
        return giveaway

    def posts_with(self, words: str) -> list[dict[str, Any]]:
        """What subscribers see in the channel, of the posts that say so."""
        return [post for post in self.control.posts(self.channel) if words in post.get("text", "")]

    def told(self, words: str) -> list[int]:
        """The people who were sent a message that says so, once for each time: Telegram's own record."""
        accepted = self.control.accepted(self.bot_id)
        return [note["chat_id"] for note in accepted if note["chat_id"] > 0 and words in note["text"]]


def stages(platform: Platform, count: int) -> list[Stage]:
    """Owners who know nothing of each other."""
    return [Stage(platform.control, make_user()) for _ in range(count)]


def status_of(giveaway: Giveaway) -> str:
    return str(Giveaway.objects.values_list("status", flat=True).get(pk=giveaway.pk))


def eventually(come_true: Callable[[], object], what: str, *nudged: "Task[Any, Any]") -> None:
    """Waits for a condition, looking often; meanwhile the tasks are sent again and again, as the beat would."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    nudge_at = 0.0
    while not come_true():
        now = time.monotonic()
        assert now < deadline, f"waited in vain for {what}"
        if now > nudge_at:
            nudge_at = now + NUDGE_SECONDS
            for task in nudged:
                task.delay()
        time.sleep(LOOK_SECONDS)
