"""Messages for channels: sent once, edited and deleted as often as need be."""

from collections.abc import Callable, Coroutine
from typing import Any

from bots import attachments, gateway, telegram
from bots.answers import Answer
from bots.attachments import Sendable
from bots.models import ChannelMessage, Job
from bots.services import jobs, messages, posting
from bots.telegram import Telegram
from config.claims import taken

MOST_ATTEMPTS = 8


def post_messages() -> None:
    """Claims in a short transaction, sends with none open, records in a short transaction."""
    for message in taken(messages.claim, ids):
        messages.record(message=message, answer=_post(message))


def ids(message: ChannelMessage) -> dict[str, object]:
    """What log lines about the message name."""
    return {
        "account_id": message.account_id,
        "message_id": message.pk,
        "job_id": str(message.job_id),
        "bot_id": message.binding.bot_id,
    }


def _post(message: ChannelMessage) -> Answer:
    def call(file: Sendable | None = None) -> Answer:
        return telegram.wait_for(gateway.post_message(telegram.shared(), message, file))

    if message.media is None:
        return call(message.photo or None)
    return attachments.send(bot_id=message.binding.bot_id, media=message.media, call=call)


def edit_message(job: Job) -> None:
    """Shows in the channel what the row says; when it changed on the way, the latest word is sent last."""
    shown: list[Any] = []
    while shown != (content := _content(message := messages.of_job(job))):
        if not _done(job, message, gateway.edit_message, "not_modified"):
            return
        shown = content
    messages.record_edit(message)
    jobs.finish_job(job=job, result=messages.shown(message))


def _content(message: ChannelMessage) -> list[Any]:
    return [message.text, message.entities, message.buttons]


def delete_message(job: Job) -> None:
    """Takes the message out of the channel; one that is gone already is as good as deleted."""
    message = messages.of_job(job)
    if _done(job, message, gateway.delete_message, "message_not_found"):
        messages.record_deletion(message)
        jobs.finish_job(job=job, result=messages.shown(message))


def _done(
    job: Job,
    message: ChannelMessage,
    do: Callable[[Telegram, ChannelMessage], Coroutine[Any, Any, Answer]],
    needless: str,
) -> bool:
    """Whether Telegram did it, or there is no need. Else the job waits for a better moment or ends with the reason."""
    answer = posting.WORKER_GONE  # a job that kills its workers is given up
    if job.attempts <= MOST_ATTEMPTS:
        answer = telegram.wait_for(do(telegram.shared(), message))
    if answer.ok or answer.kind == needless:
        return True
    if answer.outcome in posting.HARMLESS and job.attempts < MOST_ATTEMPTS:
        jobs.postpone_job(job=job, seconds=posting.pause(answer, job.attempts))
        return False
    messages.record_edit(message, error=answer.description or answer.kind)
    messages.refuse(job, message, answer)
    posting.follow(
        message.binding,
        answer,
        reason=messages.reason_of(message, answer),
        fingerprint=message.binding.bot.token_fingerprint,
        posting=False,
    )
    return False
