"""Delivery: everybody once, whatever Telegram answers."""

import pytest

from bots.models import Bot, Subscriber
from broadcasts import services
from broadcasts.models import Broadcast, Chunk, Intent
from tests.broadcasts.factories import chats, make_broadcast, outcomes, pump
from tests.broadcasts.server import BLOCKED, RESET, Refusal, Server

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_sends_to_everybody_once_and_completes(bot: Bot, server: Server) -> None:
    broadcast = make_broadcast(bot, chats(1200))
    pump()
    broadcast.refresh_from_db()
    assert broadcast.status == Broadcast.Status.COMPLETED
    assert server.times_accepted() == dict.fromkeys(chats(1200), 1)
    assert services.counts([broadcast.pk])[broadcast.pk] == services.Counts(recipients=1200, sent=1200)
    assert not Chunk.objects.filter(done_at__isnull=True).exists()
