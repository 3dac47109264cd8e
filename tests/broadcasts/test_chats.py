"""One chat: how often it is written to over all broadcasts and processes, and when a repeat is skipped."""

import itertools
import secrets

import pytest
from django.conf import settings
from redis.asyncio import Redis

from bots import chats as marks
from bots.chats import Content, Intervals
from bots.models import Bot, Subscriber
from broadcasts import services
from tests.broadcasts.factories import PEOPLE, chats, make_broadcast, outcomes, pump
from tests.broadcasts.server import BLOCKED, RESET, Server, flood

GROUP = -1001


def gaps(server: Server, chat_id: int) -> list[float]:
    times = [at for at, chat in server.calls if chat == chat_id]
    return [later - earlier for earlier, later in itertools.pairwise(times)]


@pytest.mark.django_db(transaction=True)
class TestRests:
    def test_two_broadcasts_meet_in_a_chat_a_second_apart(self, bot: Bot, server: Server) -> None:
        for _ in range(3):
            make_broadcast(bot, chats(12))
        pump(rate=100)
        assert server.times_accepted() == dict.fromkeys(chats(12), 3)
        assert all(gap > 0.99 for chat_id in chats(12) for gap in gaps(server, chat_id))

    def test_a_busy_chat_does_not_hold_up_the_others(self, bot: Bot, server: Server) -> None:
        make_broadcast(bot, chats(1))
        make_broadcast(bot, chats(15))
        pump(rate=200)
        first = server.calls[0][0]
        assert len([at for at, _ in server.calls if at < first + 0.9]) == 15

    def test_a_group_rests_longer_and_the_next_slice_knows_it(
        self, bot: Bot, server: Server, settings: pytest.FixtureRequest
    ) -> None:
        settings.MESSAGES_PER_MINUTE_PER_GROUP = 40
        for _ in range(2):
            make_broadcast(bot, [GROUP])
            pump(rate=100)
        (gap,) = gaps(server, GROUP)
        assert 1.49 < gap < 2.5

    def test_a_closed_window_is_remembered_by_the_next_pump(self, bot: Bot, server: Server) -> None:
        server.tell(GROUP, flood(2))
        broadcast = make_broadcast(bot, [GROUP])
        pump(rate=100, slice_seconds=0.3)
        assert len(server.calls) == 1
        pump(rate=100)
        assert gaps(server, GROUP)[0] > 1.99
        assert outcomes(broadcast) == {GROUP: ("sent", "")}


@pytest.mark.django_db(transaction=True)
class TestRepeats:
    @pytest.fixture(autouse=True)
    def _fast(self, settings: pytest.FixtureRequest) -> None:
        settings.MESSAGES_PER_SECOND_PER_CHAT = 1000

    def test_the_same_content_is_not_sent_again_by_another_broadcast(self, bot: Bot, server: Server) -> None:
        make_broadcast(bot, chats(2), repeat_seconds=60)
        pump()
        second = make_broadcast(bot, chats(3), repeat_seconds=60)
        pump()
        assert outcomes(second) == {
            **dict.fromkeys(chats(2), ("skipped", "repeat")),
            PEOPLE + 3: ("sent", ""),
        }
        assert services.counts([second.pk])[second.pk].skipped == 2

    def test_the_setting_speaks_where_a_broadcast_does_not(
        self, bot: Bot, server: Server, settings: pytest.FixtureRequest
    ) -> None:
        settings.REPEAT_SECONDS = 60
        make_broadcast(bot, chats(1))
        pump()
        skips, sends = make_broadcast(bot, chats(1)), make_broadcast(bot, chats(1), repeat_seconds=0)
        pump()
        assert outcomes(skips) == {PEOPLE + 1: ("skipped", "repeat")}
        assert outcomes(sends) == {PEOPLE + 1: ("sent", "")}

    def test_other_words_are_no_repeat(self, bot: Bot, server: Server) -> None:
        make_broadcast(bot, chats(1), repeat_seconds=60)
        other = make_broadcast(
            bot, chats(1), repeat_seconds=60, content={"type": "text", "text": "Something else"}
        )
        pump()
        assert outcomes(other) == {PEOPLE + 1: ("sent", "")}

    def test_what_was_not_sent_after_all_is_no_repeat(self, bot: Bot, server: Server) -> None:
        server.tell(PEOPLE + 1, BLOCKED)
        make_broadcast(bot, chats(1), repeat_seconds=60)
        pump()
        Subscriber.objects.update(unreachable="")
        again = make_broadcast(bot, chats(1), repeat_seconds=60)
        pump()
        assert outcomes(again) == {PEOPLE + 1: ("sent", "")}

    def test_a_second_attempt_of_one_broadcast_is_no_repeat(self, bot: Bot, server: Server) -> None:
        server.tell(PEOPLE + 1, RESET)
        broadcast = make_broadcast(bot, chats(1), repeat_seconds=60, uncertain_policy="resend_once")
        pump()
        assert outcomes(broadcast) == {PEOPLE + 1: ("sent", "resent")}


async def test_a_batch_is_one_question() -> None:
    bot_id = secrets.randbelow(10**12)
    ours, theirs = Content("digest", "1", 60), Content("digest", "2", 60)
    async with Redis.from_url(settings.REDIS_URL, decode_responses=True) as redis:
        assert await marks.look(redis, bot_id, [1, 2, 3], ours) == [0, 0, 0]
        assert await marks.look(redis, bot_id, [1, 4], ours) == [0, 0]
        await marks.mark(redis, {marks.chat_key(bot_id, 3): 5.0, marks.chat_key(bot_id, 5): 5.0})
        one, two, three, other = await marks.look(redis, bot_id, [1, 9, 5, 3], theirs)
        assert (one, two) == (-1, 0)
        assert 4 < three <= 5
        assert 4 < other <= 5
        await marks.take_back(redis, {ours.key(bot_id, 1): "1", ours.key(bot_id, 9): "1"})
        assert await marks.look(redis, bot_id, [1, 9], ours) == [0, -1]


async def test_a_short_rest_does_not_end_a_long_one() -> None:
    key = marks.chat_key(secrets.randbelow(10**12), 1)
    async with Redis.from_url(settings.REDIS_URL, decode_responses=True) as redis:
        await marks.mark(redis, {key: 60.0})
        await marks.mark(redis, {key: 1.0})
        assert await redis.pttl(key) > 50_000


def test_intervals_follow_the_settings() -> None:
    intervals = Intervals.of(per_second_in_private=2, per_minute_in_groups=20)
    assert [intervals.after(5), intervals.after(-5), intervals.after(-5, 4)] == [0.5, 3, 12]
