"""Which process polls a bot: by lease, one at a time, given back at the end."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from bots.models import Bot, Subscriber
from bots.services import bots
from tests.bots.conftest import connect, make
from tests.bots.processes import running
from tests.broadcasts.factories import eventually
from tests.scene import Control, Scene
from tests.threads import in_threads


def claim(process: str, most: int = 500) -> list[int]:
    return [bot.pk for bot in bots.claim_polls(process=process, seconds=15, most=most)]


def lease_runs_out() -> None:
    Bot.objects.update(polled_until=timezone.now() - timedelta(seconds=1))


def test_a_bot_taken_is_nobody_elses_until_the_lease_ends(connected: Bot) -> None:
    assert claim("one") == [connected.pk]
    assert claim("two") == []
    lease_runs_out()
    assert claim("two") == [connected.pk]
    assert claim("one") == []


def test_a_lease_is_renewed_by_whoever_holds_it(connected: Bot) -> None:
    claim("one")
    first = Bot.objects.get().polled_until
    assert claim("one") == [connected.pk]
    assert Bot.objects.get().polled_until > first  # type: ignore[operator]


def test_a_lease_that_ended_unnoticed_is_taken_up_again(connected: Bot) -> None:
    claim("one")
    lease_runs_out()
    assert claim("one") == [connected.pk]


def test_bots_given_back_are_free_at_once(connected: Bot) -> None:
    claim("one")
    bots.release_polls(process="two")
    assert claim("two") == []
    bots.release_polls(process="one")
    assert claim("two") == [connected.pk]


@pytest.mark.parametrize("stop", ["quarantine", "deactivate"])
def test_a_bot_that_stopped_is_polled_by_nobody(connected: Bot, owner: User, stop: str) -> None:
    Bot.objects.update(status="quarantined" if stop == "quarantine" else "deactivated")
    assert claim("one") == []


def test_a_process_takes_no_more_than_it_can(owner: User, control: Control) -> None:
    rows = sorted(connect(owner, make(control)).pk for _ in range(3))
    assert claim("one", most=2) == rows[:2]
    assert claim("two", most=2) == rows[2:]


@pytest.mark.django_db(transaction=True)
def test_many_processes_at_once_never_share_a_bot(owner: User, control: Control) -> None:
    rows = {connect(owner, make(control)).pk for _ in range(4)}
    names = [f"process-{number}" for number in range(10)]
    taken = in_threads(10, lambda: claim(names.pop()))
    held = [bot_id for some in taken for bot_id in some]  # type: ignore[union-attr]
    assert len(held) == len(set(held))
    assert set(held) <= rows


def test_two_processes_share_the_bots_and_one_takes_over_what_the_other_gives_back(
    transactional_db: None, owner: User, control: Control, quick: None, settings: Any
) -> None:
    rows = {connect(owner, make(control)).pk for _ in range(3)}
    with running(process="one") as one:
        eventually(lambda: one.serves == rows)
        with running(process="two") as two:
            assert two.serves == set()
            one.stop()
            eventually(lambda: two.serves == rows)
    assert set(Bot.objects.values_list("polled_by", flat=True)) == {""}


def test_a_bot_somebody_looks_at_stays_with_its_poller(scene: Scene) -> None:
    """A row locked for a moment is not renewed, and the poller that is at work must not be stopped for that."""
    assert claim("one") == [scene.bot.pk]
    with transaction.atomic():
        Bot.objects.select_for_update().get(pk=scene.bot.pk)
        assert in_threads(1, lambda: claim("one")) == [[scene.bot.pk]]


def test_a_new_subscriber_hides_no_bot(scene: Scene) -> None:
    with transaction.atomic():
        Subscriber.objects.create(bot=scene.bot, chat_id=1)
        assert in_threads(1, lambda: claim("one")) == [[scene.bot.pk]]
