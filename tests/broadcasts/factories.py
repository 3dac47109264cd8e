"""Bots, broadcasts and pumps for tests."""

import asyncio
import secrets
import time
from collections.abc import Callable, Iterable
from typing import Any

from django.db import connections

from accounts.audit import SYSTEM
from accounts.models import Account
from bots import crypto
from bots.models import Bot
from broadcasts import services
from broadcasts.models import Broadcast, Delivery
from broadcasts.tasks.slice import Options, Slice

TEXT = {"type": "text", "text": "Hello"}
PEOPLE = 1_000_000


def make_bot(account: Account, token: str = "", **fields: Any) -> Bot:
    token = token or f"{10**9 + secrets.randbelow(10**9)}:AA{secrets.token_hex(16)}"
    telegram_id = int(token.split(":")[0])
    values = {
        "telegram_id": telegram_id,
        "username": f"bot{telegram_id}",
        "token_encrypted": crypto.encrypt(token),
        "token_fingerprint": crypto.token_fingerprint(token),
        **fields,
    }
    return Bot.objects.create(account=account, **values)


def chats(number: int, *, after: int = PEOPLE) -> list[int]:
    return list(range(after + 1, after + number + 1))


def make_broadcast(bot: Bot, audience: Iterable[int], **fields: Any) -> Broadcast:
    values = {"content": TEXT, "by": SYSTEM, **fields}
    return services.create(account_id=bot.account_id, bot_id=bot.pk, chats=audience, **values)


def pump(rate: float = 1000, **options: Any) -> bool:
    """One slice in this thread, until nothing is due or its time is over."""
    values = {
        "slice_seconds": 20,
        "lease_seconds": 4,
        "gather_seconds": 0.01,
        "patience_seconds": 10,
        **options,
    }
    try:
        return asyncio.run(Slice(Options(rate=rate, **values)).run())
    finally:
        connections.close_all()


def outcomes(broadcast: Broadcast) -> dict[int, tuple[str, str]]:
    """chat -> (outcome, kind), as recorded."""
    rows = Delivery.objects.filter(broadcast=broadcast).values_list("chat_id", "outcome", "kind")
    return {chat_id: (outcome, kind) for chat_id, outcome, kind in rows}


def eventually(condition: Callable[[], Any], seconds: float = 15) -> Any:
    """Polls until the condition gives something true, and gives it back."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"waited {seconds} s in vain"
        time.sleep(0.02)
    return value
