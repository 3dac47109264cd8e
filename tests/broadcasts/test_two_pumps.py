"""Two pumps: a bot is served by one of them, so its broadcasts share its slots as they should."""

import threading

import pytest

from bots.models import Bot
from broadcasts.models import Broadcast
from tests.broadcasts.factories import PEOPLE, chats, eventually, make_bot, make_broadcast, pump
from tests.broadcasts.server import Server
from tests.threads import in_threads

pytestmark = pytest.mark.django_db(transaction=True)
LOW, HIGH = {"type": "text", "text": "low"}, {"type": "text", "text": "high"}


def test_a_small_urgent_broadcast_gets_its_share_beside_a_big_one(bot: Bot, server: Server) -> None:
    make_broadcast(bot, chats(500), priority="low", content=LOW)
    pumping = [threading.Thread(target=pump, kwargs={"rate": 60}) for _ in range(2)]
    for thread in pumping:
        thread.start()
    eventually(lambda: len(server.accepted) >= 40)
    make_broadcast(bot, chats(150, after=2 * PEOPLE), priority="high", content=HIGH)
    for thread in pumping:
        thread.join(30)
    texts = [accepted.text for accepted in server.accepted]
    first = texts.index("high") + 40  # after its canary
    last = len(texts) - texts[::-1].index("high")
    share = texts[first:last].count("high") / (last - first)
    assert abs(share - 6 / 7) < 0.08
    assert server.times_accepted() == dict.fromkeys([*chats(500), *chats(150, after=2 * PEOPLE)], 1)


def test_bots_are_spread_over_the_pumps_and_every_one_is_served(bot: Bot, server: Server) -> None:
    broadcasts = [make_broadcast(make_bot(bot.account), chats(30)) for _ in range(8)]
    in_threads(2, lambda: pump(rate=100))
    pump(rate=100)
    ended = Broadcast.objects.filter(pk__in=[each.pk for each in broadcasts], status="completed")
    assert ended.count() == 8
    assert len(server.accepted) == 8 * 30
