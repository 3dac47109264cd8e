"""Directing the partner's stand-in: what it does wrong, and the truth about what it has switched on."""

from aiohttp import web

from sandbox.control.requests import Refused, answer, body_of, done, number_in, text_in
from sandbox.partner import KINDS, PARTNER, QUESTIONS, Fault
from sandbox.telegram.models import JSON


async def services(request: web.Request) -> web.Response:
    """Every transaction the partner heard of, the oldest first; `?status=active` those that are on."""
    wanted: str = request.query.get("status", "")
    listed: list[JSON] = request.app[PARTNER].listed()
    return answer([service for service in listed if wanted in ("", service["status"])])


async def misbehave(request: web.Request) -> web.Response:
    """`{kind, question?, match?, ms?, times?}`: the next question that fits meets it; `times: null` for good."""
    body = await body_of(request)
    kind, question = text_in(body, "kind"), text_in(body, "question", "")
    if kind not in KINDS or question not in ("", *QUESTIONS):
        raise Refused(f"A kind is one of {', '.join(KINDS)}, a question one of {', '.join(QUESTIONS)}.")
    times = None if "times" in body and body["times"] is None else number_in(body, "times", 1, low=1)
    ms = number_in(body, "ms", 60_000, high=600_000)
    request.app[PARTNER].faults.append(Fault(kind, question, text_in(body, "match", ""), ms, times))
    return done()


async def behave(request: web.Request) -> web.Response:
    request.app[PARTNER].faults.clear()
    return done()


ROUTES = [
    web.get("/sandbox/partner/services", services),
    web.post("/sandbox/partner/faults", misbehave),
    web.delete("/sandbox/partner/faults", behave),
]
