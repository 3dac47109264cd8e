"""`manage.py runbots` as a process: seen from outside, told to stop, killed."""

import signal
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import IO

import pytest
from django.utils import timezone

from bots.models import Bot
from tests.bots.processes import Runbots, runbots, running
from tests.broadcasts.factories import eventually
from tests.scene import Scene


@pytest.fixture
def log(tmp_path: Path) -> Iterator[IO[bytes]]:
    """Where the processes write."""
    with (tmp_path / "log").open("wb") as file:
        yield file


def answered(scene: Scene) -> bool:
    person = scene.control.person("Ann")
    scene.control.start(person, scene.bot_id)
    return bool(eventually(lambda: scene.heard(person)))


def stops_in_order(bots: Runbots) -> bool:
    begun = time.monotonic()
    return bots.send(signal.SIGTERM) == 0 and time.monotonic() - begun < 5


def test_it_serves_shows_its_health_and_stops_in_order_when_told(scene: Scene, log: IO[bytes]) -> None:
    with runbots(log) as bots:
        bots.wait_until_it_serves(1)
        assert answered(scene)
        health, metrics = bots.ask("/health"), bots.ask("/metrics")
        assert health and health.json() == {"status": "ok", "mode": "polling", "bots": 1}
        assert metrics and 'telegram_updates_total{kind="message"}' in metrics.text
        assert Bot.objects.get().polled_by
        assert stops_in_order(bots)
    assert Bot.objects.get().polled_by == ""
    assert scene.token.partition(":")[2].encode() not in Path(log.name).read_bytes()


def test_another_process_takes_over_from_one_that_was_killed(
    scene: Scene, log: IO[bytes], quick: None
) -> None:
    with runbots(log) as killed:
        killed.wait_until_it_serves(1)
        with running(process="another") as another:
            assert killed.send(signal.SIGKILL) == -signal.SIGKILL
            assert another.serves == set()
            assert str(killed.process.pid) in Bot.objects.get().polled_by
            Bot.objects.update(polled_until=timezone.now() - timedelta(seconds=1))  # the lease runs out
            eventually(lambda: another.serves == {scene.bot.pk})
            assert answered(scene)
