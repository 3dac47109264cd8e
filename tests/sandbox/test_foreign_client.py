"""Two independent clients, aiogram and python-telegram-bot, take the sandbox for Telegram."""

from datetime import timedelta

import pytest
import telegram as ptb
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramForbiddenError, TelegramRetryAfter
from aiogram.types import BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto
from telegram.error import BadRequest, RetryAfter

from tests.sandbox.conftest import ActingBot, Stage, png

PICTURE = png(400, 200)


async def test_aiogram_sends_edits_uploads_and_listens(
    stage: Stage, bot: ActingBot, ann: int, channel: int
) -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(stage.url))
    async with Bot(bot.token, session=session) as client:
        assert (await client.me()).id == bot.id
        button = InlineKeyboardButton(text="Go", url=f"https://t.me/{bot.username}?start=x")
        markup = InlineKeyboardMarkup(inline_keyboard=[[button]])
        sent = await client.send_message(channel, "<b>Win</b>", parse_mode="HTML", reply_markup=markup)
        assert sent.html_text == "<b>Win</b>"
        assert sent.reply_markup and sent.reply_markup.inline_keyboard[0][0].url == button.url
        edited = await client.edit_message_text("Over", chat_id=channel, message_id=sent.message_id)
        assert not isinstance(edited, bool) and edited.edit_date
        photo = await client.send_photo(channel, BufferedInputFile(PICTURE, "a.png"), caption="look")
        assert photo.photo and photo.photo[-1].width == 400
        downloaded = await client.download(photo.photo[-1].file_id)
        assert downloaded and downloaded.read() == PICTURE
        album = [InputMediaPhoto(media=BufferedInputFile(PICTURE, f"{n}.png")) for n in range(2)]
        assert len(await client.send_media_group(channel, list(album))) == 2
        full = await client.get_chat(channel)
        assert full.invite_link and full.accepted_gift_types
        assert (await client.get_chat_member(channel, bot.id)).can_post_messages
        stage.start(ann, bot, "x")
        updates = await client.get_updates(timeout=5)
        assert updates[-1].message and updates[-1].message.text == "/start x"


async def test_aiogram_understands_the_refusals(stage: Stage, bot: ActingBot, ann: int) -> None:
    stage.start(ann, bot)
    session = AiohttpSession(api=TelegramAPIServer.from_base(stage.url))
    async with Bot(bot.token, session=session) as client:
        stage.post("/faults", kind="error", retry_after=5)
        with pytest.raises(TelegramRetryAfter) as flooded:
            await client.send_message(ann, "x")
        assert flooded.value.retry_after == 5
        stage.put(f"/people/{ann}/block/{bot.id}")
        with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
            await client.send_message(ann, "x")


async def test_python_telegram_bot_sends_uploads_and_listens(
    stage: Stage, bot: ActingBot, ann: int, channel: int
) -> None:
    base = {"base_url": f"{stage.url}/bot", "base_file_url": f"{stage.url}/file/bot"}
    async with ptb.Bot(bot.token, **base) as client:
        assert (await client.get_me()).username == bot.username
        markup = ptb.InlineKeyboardMarkup([[ptb.InlineKeyboardButton("Go", callback_data="go")]])
        sent = await client.send_message(channel, "*Win*", parse_mode="MarkdownV2", reply_markup=markup)
        assert sent.text == "Win" and sent.reply_markup == markup
        photo = await client.send_photo(channel, PICTURE, caption="look", filename="a.png")
        assert photo.caption == "look"
        file = await client.get_file(photo.photo[-1].file_id)
        assert bytes(await file.download_as_bytearray()) == PICTURE
        stage.start(ann, bot, "x")
        stage.press(ann, channel, sent.message_id, "Go", wait=0)
        updates = await client.get_updates(timeout=5)
        query = updates[-1].callback_query
        assert query and query.data == "go" and query.from_user.id == ann
        assert await query.answer("ok")


async def test_python_telegram_bot_understands_the_refusals(
    stage: Stage, bot: ActingBot, channel: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    async with ptb.Bot(bot.token, base_url=f"{stage.url}/bot") as client:
        stage.post("/faults", kind="error", method="sendMessage", retry_after=5)
        with pytest.raises(RetryAfter) as flooded:
            await client.send_message(channel, "x")
        assert flooded.value.retry_after == timedelta(seconds=5)
        with pytest.raises(BadRequest, match="Can't parse entities"):
            await client.send_message(channel, "<b>", parse_mode="HTML")
