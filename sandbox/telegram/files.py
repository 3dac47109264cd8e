"""Files: their bytes by digest, and the file ids a bot is given for them."""

import base64
import hashlib
import struct
import zlib
from pathlib import Path
from typing import Any

from sandbox.telegram.errors import bad_request
from sandbox.telegram.models import JSON, StoredFile
from sandbox.telegram.world import FILES, World

# The first letters of real file ids tell the kind; some clients look at them.
PREFIXES = {
    "photo": "AgACAgQAAxk",
    "video": "BAACAgQAAxk",
    "animation": "CgACAgQAAxk",
    "document": "BQACAgQAAxk",
    "audio": "CQACAgQAAxk",
    "voice": "AwACAgQAAxk",
    "video_note": "DQACAgQAAxk",
}
FOLDERS = {"photo": "photos", "voice": "voice", "audio": "music", "document": "documents"}
EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "video/mp4": "mp4",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
}
PACKED = struct.Struct(">qIH")


class Blobs:
    """Bytes by their SHA-256: files under a directory, or a dictionary without one."""

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory / "files" if directory else None
        self._memory: dict[str, bytes] = {}
        if self._directory:
            self._directory.mkdir(parents=True, exist_ok=True)

    def put(self, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        if self._directory is None:
            self._memory[digest] = data
        elif not (path := self._directory / digest).exists():
            # A half-written file must never carry its final name.
            part = path.with_suffix(".part")
            part.write_bytes(data)
            part.replace(path)
        return digest

    def get(self, digest: str) -> bytes:
        if self._directory is None:
            return self._memory[digest]
        return (self._directory / digest).read_bytes()


def store(world: World, blobs: Blobs, file: StoredFile, data: bytes) -> StoredFile:
    file.digest = blobs.put(data)
    file.serial = world.next(FILES)
    file.size = len(data)
    world.keep_file(file)
    return file


def file_id(file: StoredFile, side: int, bot_id: int) -> str:
    """An id that belongs to one bot; `side` is the longest side of a photo's size, 0 for other kinds."""
    body = PACKED.pack(bot_id, file.serial, side)
    body += struct.pack(">I", zlib.crc32(body))
    return PREFIXES[file.kind] + base64.urlsafe_b64encode(body).decode()


def unique_id(file: StoredFile, side: int) -> str:
    return "AQAD" + hashlib.sha256(f"{file.digest}{side}".encode()).hexdigest()[:12]


def by_file_id(world: World, text: str, bot_id: int | None) -> StoredFile:
    """The file behind an id; refused when it is garbage or, for a bot, another bot's.

    The words of a garbled id vary a lot on the real server; these are the frequent ones.
    """
    owner, serial, _ = _unpack(text)
    file = world.files.get(serial)
    if file is None or (bot_id is not None and owner != bot_id) or not text.startswith(PREFIXES[file.kind]):
        raise bad_request("wrong file identifier/HTTP URL specified")
    return file


def side_of(text: str) -> int:
    """The size a photo's file id stands for."""
    return _unpack(text)[2]


def _unpack(text: str) -> tuple[int, int, int]:
    broken = "wrong remote file identifier specified: "
    body = next((text[len(prefix) :] for prefix in PREFIXES.values() if text.startswith(prefix)), "")
    try:
        raw = base64.b64decode(body, altchars=b"-_", validate=True)
    except ValueError as error:
        raise bad_request(broken + "Wrong character in the string") from error
    if len(raw) != PACKED.size + 4 or zlib.crc32(raw[:-4]) != int.from_bytes(raw[-4:]):
        raise bad_request(broken + "can't unserialize it. Wrong last symbol")
    owner, serial, side = PACKED.unpack(raw[:-4])
    return owner, serial, side


def public_media(world: World, stored: Any, bot_id: int) -> Any:
    """The public shape of a stored attachment: its file references become ids of this bot."""
    if isinstance(stored, list):
        return [public_media(world, size, bot_id) for size in stored]
    shape: JSON = {key: value for key, value in stored.items() if key not in {"file", "side"}}
    file, side = world.files[stored["file"]], stored.get("side", 0)
    return {"file_id": file_id(file, side, bot_id), "file_unique_id": unique_id(file, side)} | shape


def file_path(file: StoredFile) -> str:
    folder = FOLDERS.get(file.kind, "videos" if file.mime_type.startswith("video/") else "documents")
    extension = EXTENSIONS.get(file.mime_type) or Path(file.name).suffix.lstrip(".")
    return f"{folder}/file_{file.serial}" + (f".{extension}" if extension else "")
