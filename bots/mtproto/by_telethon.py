"""MTProto as Telethon speaks it: the only importer of telethon, an optional package that takes a second to load.

A bot logs in with its token once; the session it gets is kept encrypted with the bot, because Telegram limits
logins. Nothing is waited out or tried again here: what cannot be told now is told by the next run.
"""

import asyncio
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from django.conf import settings
from telethon import TelegramClient, errors
from telethon.sessions import StringSession
from telethon.tl import functions, types

from bots.database import database
from bots.links import ZERO_CHANNEL_ID
from bots.models import Bot
from bots.mtproto.facts import Invited, InviteDead, Told, Unavailable
from bots.services import bots

SECONDS = 20
DEAD_INVITES = (
    errors.InviteHashExpiredError,
    errors.InviteHashInvalidError,
    errors.InviteHashEmptyError,
)
ENDED_LOGINS = (errors.UnauthorizedError, errors.AuthKeyError, errors.AuthKeyNotFound)
FAULTS = (
    errors.RPCError,
    errors.AuthKeyNotFound,
    errors.BadMessageError,
    errors.InvalidBufferError,
    errors.InvalidChecksumError,
    errors.SecurityError,
    errors.TypeNotFoundError,
    OSError,  # with ConnectionError and TimeoutError
    EOFError,
    ValueError,  # these two: a session that is no session
    struct.error,
)


class ByTelethon:
    """Telegram's own servers."""

    async def messages(self, bot: Bot, channel_id: int, ids: Sequence[int]) -> list[Told]:
        try:
            async with _client(bots.mtproto_session(bot)) as client:
                if not bot.mtproto_session_encrypted:
                    await client.sign_in(bot_token=bots.token_of(bot))
                    await _keep(bot, client.session.save())
                # A bot that is in the channel need not know its access hash (core.telegram.org/api/peers).
                channel = types.InputChannel(ZERO_CHANNEL_ID - channel_id, 0)
                wanted = [types.InputMessageID(number) for number in ids]
                answer = await client(functions.channels.GetMessagesRequest(channel, wanted))
        except ENDED_LOGINS as error:
            await _keep(bot, "")
            raise _unavailable(error) from error
        except FAULTS as error:
            raise _unavailable(error) from error
        return [_told(message) for message in answer.messages if not isinstance(message, types.MessageEmpty)]

    async def open_invite(self, secret: str) -> Invited | None:
        if not settings.TELEGRAM_USER_SESSION:
            return None
        try:
            async with _client(settings.TELEGRAM_USER_SESSION) as client:
                found = await client(functions.messages.CheckChatInviteRequest(secret))
        except DEAD_INVITES as error:
            raise InviteDead(type(error).__name__) from error
        except FAULTS as error:
            raise _unavailable(error) from error
        return _invited(found)


@asynccontextmanager
async def _client(session: str) -> AsyncIterator[TelegramClient]:
    """A connection for one question."""
    client = TelegramClient(
        StringSession(session),
        settings.TELEGRAM_API_ID,
        settings.TELEGRAM_API_HASH,
        request_retries=1,
        connection_retries=1,
        auto_reconnect=False,
        flood_sleep_threshold=0,  # a flood wait is an answer, not a nap
        raise_last_call_error=True,
        receive_updates=False,
    )
    async with asyncio.timeout(SECONDS):
        try:
            await client.connect()
            yield client
        finally:
            await client.disconnect()


async def _keep(bot: Bot, session: str) -> None:
    bot.mtproto_session_encrypted = await database(bots.keep_mtproto_session, bot=bot, session=session)


def _unavailable(error: Exception) -> Unavailable:
    """By its class alone: the text of a foreign error may hold anything."""
    wait = f" {error.seconds} s" if isinstance(error, errors.FloodWaitError) else ""
    return Unavailable(type(error).__name__ + wait)


def _told(message: types.TypeMessage) -> Told:
    is_service = isinstance(message, types.MessageService)
    return Told(
        message_id=message.id,
        published_at=message.date,
        views=None if is_service else message.views,
        album="" if is_service else str(message.grouped_id or ""),
        is_service=is_service,
    )


def _invited(found: types.TypeChatInvite) -> Invited | None:
    """The channel, when the user is in it or may look in; ChatInvite carries no id."""
    chat = getattr(found, "chat", None)
    if not isinstance(chat, types.Channel):
        return None
    return Invited(ZERO_CHANNEL_ID - chat.id, chat.title, chat.username or "")
