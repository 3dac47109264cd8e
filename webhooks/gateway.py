"""Sending to strangers' servers: one POST, signed, with little patience, and never into a private network."""

import asyncio
import errno
import socket
import time
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import ResolveResult
from aiohttp.resolver import ThreadedResolver
from django.conf import settings

from config.transactions import refuse_inside_transaction
from webhooks import crypto, links
from webhooks.models import Delivery, Endpoint
from webhooks.services import body_of

TIMEOUT = aiohttp.ClientTimeout(total=10, connect=5)
REFUSED = "the address leads into a private network"


class PublicResolver(ThreadedResolver):
    """Gives only addresses of the internet. The connection goes to what was looked at here and to nothing else, so
    a name that leads elsewhere a moment later gains nothing."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await super().resolve(host, port, family)
        public = [address for address in found if links.is_public(address["host"])]
        if not public:
            raise OSError(errno.EACCES, REFUSED)
        return public


@dataclass(frozen=True)
class Reply:
    """The answer's status, or None; `error` says why it does not count, and is empty when it does."""

    status: int | None
    error: str = ""


def send(endpoint: Endpoint, delivery: Delivery) -> Reply:
    """One attempt; whatever a server does, it is told as a reply."""
    refuse_inside_transaction("A webhook's server")
    fault = links.fault_of(endpoint.url, anywhere=settings.SANDBOX)  # literal addresses meet no resolver
    if fault:
        return Reply(None, fault.plain("en"))
    return asyncio.run(_post(endpoint.url, crypto.secret_of(endpoint.key), delivery))


async def _post(url: str, secret: str, delivery: Delivery) -> Reply:
    body, now = body_of(delivery), int(time.time())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Telegive-Webhooks/1",
        "Telegive-Event": delivery.event,
        "Telegive-Event-Id": str(delivery.event_id),
        crypto.HEADER: crypto.signature(secret, body, now),
    }
    resolver = ThreadedResolver() if settings.SANDBOX else PublicResolver()
    connector = aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False, force_close=True)
    client = aiohttp.ClientSession(
        connector=connector, timeout=TIMEOUT, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
    )
    try:
        async with client, client.post(url, data=body, headers=headers, allow_redirects=False) as answer:
            return meaning(answer.status)
    except TimeoutError:
        return Reply(None, f"no answer from {urlsplit(url).hostname} within {TIMEOUT.total:g} seconds")
    except (aiohttp.ClientError, OSError, ValueError) as error:
        refused = REFUSED in str(error)
        return Reply(None, REFUSED if refused else f"not reached ({type(error).__name__})")


def meaning(status: int) -> Reply:
    """Any 2xx is a success. The body is not read: what a server says besides is its own business."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Reply(status)
    moved = HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST
    return Reply(status, "a redirect, which is not followed" if moved else f"answered {status}")
