"""The content of a broadcast that is to be made: checked before anybody is written to, its files kept for it."""

from collections.abc import Mapping
from typing import Any

from bots.models import Media
from bots.services import media
from broadcasts import content as contents
from broadcasts.errors import ContentInvalid
from broadcasts.models import Broadcast, BroadcastFile
from config.language import Text

AT_FAULT = Text(en="{field} {what}", ru="{field} {what}")


def checked(*, account_id: int, content: Any) -> tuple[dict[str, Any], Mapping[int, Media]]:
    """The content as it is stored, and the account's files it sends, locked; refused with every field that is wrong."""
    content = contents.normalised(content)
    ids = contents.media_ids(content)
    files = media.lock_files(account_id=account_id, media_ids=ids) if ids else {}
    if wrong := contents.problems(content, files):
        field, sentence = next(iter(wrong.items()))
        errors = {"content" if name == "content" else f"content.{name}": [why] for name, why in wrong.items()}
        raise ContentInvalid(problem=AT_FAULT.filled(field=field, what=sentence), errors=errors)
    return content, files


def keep(broadcast: Broadcast, files: Mapping[int, Media]) -> None:
    """What a broadcast sends cannot be deleted any more."""
    BroadcastFile.objects.bulk_create(
        BroadcastFile(broadcast=broadcast, media=file) for file in files.values()
    )
