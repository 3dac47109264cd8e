"""The pump as Celery runs it."""

import pytest
from django.conf import settings
from redis import Redis

from accounts.models import User
from bots.models import Bot
from broadcasts import tasks
from tests.broadcasts.factories import chats, make_bot, make_broadcast, outcomes
from tests.broadcasts.server import Server

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_delivers_what_is_due_and_ends(bot: Bot, server: Server) -> None:
    broadcast = make_broadcast(bot, chats(12))
    tasks.pump()
    assert outcomes(broadcast) == dict.fromkeys(chats(12), ("sent", ""))


def test_one_slice_at_a_time_is_enough_for_a_process(bot: Bot, server: Server) -> None:
    make_broadcast(bot, chats(3))
    with tasks._pumping:
        tasks.pump()
    assert not server.accepted


def test_many_bots_are_served_side_by_side(owner: User, server: Server) -> None:
    server.latency = 0.05
    broadcasts = [make_broadcast(make_bot(owner.account), chats(15)) for _ in range(20)]
    tasks.pump()
    assert all(outcomes(broadcast) == dict.fromkeys(chats(15), ("sent", "")) for broadcast in broadcasts)
    first, last = server.accepted[0].at, server.accepted[-1].at
    assert last - first < 4  # one after another would take ten seconds at thirty a second


def test_pacing_is_kept_to_the_letter(bot: Bot, server: Server) -> None:
    make_broadcast(bot, chats(75))
    tasks.pump()
    times = [accepted.at for accepted in server.accepted]
    busiest = max(sum(start <= at < start + 1 for at in times) for start in times)
    assert busiest <= settings.MESSAGES_PER_SECOND_PER_BOT + 1
    gone = Redis.from_url(settings.REDIS_URL, decode_responses=True)
    with gone:
        kept = [key for key in gone.scan_iter("pacing:*") if ":chat:" not in key]
        assert kept in ([], [f"pacing:{bot.telegram_id}:next"])
