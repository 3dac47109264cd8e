"""Telling what a file is by its bytes, never by its name. Pure."""

from dataclasses import dataclass

MEGABYTE = 1024 * 1024
MOST_IMAGE_BYTES = 10 * MEGABYTE  # Bot API: photos of at most 10 MB
MOST_VIDEO_BYTES = 50 * MEGABYTE  # Bot API: other files of at most 50 MB

# The container also holds HEIC and AVIF pictures and sound, which are none of the kinds we take.
MPEG4_BRANDS = (b"iso", b"mp4", b"avc", b"M4V", b"MSNV", b"dash")


@dataclass(frozen=True)
class Sniffed:
    """`kind` is how Telegram shall show it."""

    kind: str
    extension: str
    most_bytes: int


def sniff(head: bytes) -> Sniffed | None:
    """What the first 16 bytes say: jpg, png, gif, mp4, mov or avi; None for anything else."""
    if head.startswith(b"\xff\xd8\xff"):
        return Sniffed("photo", "jpg", MOST_IMAGE_BYTES)
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Sniffed("photo", "png", MOST_IMAGE_BYTES)
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return Sniffed("animation", "gif", MOST_IMAGE_BYTES)
    if head[4:8] == b"ftyp":
        return _mpeg4(head[8:12])
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return Sniffed("document", "avi", MOST_VIDEO_BYTES)
    return None


def _mpeg4(brand: bytes) -> Sniffed | None:
    """Telegram plays MPEG-4 only; other containers go as documents (Bot API, sendVideo)."""
    if brand == b"qt  ":
        return Sniffed("document", "mov", MOST_VIDEO_BYTES)
    return Sniffed("video", "mp4", MOST_VIDEO_BYTES) if brand.startswith(MPEG4_BRANDS) else None
