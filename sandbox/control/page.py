"""The chat page's static files, and the uploaded media it shows."""

from pathlib import Path

from aiohttp import web

from sandbox.control.requests import Refused, telegram_of
from sandbox.telegram import files
from sandbox.telegram.errors import BotApiError

PAGE = Path(__file__).parent.parent / "page"
FRESH = {"Cache-Control": "no-store"}


async def index(_: web.Request) -> web.StreamResponse:
    return _static("index.html")


async def asset(request: web.Request) -> web.StreamResponse:
    return _static(request.match_info["file"])


def _static(name: str) -> web.StreamResponse:
    path = (PAGE / name).resolve()
    if not path.is_relative_to(PAGE) or not path.is_file():
        raise Refused("There is no such page.", 404)
    return web.FileResponse(path, headers=FRESH)


async def media(request: web.Request) -> web.Response:
    """An uploaded file by whichever bot's id for it."""
    telegram = telegram_of(request)
    try:
        file = files.by_file_id(telegram.world, request.match_info["file"], None)
    except BotApiError as error:
        raise Refused("There is no such file.", 404) from error
    mime_type = file.mime_type or "application/octet-stream"
    return web.Response(body=telegram.blobs.get(file.digest), headers={"Content-Type": mime_type})


ROUTES = [
    web.get("/", index),
    web.get("/page/{file:.+}", asset),
    web.get("/sandbox/file/{file}", media),
]
