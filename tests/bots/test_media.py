"""Files: known by their bytes, kept in pieces, stored once, taken away when nothing needs them."""

import secrets
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.audit import Actor
from accounts.models import User
from bots.errors import MediaInUse, MediaRefused, NoRoomForMedia
from bots.media import HEAD_BYTES, LONGEST_NAME, MEGABYTE, Sniffed, file_name, sniff
from bots.models import Media, MediaPart
from bots.services import media
from tests.giveaways.rows import make_draft
from tests.threads import in_threads

BY = Actor(label="owner")
PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 640, 480) + bytes(64)
OPUS = b"OggS\x00\x02" + bytes(22) + b"OpusHead\x01\x02" + bytes(64)


@pytest.mark.parametrize(
    ("head", "kind", "extension"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "photo", "jpg"),
        (PNG, "photo", "png"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "photo", "webp"),
        (b"GIF89a", "animation", "gif"),
        (b"\x00\x00\x00\x18ftypisom", "video", "mp4"),
        (b"\x00\x00\x00\x14ftypqt  ", "document", "mov"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "document", "avi"),
        (OPUS, "voice", "ogg"),
        (b"OggS\x00\x02" + bytes(22) + b"\x01vorbis", "document", "ogg"),
        (b"ID3\x04\x00", "audio", "mp3"),
        (b"\xff\xfb\x90\x64", "audio", "mp3"),
        (b"\xff\xf1\x50\x80", "document", ""),
        (b"\x00\x00\x00\x18ftypM4A ", "audio", "m4a"),
        (b"%PDF-1.7", "document", "pdf"),
        (b"PK\x03\x04\x14\x00", "document", "zip"),
        (b"\x00\x00\x00\x18ftypheic", "document", ""),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "document", ""),
        (b"MZ\x90\x00", "document", ""),
        (b"\xff", "document", ""),
        (b"a", "document", ""),
    ],
)  # fmt: skip
def test_a_file_is_what_its_first_bytes_say(head: bytes, kind: str, extension: str) -> None:
    found = sniff(head)
    assert (found.kind, found.extension) == (kind, extension)


@given(st.binary(max_size=2 * HEAD_BYTES))
def test_any_bytes_are_some_file(head: bytes) -> None:
    assert sniff(head).kind in Media.Kind.values


@pytest.mark.parametrize(
    ("given_name", "kind", "extension", "name"),
    [
        ("cat.exe", "photo", "jpg", "cat.jpg"),
        ("../../etc/passwd", "photo", "png", "passwd.png"),
        ("C:\\Users\\me\\price list.pdf", "document", "pdf", "price list.pdf"),
        ("report.docx", "document", "zip", "report.docx"),
        ("archive", "document", "zip", "archive.zip"),
        ("notes.txt", "document", "", "notes.txt"),
        ("\u202egpj.exe", "document", "", "gpj.exe"),
        ("", "voice", "ogg", "file.ogg"),
        ("..", "photo", "jpg", "...jpg"),
        ("прайс.png", "photo", "png", "прайс.png"),
    ],
)  # fmt: skip
def test_a_name_is_harmless_and_ends_as_the_bytes_do(
    given_name: str, kind: str, extension: str, name: str
) -> None:
    assert file_name(given_name, Sniffed(kind, extension, "")) == name


@given(st.text(), st.sampled_from(["", "jpg", "zip"]))
def test_no_name_leads_out_of_its_folder_or_is_too_long(name: str, extension: str) -> None:
    made = file_name(name, Sniffed("document", extension, ""))
    assert 0 < len(made) <= LONGEST_NAME
    assert not {"/", "\\", "\0", "\n"} & set(made)


@given(st.lists(st.binary(max_size=50), max_size=20))
def test_pieces_are_the_same_bytes(chunks: list[bytes]) -> None:
    assert b"".join(media.pieces(chunks)) == b"".join(chunks)


def stored(user: User, content: bytes = PNG, name: str = "cat.png") -> Media:
    assert user.account_id
    return media.store(account_id=user.account_id, by=BY, name=name, content=[content])


def test_a_large_file_is_kept_in_pieces_and_read_as_it_was(owner: User) -> None:
    content = b"%PDF-" + bytes(range(256)) * 10_000
    row = stored(owner, content, "big.pdf")
    assert (row.size, MediaPart.objects.filter(media=row).count()) == (len(content), 3)
    with media.opened(row.pk) as file:
        assert file.read() == content


def test_the_same_file_again_is_the_one_there_is(owner: User, stranger: User) -> None:
    assert stored(owner).pk == stored(owner).pk
    assert stored(stranger).pk != stored(owner).pk
    assert stored(owner, name="dog.png").pk != stored(owner).pk
    assert MediaPart.objects.count() == 3


def test_an_empty_or_too_large_file_leaves_nothing(owner: User) -> None:
    for content in (b"", PNG.ljust(10 * MEGABYTE + 1, b"\0"), b"x" * (50 * MEGABYTE + 1)):
        with pytest.raises(MediaRefused):
            stored(owner, content)
    assert not MediaPart.objects.exists()


def test_an_account_has_room_for_so_much(owner: User, settings: Any) -> None:
    settings.MEDIA_MEGABYTES_PER_ACCOUNT = 1
    stored(owner, b"a" * 600_000)
    with pytest.raises(NoRoomForMedia):
        stored(owner, b"b" * 600_000)
    assert Media.objects.count() == 1


def test_two_uploads_at_once_do_not_share_the_last_of_the_room(
    transactional_db: None, owner: User, settings: Any
) -> None:
    settings.MEDIA_MEGABYTES_PER_ACCOUNT = 1

    outcomes = in_threads(4, lambda: stored(owner, secrets.token_bytes(600_000)))
    assert [isinstance(outcome, NoRoomForMedia) for outcome in outcomes].count(False) == 1


def test_a_file_nothing_needs_is_deleted_with_its_bytes(owner: User) -> None:
    media.delete(media_id=stored(owner).pk, by=BY)
    assert not MediaPart.objects.exists()


def test_a_file_that_is_needed_stays(owner: User) -> None:
    draft = make_draft(owner)
    draft.media = stored(owner)
    draft.save()
    with pytest.raises(MediaInUse):
        media.delete(media_id=draft.media.pk, by=BY)
    assert MediaPart.objects.exists()
