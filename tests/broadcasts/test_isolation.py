"""Whose a broadcast is, and that a huge one keeps nobody waiting."""

import threading
import time
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections, transaction

from accounts.audit import SYSTEM
from accounts.models import User
from bots.models import Bot
from broadcasts import services
from broadcasts.services.results import Result, record
from tests.broadcasts.factories import TEXT, chats, eventually, make_bot, make_broadcast, pump
from tests.broadcasts.server import Server
from tests.conftest import client_of

PATHS = [
    ("get", "/status/{task}", {}, 200),
    ("post", "/cancel/{task}", {}, 200),
    ("get", "/api/broadcasts/{task}", {}, 200),
    ("post", "/api/broadcasts/{task}/pause", {}, 200),
    ("post", "/api/broadcasts/{task}/resume", {}, 200),
    ("post", "/api/broadcasts/{task}/cancel", {}, 200),
    ("post", "/api/broadcasts/{task}/retry-failed", {}, 200),
    ("post", "/api/broadcasts/{task}/decide", {"verdict": "skip"}, 200),
    ("get", "/api/broadcasts/{task}/report", {}, 200),
    ("get", "/api/broadcasts/{task}/report.csv", {}, 200),
    ("post", "/api/broadcasts/test", {"bot_id": "{bot}", "chat_id": 5, "content": TEXT}, 202),
    ("post", "/api/broadcasts/audience", {"bot_id": "{bot}", "recipients": [5]}, 200),
    ("post", "/bulk_message", {"bot_id": "{bot}", "recipients": [5], "content": TEXT}, 201),
]


@pytest.mark.parametrize(("method", "path", "body", "allowed"), PATHS, ids=[path for _, path, *_ in PATHS])
def test_an_owner_and_staff_may_a_stranger_and_nobody_may_not(
    bot: Bot, owner: User, staff: User, stranger: User, method: str, path: str, body: Any, allowed: int
) -> None:
    for user, wanted in ((owner, allowed), (staff, allowed), (stranger, 404), (None, 401)):
        broadcast = make_broadcast(bot, chats(3))
        said = {name: bot.pk if value == "{bot}" else value for name, value in body.items()}
        ask = getattr(client_of(user), method)
        address = path.format(task=broadcast.public_id)
        answer = ask(address, said, headers={"Prefer": "wait=0"})
        assert answer.status_code == wanted, (user, answer.content if wanted != allowed else "")


@pytest.mark.django_db(transaction=True)
def test_a_small_one_overtakes_a_huge_one_of_the_same_bot(bot: Bot, server: Server) -> None:
    huge = make_broadcast(bot, chats(3000), priority="low")
    pumping = threading.Thread(target=pump, kwargs={"rate": 100, "slice_seconds": 12})
    pumping.start()
    eventually(lambda: len(server.accepted) >= 30)
    small = make_broadcast(bot, chats(20, after=5_000_000), priority="high")
    asked = time.monotonic()
    eventually(lambda: services.counts([small.pk])[small.pk].sent == 20)
    assert time.monotonic() - asked < 5  # the huge one alone takes half a minute
    services.cancel(broadcast_id=huge.pk, by=SYSTEM)
    pumping.join(20)
    assert not pumping.is_alive()


@pytest.mark.django_db(transaction=True)
def test_a_huge_one_being_made_keeps_nobody_waiting(bot: Bot, owner: User, stranger: User) -> None:
    other = make_bot(stranger.account)
    made, go_on = threading.Event(), threading.Event()

    def make_and_hold() -> None:
        with transaction.atomic():
            make_broadcast(bot, chats(2000))
            made.set()
            go_on.wait(20)
        connections.close_all()

    maker = threading.Thread(target=make_and_hold)
    maker.start()
    try:
        assert made.wait(20)
        for user, his in ((stranger, other), (owner, bot)):
            sent = client_of(user).post(
                "/bulk_message", {"bot_id": his.pk, "recipients": [5], "content": TEXT}
            )
            assert sent.status_code == 201
    finally:
        go_on.set()
        maker.join(20)


def test_an_operator_sees_what_is_under_way(bot: Bot) -> None:
    broadcast = make_broadcast(bot, chats(4), name="News")
    make_broadcast(bot, [], name="Nobody")
    record([Result(broadcast.pk, 1, chats(1)[0], "failed", "blocked")])
    told = StringIO()
    call_command("broadcasts", stdout=told)
    assert str(broadcast.public_id) in told.getvalue()
    assert "Nobody" not in told.getvalue()
    told = StringIO()
    call_command("broadcasts", str(broadcast.public_id), stdout=told)
    assert "failed: blocked 1" in told.getvalue()
