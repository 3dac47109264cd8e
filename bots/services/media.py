"""The rules of files: stored piece by piece, read piece by piece, uploaded to Telegram once for each bot."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import IO

from django.conf import settings
from django.db import transaction
from django.db.models import ProtectedError, Sum

from accounts import audit
from accounts.audit import Actor
from accounts.models import Account
from bots.errors import MediaInUse, MediaRefused, NoRoomForMedia
from bots.media import HEAD_BYTES, MEGABYTE, Sniffed, file_name, sniff
from bots.models import Media, MediaPart, TelegramFile
from config.language import Text

PART_BYTES = MEGABYTE
IN_MEMORY_BYTES = 2 * MEGABYTE
EMPTY = Text(en="The file is empty.", ru="Файл пуст.")
TOO_LARGE = Text(
    en="A file like {name} may have {most} MB at most.",
    ru="Файл вроде {name} может занимать не больше {most} МБ.",
)


@transaction.atomic
def store(*, account_id: int, by: Actor, name: str, content: Iterable[bytes]) -> Media:
    """A file is told by its bytes and must be of a size Telegram takes; the same one again is the one there is."""
    parts = pieces(content)
    first = next(parts, b"")
    sniffed = sniffed_of(first)
    media = Media.objects.create(
        account_id=account_id, kind=sniffed.kind, file_name=file_name(name, sniffed),
        mime_type=sniffed.mime_type, size=0,
    )  # fmt: skip
    media.size, media.sha256 = _write(media, first, parts, sniffed.most_bytes)
    if earlier := _same(media):
        media.delete()
        return earlier
    _refuse_over_room(media)
    media.save(update_fields=["size", "sha256"])
    audit.record(by, "upload", media, account_id=account_id, after={"kind": media.kind, "bytes": media.size})
    return media


def sniffed_of(first: bytes) -> Sniffed:
    """What the first piece of a file says it is."""
    if not first:
        raise MediaRefused(EMPTY)
    return sniff(first[:HEAD_BYTES])


def pieces(content: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of PART_BYTES, however they come."""
    waiting = bytearray()
    for chunk in content:
        waiting += chunk
        while len(waiting) >= PART_BYTES:
            yield bytes(waiting[:PART_BYTES])
            del waiting[:PART_BYTES]
    if waiting:
        yield bytes(waiting)


def _write(media: Media, first: bytes, rest: Iterator[bytes], most: int) -> tuple[int, str]:
    """Writes the pieces; the file's size and SHA-256."""
    size, digest, part = 0, hashlib.sha256(), first
    number = 0
    while part:
        size += len(part)
        if size > most:
            raise MediaRefused(TOO_LARGE.filled(name=media.file_name, most=most // MEGABYTE))
        digest.update(part)
        MediaPart.objects.create(media=media, number=number, content=part)
        number, part = number + 1, next(rest, b"")
    return size, digest.hexdigest()


def _same(media: Media) -> Media | None:
    """Whoever sends a file again, because no answer came, shall not fill the house with it."""
    known = Media.objects.filter(account_id=media.account_id, sha256=media.sha256, file_name=media.file_name)
    return known.exclude(pk=media.pk).order_by("pk").first()


def _refuse_over_room(media: Media) -> None:
    """The account's row is locked, so that two uploads do not both take the last of the room."""
    Account.objects.select_for_update(no_key=True).get(pk=media.account_id)
    held = Media.objects.filter(account_id=media.account_id).aggregate(sum=Sum("size"))["sum"] or 0
    if held + media.size > settings.MEDIA_MEGABYTES_PER_ACCOUNT * MEGABYTE:
        raise NoRoomForMedia(held=held // MEGABYTE, most=settings.MEDIA_MEGABYTES_PER_ACCOUNT)


@transaction.atomic
def delete(*, media_id: int, by: Actor) -> None:
    """A file that nothing needs any more goes; what was or will be sent keeps its file."""
    media = Media.objects.select_for_update().get(pk=media_id)
    audit.record(by, "delete_media", media, account_id=media.account_id, before={"name": media.file_name})
    try:
        media.delete()
    except ProtectedError as error:
        raise MediaInUse from error


def lock_files(*, account_id: int, media_ids: Iterable[int]) -> dict[int, Media]:
    """Those of the files that are the account's, kept from being deleted until the transaction ends."""
    files = Media.objects.filter(account_id=account_id, pk__in=set(media_ids))
    return {media.pk: media for media in files.select_for_update(no_key=True).order_by("pk")}


@contextmanager
def opened(media_id: int) -> Iterator[IO[bytes]]:
    """The file's bytes to read from; gone when the block ends."""
    _, file = spooled(media_id)
    with file:
        yield file


def spooled(media_id: int) -> tuple[str, IO[bytes]]:
    """The file's name, and its bytes to read from, on disk unless they are few; gone when it is closed."""
    name = Media.objects.values_list("file_name", flat=True).get(pk=media_id)
    file = SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115 - the caller closes it
    for part in read(media_id):
        file.write(part)
    file.seek(0)
    return name, file


def read(media_id: int) -> Iterator[bytes]:
    """The file's pieces, one at a time."""
    parts = MediaPart.objects.filter(media_id=media_id).order_by("number")
    for number in parts.values_list("number", flat=True):
        yield bytes(parts.values_list("content", flat=True).get(number=number))


# --- the ids bots were given --------------------------------------------------------------------------------
def file_ids(*, bot_id: int, media_ids: Iterable[int]) -> dict[tuple[int, str], str]:
    """The ids the bot has for these files, by file and the kind it was sent as."""
    known = TelegramFile.objects.filter(bot_id=bot_id, media_id__in=list(media_ids))
    return {(row.media_id, row.kind): row.file_id for row in known}


def remember_file_id(*, bot_id: int, media_id: int, kind: str, file_id: str) -> None:
    """Telegram took the file: from now on this bot sends it by id. Of two ids the last is kept."""
    TelegramFile.objects.bulk_create(
        [TelegramFile(bot_id=bot_id, media_id=media_id, kind=kind, file_id=file_id)],
        update_conflicts=True,
        unique_fields=["bot", "media", "kind"],
        update_fields=["file_id", "created_at"],
    )


def forget_file_id(*, bot_id: int, media_id: int, file_id: str) -> None:
    """Telegram does not know this id any more; a newer one stays."""
    TelegramFile.objects.filter(bot_id=bot_id, media_id=media_id, file_id=file_id).delete()
