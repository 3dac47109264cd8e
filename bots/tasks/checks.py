"""Asking Telegram on demand: who a bot is, and how a binding stands right now."""

from typing import Any

from accounts.audit import Actor
from bots import gateway, telegram, texts
from bots.answers import Outcome
from bots.errors import BotUnreachable
from bots.models import Binding, Bot, Job
from bots.services import bots, checks, jobs, posting
from bots.tasks.binding import bind_channel
from bots.tasks.rights import ask_right

MOST_ATTEMPTS = 4


def check_bot(*, bot_id: int, by: Actor) -> Bot:
    """Claim, ask, record. Silence changes nothing and raises BotUnreachable."""
    bot = checks.claim_bot(bot_id=bot_id)
    identity, answer = telegram.wait_for(gateway.get_me(telegram.shared(), bots.token_of(bot)))
    if identity is not None:
        return checks.record_alive(bot=bot, identity=identity, by=by)
    if answer.outcome is Outcome.BOT_DEAD:
        return checks.record_dead(bot=bot, reason=answer.description)
    raise BotUnreachable(reason=answer.description or answer.kind)


def check_channel(job: Job) -> None:
    """Asks for the bot's right in the channel; a channel still unknown is looked for again."""
    binding = Binding.objects.select_related("bot", "channel", "account").get(pk=job.arguments["binding_id"])
    if binding.channel is None:
        return bind_channel(job)
    answer = posting.WORKER_GONE  # a job that kills its workers is given up
    if job.attempts <= MOST_ATTEMPTS:
        right = ask_right(binding)
        answer = right.answer
        if right.allowed is not None:
            binding.refresh_from_db()
            return jobs.finish_job(job=job, result=state_of(binding))
    if answer.outcome is Outcome.BOT_DEAD:
        message = texts.BOT_DEAD.to(binding.account.language)
        return jobs.refuse_job(job=job, message=message, code="BOT_TOKEN_DEAD")
    if answer.outcome in posting.HARMLESS and job.attempts < MOST_ATTEMPTS:
        return jobs.postpone_job(job=job, seconds=posting.pause(answer, job.attempts))
    message = texts.NO_ANSWER.to(binding.account.language)
    return jobs.refuse_job(job=job, message=message, code="BOT_UNREACHABLE")


def state_of(binding: Binding) -> dict[str, Any]:
    """How the binding stands, for whoever asked."""
    ready = binding.status == Binding.Status.ACTIVE
    message = texts.MAY_POST.to(binding.account.language) if ready else binding.reason
    return {
        "id": binding.pk,
        "channel_id": binding.channel.telegram_id if binding.channel else None,
        "bot_link": f"@{binding.bot.username}",
        "status": binding.status,
        "checked_at": binding.checked_at.isoformat() if binding.checked_at else None,
        "message": message,
    }
