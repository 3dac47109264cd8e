"""Telegram's door of the participants app: the deep links, the captcha's answer, the "I have joined" button."""

import re
from typing import Any

from aiogram import F, Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.enums import ChatType
from aiogram.filters import Command, CommandStart
from aiogram.filters.command import CommandObject
from aiogram.methods import AnswerCallbackQuery, TelegramMethod
from aiogram.types import CallbackQuery, Message
from aiogram.types import User as TelegramUser

from bots.database import database, together
from bots.filters import Where
from bots.replies import Reply
from bots.telegram import Served, Telegram
from bots.updates.presses import Press, Shortcut
from config.nudge import nudge
from participants import gateway, texts
from participants.replies import (
    decline_keyboard,
    forget_keyboard,
    forgotten_words,
    known_file,
    known_words,
    reply,
)
from participants.services import captchas, enter, forgetting, known, places, results
from participants.services.captchas import Answer
from participants.services.enter import Visit
from participants.services.people import Visitor
from participants.steps import (
    CheckSubscription,
    Claim,
    Closed,
    Forgotten,
)
from participants.tasks import forget_waiting, promote_waiting
from participants.texts import privacy

Replies = list[TelegramMethod[Any] | Reply]
router = Router(name="participants")
router.message.filter(Where(F.chat.type == ChatType.PRIVATE))
# A post brings people by the hundreds in one second: those who come together share their transactions.
answer_together = together(captchas.answer_many)
come_together = together(enter.come_many)
join_together = together(enter.join_many)


def visitor_of(user: TelegramUser) -> Visitor:
    return Visitor(user.id, user.first_name, user.username or "", user.language_code or "")


@router.message(CommandStart(deep_link=True, magic=F.args.regexp(r"^giveaway_\d{1,18}$")))
async def participate(
    message: Message, command: CommandObject, served: Served, telegram: Telegram
) -> Replies:
    """The post's button was pressed."""
    if message.from_user is None:
        return []
    return [await go_in(visitor_of(message.from_user), number_of(command.args or ""), served, telegram)]


@router.message(CommandStart(deep_link=True, magic=F.args.regexp(r"^result_[A-Za-z0-9_-]{32}$")))
async def view_result(message: Message, command: CommandObject, served: Served) -> Replies:
    """VIEW RESULTS was pressed: the answer is for this person alone."""
    user = message.from_user
    if user is None:
        return []
    token = (command.args or "").removeprefix("result_")
    visitor = visitor_of(user)
    text = await database(results.personal_result, result_token=token, visitor=visitor, bot_id=served.id)
    return [Reply(user.id, text)]


@router.message(CommandStart(deep_link=True, magic=F.args.regexp(r"^claim_[A-Za-z0-9_-]{32}$")))
async def claim(message: Message, command: CommandObject, served: Served) -> Replies:
    """The winner's button: the prize is claimed."""
    user = message.from_user
    if user is None:
        return []
    token = (command.args or "").removeprefix("claim_")
    said = await database(places.claim, result_token=token, telegram_id=user.id, bot_id=served.id)
    return [Reply(user.id, texts.CLAIMS[said].to(user.language_code))]


@router.message(CommandStart(deep_link=True, magic=F.args.regexp(r"^decline_[A-Za-z0-9_-]{32}$")))
async def ask_decline(message: Message, command: CommandObject) -> Replies:
    """A place is given up in two steps: a finger slips."""
    user = message.from_user
    if user is None:
        return []
    token = (command.args or "").removeprefix("decline_")
    return [
        Reply(user.id, texts.DECLINE_SURE.to(user.language_code), decline_keyboard(token, user.language_code))
    ]


@router.callback_query(Where(F.data.regexp(r"^decline:[A-Za-z0-9_-]{32}$")))
async def decline(query: CallbackQuery, served: Served) -> Replies:
    """The winner is sure: the next of the ranking moves up."""
    user = query.from_user
    token = (query.data or "").removeprefix("decline:")
    said = await database(decline_and_nudge, result_token=token, telegram_id=user.id, bot_id=served.id)
    return [query.answer(), Reply(user.id, texts.CLAIMS[said].to(user.language_code))]


def decline_and_nudge(*, result_token: str, telegram_id: int, bot_id: int) -> Claim:
    said = places.decline(result_token=result_token, telegram_id=telegram_id, bot_id=bot_id)
    nudge(promote_waiting)
    return said


@router.callback_query(Where(F.data.regexp(r"^check:\d{1,18}$")))
async def check(query: CallbackQuery, served: Served, telegram: Telegram) -> Replies:
    """The "I have joined" button; a query is always answered, or the button spins on."""
    visitor = visitor_of(query.from_user)
    return [query.answer(), await go_in(visitor, number_of(query.data or ""), served, telegram)]


@router.callback_query(Where(F.data.startswith("check:")))
async def check_what(query: CallbackQuery) -> Replies:
    """A button nobody of us made."""
    user = query.from_user
    return [query.answer(), reply(Closed.NOT_FOUND, user.id, user.language_code)]


@router.message(Where(F.text & ~F.text.startswith("/")))
async def answer_captcha(message: Message, served: Served, telegram: Telegram) -> Replies:
    """Whatever is written while a question is open is an answer to it."""
    user = message.from_user
    if user is None:
        return []
    said = Answer(user.id, served.id, message.text or "", message.message_id, said_at=message.date)
    outcome = await answer_together(said)
    if outcome is None:
        raise SkipHandler  # nothing was asked: somebody else's message
    if isinstance(outcome, int):
        return [await go_in(visitor_of(user), outcome, served, telegram)]
    return [reply(outcome, user.id, user.language_code)]


@router.callback_query(Where(F.data == "captcha:otherwise"))
async def ask_otherwise(query: CallbackQuery, served: Served) -> Replies:
    """The button under a question that asks another kind."""
    user = query.from_user
    step = await database(captchas.ask_otherwise, telegram_id=user.id, bot_id=served.id)
    return [query.answer(), *([reply(step, user.id, user.language_code)] if step else [])]


@router.callback_query(Where(F.data.regexp(r"^captcha:[a-z]{1,32}$")))
async def choose_picture(query: CallbackQuery, served: Served, telegram: Telegram) -> Replies:
    """A name was chosen. A query has no message of its own: its number stands for it."""
    user = query.from_user
    choice = (query.data or "").removeprefix("captcha:")
    outcome = await answer_together(Answer(user.id, served.id, choice, query_number(query.id)))
    if isinstance(outcome, int):
        return [query.answer(), await go_in(visitor_of(user), outcome, served, telegram)]
    return [query.answer(), *([reply(outcome, user.id, user.language_code)] if outcome else [])]


@router.message(Command("privacy", "mydata"))
async def show_known(message: Message) -> Replies:
    """Somebody asks what is known about them; asking makes nobody known."""
    user = message.from_user
    if user is None:
        return []
    found = await database(known.about, telegram_id=user.id)
    if not any(value for name, value in found.items() if name != "telegram_id"):
        return [Reply(user.id, privacy.NOTHING.to(user.language_code))]
    return [known_file(found, user.id), Reply(user.id, known_words(found, user.language_code))]


@router.message(Command("forget_me"))
async def ask_forget(message: Message) -> Replies:
    """Told what it means first: it cannot be undone."""
    user = message.from_user
    if user is None:
        return []
    return [Reply(user.id, privacy.SURE.to(user.language_code), forget_keyboard(user.language_code))]


@router.callback_query(Where(F.data == "forget:sure"))
async def forget(query: CallbackQuery) -> Replies:
    """They are sure."""
    user = query.from_user
    said = await database(forget_and_nudge, telegram_id=user.id)
    return [query.answer(), Reply(user.id, forgotten_words(said, user.language_code))]


def forget_and_nudge(*, telegram_id: int) -> Forgotten:
    said = forgetting.ask(telegram_id=telegram_id)
    nudge(forget_waiting)
    return said


def query_number(query_id: str) -> int:
    """A number below zero, where no message has its own; the same for a query that is delivered twice."""
    return -(int(query_id) % 2**62) - 1 if query_id.isdecimal() else -1


async def go_in(visitor: Visitor, giveaway_id: int, served: Served, telegram: Telegram) -> Reply:
    """One walk along the way in: as far as it goes now, and one message that says where it ended.

    Telegram is asked about the channels it has not told of, with no transaction open.
    """
    step = await come_together(Visit(giveaway_id, visitor, served.id))
    if isinstance(step, CheckSubscription):
        missing = await gateway.missing_channels(
            telegram, served.token, person_id=step.telegram_id, channels=step.channels
        )
        step = enter.kept_out(step, missing) or await join_together((giveaway_id, step.person_id))
    return reply(step, visitor.telegram_id, visitor.language_code)


# --- thousands at one moment ---------------------------------------------------------------------------
async def hurry_in(press: Press, served: Served, telegram: Telegram) -> Replies:
    """`participate` and `check` without aiogram."""
    visitor = Visitor(press.user_id, press.first_name, press.username, press.language_code)
    said = await go_in(visitor, number_of(press.words), served, telegram)
    return [AnswerCallbackQuery(callback_query_id=press.query_id), said] if press.query_id else [said]


def number_of(words: str) -> int:
    """The giveaway's number at the end of a deep link or a button's data."""
    return int(words.removeprefix("/start ").removeprefix("giveaway_").removeprefix("check:"))


entrance = Shortcut(re.compile(r"(?:/start giveaway_|check:)[0-9]{1,18}"), hurry_in)
