"""The rules of proposals: a bot was promoted in a channel nobody asked for, and its owner says what to do."""

from django.db import transaction

from accounts import audit
from accounts.audit import SYSTEM, Actor
from bots.models import Alert, Binding, Bot, Channel, Job
from bots.services.alerts import raise_alert
from bots.services.checks import request_binding_check


def propose(*, bot: Bot, channel: Channel, gained: bool) -> None:
    """The owner is asked once, by a row and an alert; nothing works in the channel before they accept.

    The bot's row is locked by the caller. A channel the account has, by whichever bot, is no news; a channel that
    was here before and ended is proposed again only when the right is `gained` anew, not when others change.
    """
    rows = Binding.objects.filter(account_id=bot.account_id, channel=channel)
    if rows.live().exists() or rows.open().filter(bot=bot).exists():
        return
    if bot.status != Bot.Status.ACTIVE or (not gained and rows.filter(bot=bot).exists()):
        return
    binding = Binding.objects.create(
        account_id=bot.account_id, bot=bot, channel=channel, status=Binding.Status.PROPOSED
    )
    audit.record(SYSTEM, "propose", binding, account_id=bot.account_id, after={"channel": str(channel)})
    facts = {"bot": bot.username, "channel": str(channel)}
    raise_alert(account_id=bot.account_id, kind=Alert.Kind.CHANNEL_PROPOSED, **facts)


def withdraw(binding: Binding, *, reason: str) -> None:
    """The bot lost the right before anybody accepted: there is nothing to accept any more."""
    binding.status, binding.reason = Binding.Status.DEACTIVATED, reason[:255]
    binding.save(update_fields=["status", "reason"])
    audit.record(SYSTEM, "withdraw", binding, account_id=binding.account_id, after={"reason": binding.reason})


@transaction.atomic
def accept(*, binding_id: int, by: Actor) -> Job:
    """The owner takes a proposal up; the job returned asks Telegram, and the binding is active when the bot still
    may post. Accepting once more only asks again."""
    binding = Binding.objects.select_for_update(no_key=True).get(pk=binding_id)
    if binding.status == Binding.Status.PROPOSED:
        binding.status = Binding.Status.NEW
        binding.save(update_fields=["status"])
        audit.record(by, "accept", binding, account_id=binding.account_id)
    return request_binding_check(binding_id=binding.pk)
