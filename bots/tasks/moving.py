"""Moving channels from bot to bot: Telegram is asked which bots may post there, one channel after the other."""

import asyncio
from collections.abc import Sequence
from typing import Any

from accounts.audit import Actor
from bots import gateway, telegram, texts
from bots.answers import Outcome
from bots.gateway import Right
from bots.models import Binding, Bot, Job
from bots.services import bots, jobs, moving
from bots.services.moving import Fate

MOST_ATTEMPTS = 8


def move_channels(job: Job) -> None:
    """Claim, ask, record, for each channel by itself: taken up again after a crash, what was moved stays moved."""
    language = job.account.language
    if job.attempts > MOST_ATTEMPTS:  # only a job that kills its workers comes this far
        return jobs.refuse_job(job=job, message=texts.NO_ANSWER.to(language), code="BOT_UNREACHABLE")
    told = []
    for binding_id in job.arguments["binding_ids"]:
        jobs.hold_job(job=job)
        told.append(_move(binding_id, job.arguments["bot_id"], Actor(**job.arguments["by"])))
    done = [one for one in told if one["outcome"] != Fate.STAYED]
    result: dict[str, Any] = {"moved": len(done), "channels": told}
    nothing = bool(told) and not done
    if nothing:
        result |= {"status": "error", "code": "NOTHING_MOVED", "message": told[0]["message"]}
    return jobs.finish_job(job=job, result=result, failed=nothing)


def _move(binding_id: int, bot_id: int | None, by: Actor) -> dict[str, Any]:
    """Asks every candidate at once, and says what became of the channel."""
    binding = Binding.objects.select_related("bot", "channel", "account").get(pk=binding_id)
    channel_id = binding.channel.telegram_id if binding.channel else 0
    asked = moving.candidates(binding=binding, bot_id=bot_id)
    rights = telegram.wait_for(_ask(asked, channel_id))
    for bot, right in zip(asked, rights, strict=True):
        if right.answer.outcome is Outcome.BOT_DEAD:
            said = right.answer.description
            bots.quarantine_bot(bot_id=bot.pk, reason=said, fingerprint=bot.token_fingerprint)
    able = [bot.pk for bot, right in zip(asked, rights, strict=True) if right.allowed]
    reason = _why_not(asked, rights, binding.account.language)
    moved = moving.record_move(binding_id=binding_id, able=able, reason=reason, by=by)
    return {
        "id": binding_id,
        "channel_id": channel_id,
        "outcome": moved.fate,
        "binding_id": moved.binding_id,
        "bot_link": moved.bot,
        "message": moved.message,
    }


async def _ask(asked: Sequence[Bot], channel_id: int) -> list[Right]:
    shared = telegram.shared()
    questions = (
        gateway.posting_right(shared, bots.token_of(bot), channel_id, bot.telegram_id) for bot in asked
    )
    return list(await asyncio.gather(*questions))


def _why_not(asked: Sequence[Bot], rights: Sequence[Right], language: str) -> str:
    """What Telegram said of each bot that may not post there."""
    said = []
    for bot, right in zip(asked, rights, strict=True):
        if right.allowed is None:
            why = texts.BOT_DEAD if right.answer.outcome is Outcome.BOT_DEAD else texts.NO_ANSWER
            said.append(f"@{bot.username}: {why.to(language)}")
        elif not right.allowed:
            said.append(f"@{bot.username}: {texts.right_reason(right.reason, language)}")
    return " ".join(said) or texts.NO_OTHER_BOT.to(language)
