"""The inbox over HTTP: SMS come in as a provider takes them, and everything received is shown."""

import asyncio
import hmac

from aiohttp import web

from sandbox.control.requests import Refused, answer, body_of, done, number_in, text_in
from sandbox.inbox import SMS_KEY, Inbox
from sandbox.inbox.letters import CHANNELS, KINDS, Trouble
from sandbox.telegram.models import JSON

INBOX = web.AppKey("inbox", Inbox)
SMTP_PORT = web.AppKey("smtp_port", list[int])
REFUSALS = {"refuse": (400, "the number cannot be reached"), "later": (503, "busy"), "error": (500, "")}


async def listed(request: web.Request) -> web.Response:
    letters = request.app[INBOX].listed(request.query.get("to", ""))
    return answer([letter.shape() for letter in letters])


async def misbehave(request: web.Request) -> web.Response:
    body = await body_of(request)
    channel, kind = text_in(body, "channel"), text_in(body, "kind")
    if channel not in CHANNELS or kind not in KINDS:
        raise Refused(f"A channel is one of {', '.join(CHANNELS)}, a kind one of {', '.join(KINDS)}.")
    times = number_in(body, "times", 1, low=1)
    request.app[INBOX].misbehave(Trouble(channel, kind, number_in(body, "ms", 60_000, high=600_000), times))
    return done()


async def behave(request: web.Request) -> web.Response:
    request.app[INBOX].behave()
    return done()


async def receive_sms(request: web.Request) -> web.Response:
    """`{"to", "text", "reference"}` with `Authorization: Bearer <key>`; 202 and an id when it was taken."""
    key = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(key.encode(errors="replace"), SMS_KEY.encode()):
        return answer({"error": "The key is wrong."}, 401)
    body = await body_of(request)
    to, text = text_in(body, "to"), text_in(body, "text")
    trouble = request.app[INBOX].trouble("sms")
    if trouble.kind in REFUSALS:
        status, sentence = REFUSALS[trouble.kind]
        return answer({"error": sentence}, status)
    if trouble.kind == "hang":
        await asyncio.sleep(trouble.ms / 1000)
    letter = request.app[INBOX].take("sms", to, text)
    if trouble.kind == "lost":
        return answer({"error": ""}, 500)
    if trouble.kind == "garble":
        return web.Response(text="<html>OK, more or less</html>", content_type="text/html")
    taken: JSON = {"id": f"sms-{letter.id}", "status": "accepted"}
    return answer(taken, 202)


ROUTES = [
    web.get("/sandbox/inbox", listed),
    web.post("/sandbox/inbox/faults", misbehave),
    web.delete("/sandbox/inbox/faults", behave),
    web.post("/sms", receive_sms),
]
