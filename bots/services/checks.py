"""The rules of asking Telegram on demand how a bot or a binding stands: recorded as told, and never hammered."""

from datetime import timedelta
from math import ceil

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import audit
from accounts.audit import Actor
from bots import texts
from bots.errors import AskedJustNow, BindingEnded, BotDeactivated, BotNotWorking
from bots.models import Binding, Bot, Job
from bots.services.bots import Identity, quarantine_bot

PAUSE = timedelta(seconds=5)  # between two questions about the same bot or binding


@transaction.atomic
def claim_bot(*, bot_id: int) -> Bot:
    """The bot, for one question to Telegram; whoever asks again within seconds is told to wait."""
    bot = Bot.objects.select_for_update(no_key=True).get(pk=bot_id)
    if bot.status == Bot.Status.DEACTIVATED:
        raise BotDeactivated(bot=bot)
    if bot.asked_at and (wait := (bot.asked_at + PAUSE - timezone.now()).total_seconds()) > 0:
        raise AskedJustNow(bot=bot, retry_after=ceil(wait))
    bot.asked_at = timezone.now()
    bot.save(update_fields=["asked_at"])
    return bot


@transaction.atomic
def record_alive(*, bot: Bot, identity: Identity, by: Actor) -> Bot:
    """Telegram takes the token: the bot is called as Telegram says, and comes back from quarantine.

    `bot` is the row as it was asked about: of a token renewed meanwhile, or a bot deactivated, nothing was told.
    """
    row = Bot.objects.select_for_update(no_key=True).get(pk=bot.pk)
    if row.token_fingerprint != bot.token_fingerprint or row.status == Bot.Status.DEACTIVATED:
        return row
    before = row.status
    row.username, row.name = identity.username, identity.name
    row.status, row.status_reason, row.checked_at = Bot.Status.ACTIVE, "", timezone.now()
    row.save(update_fields=["username", "name", "status", "status_reason", "checked_at", "updated_at"])
    if before != row.status:
        audit.record(
            by, "check", row, account_id=row.account_id,
            before={"status": before}, after={"status": row.status},
        )  # fmt: skip
    return row


@transaction.atomic
def record_dead(*, bot: Bot, reason: str) -> Bot:
    """Telegram refuses the token `bot` was asked about with: unless it was renewed meanwhile, the bot stops."""
    quarantine_bot(bot_id=bot.pk, reason=reason, fingerprint=bot.token_fingerprint)
    asked = Bot.objects.filter(pk=bot.pk, token_fingerprint=bot.token_fingerprint)
    asked.update(checked_at=timezone.now())
    return Bot.objects.get(pk=bot.pk)


@transaction.atomic
def request_binding_check(*, binding_id: int) -> Job:
    """A job asks how the binding stands; whoever asks while one is under way, or just ended, is shown that one."""
    rows = Binding.objects.select_for_update(of=("self",), no_key=True).select_related("bot")
    binding = rows.get(pk=binding_id)
    if binding.status not in Binding.LIVE:
        raise BindingEnded
    if binding.bot.status != Bot.Status.ACTIVE:
        raise BotNotWorking(bot=binding.bot, status=texts.BOT_STATES[binding.bot.status])
    check = {"kind": Job.Kind.CHECK_CHANNEL, "arguments": {"binding_id": binding.pk}}
    jobs = Job.objects.filter(account_id=binding.account_id, **check)
    under_way = Q(status__in=(Job.Status.PENDING, Job.Status.STARTED))
    just_done = Q(status=Job.Status.SUCCESS, finished_at__gt=timezone.now() - PAUSE)
    latest = jobs.filter(under_way | just_done).order_by("created_at").last()
    return latest or Job.objects.create(account_id=binding.account_id, **check)
