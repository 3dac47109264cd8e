"""Rows a giveaway stands on, for tests that need no Telegram."""

import secrets
from datetime import timedelta
from typing import Any

from accounts.models import Account, User
from bots import crypto
from bots.models import Binding, Bot, Channel
from giveaways.models import Giveaway, Status
from giveaways.services import life, write
from tests.scene import OWNER

FIELDS = {"title": "A bag of coffee", "main_body": "Press the button to take part."}


def make_binding(account: Account, **fields: Any) -> Binding:
    """A channel with a bot that may post there."""
    number = 10**9 + secrets.randbelow(10**9)
    token = f"{number}:AA{secrets.token_hex(16)}"
    bot = Bot.objects.create(
        account=account,
        telegram_id=number,
        username=f"bot{number}",
        token_encrypted=crypto.encrypt(token),
        token_fingerprint=crypto.token_fingerprint(token),
    )
    values = {"account": account, "bot": bot, "status": Binding.Status.ACTIVE, **fields}
    if "channel" not in values:
        values["channel"] = Channel.objects.create(telegram_id=-1_000_000_000_000 - number, title="News")
    return Binding.objects.create(**values)


def make_draft(user: User, **fields: Any) -> Giveaway:
    return write.create(account_id=user.account_id, by=OWNER, fields={**FIELDS, **fields})


def make_giveaway(user: User, status: Status, **fields: Any) -> Giveaway:
    """A giveaway in any state, with the times and texts that belong to it; nothing was posted."""
    giveaway = make_draft(user, **fields)
    if status != Status.DRAFT:
        life.make_promise(giveaway)
    now = giveaway.created_at
    giveaway.status = status
    if status == Status.SCHEDULED:
        giveaway.starts_at = giveaway.starts_at or now + timedelta(days=1)
    if status in (Status.ACTIVE, Status.FINISHING, Status.FINISHED):
        giveaway.published_at, giveaway.message_id = now, 1
    if status in (Status.FINISHING, Status.FINISHED):
        giveaway.finish_requested_at = now
    if status == Status.FINISHED:
        giveaway.finished_at, giveaway.winners_selected = now, 0
    giveaway.save()
    return giveaway
