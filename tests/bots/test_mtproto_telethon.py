"""Telethon behind the interface, held against objects as Telegram's servers send them; no server is spoken to."""

import asyncio
import struct
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.checks import Warning as CheckWarning
from telethon import errors
from telethon.extensions import BinaryReader
from telethon.sessions import StringSession
from telethon.tl import functions, types

from bots import mtproto, telegram
from bots.models import Bot
from bots.mtproto import Invited, InviteDead, Told, Unavailable, by_telethon
from bots.services import bots
from config import checks

CHANNEL = -1002300000040
INTERNAL = 2300000040
AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PEER = types.PeerChannel(INTERNAL)


def over_the_wire(thing: Any) -> Any:
    """The object as it comes out of the bytes a server sends."""
    with BinaryReader(bytes(thing)) as reader:
        return reader.tgread_object()


class Client:
    """Telethon's client without a network: answers from a list, notes what it was asked."""

    answers: list[Any] = []
    asked: list[Any] = []
    sessions: list[str] = []

    def __init__(self, session: Any, api_id: int, api_hash: str, **options: Any) -> None:
        assert (api_id, api_hash) == (12345, "hash")
        assert options["flood_sleep_threshold"] == 0
        self.session = session
        self.sessions.append(session.save())

    async def connect(self) -> None:
        if self.answers and isinstance(self.answers[0], OSError):
            raise self.answers.pop(0)

    async def disconnect(self) -> None:
        self.asked.append("bye")

    async def sign_in(self, *, bot_token: str) -> None:
        self.asked.append(bot_token)
        # A key of 256 bytes: what a login leaves in a session.
        self.session.set_dc(2, "127.0.0.1", 443)
        self.session.auth_key = type("Key", (), {"key": b"k" * 256})

    async def __call__(self, request: Any) -> Any:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return over_the_wire(answer)


@pytest.fixture(autouse=True)
def _configured(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.TELEGRAM_API_ID, settings.TELEGRAM_API_HASH = 12345, "hash"
    monkeypatch.setattr(by_telethon, "TelegramClient", Client)
    for name in ("answers", "asked", "sessions"):
        monkeypatch.setattr(Client, name, [])


@pytest.fixture
def bot(transactional_db: None, connected: Bot) -> Bot:
    return connected


def messages(*some: Any) -> Any:
    return types.messages.ChannelMessages(
        pts=1, count=len(some), messages=list(some), topics=[], chats=[], users=[]
    )


def post(number: int, **more: Any) -> types.Message:
    return types.Message(id=number, peer_id=PEER, date=AT, message="Hello", post=True, **more)


def ask(bot: Bot, ids: list[int]) -> list[Told]:
    return telegram.wait_for(by_telethon.ByTelethon().messages(bot, CHANNEL, ids))


def test_messages_are_asked_by_id_with_the_bots_token(bot: Bot) -> None:
    pin = types.MessageService(id=8, peer_id=PEER, date=AT, action=types.MessageActionPinMessage())
    Client.answers = [
        messages(
            post(7, views=1234, forwards=0),
            pin,
            types.MessageEmpty(id=9, peer_id=PEER),
            post(10, grouped_id=77),
        )
    ]
    assert ask(bot, [7, 8, 9, 10]) == [
        Told(7, AT, 1234),
        Told(8, AT, None, is_service=True),
        Told(10, AT, None, album="77"),
    ]
    token, request, _ = Client.asked
    assert token == bots.token_of(bot)
    assert isinstance(request, functions.channels.GetMessagesRequest)
    assert (request.channel.channel_id, request.channel.access_hash) == (INTERNAL, 0)
    assert [wanted.id for wanted in request.id] == [7, 8, 9, 10]


def test_a_bot_logs_in_once(bot: Bot) -> None:
    Client.answers = [messages(post(7)), messages(post(7))]
    ask(bot, [7])
    ask(Bot.objects.get(), [7])
    kept = Bot.objects.get().mtproto_session_encrypted
    assert Client.asked.count(bots.token_of(bot)) == 1
    assert Client.sessions == ["", bots.mtproto_session(Bot.objects.get())]
    assert kept and Client.sessions[1] not in kept


def test_a_login_that_ended_is_forgotten(bot: Bot) -> None:
    Client.answers = [messages(post(7)), errors.AuthKeyUnregisteredError(None)]
    ask(bot, [7])
    with pytest.raises(Unavailable, match="AuthKeyUnregisteredError"):
        ask(bot, [7])
    assert not Bot.objects.get().mtproto_session_encrypted


def test_a_renewed_token_logs_in_anew(bot: Bot) -> None:
    bots.keep_mtproto_session(bot=bot, session="of the old token")
    Bot.objects.update(token_fingerprint="another")
    bots.keep_mtproto_session(bot=bot, session="too late")
    assert bots.mtproto_session(Bot.objects.get()) == "of the old token"


FAULTS = {
    "FloodWaitError 30 s": errors.FloodWaitError(None, capture=30),
    "ChannelPrivateError": errors.ChannelPrivateError(None),
    "AccessTokenExpiredError": errors.AccessTokenExpiredError(None),
    "TimedOutError": errors.TimedOutError(None, "x"),
    "SecurityError": errors.SecurityError("secret"),
    "ConnectionError": ConnectionError("secret"),
    "TimeoutError": TimeoutError(),
    "EOFError": EOFError(),
}


def test_every_fault_is_unavailable_and_says_no_secret(bot: Bot) -> None:
    for reason, error in FAULTS.items():
        Client.answers = [error]
        with pytest.raises(Unavailable) as raised:
            ask(bot, [7])
        assert str(raised.value) == reason
        assert Client.asked[-1] == "bye"


CHAT = types.Channel(INTERNAL, "Club", types.ChatPhotoEmpty(), AT, broadcast=True, access_hash=5)
UNKNOWN = types.ChatInvite("Club", types.PhotoEmpty(1), 5, 0, channel=True, broadcast=True)
GROUP = types.Chat(5, "Group", types.ChatPhotoEmpty(), 3, AT, 1)


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (types.ChatInviteAlready(CHAT), Invited(CHANNEL, "Club", "")),
        (types.ChatInvitePeek(CHAT, AT), Invited(CHANNEL, "Club", "")),
        (UNKNOWN, None),
        (types.ChatInviteAlready(GROUP), None),
    ],
)
def test_an_invite_link_is_opened_with_the_users_session(
    settings: Any, answer: Any, found: Invited | None
) -> None:
    settings.TELEGRAM_USER_SESSION = ""
    assert open_invite("abc") is None
    assert not Client.asked
    settings.TELEGRAM_USER_SESSION = SESSION
    Client.answers = [answer]
    assert open_invite("abc") == found
    assert Client.asked[0].hash == "abc"
    assert Client.sessions == [SESSION]


SESSION = "1" + StringSession.encode(struct.pack(">B4sH256s", 2, b"\x7f\0\0\1", 443, b"k" * 256))


def open_invite(secret: str) -> Invited | None:
    return asyncio.run(by_telethon.ByTelethon().open_invite(secret))


@pytest.mark.parametrize(
    ("answer", "raised"),
    [
        (errors.InviteHashExpiredError(None), InviteDead),
        (errors.InviteHashInvalidError(None), InviteDead),
        (errors.AuthKeyUnregisteredError(None), Unavailable),
        (errors.FloodWaitError(None, capture=3), Unavailable),
    ],
)
def test_a_dead_link_is_not_an_ended_login(settings: Any, answer: Exception, raised: type[Exception]) -> None:
    settings.TELEGRAM_USER_SESSION = SESSION
    Client.answers = [answer]
    with pytest.raises(raised):
        open_invite("abc")


def test_a_session_that_is_none_is_unavailable(settings: Any) -> None:
    for wrong in ("1garbage", "1AAAA", "x"):
        settings.TELEGRAM_USER_SESSION = wrong
        with pytest.raises(Unavailable) as raised:
            open_invite("abc")
        assert wrong not in str(raised.value)


def test_configured_but_not_installed_is_said(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(mtproto.source(), by_telethon.ByTelethon)
    assert checks.mtproto_can_be_spoken(None) == []
    monkeypatch.setattr(checks, "find_spec", {}.get)
    [warning] = checks.mtproto_can_be_spoken(None)
    assert isinstance(warning, CheckWarning) and "telethon is not installed" in warning.msg
    assert mtproto.source() is None
    settings.TELEGRAM_API_ID = 0
    assert checks.mtproto_can_be_spoken(None) == []
