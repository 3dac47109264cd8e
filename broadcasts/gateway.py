"""The hot path to Telegram: one HTTP session per event loop, a message prepared once, only the chat varies.

aiogram is not used here on purpose: building its method objects costs three times what the POST does. Neither
answers nor exceptions that leave this module contain the address, because the address contains the token.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any

import aiohttp
from django.conf import settings
from yarl import URL

from bots.answers import Answer, Outcome, classify
from broadcasts import content as contents

CONNECT_SECONDS = 5
HEADERS = {"Content-Type": "application/json"}
UPLOAD_SECONDS = 120  # for 50 MB and Telegram's look at them
UPLOADS_AT_ONCE = 2  # each has its file on disk meanwhile
PAID = {"allow_paid_broadcast": True}


@dataclass(frozen=True, repr=False, slots=True)
class Message:
    """A request ready but for its chat, and for the words of a person when it has a template; has no repr,
    because the address contains the token."""

    url: URL
    rest: bytes
    template: contents.Prepared | None = None


def prepare(
    token: str, content: Mapping[str, Any], files: contents.FileIds | None = None, *, paid: bool = False
) -> Message:
    """The request that sends `content` as the bot with this token; `paid`: faster than free, for Stars."""
    method, ready = contents.prepared(content, files, **(PAID if paid else {}))
    return Message(url_of(token, method), ready.rest({}), ready if ready.is_personal else None)


def url_of(token: str, method: str) -> URL:
    """Where a method of the bot with this token is called."""
    return URL(f"{settings.TELEGRAM_API_URL}/bot{token}/{method}")


class Gateway:
    """One session, shared by all bots of the loop; the number of connections is the sender's business."""

    def __init__(self) -> None:
        # Idle connections are dropped long before a server would drop them: a connection that closes while
        # a request is being written leaves that message in doubt.
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=10),
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=CONNECT_SECONDS, sock_read=settings.TELEGRAM_TIMEOUT_SECONDS
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        self.uploads = asyncio.Semaphore(UPLOADS_AT_ONCE)

    async def send(self, message: Message, chat_id: int, person: contents.Values | None = None) -> Answer:
        """Sends to one chat and says what the answer means; never raises for faults of the network."""
        rest = message.rest if message.template is None else message.template.rest(person or {})
        body = b'{"chat_id": %d%b' % (chat_id, rest)
        return await self._post(message.url, data=body, headers=HEADERS)

    async def upload(
        self,
        url: URL,
        parameters: Mapping[str, Any],
        files: Mapping[str, tuple[str, IO[bytes]]],
    ) -> Answer:
        """Sends one message with its files in the form, which are named as in attach://."""
        form = aiohttp.FormData()
        for name, value in parameters.items():
            form.add_field(name, value if isinstance(value, str) else json.dumps(value))
        for name, (file_name, file) in files.items():
            form.add_field(name, file, filename=file_name, content_type="application/octet-stream")
        timeout = aiohttp.ClientTimeout(total=UPLOAD_SECONDS, sock_connect=CONNECT_SECONDS)
        async with self.uploads:
            return await self._post(url, data=form, timeout=timeout)

    async def _post(self, url: URL, **how: Any) -> Answer:
        try:
            async with self.session.post(url, **how) as response:
                return _meaning(response.status, await response.read())
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return Answer(Outcome.NOT_SENT, "no_connection", description=type(error).__name__)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return Answer(Outcome.UNKNOWN, "no_answer", description=type(error).__name__)

    async def close(self) -> None:
        await self.session.close()


def _meaning(status: int, body: bytes) -> Answer:
    """What a complete answer means; a page of some proxy in between says nothing but its status."""
    try:
        answer = json.loads(body)
        if answer["ok"] is True:
            return Answer(Outcome.OK, "ok", result=answer["result"])
        extra = answer.get("parameters") or {}
        return classify(
            int(answer.get("error_code", status)),
            str(answer.get("description", "")),
            retry_after=float(extra.get("retry_after") or 0),
            migrate_to=extra.get("migrate_to_chat_id"),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        if status == 429:
            return classify(status, "")
        return Answer(Outcome.UNKNOWN, "not_json", description=f"HTTP {status} without JSON")
