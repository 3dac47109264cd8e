"""Claimed rows are taken one by one, until none is left or the worker is told to stop."""

from collections.abc import Iterator

import pytest
import structlog
from celery.signals import worker_shutting_down

from config import claims
from config.claims import stopping, take_no_more, taken
from giveaways import tasks
from giveaways.models import Post
from giveaways.services import life
from tests.scene import OWNER, Scene


@pytest.fixture(autouse=True)
def _going_on() -> Iterator[None]:
    yield
    claims._told_to_stop.clear()


def about(row: int) -> dict[str, object]:
    return {"row_id": row}


def test_it_ends_with_the_last_row() -> None:
    rows = iter([1, 2, 3])
    assert list(taken(lambda: next(rows, None), about)) == [1, 2, 3]


def test_what_is_in_hand_is_ended_and_nothing_else_is_taken() -> None:
    claimed: list[int] = []

    def claim() -> int:
        claimed.append(len(claimed) + 1)
        return claimed[-1]

    for row in taken(claim, about):
        if row == 2:
            take_no_more()
    assert claimed == [1, 2]
    assert stopping()


def test_a_signal_tells_the_worker() -> None:
    worker_shutting_down.send(sender=None)
    assert stopping()


def test_a_post_stays_with_its_row_for_the_next_worker(scene: Scene) -> None:
    draft = scene.draft()
    life.publish(giveaway_id=draft.pk, by=OWNER)
    take_no_more()
    tasks.post_waiting()
    post = Post.objects.get(giveaway=draft)
    assert (post.status, post.attempts) == (Post.Status.WAITING, 0)


def test_lines_say_what_they_are_about_and_no_longer() -> None:
    rows = iter([7])
    for _ in taken(lambda: next(rows, None), about):
        assert structlog.contextvars.get_contextvars()["row_id"] == 7
    assert "row_id" not in structlog.contextvars.get_contextvars()


def test_a_crash_leaves_no_ids_behind() -> None:
    def crash() -> None:
        for _ in taken(lambda: 7, about):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        crash()
    assert "row_id" not in structlog.contextvars.get_contextvars()
