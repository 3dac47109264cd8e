"""PostgreSQL or Redis away for a moment: the pump waits, nothing is lost or doubled."""

import os
import time
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from bots.models import Bot
from broadcasts.models import Broadcast
from tests.broadcasts.factories import chats, eventually, make_broadcast, outcomes
from tests.broadcasts.server import Server
from tests.faults.cable import cable_to
from tests.faults.pumps import database_url, pump_process

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]
AWAY_SECONDS = 1.2


def is_over(broadcast: Broadcast) -> bool:
    broadcast.refresh_from_db()
    return broadcast.status == Broadcast.Status.COMPLETED


@pytest.mark.parametrize("what", ["PostgreSQL", "Redis"])
def test_a_pump_outlives_its_servers_being_away(bot: Bot, server: Server, what: str) -> None:
    broadcast = make_broadcast(bot, chats(400))
    address = database_url() if what == "PostgreSQL" else settings.REDIS_URL
    with (
        cable_to(address) as cable,
        pump_process(server, rate=200, lease_seconds=10, environment=through(cable.port, what)),
    ):
        eventually(lambda: len(server.accepted) >= 100, 60)
        cable.pull()
        pulled = time.time()
        eventually(lambda: time.time() > pulled + AWAY_SECONDS)
        before = len(server.accepted)
        cable.plug()
        eventually(lambda: is_over(broadcast), 30)
    assert before < 250  # without its servers it soon stopped sending
    assert server.times_accepted() == dict.fromkeys(chats(400), 1)
    assert outcomes(broadcast) == dict.fromkeys(chats(400), ("sent", ""))


def through(port: int, what: str) -> dict[str, str]:
    """The environment in which that server is reached through the cable."""
    if what == "PostgreSQL":
        parts = urlsplit(database_url())
        user = parts.username or "postgres"
        password = f":{parts.password}" if parts.password else ""
        return {"DATABASE_URL": f"postgresql://{user}{password}@127.0.0.1:{port}{parts.path}"}
    number = os.environ["REDIS_URL"].rpartition("db=" if "db=" in os.environ["REDIS_URL"] else "/")[2]
    return {"REDIS_URL": f"redis://127.0.0.1:{port}/{number}"}
