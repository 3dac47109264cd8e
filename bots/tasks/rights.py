"""Whether bots may still post where they are bound: asked every hour, the safety net under `my_chat_member`."""

import structlog

from bots import gateway, telegram, texts
from bots.answers import Outcome
from bots.services import bots, channels

log = structlog.get_logger(__name__)


def check_rights(binding_id: int) -> None:
    """Asks Telegram about one binding; silence changes nothing, a refused token stops the bot, not the binding."""
    binding = channels.claim_check(binding_id=binding_id)
    if binding is None or binding.channel is None:
        return
    right = telegram.wait_for(
        gateway.posting_right(
            telegram.shared(),
            bots.token_of(binding.bot),
            binding.channel.telegram_id,
            binding.bot.telegram_id,
        )
    )
    if right.answer.outcome is Outcome.BOT_DEAD:
        bots.quarantine_bot(
            bot_id=binding.bot_id,
            reason=right.answer.description,
            fingerprint=binding.bot.token_fingerprint,
        )
    if right.allowed is None:
        log.info("rights_unknown", binding_id=binding_id, kind=right.reason)
    reason = texts.right_reason(right.reason, binding.account.language)
    channels.record_right(binding_id=binding_id, may_post=right.allowed, reason=reason)
