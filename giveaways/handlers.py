"""Telegram's door of giveaways: the owner's own view of the running one, with its end, in a chat with their bot."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from aiogram import F, Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.enums import ChatType
from aiogram.filters import Command
from aiogram.methods import EditMessageText, SendMessage, TelegramMethod
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from django.utils import timezone

from accounts import services as accounts
from accounts.models import User
from bots.database import database
from bots.filters import Where
from bots.services import owners
from bots.telegram import Served
from config.errors import DomainError
from giveaways import composition, texts
from giveaways.models import Giveaway, Status
from giveaways.services import life

Replies = list[TelegramMethod[Any]]
router = Router(name="giveaways")


@dataclass(frozen=True)
class Seen:
    """A giveaway with what only the database knows of it."""

    giveaway: Giveaway
    pause_reason: str


@router.message(Where(F.chat.type == ChatType.PRIVATE), Command("giveaway"))
async def show(message: Message, served: Served) -> Replies:
    """The owner asks how their giveaway stands; to anybody else the command means nothing."""
    person = message.from_user
    owner = await database(owners.owner_behind, bot_id=served.id, chat_id=person.id) if person else None
    if person is None or owner is None:
        raise SkipHandler
    seen = await database(latest, owner=owner)
    if seen is None:
        return [SendMessage(chat_id=person.id, text=texts.NO_GIVEAWAY.to(person.language_code))]
    text, keyboard = overview(seen, person.language_code)
    return [SendMessage(chat_id=person.id, text=text, parse_mode="HTML", reply_markup=keyboard)]


@router.callback_query(Where(F.data.regexp(r"^own:(show|ask|finish):\d{1,18}$")))
async def press(query: CallbackQuery, served: Served) -> Replies:
    """A button of the view. Whoever is no owner any more sees nothing of it."""
    _, what, number = (query.data or "").split(":")
    person, language = query.from_user, query.from_user.language_code
    owner = await database(owners.owner_behind, bot_id=served.id, chat_id=person.id)
    seen = await database(owned, owner=owner, giveaway_id=int(number)) if owner else None
    if owner is None or seen is None:
        return [query.answer(texts.GONE.plain(language), show_alert=True)]
    if what == "ask":
        return [query.answer(), shown_instead(query, *confirmation(seen.giveaway, language))]
    if what == "show":
        return [query.answer(), shown_instead(query, *overview(seen, language))]
    by = accounts.actor(owner, address=None)
    try:
        closed = await database(life.finish, giveaway_id=seen.giveaway.pk, by=by)
    except DomainError as refusal:
        return [query.answer(refusal.told(language), show_alert=True)]
    answer = query.answer(texts.FINISHING.plain(language))
    return [answer, shown_instead(query, *overview(Seen(closed, ""), language))]


def shown_instead(query: CallbackQuery, text: str, keyboard: InlineKeyboardMarkup) -> EditMessageText:
    """The message under whose button was pressed says this now."""
    return EditMessageText(
        chat_id=query.from_user.id,
        message_id=query.message.message_id if query.message else 0,
        text=text,
        parse_mode="HTML",
        reply_markup=keyboard,
    )


def latest(*, owner: User) -> Seen | None:
    """The owner's giveaway that lives, else the newest that was published."""
    mine = Giveaway.objects.filter(account_id=owner.account_id).select_related("binding__bot", "account")
    return seen_of(mine.foremost() or mine.exclude(status=Status.DRAFT).order_by("-id").first())


def owned(*, owner: User, giveaway_id: int) -> Seen | None:
    """The giveaway, when it is one of the owner's account."""
    mine = Giveaway.objects.filter(account_id=owner.account_id).select_related("binding__bot", "account")
    return seen_of(mine.filter(pk=giveaway_id).first())


def seen_of(giveaway: Giveaway | None) -> Seen | None:
    return Seen(giveaway, giveaway.pause_reason) if giveaway else None


def overview(seen: Seen, language: str | None) -> tuple[str, InlineKeyboardMarkup]:
    """How it stands, with what can be done."""
    giveaway = seen.giveaway
    text = texts.OVERVIEW.to(
        language,
        title=giveaway.title,
        state=texts.STATES[giveaway.status].to(language),
        participants=giveaway.participant_count,
        winners=giveaway.winner_count,
    )
    if seen.pause_reason:
        text += texts.OVERVIEW_PAUSED.to(language, reason=seen.pause_reason)
    buttons = [[button(texts.REFRESH.to(language), "show", giveaway)]]
    if giveaway.status == Status.ACTIVE:
        text += end_of(giveaway, language)
        buttons.append([button(texts.FINISH.to(language), "ask", giveaway)])
    now = timezone.localtime().strftime("%H:%M:%S %Z")
    text += texts.OVERVIEW_AS_OF.to(language, moment=now)
    return text, InlineKeyboardMarkup(inline_keyboard=buttons)


def end_of(giveaway: Giveaway, language: str | None) -> str:
    """When it ends by itself; nothing when it waits for its owner."""
    text = ""
    if giveaway.ends_at:
        ends_at = giveaway.ends_at.astimezone(ZoneInfo(giveaway.account.time_zone))
        text += texts.OVERVIEW_ENDS.to(language, moment=composition.moment(ends_at, language or "en"))
    if giveaway.max_participants:
        text += texts.OVERVIEW_PLACES.to(language, places=giveaway.max_participants)
    return text


def confirmation(giveaway: Giveaway, language: str | None) -> tuple[str, InlineKeyboardMarkup]:
    """What cannot be undone is asked about first."""
    text = texts.ASK_FINISH.to(language, title=giveaway.title, participants=giveaway.participant_count)
    yes = button(texts.FINISH_YES.to(language), "finish", giveaway)
    no = button(texts.FINISH_NO.to(language), "show", giveaway)
    return text, InlineKeyboardMarkup(inline_keyboard=[[yes], [no]])


def button(text: str, what: str, giveaway: Giveaway) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=text, callback_data=f"own:{what}:{giveaway.pk}")
