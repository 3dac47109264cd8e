"""The hot path to Telegram: one HTTP session per event loop, a message prepared once, only the chat varies.

aiogram is not used here on purpose: building its method objects costs three times what the POST does. Neither
answers nor exceptions that leave this module contain the address, because the address contains the token.
"""

import json
from dataclasses import dataclass
from typing import Any

import aiohttp
from django.conf import settings
from yarl import URL

from bots.answers import Answer, Outcome, classify
from broadcasts import content as contents

CONNECT_SECONDS = 5
HEADERS = {"Content-Type": "application/json"}


@dataclass(frozen=True, repr=False, slots=True)
class Message:
    """A request ready but for its chat; has no repr, because the address contains the token."""

    url: URL
    rest: bytes


def prepare(token: str, content: dict[str, Any]) -> Message:
    """The request that sends `content` as the bot with this token."""
    method, parameters = contents.request(content)
    url = URL(f"{settings.TELEGRAM_API_URL}/bot{token}/{method}")
    return Message(url, b", " + json.dumps(parameters).encode()[1:])


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

    async def send(self, message: Message, chat_id: int) -> Answer:
        """Sends to one chat and says what the answer means; never raises for faults of the network."""
        body = b'{"chat_id": %d%b' % (chat_id, message.rest)
        try:
            async with self.session.post(message.url, data=body, headers=HEADERS) as response:
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
