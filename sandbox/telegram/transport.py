"""The HTTP side of the Bot API: paths, envelopes, faults, and the one way a method is executed."""

import asyncio
import contextlib
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from sandbox.telegram import files, params
from sandbox.telegram.core import Telegram
from sandbox.telegram.errors import BotApiError
from sandbox.telegram.faults import Fault
from sandbox.telegram.methods.registry import METHODS, Call, Described, Method, Raw, run
from sandbox.telegram.models import Bot, Channel
from sandbox.telegram.params import Params

TOKEN = re.compile(r"[1-9]\d*:[^/]+")
TOKEN_LENGTH = 80
DOWNLOAD_BYTES = 20 * 1024 * 1024
HTML_502 = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1>"
    "</center>\r\n<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n"
)
Door = Callable[[web.Request], Awaitable[web.StreamResponse]]


def add_routes(app: web.Application, telegram: Telegram) -> None:
    async def call(request: web.Request) -> web.StreamResponse:
        return await _serve(telegram, request)

    async def download(request: web.Request) -> web.StreamResponse:
        return _download(telegram, request)

    app.router.add_route("*", "/bot{token}/test/{method}", call)
    app.router.add_route("*", "/bot{token}/{method}", call)
    app.router.add_get("/file/bot{token}/{path:.+}", download)


def not_found() -> web.Response:
    return _json_response(404, BotApiError(404).body())


async def _serve(telegram: Telegram, request: web.Request) -> web.StreamResponse:
    faults: list[Fault] = []
    try:
        bot = authorized(telegram, request.match_info["token"])
        method = METHODS.get(request.match_info["method"].lower())
        if method is None:
            raise BotApiError(404, "method not found")
        call = Call(telegram, bot, method.name, await params.read(request))
        faults = _met_faults(telegram, call)
        answer = await _misbehave(call, faults) or await execute(call, method)
    except BotApiError as error:
        answer = _json_response(error.code, error.body())
    telegram.world.journal.flush()
    for fault in faults:
        if fault.kind == "delay_after_accept":
            await asyncio.sleep(fault.ms / 1000)
    if any(fault.kind == "reset_after_accept" for fault in faults) and request.transport:
        request.transport.abort()
    return answer


def authorized(telegram: Telegram, token: str) -> Bot:
    if len(token) > TOKEN_LENGTH or not TOKEN.fullmatch(token):
        raise BotApiError(401, "invalid token specified")
    bot = telegram.world.tokens.get(token)
    if bot is None:
        raise BotApiError(401)
    return bot


async def execute(call: Call, method: Method) -> web.Response:
    """Runs one method and wraps what it gave or refused; every call is logged with its status."""
    status = 200
    try:
        if method.sends:
            _count_against_limits(call)
        return _envelope(await run(call, method.handler))
    except BotApiError as error:
        status = error.code
        return _json_response(error.code, error.body())
    finally:
        call.telegram.calls.note(call.bot.id, method.name, call.params.values, status)


def _count_against_limits(call: Call) -> None:
    reference = call.params.text("chat_id").strip()
    target = call.world.find(reference) if reference else None
    chat_id = target.id if target else 0
    if isinstance(target, Channel) or chat_id >= 0:
        call.telegram.flood.check(call.bot, chat_id, paid=call.params.flag("allow_paid_broadcast"))


def _met_faults(telegram: Telegram, call: Call) -> list[Fault]:
    if not telegram.faults:
        return []
    return telegram.faults.meet(call.method, call.params.serialized())


async def _misbehave(call: Call, faults: list[Fault]) -> web.Response | None:
    for fault in faults:
        if fault.kind == "delay":
            await asyncio.sleep(fault.ms / 1000)
        elif fault.kind == "error":
            call.telegram.calls.note(call.bot.id, call.method, call.params.values, fault.code)
            raise fault.error()
        elif fault.kind == "html_502":
            call.telegram.calls.note(call.bot.id, call.method, call.params.values, 502)
            return web.Response(status=502, text=HTML_502, content_type="text/html")
    return None


def _envelope(result: Any) -> web.Response:
    if isinstance(result, Raw):
        return _text_response(200, f'{{"ok":true,"result":{result.text}}}')
    if isinstance(result, Described):
        return _json_response(200, {"ok": True, "result": result.result, "description": result.description})
    return _json_response(200, {"ok": True, "result": result})


def _json_response(status: int, body: dict[str, Any]) -> web.Response:
    response = _text_response(status, json.dumps(body, ensure_ascii=False, separators=(",", ":")))
    if status == 429 and "parameters" in body:
        response.headers["Retry-After"] = str(body["parameters"]["retry_after"])
    return response


def _text_response(status: int, text: str) -> web.Response:
    return web.Response(status=status, body=text.encode(), headers={"Content-Type": "application/json"})


def _download(telegram: Telegram, request: web.Request) -> web.Response:
    try:
        authorized(telegram, request.match_info["token"])
    except BotApiError as error:
        return _json_response(error.code, error.body())
    serial = re.search(r"file_(\d+)", request.match_info["path"])
    file = telegram.world.files.get(int(serial.group(1))) if serial else None
    if file is None or files.file_path(file) != request.match_info["path"]:
        return _json_response(404, BotApiError(404).body())
    with contextlib.suppress(OSError, KeyError):
        return web.Response(body=telegram.blobs.get(file.digest), content_type="application/octet-stream")
    return _json_response(404, BotApiError(404).body())


async def execute_from_webhook(telegram: Telegram, bot: Bot, values: dict[str, Any]) -> None:
    """Runs the method a webhook answered with; what it returns is seen by nobody."""
    name = str(values.get("method", "")).lower()
    method = METHODS.get(name)
    forbidden = {"deletewebhook", "setwebhook", "close", "logout"}
    if method is None or name in forbidden or name.startswith("get"):
        return
    rest = {key: value for key, value in values.items() if key != "method"}
    await execute(Call(telegram, bot, method.name, Params(rest)), method)
    telegram.world.journal.flush()
