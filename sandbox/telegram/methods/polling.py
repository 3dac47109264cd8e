"""getUpdates and the webhook settings."""

import asyncio
import re
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from sandbox.telegram.errors import OTHER_POLLER, WEBHOOK_ACTIVE, bad_request, conflict, too_many_requests
from sandbox.telegram.methods.registry import Call, Described, Raw, method
from sandbox.telegram.models import JSON
from sandbox.telegram.updates import Mailbox, Pending, allowed_kinds

LONGEST_POLL_SECONDS = 50
QUICK_REPEAT_SECONDS = 3.0
HASTY_REPEAT_SECONDS = 0.5
CONFLICT_PAUSE_SECONDS = 3.0
# Updates that arrive together are answered together.
GATHERING_SECONDS = 0.002
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
PUBLIC_PORTS = {None, 443, 80, 88, 8443}


@method("getUpdates")
async def get_updates(call: Call) -> Raw:
    if call.bot.webhook:
        raise conflict(WEBHOOK_ACTIVE)
    offset = call.params.integer("offset")
    limit = call.params.integer("limit", 100)
    limit = limit if 1 <= limit <= 100 else 100
    timeout = min(max(call.params.integer("timeout"), 0), LONGEST_POLL_SECONDS)
    _remember_allowed(call)
    mailbox = call.telegram.updates.mailbox(call.bot.id)
    limit, wait = _pace(mailbox, offset, limit, float(timeout))
    if offset:
        call.telegram.updates.confirm(call.bot.id, offset)
    await _replace_poller(mailbox, OTHER_POLLER)
    found = call.telegram.updates.waiting(call.bot.id, limit)
    if not found and wait:
        await _wait(mailbox, wait)
        found = call.telegram.updates.waiting(call.bot.id, limit)
    return _answer(found)


def _pace(mailbox: Mailbox, offset: int, limit: int, timeout: float) -> tuple[int, float]:
    """Quick repetitions of one offset are slowed down: they wait as if asked to, and get one update."""
    now = asyncio.get_running_loop().time()
    since = now - mailbox.last_poll_at
    if offset == mailbox.last_offset:
        if timeout < QUICK_REPEAT_SECONDS and since < QUICK_REPEAT_SECONDS:
            timeout = QUICK_REPEAT_SECONDS
        if since < HASTY_REPEAT_SECONDS:
            limit = 1
    mailbox.last_offset = offset
    mailbox.last_poll_at = now
    return limit, timeout


async def _replace_poller(mailbox: Mailbox, reason: str) -> None:
    """The older of two pollers is refused, at once the first time and late when it keeps happening."""
    older, mailbox.poller = mailbox.poller, None
    if older is None or older.done():
        return
    loop = asyncio.get_running_loop()

    def refuse() -> None:
        if not older.done():
            older.set_exception(conflict(reason))

    if loop.time() >= mailbox.next_conflict_at:
        mailbox.next_conflict_at = loop.time() + CONFLICT_PAUSE_SECONDS
        refuse()
    else:
        loop.call_later(CONFLICT_PAUSE_SECONDS, refuse)


async def _wait(mailbox: Mailbox, seconds: float) -> None:
    poller: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    mailbox.poller = poller
    try:
        with suppress(TimeoutError):
            await asyncio.wait_for(poller, seconds)
            await asyncio.sleep(GATHERING_SECONDS)
    finally:
        if mailbox.poller is poller:
            mailbox.poller = None


def _answer(found: list[Pending]) -> Raw:
    return Raw("[" + ",".join(pending.body for pending in found) + "]")


def _remember_allowed(call: Call) -> None:
    asked = call.params.json("allowed_updates")
    if isinstance(asked, list):
        kinds = allowed_kinds([str(kind) for kind in asked])
        if kinds != call.bot.allowed_updates:
            call.bot.allowed_updates = kinds
            call.world.keep_bot(call.bot)


@method("setWebhook")
async def set_webhook(call: Call) -> Described:
    url = call.params.text("url").strip()
    if not url:
        return await delete_webhook(call)
    webhook = _checked_webhook(call, url)
    _remember_allowed(call)
    if call.params.flag("drop_pending_updates"):
        call.telegram.updates.drop_all(call.bot.id)
    if call.bot.webhook and {**call.bot.webhook, "set_at": 0} == {**webhook, "set_at": 0}:
        return Described(True, "Webhook is already set")
    if call.bot.webhook and call.world.clock.now() < call.bot.webhook["set_at"] + 1:
        raise too_many_requests(1)
    await _replace_poller(call.telegram.updates.mailbox(call.bot.id), "terminated by setWebhook request")
    call.bot.webhook = webhook
    call.world.keep_bot(call.bot)
    call.telegram.webhooks.open(call.bot)
    return Described(True, "Webhook was set")


def _checked_webhook(call: Call, url: str) -> JSON:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or " " in url:
        raise bad_request("invalid webhook URL specified")
    # The sandbox's own exception: plain HTTP to any port of this machine.
    if parts.hostname not in LOOPBACK:
        if parts.scheme != "https":
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        if parts.port not in PUBLIC_PORTS:
            raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    secret = call.params.text("secret_token")
    if len(secret) > 256:
        raise bad_request("secret token is too long")
    if secret and not SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    connections = call.params.integer("max_connections", 40)
    return {
        "url": url,
        "secret_token": secret,
        "max_connections": connections if 1 <= connections <= 100 else 40,
        "ip_address": call.params.text("ip_address"),
        "set_at": call.world.clock.now(),
    }


@method("deleteWebhook")
async def delete_webhook(call: Call) -> Described:
    if call.params.flag("drop_pending_updates"):
        call.telegram.updates.drop_all(call.bot.id)
    if not call.bot.webhook:
        return Described(True, "Webhook is already deleted")
    call.bot.webhook = None
    call.world.keep_bot(call.bot)
    call.telegram.webhooks.close(call.bot.id)
    return Described(True, "Webhook was deleted")


@method("getWebhookInfo")
def get_webhook_info(call: Call) -> JSON:
    webhook = call.bot.webhook or {}
    info: dict[str, Any] = {
        "url": webhook.get("url", ""),
        "has_custom_certificate": False,
        "pending_update_count": call.telegram.updates.count(call.bot.id),
    }
    if webhook:
        info["max_connections"] = webhook["max_connections"]
        info["ip_address"] = webhook["ip_address"] or "127.0.0.1"
        info |= call.telegram.webhooks.last_error(call.bot.id)
    if call.bot.allowed_updates:
        info["allowed_updates"] = call.bot.allowed_updates
    return info
