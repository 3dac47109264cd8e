"""The rules of a bot: connecting, changing, quarantine, and which process polls it."""

from datetime import timedelta
from typing import Any, Protocol

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import audit
from accounts.audit import SYSTEM, Actor
from bots import crypto
from bots.errors import BotTaken, NotTheSameBot
from bots.models import Alert, Binding, Bot
from bots.services.alerts import raise_alert

MOST_REMOVALS, MOST_REMOVAL_PAUSE = 48, 3600  # about two days


class Identity(Protocol):
    """What getMe told about a token."""

    @property
    def telegram_id(self) -> int: ...
    @property
    def username(self) -> str: ...
    @property
    def name(self) -> str: ...


@transaction.atomic
def connect_bot(
    *, account_id: int, token: str, identity: Identity, by: Actor, names: dict[str, str] | None = None
) -> tuple[Bot, bool]:
    """A bot belongs to one account; adding it again renews its token. Returns (bot, whether it is new).

    `names` may hold name, alias and description as their owner wants them.
    """
    bot = Bot.objects.select_for_update().filter(telegram_id=identity.telegram_id).first()
    if bot and bot.account_id != account_id:
        raise BotTaken
    facts: dict[str, Any] = {
        **_token_fields(token),
        "username": identity.username,
        "name": identity.name,
        **(names or {}),
    }
    fresh, new = Bot.objects.update_or_create(
        telegram_id=identity.telegram_id,
        defaults={**facts, **_alive()},
        create_defaults={**facts, **_alive(), "account_id": account_id},
    )
    if fresh.account_id != account_id:  # another account was faster
        raise BotTaken
    audit.record(by, "connect", fresh, account_id=account_id, after={"username": fresh.username, "new": new})
    return fresh, new


@transaction.atomic
def change_bot(
    *, bot_id: int, by: Actor, fields: dict[str, str], token: str = "", identity: Identity | None = None
) -> Bot:
    """Names may change freely; a new token must belong to the same bot, and brings a quarantined bot back."""
    bot = Bot.objects.select_for_update().get(pk=bot_id)
    before = {name: getattr(bot, name) for name in fields}
    changes: dict[str, Any] = dict(fields)
    if token and identity:
        if identity.telegram_id != bot.telegram_id:
            raise NotTheSameBot(username=identity.username)
        changes |= {**_token_fields(token), **_alive(), "username": identity.username}
    for name, value in changes.items():
        setattr(bot, name, value)
    bot.save(update_fields=[*changes, "updated_at"])
    after: dict[str, Any] = {**fields, **({"token": "renewed"} if token else {})}
    audit.record(by, "change", bot, account_id=bot.account_id, before=before, after=after)
    return bot


@transaction.atomic
def deactivate_bot(*, bot_id: int, by: Actor) -> Bot:
    """A bot is never erased: it stops, and its history stays. Telegram is told later to send its updates nowhere."""
    bot = Bot.objects.select_for_update().get(pk=bot_id)
    if bot.status != Bot.Status.DEACTIVATED:
        bot.status, bot.status_reason = Bot.Status.DEACTIVATED, "deactivated by its owner"
        bot.webhook_removal_at, bot.webhook_removal_attempts = timezone.now(), 0
        bot.save(
            update_fields=[
                "status", "status_reason", "webhook_removal_at", "webhook_removal_attempts", "updated_at",
            ]
        )  # fmt: skip
        Binding.objects.open().filter(bot=bot).update(
            status=Binding.Status.DEACTIVATED, reason=Binding.ENDED_WITH_BOT
        )
        audit.record(by, "deactivate", bot, account_id=bot.account_id)
    return bot


@transaction.atomic
def quarantine_bot(*, bot_id: int, reason: str, fingerprint: str = "") -> None:
    """A bot whose token Telegram refuses stops working; its work stays queued until a working token comes.

    `fingerprint` is that of the refused token: the refusal says nothing of one that came meanwhile.
    """
    refused = Bot.objects.active().filter(pk=bot_id)
    if fingerprint:
        refused = refused.filter(token_fingerprint=fingerprint)
    changed = refused.update(status=Bot.Status.QUARANTINED, status_reason=reason[:255])
    if changed:
        bot = Bot.objects.get(pk=bot_id)
        audit.record(SYSTEM, "quarantine", bot, account_id=bot.account_id, after={"reason": reason[:255]})
        raise_alert(account_id=bot.account_id, kind=Alert.Kind.BOT_QUARANTINED, bot=bot.username)


def _token_fields(token: str) -> dict[str, str]:
    return {
        "token_encrypted": crypto.encrypt(token),
        "token_fingerprint": crypto.token_fingerprint(token),
        "mtproto_session_encrypted": "",  # of the former token
    }


def _alive() -> dict[str, Any]:
    alive = {"status": Bot.Status.ACTIVE, "status_reason": "", "webhook_removal_at": None}
    return {**alive, "checked_at": timezone.now()}


def token_of(bot: Bot) -> str:
    """The bot's token in clear, for the moment of a call."""
    return crypto.decrypt(bot.token_encrypted)


def mtproto_session(bot: Bot) -> str:
    """The bot's login at MTProto, as good as its token; empty when it has to log in."""
    return crypto.decrypt(bot.mtproto_session_encrypted) if bot.mtproto_session_encrypted else ""


def keep_mtproto_session(*, bot: Bot, session: str) -> str:
    """Keeps a login, or forgets it when it is empty; a token that was renewed meanwhile has none."""
    encrypted = crypto.encrypt(session) if session else ""
    same = Bot.objects.filter(pk=bot.pk, token_fingerprint=bot.token_fingerprint)
    same.update(mtproto_session_encrypted=encrypted)
    return encrypted


@transaction.atomic
def claim_polls(*, process: str, seconds: float, most: int) -> list[Bot]:
    """Renews this process's leases and takes bots nobody polls; each bot is polled by one process at a time.

    A row that somebody else has locked this moment is not renewed now, but stays ours while its lease lasts:
    a poller must not be stopped in the middle because its bot was looked at.
    """
    now = timezone.now()
    free = Q(polled_by=process) | Q(polled_until__isnull=True) | Q(polled_until__lt=now)
    claimed = Bot.objects.active().filter(free).order_by("id")
    # Without the key: a new subscriber of a bot holds its key, and must not hide the bot from its poller.
    ids = list(
        claimed.select_for_update(skip_locked=True, no_key=True, of=("self",)).values_list("pk", flat=True)[
            :most
        ]
    )
    Bot.objects.filter(pk__in=ids).update(polled_by=process, polled_until=now + timedelta(seconds=seconds))
    return list(Bot.objects.active().filter(polled_by=process, polled_until__gt=now).order_by("id"))


@transaction.atomic
def claim_webhook_removal() -> Bot | None:
    """Takes one deactivated bot whose webhook Telegram has not forgotten yet; the next try is later each time."""
    due = Bot.objects.filter(status=Bot.Status.DEACTIVATED, webhook_removal_at__lte=timezone.now())
    bot = due.select_for_update(skip_locked=True, no_key=True).order_by("webhook_removal_at").first()
    if bot:
        bot.webhook_removal_attempts += 1
        pause = timedelta(seconds=min(2**bot.webhook_removal_attempts * 15, MOST_REMOVAL_PAUSE))
        last = bot.webhook_removal_attempts >= MOST_REMOVALS
        bot.webhook_removal_at = None if last else timezone.now() + pause
        bot.save(update_fields=["webhook_removal_at", "webhook_removal_attempts"])
    return bot


def record_webhook_removed(*, bot_id: int) -> None:
    """Telegram forgot the webhook, or refuses the token and sends nothing any more."""
    Bot.objects.filter(pk=bot_id, status=Bot.Status.DEACTIVATED).update(webhook_removal_at=None)


def active_bots() -> list[Bot]:
    """Every bot that works, for a process that receives webhooks."""
    return list(Bot.objects.active().order_by("id"))


def release_polls(*, process: str) -> None:
    """Gives the bots back at once, so that another process need not wait for the leases to run out."""
    Bot.objects.filter(polled_by=process).update(polled_by="", polled_until=None)
