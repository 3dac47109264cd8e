"""Bots, made as BotFather would."""

import re
import secrets

from aiohttp import web

from sandbox.control.requests import Refused, answer, body_of, bot, telegram_of, text_in
from sandbox.telegram.models import JSON, Bot
from sandbox.telegram.world import ALBUMS, BOTS, FIRST, UPDATE_BASE, World

USERNAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,31}")
TOKEN = re.compile(r"[1-9]\d{2,15}:[A-Za-z0-9_-]{3,60}")


def free_username(world: World, username: str) -> str:
    username = username.removeprefix("@")
    if not USERNAME.fullmatch(username):
        raise Refused("A username has 3 to 32 letters, digits or underscores and begins with a letter.")
    if username.lower() in world.names:
        raise Refused(f"The username {username} is taken.")
    return username


def new_token(bot_id: int) -> str:
    return f"{bot_id}:AA{secrets.token_urlsafe(24)}x"


def shape(one: Bot) -> JSON:
    return {"id": one.id, "token": one.token, "username": one.username, "first_name": one.first_name}


async def create(request: web.Request) -> web.Response:
    """A new bot; `token` may be given, so that a demo keeps its own over a fresh start."""
    world = telegram_of(request).world
    body = await body_of(request)
    username = free_username(world, text_in(body, "username"))
    token = text_in(body, "token", "")
    if token and (not TOKEN.fullmatch(token) or int(token.split(":")[0]) >= FIRST[BOTS]):
        raise Refused(f"The token is malformed, or its number is not below {FIRST[BOTS]}.")
    if token and int(token.split(":")[0]) in world.bots:
        raise Refused("The token is taken.")
    if not token:
        token = new_token(world.next(BOTS))
    one = Bot(int(token.split(":")[0]), token, username, text_in(body, "first_name", username))
    # Update ids keep growing over resets, so a new bot begins after every bot there ever was.
    used = (value for key, value in world.counters.items() if key > ALBUMS)
    world.start_counter(one.id, max(used, default=UPDATE_BASE))
    world.keep_bot(one)
    world.tell("world")
    return answer(shape(one))


async def listed(request: web.Request) -> web.Response:
    """All bots, with what keeps them going: a poll that waits at this moment, or a webhook."""
    telegram = telegram_of(request)
    return answer(
        [
            shape(one)
            | {
                "polling": telegram.updates.mailbox(one.id).is_polled,
                "webhook": (one.webhook or {}).get("url", ""),
                "pending_update_count": telegram.updates.count(one.id),
            }
            for one in telegram.world.bots.values()
        ]
    )


async def revoke(request: web.Request) -> web.Response:
    """A new token, as after /revoke: the old one answers 401 from now on."""
    world = telegram_of(request).world
    one = bot(telegram_of(request), request.match_info["bot"])
    world.tokens.pop(one.token, None)
    one.token = new_token(one.id)
    world.keep_bot(one)
    return answer(shape(one))


ROUTES = [
    web.post("/sandbox/bots", create),
    web.get("/sandbox/bots", listed),
    web.post("/sandbox/bots/{bot}/revoke", revoke),
]
