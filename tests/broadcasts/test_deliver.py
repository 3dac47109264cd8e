"""Delivery: everybody once, whatever Telegram answers."""

import time

import pytest

from accounts.audit import SYSTEM
from bots.models import Bot, Subscriber
from broadcasts import services
from broadcasts.models import Broadcast, Chunk, Delivery, Intent
from tests.broadcasts.factories import PEOPLE, chats, make_broadcast, outcomes, pump
from tests.broadcasts.server import BLOCKED, BROKEN, HANG, RESET, REVOKED, Refusal, Server, flood
from tests.threads import in_threads

pytestmark = pytest.mark.django_db(transaction=True)
Status = Broadcast.Status


def test_it_sends_to_everybody_once_and_completes(bot: Bot, server: Server) -> None:
    broadcast = make_broadcast(bot, chats(1200))
    pump()
    broadcast.refresh_from_db()
    assert broadcast.status == Status.COMPLETED
    assert server.times_accepted() == dict.fromkeys(chats(1200), 1)
    assert services.counts([broadcast.pk])[broadcast.pk] == services.Counts(recipients=1200, sent=1200)
    assert not Chunk.objects.filter(done_at__isnull=True).exists()


def test_pumps_at_once_send_once(bot: Bot, server: Server) -> None:
    broadcast = make_broadcast(bot, chats(2500))
    in_threads(3, pump)
    pump()  # whoever found only the canary, in another's hands, has left early
    assert server.times_accepted() == dict.fromkeys(chats(2500), 1)
    assert services.counts([broadcast.pk])[broadcast.pk].sent == 2500


def test_buttons_and_markup_travel(bot: Bot, server: Server) -> None:
    buttons = [[{"text": "Open", "url": "https://example.com"}]]
    make_broadcast(bot, [1], content={"type": "text", "text": "<b>Hi</b>", "buttons": buttons})
    pump()
    assert server.bodies[0] == {
        "chat_id": 1,
        "text": "<b>Hi</b>",
        "parse_mode": "HTML",
        "reply_markup": {"inline_keyboard": buttons},
    }


def test_a_person_who_blocked_the_bot_is_remembered_and_skipped(bot: Bot, server: Server) -> None:
    server.tell(chats(3)[1], BLOCKED)
    first, second = make_broadcast(bot, chats(3)), make_broadcast(bot, chats(2))
    services.pause(broadcast_id=second.pk, by=SYSTEM)
    pump()
    services.resume(broadcast_id=second.pk, by=SYSTEM)
    pump()
    blocked = chats(3)[1]
    assert outcomes(first)[blocked] == ("failed", "blocked")
    assert outcomes(second)[blocked] == ("skipped", "blocked")
    assert [chat for _, chat in server.calls].count(blocked) == 1
    assert Subscriber.objects.get(bot=bot, chat_id=blocked).unreachable == "blocked"


def test_broken_content_stops_the_broadcast_at_the_canary(bot: Bot, server: Server) -> None:
    server.to_everybody = BROKEN
    broadcast = make_broadcast(bot, chats(1000))
    pump()
    broadcast.refresh_from_db()
    assert broadcast.status == Status.FAILED
    assert "can't parse entities" in broadcast.reason
    assert 1 <= len(server.calls) <= 20
    assert not server.accepted


def flooded(server: Server, *places: int) -> float:
    """When the last of these private chats, served one right after another, was told to wait."""
    return max(next(at for at, chat in server.calls if chat == PEOPLE + place) for place in places)


def test_a_flood_is_waited_for_and_costs_no_attempt(bot: Bot, server: Server) -> None:
    broadcast = make_broadcast(bot, chats(15))
    for place in (7, 8):
        server.tell(PEOPLE + place, flood(1))
    started = time.time()
    pump(rate=200)
    told = flooded(server, 7, 8)
    during = [at for at, _ in server.calls if told + 0.02 < at < told + 1]
    assert not during
    assert time.time() - started > 1
    assert outcomes(broadcast) == dict.fromkeys(chats(15), ("sent", ""))
    assert set(Intent.objects.values_list("attempt", flat=True)) == {1}


def test_the_flood_of_one_private_chat_stops_only_that_chat(bot: Bot, server: Server) -> None:
    broadcast = make_broadcast(bot, chats(15))
    server.tell(chats(15)[3], flood(1))
    pump(rate=200)
    told = flooded(server, 4)
    assert len([at for at, _ in server.calls if at < told + 0.9]) == 15
    assert outcomes(broadcast)[chats(15)[3]] == ("sent", "")


def test_a_flood_silences_the_bot_in_every_pump(bot: Bot, server: Server) -> None:
    make_broadcast(bot, chats(1500))
    for place in (601, 602):
        server.tell(PEOPLE + place, flood(1))
    in_threads(2, lambda: pump(rate=500))
    pump()
    told = flooded(server, 601, 602)
    assert not [at for at, _ in server.calls if told + 0.05 < at < told + 1]
    assert server.times_accepted() == dict.fromkeys(chats(1500), 1)


def test_the_flood_of_a_group_stops_only_that_group(bot: Bot, server: Server) -> None:
    group = -5_000
    broadcast = make_broadcast(bot, [group, *chats(15)])
    server.tell(group, flood(1))
    pump(rate=200)
    told = next(at for at, chat in server.calls if chat == group)
    assert len([at for at, _ in server.calls if at < told + 1]) == 16
    assert outcomes(broadcast)[group] == ("sent", "")


def test_a_group_that_became_a_supergroup_is_sent_to_under_its_new_id(bot: Bot, server: Server) -> None:
    moved = Refusal(400, "Bad Request: group chat was upgraded", {"migrate_to_chat_id": -1005})
    server.tell(-5, moved)
    broadcast = make_broadcast(bot, [-5])
    pump()
    assert server.times_accepted() == {-1005: 1}
    assert outcomes(broadcast) == {-5: ("sent", "migrated")}


def test_a_refused_token_quarantines_the_bot_and_keeps_the_work(bot: Bot, server: Server) -> None:
    server.to_everybody = REVOKED
    broadcast = make_broadcast(bot, chats(100))
    pump()
    bot.refresh_from_db()
    broadcast.refresh_from_db()
    assert (bot.status, broadcast.status, broadcast.reason) == ("quarantined", "paused", "the bot is stopped")
    server.to_everybody = None
    Bot.objects.filter(pk=bot.pk).update(status=Bot.Status.ACTIVE)
    services.resume(broadcast_id=broadcast.pk, by=SYSTEM)
    pump()
    assert outcomes(broadcast) == dict.fromkeys(chats(100), ("sent", ""))


@pytest.mark.parametrize("lost", [RESET, HANG, Refusal(502, "Bad Gateway")])
def test_an_answer_that_never_came_is_uncertain_and_not_repeated(
    bot: Bot, server: Server, lost: object
) -> None:
    server.tell(chats(3)[0], lost)
    broadcast = make_broadcast(bot, chats(3))
    pump()
    assert outcomes(broadcast)[chats(3)[0]][0] == "uncertain"
    assert [chat for _, chat in server.calls].count(chats(3)[0]) == 1


def test_winners_are_sent_to_once_more_when_in_doubt_and_flagged(bot: Bot, server: Server) -> None:
    server.tell(chats(3)[0], RESET)
    broadcast = make_broadcast(bot, chats(3), uncertain_policy="resend_once")
    pump()
    assert outcomes(broadcast)[chats(3)[0]] == ("sent", "resent")
    assert server.times_accepted()[chats(3)[0]] == 2


def test_a_second_doubt_is_the_last(bot: Bot, server: Server) -> None:
    server.tell(chats(3)[0], RESET, RESET)
    broadcast = make_broadcast(bot, chats(3), uncertain_policy="resend_once")
    pump()
    assert outcomes(broadcast)[chats(3)[0]] == ("uncertain", "no_answer")
    assert server.times_accepted()[chats(3)[0]] == 2


def test_a_telegram_that_cannot_be_reached_is_waited_for(bot: Bot, server: Server, settings: object) -> None:
    settings.TELEGRAM_API_URL = "http://127.0.0.1:9"
    broadcast = make_broadcast(bot, chats(5))
    pump(slice_seconds=1)
    assert outcomes(broadcast) == {}
    assert not Intent.objects.exists()
    settings.TELEGRAM_API_URL = server.url
    pump()
    assert outcomes(broadcast) == dict.fromkeys(chats(5), ("sent", ""))


def test_a_bot_shares_its_slots_by_priority(bot: Bot, server: Server) -> None:
    others = chats(400, after=2 * PEOPLE)
    low = make_broadcast(bot, chats(400), priority="low", content={"type": "text", "text": "low"})
    high = make_broadcast(bot, others, priority="high", content={"type": "text", "text": "high"})
    pump(rate=300)
    shared = [accepted.text for accepted in server.accepted[100:400]]
    assert 4.5 < shared.count("high") / shared.count("low") < 7.5
    assert Delivery.objects.filter(broadcast__in=[low, high], outcome="sent").count() == 800
