"""Telling people what came out: results to everybody, and to whoever moved up later, through the delivery engine."""

from functools import partial
from typing import Any

from accounts.audit import SYSTEM
from broadcasts.models import Broadcast
from broadcasts.services import create as create_broadcast
from giveaways.models import Giveaway
from participants import texts
from participants.models import Draw, Entry, Place
from participants.services.enter import deep_link, result_link


def tell_promoted(giveaway: Giveaway, place: Place) -> Broadcast | None:
    """The winner's message to one person; the scope keeps a second one from ever being sent."""
    binding = giveaway.binding
    if binding is None:
        return None
    once = f"giveaway-promoted:{giveaway.pk}:{place.entry.code}"
    return create_broadcast(
        account_id=giveaway.account_id,
        bot_id=binding.bot_id,
        content=winner_content(giveaway, binding.bot.username),
        chats=Entry.objects.filter(pk=place.entry_id).chats(),
        priority="high",
        dedup_scope=once,
        idempotency_key=once,
        uncertain_policy="resend_once",
        by=SYSTEM,
    )


def tell_everybody(row: Draw, giveaway: Giveaway) -> None:
    """One message to every participant: the scope keeps a second one from ever being sent."""
    binding = giveaway.binding
    if binding is None or row.entries == 0:
        return
    entries = Entry.objects.filter(giveaway=giveaway)
    won = Place.objects.filter(draw=row, verdict=Place.Verdict.WINNER).values("entry_id")
    send = partial(
        create_broadcast,
        account_id=giveaway.account_id,
        bot_id=binding.bot_id,
        dedup_scope=f"giveaway-result:{giveaway.pk}",
        uncertain_policy="resend_once",
        by=SYSTEM,
    )
    row.winners_broadcast = send(
        content=winner_content(giveaway, binding.bot.username),
        chats=entries.filter(pk__in=won).chats(),
        priority="high",
    )
    row.rest_broadcast = send(
        content=result_content(giveaway, giveaway.loser_message, binding.bot.username),
        chats=entries.exclude(pk__in=won).chats(),
        priority="medium",
    )


def winner_content(giveaway: Giveaway, bot_username: str) -> dict[str, Any]:
    """The winner's message; with a claim deadline also how to claim or to decline."""
    language = giveaway.account.language
    if giveaway.claim_hours is None:
        return result_content(giveaway, giveaway.winner_message, bot_username)
    asked = texts.CLAIM_WITHIN.plain(language, hours=giveaway.claim_hours)
    content = result_content(giveaway, f"{giveaway.winner_message}\n\n{asked}", bot_username)
    buttons = [
        [{"text": text.plain(language), "url": deep_link(bot_username, f"{verb}_{giveaway.result_token}")}]
        for verb, text in (("claim", texts.CLAIM_BUTTON), ("decline", texts.DECLINE_BUTTON))
    ]
    return {**content, "buttons": [*buttons, *content["buttons"]]}


def result_content(giveaway: Giveaway, message: str, bot_username: str) -> dict[str, Any]:
    """The owner's words as text, under the giveaway's title, with the way to the whole result."""
    language = giveaway.account.language
    button = {"text": texts.VIEW_RESULTS, "url": result_link(bot_username, giveaway.result_token)}
    return {
        "type": "text",
        "text": texts.RESULT_MESSAGE.to(language, title=giveaway.title, message=message),
        "buttons": [[button]],
    }
