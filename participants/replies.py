"""How a step on the way in is told to the person: one message, in their language, with what to do next."""

import json
import math
from html import unescape
from typing import Any

from aiogram.methods import SendDocument
from aiogram.types import BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.html import strip_tags

from bots.replies import Reply
from config.language import Text, language_of
from participants import captcha, texts
from participants.steps import (
    AlreadyIn,
    ChannelToJoin,
    CheckSubscription,
    Closed,
    CoolingDown,
    Forgotten,
    Joined,
    NotSubscribed,
    Question,
    Step,
    SubscriptionUnknown,
)
from participants.texts import privacy

MOST_TITLES = 10  # of up to 255 letters: a message has 4096


def reply(step: Step, chat_id: int, language: str | None) -> Reply:
    """The message for one step; `language` is the person's IETF tag."""
    match step:
        case NotSubscribed():
            return Reply(chat_id, not_subscribed(step, language), subscribe_keyboard(step, language))
        case SubscriptionUnknown() | CheckSubscription():
            keyboard = InlineKeyboardMarkup(inline_keyboard=[[check_button(step.giveaway_id, language)]])
            return Reply(chat_id, texts.SUBSCRIPTION_UNKNOWN.to(language), keyboard)
        case Question():
            return Reply(chat_id, sentence(step, language), question_keyboard(step, language))
    return Reply(chat_id, sentence(step, language))


def plain(step: Step, language: str | None) -> str:
    """The words of a step without markup, for whoever does not read them in Telegram."""
    return unescape(strip_tags(reply(step, 0, language).text))


def sentence(step: Closed | AlreadyIn | Question | CoolingDown | Joined, language: str | None) -> str:
    """The text of a step that needs no buttons."""
    match step:
        case Joined():
            return texts.JOINED.to(
                language, title=step.title, code=step.code, nonce=step.nonce, receipt=step.receipt
            )
        case AlreadyIn():
            return texts.ALREADY_IN.to(language, code=step.code)
        case Question():
            return asking(step).to(
                language, question=step.question, attempts=step.attempts_left, minutes=step.minutes
            )
        case CoolingDown():
            seconds = (step.until - timezone.now()).total_seconds()
            return texts.COOLING_DOWN.to(language, minutes=max(1, math.ceil(seconds / 60)))
    return texts.CLOSED[step].to(language)


def asking(step: Question) -> Text:
    if step.choices:
        return texts.WRONG_PICTURE if step.wrong else texts.PICTURE
    return texts.WRONG if step.wrong else texts.QUESTION


def question_keyboard(step: Question, language: str | None) -> InlineKeyboardMarkup:
    """Names to choose from, two in a row, and the way to the other kind of question."""
    names = [
        InlineKeyboardButton(text=name_of(choice, language), callback_data=f"captcha:{choice}")
        for choice in step.choices
    ]
    instead = texts.ASK_SUM if step.choices else texts.ASK_PICTURE
    other = InlineKeyboardButton(text=instead.to(language), callback_data="captcha:otherwise")
    return InlineKeyboardMarkup(
        inline_keyboard=[*(names[start : start + 2] for start in range(0, len(names), 2)), [other]]
    )


def name_of(picture: str, language: str | None) -> str:
    """The picture's name in the person's language."""
    _, english, russian = captcha.PICTURES[picture]
    return russian if language_of(language) == "ru" else english


def not_subscribed(step: NotSubscribed, language: str | None) -> str:
    return texts.NOT_SUBSCRIBED.to(language, channels=", ".join(channel.title for channel in step.channels))


def subscribe_keyboard(step: NotSubscribed, language: str | None) -> InlineKeyboardMarkup:
    """A button to each channel that has a public address, and the one that checks again."""
    rows = [[open_button(channel)] for channel in step.channels if channel.link]
    return InlineKeyboardMarkup(inline_keyboard=[*rows, [check_button(step.giveaway_id, language)]])


def open_button(channel: ChannelToJoin) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=f"📢 {channel.title}"[:64], url=channel.link)


def decline_keyboard(result_token: str, language: str | None) -> InlineKeyboardMarkup:
    sure = texts.DECLINE_SURE_BUTTON.to(language)
    return InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text=sure, callback_data=f"decline:{result_token}")]]
    )


def check_button(giveaway_id: int, language: str | None) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=texts.CHECK_BUTTON.to(language), callback_data=f"check:{giveaway_id}")


# --- a person's own data --------------------------------------------------------------------------------------
def known_file(known: dict[str, Any], chat_id: int) -> SendDocument:
    """All of it as a file to keep."""
    told = json.dumps(known, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
    return SendDocument(chat_id=chat_id, document=BufferedInputFile(told.encode(), "telegive-my-data.json"))


def known_words(known: dict[str, Any], language: str | None) -> str:
    """The same in short; the newest giveaways by name."""
    person, captcha_row = known["person"] or {}, known["captcha"] or {}
    entered = known["giveaways"][-MOST_TITLES:]
    titles = "".join(
        privacy.ENTERED.to(language, title=each["title"], date=f"{each['entered_at']:%Y-%m-%d}")
        for each in entered
    )
    if more := len(known["giveaways"]) - len(entered):
        titles += privacy.ENTERED_MORE.to(language, number=more)
    words = privacy.KNOWN.to(
        language,
        name=person.get("first_name") or "—",
        username=f"@{person['username']}" if person.get("username") else "—",
        language=person.get("language_code") or "—",
        captcha=f"{captcha_row['solved_at']:%Y-%m-%d}" if captcha_row.get("solved_at") else "—",
        **{name: len(known[name]) for name in ("giveaways", "bots", "channels", "messages")},
    )
    asked = privacy.ASKED.to(language) if person.get("asked_to_be_forgotten_at") else ""
    return words + titles + privacy.ALL_IN_THE_FILE.to(language) + asked


def forget_keyboard(language: str | None) -> InlineKeyboardMarkup:
    sure = InlineKeyboardButton(text=privacy.SURE_BUTTON.to(language), callback_data="forget:sure")
    return InlineKeyboardMarkup(inline_keyboard=[[sure]])


def forgotten_words(said: Forgotten, language: str | None) -> str:
    """What became of somebody who asked to be forgotten."""
    if said.waits:
        return privacy.WAITS.to(language, titles=", ".join(said.waits[:MOST_TITLES]))
    return (privacy.FORGOTTEN if said.known else privacy.NOTHING).to(language)
