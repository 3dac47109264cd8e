"""The partner who switches services on: the protocol, how HTTP speaks it, and the order of questions.

What a partner has to promise is in docs/how-money-is-kept.md. An answer is believed only when every part of it is
as agreed; whatever else comes back, a refused connection included, is UNKNOWN and decides nothing.
"""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any, Protocol

import structlog
from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, TCPConnector
from django.conf import settings
from yarl import URL

from config.background import kept, wait_for
from offers.answers import Answer, Outcome
from offers.models import Transaction

log = structlog.get_logger(__name__)
CONNECT_SECONDS = 3.0
CONNECTIONS = 32
MOST_BYTES = 16_384
MOST_REFERENCE, MOST_REASON = 100, 200
NOT_ASKED = Answer(Outcome.UNKNOWN, reason="The partner could not be asked: a defect of this platform.")
TOLD = {
    "activate": {Outcome.ACTIVE, Outcome.REFUSED, Outcome.CANCELLED, Outcome.WORKING},
    "status": {Outcome.ACTIVE, Outcome.REFUSED, Outcome.CANCELLED, Outcome.WORKING, Outcome.ABSENT},
    "cancel": {Outcome.ACTIVE, Outcome.REFUSED, Outcome.CANCELLED, Outcome.WORKING},
}


class Partner(Protocol):
    """Everything is asked by the transaction's public id, and asking twice is asking once."""

    async def activate(self, order: Transaction) -> Answer:
        """Switches the service on, or says why not; the same transaction gets the same answer for ever."""

    async def status(self, order: Transaction) -> Answer:
        """What became of the transaction; changes nothing."""

    async def cancel(self, order: Transaction) -> Answer:
        """Sees to it that the transaction is never on: final, even for an activation that arrives later."""


def partner() -> Partner:
    """Whoever switches services on for this installation; it lives on the background loop."""
    return kept(HttpPartner)


def ask(orders: Sequence[Transaction]) -> list[Answer]:
    """Carries claimed orders to the partner, all at once; one answer for each, in their order."""
    return wait_for(_all(carry(partner(), order) for order in orders))


def look(orders: Sequence[Transaction]) -> list[Answer]:
    """What the partner says became of each of the orders; nothing is changed."""
    return wait_for(_all(partner().status(order) for order in orders))


async def _all(questions: Iterable[Coroutine[Any, Any, Answer]]) -> list[Answer]:
    """A defect of ours over one order says nothing about it, and must not keep its neighbours waiting."""
    heard = await asyncio.gather(*questions, return_exceptions=True)
    for fault in heard:
        if isinstance(fault, BaseException):
            log.error("partner_not_asked", exc_info=fault)
    return [each if isinstance(each, Answer) else NOT_ASKED for each in heard]


async def carry(partner: Partner, order: Transaction) -> Answer:
    """One claimed order: whoever may have been there before asks first, and who has given up only cancels."""
    if order.attempts > 1 or order.called_off_at:
        known = await partner.status(order)
        if known.outcome in (Outcome.ACTIVE, Outcome.REFUSED, Outcome.CANCELLED):
            return known
        if not order.called_off_at and known.outcome is not Outcome.ABSENT:
            return known
    return await (partner.cancel(order) if order.called_off_at else partner.activate(order))


class HttpPartner:
    """The protocol over HTTP: JSON, an API key, and a signature over time, method, path and body."""

    def __init__(self) -> None:
        self._session: ClientSession | None = None

    async def activate(self, order: Transaction) -> Answer:
        wanted = {
            "transaction_id": str(order.public_id),
            "kind": order.kind,
            "code": order.offer.partner_code,
            "days": order.duration_days,
            "subscription": str(order.subscription_id),
            "customer": str(order.account_id),
        }
        return await self._ask("activate", order, "POST", "/activations", json.dumps(wanted).encode())

    async def status(self, order: Transaction) -> Answer:
        return await self._ask("status", order, "GET", f"/activations/{order.public_id}")

    async def cancel(self, order: Transaction) -> Answer:
        return await self._ask("cancel", order, "POST", f"/activations/{order.public_id}/cancel")

    async def close(self) -> None:
        if self._session:
            await self._session.close()
            self._session = None

    async def _ask(
        self, question: str, order: Transaction, method: str, path: str, body: bytes = b""
    ) -> Answer:
        """One request. Never raises for what the partner or the network does."""
        url, now = URL(settings.PARTNER_URL + path), time.time()
        # A request is as old as the claim it is made under at the latest: what a worker that stood still sends after
        # that, the partner turns away.
        at = min(now, order.claimed_until.timestamp()) if order.claimed_until else now
        # The total counts to the answer's last byte.
        timeout = ClientTimeout(total=settings.PARTNER_TIMEOUT_SECONDS, connect=CONNECT_SECONDS)
        headers = signed(method, url.raw_path, body, at=int(at))
        try:
            request = self._kept().request(
                method, url, data=body or None, headers=headers, timeout=timeout, allow_redirects=False
            )
            async with request as response:
                return read(await told(response), str(order.public_id), question)
        except Unbelievable as fault:
            return Answer(Outcome.UNKNOWN, reason=str(fault))
        except TimeoutError:
            return Answer(Outcome.UNKNOWN, reason="The partner did not answer in time.")
        except (ClientError, OSError, ValueError) as fault:
            return Answer(Outcome.UNKNOWN, reason=f"The partner could not be asked: {type(fault).__name__}.")

    def _kept(self) -> ClientSession:
        """One session for the process, opened by the first question."""
        if self._session is None:
            self._session = ClientSession(connector=TCPConnector(limit=CONNECTIONS), auto_decompress=False)
        return self._session


class Unbelievable(Exception):
    """An answer that is not as agreed, in a sentence for whoever looks at the transaction."""


def signed(method: str, path: str, body: bytes, *, at: int) -> dict[str, str]:
    """The headers of a request: who asks, when (Unix seconds), and the HMAC-SHA256 of all of it in hex."""
    words = f"{at}\n{method}\n{path}\n".encode() + body
    signature = hmac.new(settings.PARTNER_SECRET.encode(), words, hashlib.sha256).hexdigest()
    return {
        "X-Api-Key": settings.PARTNER_API_KEY,
        "X-Timestamp": str(at),
        "X-Signature": signature,
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
    }


async def told(response: ClientResponse) -> bytes:
    """The body of an answer that looks like one: 200, JSON, and small."""
    if response.status != 200:
        raise Unbelievable(f"The partner answered with HTTP {response.status}.")
    if response.content_type != "application/json":
        raise Unbelievable("The partner's answer is not JSON.")
    body = b""
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > MOST_BYTES:
            raise Unbelievable("The partner's answer is too long.")
    return body


def read(body: bytes, transaction_id: str, question: str) -> Answer:
    """An answer, if every part of it is as agreed; else Unbelievable."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as fault:
        raise Unbelievable("The partner's answer is not JSON.") from fault
    if not isinstance(answer, dict) or answer.get("transaction_id") != transaction_id:
        raise Unbelievable("The partner's answer is about another transaction.")
    status = answer.get("status")
    outcome = next((each for each in TOLD[question] if each == status), None)
    if outcome is None:
        raise Unbelievable("The partner's answer has no status that is known here.")
    reference = _words(answer, "reference", MOST_REFERENCE)
    if outcome is Outcome.ACTIVE and not reference:
        raise Unbelievable("The partner's answer lacks the reference of the service.")
    return Answer(outcome, reference, _words(answer, "reason", MOST_REASON))


def _words(answer: dict[str, Any], name: str, most: int) -> str:
    """A printable text of bounded length; what is missing is empty."""
    text = answer.get(name) or ""
    if not isinstance(text, str) or len(text) > most or not text.isprintable():
        raise Unbelievable(f"The partner's answer has a {name} that is no short text.")
    return text
