"""Telling what a file is by its bytes, never by its name, and how large Telegram takes it. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from config.language import Text

MEGABYTE = 1024 * 1024
MOST_PHOTO_BYTES = 10 * MEGABYTE  # Bot API, sending files: photos of at most 10 MB
MOST_BYTES = 50 * MEGABYTE  # and other files of at most 50 MB
HEAD_BYTES = 64  # enough for every sign below
LONGEST_NAME = 100
KINDS = ("photo", "video", "animation", "audio", "voice", "video_note", "document")
LONGEST_ADDRESS = 2048
FILE_ID = re.compile(r"[A-Za-z0-9_-]{20,512}")
UNKNOWN = "application/octet-stream"
NO_ADDRESS = Text(
    en="This is no address of a file: it has to begin with https:// or http://.",
    ru="Это не адрес файла: он должен начинаться с https:// или http://.",
)
LONG_ADDRESS = Text(
    en="The address is {length} characters long, {most} is the most.",
    ru="Длина адреса — {length} знаков, а можно не больше {most}.",
)
NO_FILE_ID = Text(
    en="This is no file_id: Telegram's are long words of letters and digits.",
    ru="Это не file_id: в Telegram это длинные слова из букв и цифр.",
)

# The container also holds HEIC and AVIF pictures, which Telegram shows as neither photo nor video.
MPEG4_BRANDS = (b"iso", b"mp4", b"avc", b"M4V", b"MSNV", b"dash")
SOUND_BRANDS = (b"M4A", b"M4B")
ZIPS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
MPEG_SOUND = 0xE0  # the three bits that follow 0xFF in a frame of MPEG audio
NO_LAYER = 0x06  # both zero in AAC, which is not MP3


@dataclass(frozen=True)
class Sniffed:
    """`kind` is how Telegram shows it best; `extension` is empty when the bytes say nothing."""

    kind: str
    extension: str
    mime_type: str
    most_bytes: int = MOST_BYTES


SIGNS: tuple[tuple[bytes, Sniffed], ...] = (
    (b"\xff\xd8\xff", Sniffed("photo", "jpg", "image/jpeg", MOST_PHOTO_BYTES)),
    (b"\x89PNG\r\n\x1a\n", Sniffed("photo", "png", "image/png", MOST_PHOTO_BYTES)),
    (b"GIF87a", Sniffed("animation", "gif", "image/gif")),
    (b"GIF89a", Sniffed("animation", "gif", "image/gif")),
    (b"%PDF-", Sniffed("document", "pdf", "application/pdf")),
    (b"ID3", Sniffed("audio", "mp3", "audio/mpeg")),
    *((sign, Sniffed("document", "zip", "application/zip")) for sign in ZIPS),
)
CONTAINERS = {
    b"AVI ": Sniffed("document", "avi", "video/x-msvideo"),
    b"WEBP": Sniffed("photo", "webp", "image/webp", MOST_PHOTO_BYTES),
}
ANYTHING = Sniffed("document", "", UNKNOWN)


def sniff(head: bytes) -> Sniffed:
    """What the first HEAD_BYTES say; a file that says nothing is a document like any other."""
    for sign, found in SIGNS:
        if head.startswith(sign):
            return found
    if head[4:8] == b"ftyp":
        return _mpeg4(head[8:12])
    if head[:4] == b"RIFF":
        return CONTAINERS.get(head[8:12], ANYTHING)
    return _sound(head)


def _mpeg4(brand: bytes) -> Sniffed:
    """Telegram plays MPEG-4 only; other containers go as documents (Bot API, sendVideo)."""
    if brand == b"qt  ":
        return Sniffed("document", "mov", "video/quicktime")
    if brand.startswith(SOUND_BRANDS):
        return Sniffed("audio", "m4a", "audio/mp4")
    return Sniffed("video", "mp4", "video/mp4") if brand.startswith(MPEG4_BRANDS) else ANYTHING


def _sound(head: bytes) -> Sniffed:
    """A voice message is Ogg with Opus inside (Bot API, sendVoice); another Ogg is a document."""
    if head.startswith(b"OggS"):
        return Sniffed("voice" if b"OpusHead" in head[:HEAD_BYTES] else "document", "ogg", "audio/ogg")
    framed = len(head) > 1 and head[0] == 0xFF and head[1] & MPEG_SOUND == MPEG_SOUND and head[1] & NO_LAYER
    return Sniffed("audio", "mp3", "audio/mpeg") if framed else ANYTHING


def file_name(given: str, sniffed: Sniffed) -> str:
    """A name people may see: no path, no control signs, and the ending that the bytes deserve."""
    plain = "".join(sign for sign in given if unicodedata.category(sign)[0] != "C")
    name = PurePosixPath(plain.replace("\\", "/")).name.strip() or "file"
    path = PurePosixPath(name)
    suffix = f".{sniffed.extension}" if sniffed.extension else path.suffix[:16]
    # A zip may be a .docx, and Telegram's clients go by the ending.
    if sniffed.kind == "document" and sniffed.extension == "zip" and path.suffix:
        suffix = path.suffix[:16]
    return path.stem[: LONGEST_NAME - len(suffix)] + suffix


def address_problem(address: str) -> Text | None:
    """Why Telegram could not fetch a file from this address, None when it may be able to."""
    try:
        parts = urlsplit(address)
        named = bool(parts.hostname) and parts.port != 0
    except ValueError:
        named = False
    if not named or parts.scheme not in ("http", "https") or any(sign.isspace() for sign in address):
        return NO_ADDRESS
    if len(address) > LONGEST_ADDRESS:
        return LONG_ADDRESS.filled(length=len(address), most=LONGEST_ADDRESS)
    return None


def file_id_problem(text: str) -> Text | None:
    """Why this cannot be a file id of Telegram's, None when it may be one."""
    return None if FILE_ID.fullmatch(text) else NO_FILE_ID


def photo_problem(photo: str) -> Text | None:
    """Why Telegram could not show this, an address or a file id, None when it may be able to."""
    return address_problem(photo) if ":" in photo else file_id_problem(photo)


def file_id_of(message: Any, kind: str) -> str:
    """The id in a sent message, an object or JSON; Telegram may show a file as another kind than asked."""
    for name in (kind, *KINDS):
        found = message.get(name) if isinstance(message, dict) else getattr(message, name, None)
        if found:
            largest = found[-1] if isinstance(found, list) else found
            return str(largest["file_id"] if isinstance(largest, dict) else largest.file_id)
    return ""
