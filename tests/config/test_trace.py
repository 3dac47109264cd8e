"""One giveaway's log lines, from the request that publishes it to the worker that posts it."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery.contrib.testing.worker import start_worker
from celery.signals import task_postrun
from django.db import connections
from rest_framework.test import APIClient

from accounts.models import User
from config.celery import app
from config.logs import logging_config
from giveaways.models import Status
from tests.broadcasts.factories import eventually
from tests.scene import Scene

Api = Callable[[User | None], APIClient]
REQUEST = "followed-through-0001"


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Everything the formatter of settings.py writes during the test, parsed."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    config = logging_config("INFO")["formatters"]["json"]
    handler.setFormatter(config["()"](**{name: value for name, value in config.items() if name != "()"}))
    logging.getLogger().addHandler(handler)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logging.getLogger().removeHandler(handler)
    logging_config("WARNING")


@pytest.fixture
def worker(transactional_db: None) -> Iterator[None]:
    """A real one on the real broker, in a thread that keeps no connection when the test is over."""

    def close(**_: Any) -> None:
        connections.close_all()

    app.control.purge()  # what earlier tests nudged would take the work with a number of its own
    task_postrun.connect(close)
    with start_worker(app, pool="solo", perform_ping_check=False, queues=["celery"]):
        yield
    task_postrun.disconnect(close)


def test_a_publication_can_be_followed_from_the_door_to_the_channel(
    scene: Scene, api: Api, worker: None, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    draft = scene.draft()
    api(scene.user).post(f"/api/giveaways/{draft.pk}/publish?note=private", HTTP_X_REQUEST_ID=REQUEST)
    eventually(lambda: (draft.refresh_from_db(), draft.status == Status.ACTIVE)[1])
    told = {line["event"]: line for line in lines() if line.get("giveaway_id") == draft.pk}
    door, delivered = told["giveaway_publish"], told["giveaway_announce"]
    assert door["request_id"] == delivered["request_id"] == REQUEST
    assert door["account_id"] == delivered["account_id"] == scene.user.account_id
    assert (door["user_id"], delivered["bot_id"]) == (scene.user.pk, scene.bot.id)
    assert delivered["task_id"]
    [finished] = [line for line in lines() if line["event"] == "request_finished"]
    assert finished["request"] == f"POST /api/giveaways/{draft.pk}/publish"
    assert "private" not in json.dumps(lines())
