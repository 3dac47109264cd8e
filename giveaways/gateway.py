"""What giveaways ask of Telegram: the announcement, the conclusion, the closing edit. No transaction may be open."""

from typing import Any

from aiogram import methods
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from django.conf import settings

from bots import attachments
from bots.answers import Answer, Outcome
from bots.attachments import Sendable
from bots.links import post_link, start_link
from bots.services.bots import token_of
from bots.telegram import Telegram
from giveaways import composition, texts
from giveaways.models import Giveaway, Post, Status
from giveaways.services.write import draw_url, facts_of, promise_of

HTML = "HTML"
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


async def send(telegram: Telegram, post: Post, file: Sendable | None = None) -> Answer:
    """Does what the row asks for in the channel; `file` is the announcement's picture or video, if it has one."""
    giveaway, binding = post.giveaway, post.binding
    if binding is None or binding.channel is None or giveaway.binding is None:
        return Answer(Outcome.REFUSED, "no_channel", description="the giveaway has no channel")
    bot_username = giveaway.binding.bot.username  # people take part, and see their results, through this one
    method = method_of(post.kind, giveaway, binding.channel.telegram_id, bot_username, file)
    if method is None:
        return Answer(Outcome.REFUSED, "nothing_to_edit", description="there is no post to edit")
    return await telegram.call(token_of(binding.bot), method, timeout_seconds=attachments.patience(file))


def method_of(
    kind: str, giveaway: Giveaway, channel_id: int, bot_username: str, file: Sendable | None
) -> methods.TelegramMethod[Any] | None:
    """The Bot API call for one kind of post."""
    if kind == Post.Kind.ANNOUNCEMENT:
        return announcement(giveaway, channel_id, bot_username, file)
    if kind == Post.Kind.UPDATE:
        return update(giveaway, channel_id, bot_username)
    if kind == Post.Kind.CONCLUSION:
        return conclusion(giveaway, channel_id, bot_username)
    if kind == Post.Kind.CORRECTION:
        return correction(giveaway, channel_id, bot_username)
    return seal(giveaway, channel_id) if kind == Post.Kind.SEAL else closing(giveaway, channel_id)


def announcement(
    giveaway: Giveaway, channel_id: int, bot_username: str, file: Sendable | None
) -> methods.TelegramMethod[Any]:
    """The invitation with its button, as text or as the caption of its picture."""
    text = invitation(giveaway)
    markup = button(giveaway.participation_button_text, bot_username, f"giveaway_{giveaway.pk}")
    if giveaway.media is None or file is None:
        return methods.SendMessage(
            chat_id=channel_id,
            text=text,
            parse_mode=HTML,
            reply_markup=markup,
            link_preview_options=NO_PREVIEW,
        )
    return attachments.sending(
        giveaway.media.kind, file, chat_id=channel_id, caption=text, parse_mode=HTML, reply_markup=markup
    )


def invitation(giveaway: Giveaway, closing: str = "") -> str:
    """The announcement's text as the rows have it now."""
    facts = composition.facts_lines(facts_of(giveaway))
    return composition.announcement(
        promise_of(giveaway), sha256=giveaway.opening_sha256, facts=facts, closing=closing
    )


def update(giveaway: Giveaway, channel_id: int, bot_username: str) -> methods.TelegramMethod[Any] | None:
    """The announcement again, with its button, as the rows have it now."""
    markup = button(giveaway.participation_button_text, bot_username, f"giveaway_{giveaway.pk}")
    return edit(giveaway, channel_id, invitation(giveaway), markup)


def edit(
    giveaway: Giveaway, channel_id: int, text: str, markup: InlineKeyboardMarkup | None = None
) -> methods.TelegramMethod[Any] | None:
    """Gives the announcement another text; without `markup` its button goes."""
    if giveaway.message_id is None:
        return None
    target: dict[str, Any] = {
        "chat_id": channel_id, "message_id": giveaway.message_id, "parse_mode": HTML, "reply_markup": markup
    }  # fmt: skip
    if giveaway.media_id:
        return methods.EditMessageCaption(caption=text, **target)
    return methods.EditMessageText(text=text, link_preview_options=NO_PREVIEW, **target)


def conclusion(giveaway: Giveaway, channel_id: int, bot_username: str) -> methods.SendMessage:
    """The post that says it is over, with the way to one's own result."""
    return methods.SendMessage(chat_id=channel_id, **concluding(giveaway, bot_username))


def correction(giveaway: Giveaway, channel_id: int, bot_username: str) -> methods.TelegramMethod[Any] | None:
    """The conclusion as it reads after winners were replaced."""
    if giveaway.conclusion_message_id is None:
        return None
    return methods.EditMessageText(
        chat_id=channel_id,
        message_id=giveaway.conclusion_message_id,
        **concluding(giveaway, bot_username),
    )


def concluding(giveaway: Giveaway, bot_username: str) -> dict[str, Any]:
    """What the conclusion says and the button under it."""
    text = composition.conclusion(
        title=giveaway.title,
        message=giveaway.public_conclusion_message,
        participants=giveaway.participant_count,
        winners=giveaway.winners_selected or 0,
        closing_sha256=giveaway.closing_sha256,
        draw_url=draw_url(giveaway),
        language=giveaway.account.language,
        replaced=giveaway.replaced_winners,
    )
    markup = button(texts.RESULTS_BUTTON, bot_username, f"result_{giveaway.result_token}")
    return {"text": text, "parse_mode": HTML, "reply_markup": markup, "link_preview_options": NO_PREVIEW}


def seal(giveaway: Giveaway, channel_id: int) -> methods.TelegramMethod[Any] | None:
    """The sealed list's hash as a message of its own."""
    if giveaway.beacon_round is None or giveaway.round_due_at is None:
        return None
    text = composition.seal(
        title=giveaway.title,
        language=giveaway.account.language,
        closing_sha256=giveaway.closing_sha256,
        beacon_round=giveaway.beacon_round,
        due_at=giveaway.round_due_at,
    )
    return methods.SendMessage(
        chat_id=channel_id, text=text, parse_mode=HTML, link_preview_options=NO_PREVIEW
    )


def closing(giveaway: Giveaway, channel_id: int) -> methods.TelegramMethod[Any] | None:
    """The announcement again, without its button and with the line that says it is over."""
    return edit(giveaway, channel_id, invitation(giveaway, closing=ending(giveaway)))


def ending(giveaway: Giveaway) -> str:
    """The announcement's last line."""
    language = giveaway.account.language
    if giveaway.status == Status.CANCELLED:
        return texts.CANCELLED.to(language)
    return results_line(giveaway) + composition.closed(
        language=language,
        closing_sha256=giveaway.closing_sha256,
        beacon_round=giveaway.beacon_round,
        due_at=giveaway.round_due_at,
    )


def results_line(giveaway: Giveaway) -> str:
    """Where the results are, when they are in another channel: a link once they are there."""
    channel = giveaway.results_binding.channel if giveaway.results_binding else None
    if channel is None or giveaway.status != Status.FINISHED:
        return ""
    name, message = channel.title or channel.username, giveaway.conclusion_message_id
    link = message and post_link(settings.TELEGRAM_LINK_URL, channel.username, channel.telegram_id, message)
    return composition.results_line(name, link or "", giveaway.account.language)


def button(text: str, bot_username: str, payload: str) -> InlineKeyboardMarkup:
    """One button that opens the bot by deep link."""
    url = start_link(settings.TELEGRAM_LINK_URL, bot_username, payload)
    return InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text=text, url=url)]])
