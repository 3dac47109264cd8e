"""The rules of messages in channels: asked for, sent once, edited and deleted later."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.audit import Actor
from bots import texts
from bots.answers import Answer, Outcome
from bots.errors import (
    BindingNotFound,
    ButtonRefused,
    ChannelNotVerified,
    MessageBusy,
    MessageNotThere,
    MessageRefused,
    MessageTooOld,
    NoSuchMedia,
    PhotoRefused,
)
from bots.links import post_link
from bots.markdown import MOST_CAPTION, MOST_TEXT, problem, to_telegram
from bots.markdown.addresses import link_address
from bots.media import photo_problem
from bots.models import Binding, Bot, ChannelMessage, Job
from bots.services import channels, jobs, media, posting, statistics

Buttons = list[list[dict[str, str]]]
Status = ChannelMessage.Status
MOST_ATTEMPTS = 12  # about an hour without Telegram
DELETABLE = timedelta(hours=48)  # Bot API, deleteMessage
SCHEMES = ("http://", "https://", "tg://")
CODES = {
    Outcome.RIGHTS: "CHANNEL_NOT_VERIFIED",
    Outcome.BOT_DEAD: "BOT_TOKEN_DEAD",
    Outcome.UNKNOWN: "MESSAGE_UNCERTAIN",
    Outcome.NOT_SENT: "BOT_UNREACHABLE",
    Outcome.CONTENT: "CONTENT_REFUSED",
}


@transaction.atomic
def post(
    *,
    account_id: int,
    channel_id: int,
    by: Actor,
    message: str = "",
    buttons: Buttons | None = None,
    media_id: int | None = None,
    photo: str = "",
    due_at: datetime | None = None,
) -> ChannelMessage:
    """A message is asked for and posted later, by the account's bot that may post in the channel.

    It may show a file of the account, or a photo given by its address or by Telegram's id of it.
    """
    file = _file(account_id, media_id, photo)
    content = _content(message, buttons, is_caption=bool(file)) | file
    binding = _binding_for(account_id=account_id, channel_id=channel_id)
    row = ChannelMessage.objects.create(
        account_id=account_id,
        binding=binding,
        job=_job(Job.Kind.POST_MESSAGE, account_id),
        due_at=due_at or timezone.now(),
        **content,
    )
    audit.record(by, "post_message", row, account_id=account_id, after={"channel": str(binding.channel)})
    return row


def _file(account_id: int, media_id: int | None, photo: str) -> dict[str, Any]:
    """What the message shows beside its text, if anything."""
    if media_id is not None:
        files = media.lock_files(account_id=account_id, media_ids=[media_id])
        if media_id not in files:
            raise NoSuchMedia(field="media_id")
        return {"media": files[media_id]}
    if not photo:
        return {}
    if fault := photo_problem(photo):
        raise PhotoRefused(field="photo", reason=fault)
    return {"photo": photo}


def _content(message: str | None, buttons: Buttons | None, *, is_caption: bool) -> dict[str, Any]:
    """What was given, as Telegram takes it; refused where Telegram would refuse it. A caption may be empty."""
    content: dict[str, Any] = {}
    if message is not None:
        formatted = to_telegram(message)
        most = MOST_CAPTION if is_caption else MOST_TEXT
        needless = is_caption and not formatted.text
        if not needless and (fault := problem(formatted, most_text=most)):
            raise MessageRefused(field="message", reason=fault)
        content |= {"text": formatted.text, "entities": formatted.entities_as_dicts()}
    if buttons is not None:
        for button in (button for row in buttons for button in row):
            if not button["url"].startswith(SCHEMES) or not link_address(button["url"]):
                raise ButtonRefused(field="buttons")
        content["buttons"] = buttons
    return content


def _binding_for(*, account_id: int, channel_id: int) -> Binding:
    """A working bot that may post there; a channel that is not the account's is unknown."""
    bindings = Binding.objects.live().filter(account_id=account_id, channel__telegram_id=channel_id)
    found = list(bindings.select_related("bot", "channel").order_by("pk"))
    if not found:
        raise BindingNotFound
    ready = [
        binding
        for binding in found
        if (binding.status, binding.bot.status) == (Binding.Status.ACTIVE, Bot.Status.ACTIVE)
    ]
    if not ready:
        raise ChannelNotVerified(bot=f"@{found[0].bot.username}", channel=str(found[0].channel))
    return ready[0]


def _job(kind: Job.Kind, account_id: int, **arguments: int) -> Job:
    return Job.objects.create(account_id=account_id, kind=kind, arguments=arguments)


# --- the worker ------------------------------------------------------------------------------------------
@transaction.atomic
def claim() -> ChannelMessage | None:
    """Takes one due message for this worker alone. A message whose bot lost its token or its right waits."""
    _settle()
    able = ChannelMessage.objects.due().filter(
        binding__status=Binding.Status.ACTIVE, binding__bot__status=Bot.Status.ACTIVE
    )
    row = posting.claim(able.select_related("binding__bot", "binding__channel", "media"))
    if row:
        Job.objects.filter(pk=row.job_id).update(status=Job.Status.STARTED)
    return row


def _settle() -> None:
    """Whether a post of a dead worker arrived, nobody can ask a channel; what waits for a channel that moved goes
    along; a channel unbound gets no more posts."""
    for row in ChannelMessage.objects.abandoned().select_for_update(skip_locked=True):
        _record(row, posting.WORKER_GONE)
    waiting = ChannelMessage.objects.filter(status=Status.WAITING, binding__moved_to__isnull=False)
    for row in waiting.select_related("binding").select_for_update(skip_locked=True, of=("self",)):
        row.binding = channels.current(row.binding)
        row.save(update_fields=["binding"])
    unbound = ChannelMessage.objects.due().filter(binding__status=Binding.Status.DEACTIVATED)
    for row in unbound.select_for_update(skip_locked=True, of=("self",)):
        reason = texts.CHANNEL_UNBOUND.to(row.account.language)
        row.status, row.error = Status.FAILED, reason
        row.save(update_fields=["status", "error"])
        jobs.refuse_job(job=row.job, message=reason, code="CHANNEL_NOT_CONFIGURED")


@transaction.atomic
def record(*, message: ChannelMessage, answer: Answer) -> None:
    """Records what Telegram said of a claimed message, once: one that is not being sent any more stays as it is."""
    row = ChannelMessage.objects.select_for_update().get(pk=message.pk)
    if row.status == Status.SENDING:
        _record(row, answer, fingerprint=message.binding.bot.token_fingerprint)


def _record(row: ChannelMessage, answer: Answer, *, fingerprint: str = "") -> None:
    patient = answer.outcome is Outcome.FLOOD or row.attempts < MOST_ATTEMPTS
    posting.record(row, answer, repeat=answer.outcome in posting.TRANSIENT and patient)
    if row.status == Status.SENT:
        statistics.record_own_post(binding=row.binding, work=row)
        jobs.finish_job(job=row.job, result=shown(row))
    elif row.status != Status.WAITING:
        refuse(row.job, row, answer)
        posting.follow(row.binding, answer, reason=reason_of(row, answer), fingerprint=fingerprint)


def refuse(job: Job, row: ChannelMessage, answer: Answer) -> None:
    """Ends a job that Telegram, or silence, put an end to: the reason and never the message."""
    code = CODES.get(answer.outcome, "REFUSED")
    jobs.refuse_job(job=job, message=reason_of(row, answer), code=code)


def reason_of(row: ChannelMessage, answer: Answer) -> str:
    """Why Telegram did not do it, in the owner's words where there are any."""
    language = row.account.language
    if answer.outcome is Outcome.RIGHTS and row.status != Status.SENT:
        return texts.right_reason(answer.kind, language)
    if answer.outcome in texts.MESSAGE_FAILED:
        return texts.MESSAGE_FAILED[answer.outcome].to(language)
    return answer.description or answer.kind


def shown(row: ChannelMessage) -> dict[str, Any]:
    """Where the message is to be seen."""
    return {
        "id": row.pk,
        "message_id": row.message_id,
        "channel_id": row.binding.channel.telegram_id if row.binding.channel else None,
        "link": link_of(row),
    }


def link_of(row: ChannelMessage) -> str | None:
    """The post's address; None until there is one."""
    channel = row.binding.channel
    if channel is None or row.message_id is None or row.status == Status.REMOVED:
        return None
    return post_link(settings.TELEGRAM_LINK_URL, channel.username, channel.telegram_id, row.message_id)


# --- afterwards --------------------------------------------------------------------------------------------
@transaction.atomic
def send_again(*, message_id: int, by: Actor) -> ChannelMessage:
    """Somebody looked into the channel and found nothing there: a failed or uncertain message is sent once more."""
    row = _lock(message_id, Status.FAILED, Status.UNCERTAIN)
    row.job = _job(Job.Kind.POST_MESSAGE, row.account_id)
    row.save(update_fields=["job"])
    posting.wait_again(row)
    audit.record(by, "send_again", row, account_id=row.account_id)
    return row


@transaction.atomic
def edit(
    *, message_id: int, by: Actor, message: str | None = None, buttons: Buttons | None = None
) -> Job | None:
    """What waits, or failed, changes at once; what is in the channel is changed there by the job returned."""
    row = _lock(message_id, Status.WAITING, Status.FAILED, Status.SENT)
    content = _content(message, buttons, is_caption=row.shows_file)
    for name, value in content.items():
        setattr(row, name, value)
    row.save(update_fields=list(content))
    audit.record(by, "edit_message", row, account_id=row.account_id, after={"changed": sorted(content)})
    if row.status != Status.SENT:
        return None
    return _job(Job.Kind.EDIT_MESSAGE, row.account_id, message=row.pk)


@transaction.atomic
def delete(*, message_id: int, by: Actor) -> Job | None:
    """What was not sent is cancelled at once; what is in the channel is deleted there by the job returned."""
    row = _lock(message_id, Status.WAITING, Status.FAILED, Status.SENT, Status.REMOVED)
    if row.status == Status.REMOVED:
        return None
    audit.record(by, "delete_message", row, account_id=row.account_id, before={"status": row.status})
    if row.status == Status.SENT:
        if row.sent_at and timezone.now() - row.sent_at >= DELETABLE:
            raise MessageTooOld
        return _job(Job.Kind.DELETE_MESSAGE, row.account_id, message=row.pk)
    row.status = Status.REMOVED
    row.save(update_fields=["status"])
    message = texts.MESSAGE_CANCELLED.to(row.account.language)
    jobs.refuse_job(job=row.job, message=message, code="CANCELLED")
    return None


def _lock(message_id: int, *allowed: ChannelMessage.Status) -> ChannelMessage:
    row = ChannelMessage.objects.select_for_update().get(pk=message_id)
    if row.status == Status.SENDING:
        raise MessageBusy
    if row.status not in allowed:
        raise MessageNotThere(status=texts.WORK[row.status])
    return row


def of_job(job: Job) -> ChannelMessage:
    """The message an edit or a deletion is about, as it is now, with all that a call needs."""
    rows = ChannelMessage.objects.select_related("account", "binding__bot", "binding__channel")
    return rows.get(pk=job.arguments["message"])


def record_edit(row: ChannelMessage, *, error: str = "") -> None:
    """The channel shows the message as it is here, or an error says why it does not."""
    ChannelMessage.objects.filter(pk=row.pk).update(error=error[:255])


def record_deletion(row: ChannelMessage) -> None:
    """The message is gone from the channel."""
    row.status = Status.REMOVED
    row.save(update_fields=["status"])
