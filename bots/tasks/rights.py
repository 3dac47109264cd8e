"""Whether bots may still post where they are bound: asked every hour, the safety net under `my_chat_member`."""

import structlog

from bots import gateway, telegram, texts
from bots.answers import Outcome
from bots.gateway import Right
from bots.models import Binding
from bots.services import bots, channels

log = structlog.get_logger(__name__)


def check_rights(binding_id: int) -> None:
    """Asks about one binding, once an hour whoever asks."""
    binding = channels.claim_check(binding_id=binding_id)
    if binding is not None and binding.channel is not None:
        ask_right(binding)


def ask_right(binding: Binding) -> Right:
    """Asks Telegram about a binding whose channel is known, and records what it says.

    Silence changes nothing but the time; a refused token stops the bot, not the binding.
    """
    channel_id = binding.channel.telegram_id if binding.channel else 0
    question = gateway.posting_right(
        telegram.shared(), bots.token_of(binding.bot), channel_id, binding.bot.telegram_id
    )
    right = telegram.wait_for(question)
    if right.answer.outcome is Outcome.BOT_DEAD:
        bots.quarantine_bot(
            bot_id=binding.bot_id,
            reason=right.answer.description,
            fingerprint=binding.bot.token_fingerprint,
        )
    if right.allowed is None:
        log.info("rights_unknown", binding_id=binding.pk, kind=right.reason)
    reason = texts.right_reason(right.reason, binding.account.language)
    channels.record_right(binding_id=binding.pk, may_post=right.allowed, reason=reason)
    return right
