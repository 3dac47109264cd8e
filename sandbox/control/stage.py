"""The stage director: limits, faults, time, reset, and what was really called and accepted."""

from typing import Any

from aiohttp import web

from sandbox.control import channels, people
from sandbox.control.crowd import CROWDS
from sandbox.control.inbox import INBOX, SMTP_PORT
from sandbox.control.requests import (
    Refused,
    answer,
    body_of,
    bot,
    done,
    number_in,
    object_in,
    seconds_in,
    telegram_of,
    text_in,
)
from sandbox.partner import PARTNER
from sandbox.telegram.faults import KINDS, Fault
from sandbox.telegram.flood import DEFAULTS
from sandbox.telegram.models import JSON
from sandbox.telegram.text import PARSER

SHOWN_PEOPLE = 200


async def health(request: web.Request) -> web.Response:
    return answer({"status": "ok", "parser": PARSER.name, "smtp_port": request.app[SMTP_PORT][0]})


async def world(request: web.Request) -> web.Response:
    telegram = telegram_of(request)
    everybody = list(telegram.world.people.values())
    return answer(
        {
            "bots": [
                {"id": one.id, "username": one.username, "first_name": one.first_name}
                for one in telegram.world.bots.values()
            ],
            "people": [people.shape(one) for one in everybody[: -SHOWN_PEOPLE - 1 : -1]],
            "people_count": len(everybody),
            "channels": [channels.shape(telegram, one) for one in telegram.world.channels.values()],
            "limits": telegram.flood.limits,
            "faults": telegram.faults.listed(),
        }
    )


async def limit(request: web.Request) -> web.Response:
    telegram = telegram_of(request)
    body = await body_of(request)
    if set(body) - set(DEFAULTS):
        raise Refused(f"Limits are an object of {', '.join(DEFAULTS)}.")
    if body and "enabled" not in body:
        body["enabled"] = True
    limits = {name: _limit(name, value) for name, value in body.items()}
    telegram.world.keep_limits(telegram.world.limits | limits)
    telegram.flood.forget()
    telegram.world.tell("world")
    return answer(telegram.flood.limits)


def _limit(name: str, value: Any) -> bool | float:
    """A switch, or a rate where 0 and null mean no limit."""
    if isinstance(DEFAULTS[name], bool):
        return bool(value)
    return seconds_in({name: value or 0}, name, 0)


async def misbehave(request: web.Request) -> web.Response:
    telegram = telegram_of(request)
    body = await body_of(request)
    kind = text_in(body, "kind")
    if kind not in KINDS:
        raise Refused(f"A fault's kind is one of {', '.join(KINDS)}.")
    times = None if "times" in body and body["times"] is None else number_in(body, "times", 1)
    retry_after = number_in(body, "retry_after", 0)
    fault = Fault(
        kind=kind,
        method=text_in(body, "method", ""),
        match=text_in(body, "match", ""),
        code=number_in(body, "code", 429 if retry_after else 500, low=400, high=599),
        description=text_in(body, "description", ""),
        retry_after=retry_after,
        parameters=object_in(body, "parameters"),
        ms=number_in(body, "ms", 0, high=600_000),
        times=times or None,
    )
    telegram.faults.add(fault)
    telegram.world.tell("world")
    return answer(telegram.faults.listed()[-1])


async def behave(request: web.Request) -> web.Response:
    telegram_of(request).faults.forget()
    request.app[INBOX].behave()
    request.app[PARTNER].faults.clear()
    telegram_of(request).world.tell("world")
    return done()


async def calls(request: web.Request) -> web.Response:
    telegram = telegram_of(request)
    bot_id = bot(telegram, request.query["bot_id"]).id if "bot_id" in request.query else None
    return answer(telegram.calls.listed(request.query.get("method", ""), bot_id))


async def accepted(request: web.Request) -> web.Response:
    """Every message Telegram would have delivered, in order."""
    entries: list[JSON] = telegram_of(request).world.accepted
    bot_id = request.query.get("bot_id", "")
    if bot_id:
        entries = [entry for entry in entries if str(entry["bot_id"]) == bot_id]
    return answer(entries)


async def advance(request: web.Request) -> web.Response:
    """Moves the sandbox's clock forward."""
    telegram = telegram_of(request)
    telegram.world.clock.advance(seconds_in(await body_of(request), "advance", 0))
    return answer({"now": telegram.world.clock.now()})


async def reset(request: web.Request) -> web.Response:
    request.app[CROWDS].forget()
    request.app[INBOX].forget()
    request.app[PARTNER].forget()
    telegram_of(request).reset()
    return done()


ROUTES = [
    web.get("/sandbox/health", health),
    web.get("/sandbox/world", world),
    web.put("/sandbox/limits", limit),
    web.post("/sandbox/faults", misbehave),
    web.delete("/sandbox/faults", behave),
    web.get("/sandbox/calls", calls),
    web.get("/sandbox/accepted", accepted),
    web.put("/sandbox/clock", advance),
    web.post("/sandbox/reset", reset),
]
