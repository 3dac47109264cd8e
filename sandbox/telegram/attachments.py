"""Attachments of a message: taken from an upload, a file id or a URL, and shaped for the message."""

from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from sandbox.telegram import files, sniffing
from sandbox.telegram.core import Telegram
from sandbox.telegram.errors import BotApiError, bad_request
from sandbox.telegram.models import JSON, Bot, StoredFile
from sandbox.telegram.params import Params, Upload

UPLOAD_BYTES = 50 * 1024 * 1024
PHOTO_BYTES = 10 * 1024 * 1024
PHOTO_BY_URL_BYTES = 5 * 1024 * 1024
BY_URL_BYTES = 20 * 1024 * 1024
PHOTO_SIDES_SUM = 10_000
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
FETCH_TIMEOUT = aiohttp.ClientTimeout(total=10)
# The longest sides of the sizes a photo is offered in.
PHOTO_SIDES = (90, 320, 800, 1280)
# What may be re-sent under another method than it came with.
INTERCHANGEABLE = {
    "document": {"video", "animation", "audio"},
    "animation": {"video"},
    "video": {"animation"},
}
BY_URL: dict[str, tuple[str, ...]] = {
    "photo": ("image/",),
    "video": ("video/",),
    "animation": ("video/", "image/gif"),
    "audio": ("audio/",),
    "voice": ("audio/ogg",),
    "document": ("image/gif", "application/pdf", "application/zip"),
}


async def take(telegram: Telegram, bot: Bot, params: Params, kind: str, reference: Any) -> StoredFile:
    """The file a request means: an upload of this request, a URL, or an id this bot has been given."""
    if isinstance(reference, Upload):
        return _store(telegram, kind, reference, PHOTO_BYTES if kind == "photo" else UPLOAD_BYTES)
    text = str(reference or "").strip()
    if not text:
        raise bad_request(f"there is no {kind.replace('_', ' ')} in the request")
    if text.startswith("attach://"):
        upload = params.uploads.get(text.removeprefix("attach://"))
        if upload is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        return await take(telegram, bot, params, kind, upload)
    if text.lower().startswith(("http://", "https://")):
        upload = await _fetched(text, kind)
        return _store(telegram, kind, upload, PHOTO_BY_URL_BYTES if kind == "photo" else BY_URL_BYTES)
    file = files.by_file_id(telegram.world, text, bot.id)
    if file.kind != kind and file.kind not in INTERCHANGEABLE.get(kind, set()):
        raise bad_request(f"can't use file of type {file.kind.capitalize()} as {kind.capitalize()}")
    return file


def _store(telegram: Telegram, kind: str, upload: Upload, largest: int) -> StoredFile:
    size = len(upload.data)
    if not size:
        raise bad_request("file must be non-empty")
    if size > UPLOAD_BYTES:
        raise BotApiError(413)
    if size > largest:
        what = f"a {kind}; the maximum size is {largest} bytes"
        raise bad_request(f"file of size {size} bytes is too big for {what}")
    sides = sniffing.dimensions(upload.data) or (0, 0)
    if kind == "photo":
        _check_photo(sides)
    mime_type = sniffing.mime_type(upload.data, upload.filename)
    file = StoredFile(0, kind, "", size, upload.filename, mime_type, width=sides[0], height=sides[1])
    return files.store(telegram.world, telegram.blobs, file, upload.data)


def _check_photo(sides: tuple[int, int]) -> None:
    if not all(sides):
        raise bad_request("IMAGE_PROCESS_FAILED")
    if sum(sides) > PHOTO_SIDES_SUM or max(sides) > 20 * min(sides):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")


async def _fetched(url: str, kind: str) -> Upload:
    """Downloads from this machine only: for the sandbox the rest of the network does not answer."""
    parts = urlsplit(url)
    if kind == "video_note":
        raise bad_request("wrong file identifier/HTTP URL specified")
    if parts.hostname not in LOOPBACK:
        raise bad_request("failed to get HTTP URL content")
    try:
        async with aiohttp.ClientSession(timeout=FETCH_TIMEOUT) as session, session.get(url) as response:
            data = await response.content.read(BY_URL_BYTES + 1)
            while len(data) <= BY_URL_BYTES and (more := await response.content.read(BY_URL_BYTES)):
                data += more
            status = response.status
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise bad_request("failed to get HTTP URL content") from error
    if status != 200:
        raise bad_request("failed to get HTTP URL content")
    name = PurePosixPath(parts.path).name or "file"
    if not sniffing.mime_type(data, name).startswith(BY_URL[kind]):
        raise bad_request("wrong type of the web page content")
    return Upload(name, "", data)


def content(file: StoredFile, kind: str, details: JSON) -> JSON:
    """The part of a message's content that shows the file; `details` are what the sender says of it."""
    if kind == "photo":
        return {"photo": _sizes(file)}
    shape: JSON = {"file": file.serial, **_measures(file, kind, details)}
    if kind not in {"video_note", "voice"}:
        shape["file_name"] = file.name
    if kind != "video_note":
        shape["mime_type"] = file.mime_type
    shape["file_size"] = file.size
    if kind == "animation":
        document = {key: shape[key] for key in ("file", "file_name", "mime_type", "file_size")}
        return {"animation": shape, "document": document}
    return {kind: shape}


def _measures(file: StoredFile, kind: str, details: JSON) -> JSON:
    def number(name: str, default: int) -> int:
        value = str(details.get(name) or "")
        return int(value) if value.isdigit() else default

    if kind == "document":
        return {}
    measures: JSON = {"duration": number("duration", file.duration)}
    if kind in {"video", "animation"}:
        measures |= {"width": number("width", file.width), "height": number("height", file.height)}
    if kind == "video_note":
        measures["length"] = number("length", 240)
    if kind == "audio":
        measures |= {name: str(details[name]) for name in ("performer", "title") if details.get(name)}
    return measures


def _sizes(file: StoredFile) -> list[JSON]:
    """A photo's sizes, smallest first; all of them lead to the same bytes."""
    longest = max(file.width, file.height)
    sizes = []
    for side in [side for side in PHOTO_SIDES if side < longest] + [min(longest, PHOTO_SIDES[-1])]:
        scale = side / longest
        width, height = max(1, round(file.width * scale)), max(1, round(file.height * scale))
        size = {"file": file.serial, "side": side, "width": width, "height": height}
        if size not in sizes:
            sizes.append(size | {"file_size": max(1, int(file.size * min(1.0, scale * scale)))})
    return sizes
