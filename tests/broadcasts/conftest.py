"""The stage of delivery tests: a counting server as Telegram, a bot, and ways to pump."""

from collections.abc import Iterator

import pytest

from accounts.models import User
from bots.models import Bot
from tests.broadcasts.factories import make_bot
from tests.broadcasts.server import Server, running_server


@pytest.fixture
def server(settings: pytest.FixtureRequest) -> Iterator[Server]:
    """Telegram for this test: it counts what it accepts."""
    with running_server() as running:
        settings.TELEGRAM_API_URL = running.url
        settings.TELEGRAM_TIMEOUT_SECONDS = 2
        yield running


@pytest.fixture
def bot(owner: User) -> Bot:
    return make_bot(owner.account)
