"""Writing a giveaway: create it, change its draft, give it a picture, change its final messages."""

import secrets
from collections.abc import Iterable
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from accounts import audit
from accounts.audit import Actor
from accounts.models import Account
from bots.errors import MediaRefused
from bots.media import MOST_PHOTO_BYTES
from bots.models import Media
from bots.services import media
from config.language import Text
from giveaways import beacon, composition, texts
from giveaways.composition import Facts, Promise
from giveaways.errors import (
    BeaconNotAvailable,
    EndBeforeStart,
    PostTooLong,
    SingleActiveLimitExceeded,
)
from giveaways.models import Beacon, Giveaway, Status
from giveaways.promise import QUICKNET, new_public_id
from giveaways.services import changes, matrix
from giveaways.services.matrix import FINISH_MESSAGES
from giveaways.services.places import bindings_of, choose_binding, results_binding

EXTENSIONS = ("jpg", "png", "gif", "mp4", "mov", "avi")
NOT_SHOWN = Text(
    en="This is no jpg, png, gif, mp4, mov or avi file.",
    ru="Это не файл jpg, png, gif, mp4, mov или avi.",
)
GIF_TOO_LARGE = Text(en="A gif may have 10 MB at most.", ru="Файл gif может занимать не больше 10 МБ.")


@transaction.atomic
def create(*, account_id: int, by: Actor, fields: dict[str, Any]) -> Giveaway:
    """A giveaway begins as a draft; while another one of the account runs, only one that starts later is begun.

    `fields` are model fields plus `channel_id` (Telegram's) and `required_channels` (Telegram's ids).
    """
    account = lock_account(account_id)
    if not fields.get("starts_at"):
        refuse_second(account_id)
    values = dict(fields)
    required = values.pop("required_channels", [])
    binding = choose_binding(account_id, values.pop("channel_id", None))
    giveaway = Giveaway(
        account=account,
        binding=binding,
        results_binding=results_binding(
            account_id, values.pop("results_channel_id", None), served_with=binding
        ),
        public_id=new_public_id(),
        result_token=secrets.token_urlsafe(24),
        **{**default_messages(account.language), **values},
    )
    refuse_unfit(giveaway)
    giveaway.save()
    giveaway.required_bindings.set(bindings_of(account_id, required, served_with=binding))
    audit.record(by, "create", giveaway, account_id=account_id, after={"title": giveaway.title})
    return giveaway


@transaction.atomic
def update(*, giveaway_id: int, by: Actor, fields: dict[str, Any]) -> Giveaway:
    """A draft changes freely; afterwards what the matrix allows, each change of what people were told a record."""
    giveaway = lock(giveaway_id)
    matrix.refuse(giveaway.status, fields)
    values = dict(fields)
    recorded = {name: values.pop(name) for name in matrix.recorded(giveaway.status, fields)}
    changes.record(giveaway, by=by, values=recorded)
    messages = {name: values.pop(name) for name in FINISH_MESSAGES if name in values}
    if messages:
        giveaway = update_finish_messages(giveaway_id=giveaway_id, by=by, messages=messages)
    if not values:
        return giveaway
    before = {name: str(getattr(giveaway, name)) for name in values if hasattr(giveaway, name)}
    if "channel_id" in values:
        values["binding"] = choose_binding(giveaway.account_id, values.pop("channel_id"))
    if "required_channels" in values:
        own = values.get("binding", giveaway.binding)
        required = bindings_of(giveaway.account_id, values.pop("required_channels"), served_with=own)
        giveaway.required_bindings.set(required)
    if "results_channel_id" in values:
        own, elsewhere = values.get("binding", giveaway.binding), values.pop("results_channel_id")
        values["results_binding"] = results_binding(giveaway.account_id, elsewhere, served_with=own)
    for name, value in values.items():
        setattr(giveaway, name, value)
    if giveaway.status == Status.SCHEDULED and giveaway.starts_at is None:
        giveaway.move_to(Status.DRAFT)
    refuse_unfit(giveaway)
    giveaway.save(update_fields=[*values, "status", "updated_at"])
    after = {name: str(value) for name, value in values.items()}
    audit.record(by, "update", giveaway, account_id=giveaway.account_id, before=before, after=after)
    return giveaway


@transaction.atomic
def update_finish_messages(*, giveaway_id: int, by: Actor, messages: dict[str, str]) -> Giveaway:
    """The final messages can be written until finishing begins."""
    giveaway = lock(giveaway_id)
    matrix.refuse(giveaway.status, messages)
    for name, text in messages.items():
        setattr(giveaway, name, text)
    refuse_long_endings(giveaway)
    giveaway.save(update_fields=[*messages, "updated_at"])
    audit.record(
        by,
        "update_finish_messages",
        giveaway,
        account_id=giveaway.account_id,
        after={"changed": sorted(messages)},
    )
    return giveaway


@transaction.atomic
def attach_media(*, giveaway_id: int, by: Actor, file_name: str, content: Iterable[bytes]) -> Giveaway:
    """A picture or video is told by its bytes and must be of a size Telegram takes.

    It is stored first, because that locks the account, which is locked before a giveaway everywhere.
    """
    account_id = Giveaway.objects.values_list("account_id", flat=True).get(pk=giveaway_id)
    stored = _stored(account_id, by, content)
    giveaway = lock(giveaway_id)
    matrix.refuse(giveaway.status, ["media"])
    giveaway.media = stored
    refuse_too_long(giveaway)
    giveaway.save(update_fields=["media", "updated_at"])
    audit.record(
        by, "attach_media", giveaway, account_id=account_id,
        after={"kind": stored.kind, "bytes": stored.size, "name": file_name[:100]},
    )  # fmt: skip
    return giveaway


def _stored(account_id: int, by: Actor, content: Iterable[bytes]) -> Media:
    """The file, if it is one that a giveaway may show."""
    chunks = media.pieces(content)
    first = next(chunks, b"")
    extension = media.sniffed_of(first).extension
    if extension not in EXTENSIONS:
        raise MediaRefused(NOT_SHOWN)
    stored = media.store(
        account_id=account_id, by=by, name=f"giveaway.{extension}", content=chain([first], chunks)
    )
    if extension == "gif" and stored.size > MOST_PHOTO_BYTES:
        raise MediaRefused(GIF_TOO_LARGE)
    return stored


def lock(giveaway_id: int) -> Giveaway:
    """The giveaway's row, locked until the transaction ends."""
    return Giveaway.objects.select_for_update(no_key=True).get(pk=giveaway_id)


def lock_account(account_id: int) -> Account:
    """The account's row, locked until the transaction ends.

    `no_key`, because whoever holds a giveaway inserts rows that point to its account (the trail): a full lock
    would stop them there while we wait for their giveaway, and the database would end one of us.
    """
    return Account.objects.select_for_update(no_key=True).get(pk=account_id)


def refuse_second(account_id: int, *, besides: int | None = None) -> None:
    """One live giveaway per account; the database constraint stands behind this sentence."""
    others = Giveaway.objects.live().filter(account_id=account_id)
    live = (others.exclude(pk=besides) if besides else others).first()
    if live:
        raise SingleActiveLimitExceeded(giveaway_id=live.pk)


def promise_of(giveaway: Giveaway) -> Promise:
    """What this giveaway promises, in its account's language."""
    return Promise(
        giveaway.title,
        giveaway.main_body,
        giveaway.winner_count,
        giveaway.account.language,
        public=giveaway.beacon != Beacon.NONE,
    )


def promised_chain() -> beacon.Chain:
    """The chain of public randomness new giveaways promise: drand's quicknet, unless the operator named another."""
    return beacon.chain(settings.DRAND_CHAIN or QUICKNET, settings.DRAND_PUBLIC_KEY or beacon.QUICKNET_KEY)


def refuse_unfit(giveaway: Giveaway) -> None:
    """What could not be kept or could not be posted is refused when it is written."""
    if giveaway.starts_at and giveaway.ends_at and giveaway.ends_at <= giveaway.starts_at:
        raise EndBeforeStart(field="ends_at")
    refuse_unchecked_beacon(giveaway)
    refuse_too_long(giveaway)


def refuse_unchecked_beacon(giveaway: Giveaway) -> None:
    """Public randomness whose signatures this installation cannot check is not promised."""
    if giveaway.beacon == Beacon.DRAND and not beacon.available():
        raise BeaconNotAvailable(field="beacon")


def facts_of(giveaway: Giveaway) -> Facts:
    """What the post says beside the promise, the moments in the account's zone."""
    return Facts(
        language=giveaway.account.language,
        draw_url=draw_url(giveaway),
        ends_at=giveaway.ends_at.astimezone(ZoneInfo(giveaway.account.time_zone))
        if giveaway.ends_at
        else None,
        places=giveaway.max_participants,
        participants=giveaway.participant_count if giveaway.show_participants else None,
        changes=giveaway.change_count,
    )


def refuse_too_long(giveaway: Giveaway) -> None:
    """A text that Telegram would refuse is refused when it is written, not when it is to be sent."""
    most = composition.MOST_CAPTION if giveaway.media_id else composition.MOST_TEXT
    refuse_over(most, composition.longest_announcement(promise_of(giveaway)), "main_body")
    refuse_long_endings(giveaway)


def refuse_long_endings(giveaway: Giveaway) -> None:
    """The final messages together with what is written around them."""
    for name in FINISH_MESSAGES:
        message = getattr(giveaway, name)
        length = composition.longest_conclusion(giveaway.title, message, draw_url=draw_url(giveaway))
        refuse_over(composition.MOST_TEXT, length, name)


def refuse_over(most: int, length: int, field: str) -> None:
    if length > most:
        raise PostTooLong(field=field, length=length, most=most, excess=length - most)


def draw_url(giveaway: Giveaway) -> str:
    """The public page of the draw."""
    return f"{settings.PUBLIC_URL}/draws/{giveaway.public_id}/"


def default_messages(language: str) -> dict[str, str]:
    """Finishing never waits for texts nobody wrote."""
    return {
        "public_conclusion_message": texts.DEFAULT_CONCLUSION.to(language),
        "winner_message": texts.DEFAULT_WINNER.to(language),
        "loser_message": texts.DEFAULT_LOSER.to(language),
    }
