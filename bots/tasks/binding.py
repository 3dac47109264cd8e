"""A channel asked for over HTTP: Telegram is asked for it and for the bot's right to post there."""

import structlog

from bots import gateway, mtproto, telegram, texts
from bots.answers import Answer, Outcome
from bots.links import Form
from bots.models import Binding, Bot, Job
from bots.services import bots, channels, jobs

log = structlog.get_logger(__name__)
MOST_ATTEMPTS = 5


def bind_channel(job: Job) -> None:
    """Asks Telegram for the channel and the bot's right to post there, and records both."""
    binding = Binding.objects.select_related("bot", "account").get(pk=job.arguments["binding_id"])
    language = binding.account.language
    if job.attempts > MOST_ATTEMPTS:  # only a job that kills or crashes its worker comes this far
        return _fail(job, texts.NO_ANSWER.to(language))
    link = channels.read_link(binding.requested)
    if link.form is Form.INVITE:
        return _bind_invited(job, binding, link.value)
    token = bots.token_of(binding.bot)
    facts, answer = telegram.wait_for(gateway.get_channel(telegram.shared(), token, link.chat or ""))
    if facts is None:
        return _not_found(job, binding, answer)
    return _bind(job, binding, facts)


def _bind_invited(job: Job, binding: Binding, secret: str) -> None:
    """The channel, when MTProto opens the link; else the binding waits until the bot is promoted there."""
    speaker, found = mtproto.source(), None
    try:
        found = telegram.wait_for(speaker.open_invite(secret)) if speaker else None
    except mtproto.InviteDead:
        message = texts.CHANNEL_INCORRECT.to(binding.account.language)
        channels.invalidate_binding(binding_id=binding.pk, reason=message)
        return _fail(job, message)
    except mtproto.Unavailable as error:
        log.warning("invite_not_opened", binding_id=binding.pk, reason=str(error))
        if job.attempts < MOST_ATTEMPTS:
            return jobs.postpone_job(job=job, seconds=2**job.attempts)
    if found:
        return _bind(job, binding, found)
    message = texts.INVITE_LINK.to(binding.account.language)
    channels.note_waiting(binding_id=binding.pk, reason=message)
    return jobs.finish_job(job=job, result=_bound(binding.bot, None, message))


def _bind(job: Job, binding: Binding, facts: channels.ChannelIdentity) -> None:
    """The channel is known: whether the bot may post there decides what the binding is."""
    token, language = bots.token_of(binding.bot), binding.account.language
    right = telegram.wait_for(
        gateway.posting_right(telegram.shared(), token, facts.telegram_id, binding.bot.telegram_id)
    )
    said = texts.right_reason(right.reason, language)
    channels.bind(binding_id=binding.pk, channel=facts, may_post=right.allowed, reason=said)
    message = (texts.CHANNEL_READY if right.allowed else texts.CHANNEL_ADDED).to(language)
    return jobs.finish_job(job=job, result=_bound(binding.bot, facts.telegram_id, message))


def _bound(bot: Bot, channel_id: int | None, message: str) -> dict[str, object]:
    return {"channel_id": channel_id, "bot_link": f"@{bot.username}", "message": message}


def _not_found(job: Job, binding: Binding, answer: Answer) -> None:
    """A clear "no" makes the binding invalid; silence only makes the job wait."""
    transient = answer.outcome in (Outcome.FLOOD, Outcome.NOT_SENT, Outcome.UNKNOWN)
    if transient and job.attempts < MOST_ATTEMPTS:
        return jobs.postpone_job(job=job, seconds=answer.retry_after or 2**job.attempts)
    log.info("channel_not_bound", binding_id=binding.pk, kind=answer.kind)
    message = texts.CHANNEL_INCORRECT.to(binding.account.language)
    if answer.outcome is Outcome.BOT_DEAD:
        message = texts.BOT_DEAD.to(binding.account.language)
        refused = binding.bot.token_fingerprint
        bots.quarantine_bot(bot_id=binding.bot_id, reason=answer.description, fingerprint=refused)
        channels.note_waiting(binding_id=binding.pk, reason=message)
    elif transient:
        message = texts.NO_ANSWER.to(binding.account.language)
        channels.note_waiting(binding_id=binding.pk, reason=message)
    else:
        channels.invalidate_binding(binding_id=binding.pk, reason=message)
    return _fail(job, message)


def _fail(job: Job, message: str) -> None:
    jobs.finish_job(job=job, result={"status": "error", "message": message}, failed=True)
