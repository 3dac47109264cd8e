"""When broadcasts will be over: shares by weight, and nothing said that nobody can know."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from bots.models import Bot
from broadcasts import services
from broadcasts.models import Broadcast, Delivery
from broadcasts.services.estimate import Work, seconds_left
from config.redis import client
from tests.broadcasts.factories import chats, make_broadcast

WORKS = st.dictionaries(
    st.integers(1, 50),
    st.builds(Work, pending=st.integers(0, 10**6), weight=st.sampled_from([1, 3, 6])),
    min_size=1,
    max_size=12,
)
PACES = st.floats(0.1, 1000)


@given(WORKS, PACES)
def test_the_last_one_ends_when_everything_is_sent(works: dict[int, Work], pace: float) -> None:
    everything = sum(work.pending for work in works.values())
    assert max(seconds_left(works, pace).values()) == pytest.approx(everything / pace)


@given(WORKS, PACES)
def test_nobody_ends_sooner_than_alone_or_later_than_all(works: dict[int, Work], pace: float) -> None:
    left = seconds_left(works, pace)
    everything = sum(work.pending for work in works.values())
    for number, work in works.items():
        assert work.pending / pace * 0.999 <= left[number] <= everything / pace * 1.001


@given(WORKS, PACES)
def test_who_has_less_for_its_weight_ends_first(works: dict[int, Work], pace: float) -> None:
    left = seconds_left(works, pace)
    by_need = sorted(works, key=lambda number: works[number].pending / works[number].weight)
    assert [left[number] for number in by_need] == sorted(left.values())


def test_shares_as_the_pump_gives_them() -> None:
    works = {1: Work(180, 6), 2: Work(90, 3), 3: Work(30, 1)}
    assert seconds_left(works, 30) == pytest.approx({1: 10, 2: 10, 3: 10})
    works[2] = Work(30, 3)  # ends after 1/3 of the way and leaves its share
    assert seconds_left(works, 30) == pytest.approx({1: 240 / 30 - 0, 2: 100 / 30, 3: 240 / 30})


# --- of rows ------------------------------------------------------------------------------------------------
def eta_of(broadcast: Broadcast) -> float | None:
    """Seconds from now."""
    eta = services.progress(Broadcast.objects.select_related("bot").get(pk=broadcast.pk)).eta
    return (eta - timezone.now()).total_seconds() if eta else None


def running(broadcast: Broadcast, *, recently: int, seconds: int = 60) -> Broadcast:
    """A broadcast under way for so long, with so many results within the last ten seconds."""
    now = timezone.now()
    started = now - timedelta(seconds=seconds)
    Broadcast.objects.filter(pk=broadcast.pk).update(status="running", started_at=started, created_at=started)
    Delivery.objects.bulk_create(
        Delivery(broadcast=broadcast, seq=seq, chat_id=seq, outcome="sent", at=now - timedelta(seconds=2))
        for seq in range(1, recently + 1)
    )
    return broadcast


def test_a_new_one_is_told_by_what_the_bot_is_allowed(bot: Bot, settings: Any) -> None:
    settings.MESSAGES_PER_SECOND_PER_BOT = 30
    assert eta_of(make_broadcast(bot, chats(300))) == pytest.approx(10, abs=2)


def test_a_new_one_is_told_by_what_the_bot_has_learned(bot: Bot) -> None:
    client().set(f"pacing:{bot.telegram_id}:learned", 100_000)  # microseconds between two messages
    assert eta_of(make_broadcast(bot, chats(300))) == pytest.approx(30, abs=2)


def test_one_under_way_is_told_by_what_its_bot_really_does(bot: Bot) -> None:
    broadcast = running(make_broadcast(bot, chats(300)), recently=100)
    found = services.progress(Broadcast.objects.select_related("bot").get(pk=broadcast.pk))
    assert (found.rate, found.counts.pending) == (10, 200)
    assert eta_of(broadcast) == pytest.approx(20, abs=2)


def test_the_others_of_the_bot_take_their_share(bot: Bot) -> None:
    broadcast = running(make_broadcast(bot, chats(300)), recently=100)
    make_broadcast(bot, chats(200), priority="medium")
    assert eta_of(broadcast) == pytest.approx(40, abs=2)
    make_broadcast(bot, chats(600), priority="high")
    assert eta_of(broadcast) == pytest.approx(80, abs=2)


@pytest.mark.parametrize("status", ["paused", "cancelled", "completed"])
def test_what_does_not_run_has_no_end_in_sight(bot: Bot, status: str) -> None:
    broadcast = make_broadcast(bot, chats(3))
    over = {} if status == "paused" else {"finished_at": timezone.now()}
    Broadcast.objects.update(status=status, **over)
    assert eta_of(broadcast) is None


def test_what_stands_still_has_no_end_in_sight(bot: Bot) -> None:
    assert eta_of(running(make_broadcast(bot, chats(30)), recently=0)) is None


def test_what_nobody_began_has_no_end_in_sight(bot: Bot) -> None:
    broadcast = make_broadcast(bot, chats(30))
    Broadcast.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    assert eta_of(broadcast) is None


def test_what_begins_later_ends_later(bot: Bot, settings: Any) -> None:
    settings.MESSAGES_PER_SECOND_PER_BOT = 30
    make_broadcast(bot, chats(300), scheduled_at=timezone.now() + timedelta(hours=2))
    later = make_broadcast(bot, chats(30), scheduled_at=timezone.now() + timedelta(hours=1))
    assert eta_of(later) == pytest.approx(3601, abs=2)
    assert eta_of(make_broadcast(bot, chats(30))) == pytest.approx(1, abs=1)


def test_a_stopped_bot_ends_nothing(bot: Bot) -> None:
    broadcast = make_broadcast(bot, chats(30))
    Bot.objects.update(status="quarantined")
    assert eta_of(broadcast) is None
