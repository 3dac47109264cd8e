"""The activation partner's stand-in: what it holds, how it is asked, and how it misbehaves when it is told to.

It keeps what docs/how-money-is-kept.md asks of a partner: a transaction gets one final answer for ever, and one that
was cancelled is never switched on afterwards, heard of before or not.
"""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from aiohttp import web

from sandbox.telegram.models import JSON
from sandbox.telegram.world import World

API_KEY = "sandbox-partner-key"
SECRET = "sandbox-partner-secret"  # everybody may know it
CLOCKS_APART_SECONDS = 300
QUESTIONS = ("activate", "status", "cancel")
# Before the deed: `hang`, `error`. Instead of it: `refuse`, `late`, `keep`. After it: the others.
KINDS = (
    "hang", "error", "refuse", "late", "keep",
    "hang_after_accept", "error_after_accept", "garble", "twice", "cut", "other_transaction",
)  # fmt: skip


@dataclass
class Service:
    """One transaction, and whether its service is on; `switched_on` counts how often it came to be."""

    transaction_id: str
    order: JSON
    status: str = ""
    reference: str = ""
    reason: str = ""
    switched_on: int = 0

    def answer(self) -> JSON:
        return {name: getattr(self, name) for name in ("transaction_id", "status", "reference", "reason")}


@dataclass
class Fault:
    """`times` counts down with every question it meets; None never ends. `match` is looked for in what is asked."""

    kind: str = ""
    question: str = ""
    match: str = ""
    ms: int = 0
    times: int | None = 1

    def meets(self, question: str, asked: str) -> bool:
        return self.question in ("", question) and self.match in asked


class Partner:
    """Everything it ever heard of, kept in the sandbox's journal."""

    def __init__(self, world: World, *, api_key: str = API_KEY, secret: str = SECRET) -> None:
        self.world = world
        self.api_key, self.secret = api_key, secret
        self.faults: list[Fault] = []
        kept = (Service(**record) for _, _, record in world.journal.rows("service"))
        self.services: dict[str, Service] = {service.transaction_id: service for service in kept}

    def forget(self) -> None:
        self.services.clear()
        self.faults.clear()

    def listed(self) -> list[JSON]:
        return [asdict(service) for service in self.services.values()]

    def meet(self, question: str, asked: str) -> Fault:
        """The fault of this question; one without a kind when it is served as it should."""
        fault = next((fault for fault in self.faults if fault.meets(question, asked)), Fault())
        if fault.times is not None and fault.kind:
            fault.times -= 1
            self.faults = [each for each in self.faults if each.times is None or each.times > 0]
        return fault

    def activate(self, transaction_id: str, order: JSON, fault: Fault) -> Service:
        known = self.services.get(transaction_id)
        if known is None:
            known = Service(transaction_id, order)
            if fault.kind == "refuse":
                known.status, known.reason = "refused", "out of stock"
            elif fault.kind == "late":
                known.status = "working"
            else:
                self._switch_on(known)
        return self._keep(known)

    def status(self, transaction_id: str, _order: JSON, _fault: Fault) -> Service:
        known = self.services.get(transaction_id)
        if known is None:
            return Service(transaction_id, {}, "absent")
        if known.status == "working":
            self._switch_on(known)
            return self._keep(known)
        return known

    def cancel(self, transaction_id: str, _order: JSON, fault: Fault) -> Service:
        known = self.services.get(transaction_id) or Service(transaction_id, {})
        if known.status != "refused" and not (known.status == "active" and fault.kind == "keep"):
            known.status = "cancelled"
        return self._keep(known)

    def _switch_on(self, service: Service) -> None:
        service.status, service.reference = "active", f"S-{len(self.services) + 1:06}"
        service.switched_on += 1

    def _keep(self, service: Service) -> Service:
        self.services.setdefault(service.transaction_id, service)
        serial = list(self.services).index(service.transaction_id)
        self.world.journal.put("service", serial, 0, asdict(service))
        return service


PARTNER = web.AppKey("partner", Partner)
Deed = Callable[[str, JSON, Fault], Service]


async def activate(request: web.Request) -> web.StreamResponse:
    return await _serve(request, "activate", request.app[PARTNER].activate)


async def status(request: web.Request) -> web.StreamResponse:
    return await _serve(request, "status", request.app[PARTNER].status)


async def cancel(request: web.Request) -> web.StreamResponse:
    return await _serve(request, "cancel", request.app[PARTNER].cancel)


async def _serve(request: web.Request, question: str, deed: Deed) -> web.StreamResponse:
    partner, body = request.app[PARTNER], await request.read()
    if not _is_signed(partner, request, body):
        return web.json_response({"error": "The key or the signature is wrong, or too old."}, status=401)
    order = _object(body)
    transaction_id = request.match_info.get("transaction_id") or str(order.get("transaction_id") or "")
    if not transaction_id:
        return web.json_response({"error": "transaction_id is missing."}, status=400)
    known = partner.services.get(transaction_id)
    if question == "activate" and known and known.order and known.order != order:
        return web.json_response({"error": "This transaction asked for something else."}, status=409)
    fault = partner.meet(question, json.dumps({"transaction_id": transaction_id, **order}))
    if fault.kind == "hang":
        await asyncio.sleep(fault.ms / 1000)
    if fault.kind == "error":
        return web.json_response({"error": "Try again later."}, status=503)
    return await _answer(request, deed(transaction_id, order, fault), fault)


async def _answer(request: web.Request, service: Service, fault: Fault) -> web.StreamResponse:
    """What becomes of the answer on its way."""
    request.app[PARTNER].world.journal.flush()
    text = json.dumps(service.answer())
    match fault.kind:
        case "hang_after_accept":
            await asyncio.sleep(fault.ms / 1000)
        case "error_after_accept":
            return web.json_response({"error": "Something broke."}, status=500)
        case "garble":
            return web.Response(text="<html>OK, more or less</html>", content_type="text/html")
        case "twice":
            text += text
        case "cut" if request.transport:
            request.transport.abort()
        case "other_transaction":
            text = text.replace(service.transaction_id, "00000000-0000-0000-0000-000000000000")
    return web.Response(text=text, content_type="application/json")


def _is_signed(partner: Partner, request: web.Request, body: bytes) -> bool:
    """HMAC-SHA256 in hex of time, method, path and body, by somebody whose clock is about right."""
    at = request.headers.get("X-Timestamp", "")
    if not at.isdecimal() or abs(time.time() - int(at)) > CLOCKS_APART_SECONDS:
        return False
    words = f"{at}\n{request.method}\n{request.rel_url.raw_path}\n".encode() + body
    signature = hmac.new(partner.secret.encode(), words, hashlib.sha256).hexdigest()
    told = f"{request.headers.get('X-Api-Key')} {request.headers.get('X-Signature')}"
    return hmac.compare_digest(told.encode(errors="replace"), f"{partner.api_key} {signature}".encode())


def _object(body: bytes) -> JSON:
    """The JSON object of a request; an empty one for whatever else it is."""
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


ROUTES = [
    web.post("/partner/activations", activate),
    web.get("/partner/activations/{transaction_id}", status),
    web.post("/partner/activations/{transaction_id}/cancel", cancel),
]
