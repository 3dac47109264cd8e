"""Edits and deletions of what was sent: another run of the same engine, for the chats that received it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.audit import Actor
from bots.models import Bot
from broadcasts.errors import NotChangeable, NothingToChange, StillSending
from broadcasts.models import Broadcast, Delivery
from broadcasts.services.audience import AT_A_TIME
from broadcasts.services.ordering import order, refuse_inactive
from broadcasts.texts import STATES
from config.language import Text

DELETABLE = timedelta(hours=48)  # Bot API, deleteMessage
Kind = Broadcast.Kind
WHOLE_ALBUM = Text(
    en="Telegram does not let an album be edited as a whole", ru="Telegram не даёт изменить альбом целиком"
)
NO_SUCH_WORDS = Text(en="a {kind} has no {words} to change", ru="в {kind} нет {words}, менять нечего")
REST_OF_ALBUM = Text(
    en="only the first message of an album is known here", ru="здесь известно только первое сообщение альбома"
)
ONLY_CHANGED = Text(
    en="it only changed what another one sent", ru="она лишь меняла отправленное другой рассылкой"
)
WORDS = {
    "text": ("text",),
    "video_note": (),
}  # what of a content Telegram lets one change, beside its buttons


@dataclass(frozen=True)
class Received:
    """The chats that hold a message of another broadcast."""

    target: Broadcast
    deliveries: QuerySet[Delivery]

    @property
    def asked(self) -> dict[str, Any]:
        return {"kind": "received", "task_id": str(self.target.public_id)}

    def chats(self, bot: Bot) -> Iterable[int]:  # noqa: ARG002
        return self.deliveries.values_list("chat_id", flat=True).iterator(chunk_size=AT_A_TIME)


@transaction.atomic
def edit(*, broadcast_id: int, by: Actor, changes: dict[str, Any], idempotency_key: str = "") -> Broadcast:
    """What people received says something else from now on: new words, other buttons; what is not named stays."""
    target = _over(broadcast_id)
    kind = target.content["type"]
    words = WORDS.get(kind, ("caption",))
    if kind == "album":
        raise NotChangeable(reason=WHOLE_ALBUM)
    if wrong := {"text", "caption"} & changes.keys() - set(words):
        raise NotChangeable(reason=NO_SUCH_WORDS.filled(kind=kind, words=sorted(wrong)[0]))
    latest = target.changes.filter(kind=Kind.EDIT).order_by("-id").first() or target
    content = {**latest.content, **changes}
    received = _received(target).exclude(kind="fallback")  # something else was sent in its place
    return _run(target, Kind.EDIT, content, received, by, idempotency_key)


@transaction.atomic
def delete(*, broadcast_id: int, by: Actor, idempotency_key: str = "") -> Broadcast:
    """What people received disappears from their chats, as far as Telegram still lets it."""
    target = _over(broadcast_id)
    if target.content["type"] == "album":
        raise NotChangeable(reason=REST_OF_ALBUM)
    young = _received(target).filter(at__gt=timezone.now() - DELETABLE)
    return _run(target, Kind.DELETE, target.content, young, by, idempotency_key)


def _over(broadcast_id: int) -> Broadcast:
    """Nobody receives the old words any more while they are being changed."""
    target = Broadcast.objects.select_for_update(of=("self",)).select_related("bot").get(pk=broadcast_id)
    if target.kind not in (Kind.SEND, Kind.TEST):
        raise NotChangeable(reason=ONLY_CHANGED)
    if target.status not in Broadcast.OVER:
        raise StillSending(status=STATES[target.status])
    return target


def _received(target: Broadcast) -> QuerySet[Delivery]:
    return Delivery.objects.current().filter(
        broadcast=target, outcome=Delivery.Outcome.SENT, message_id__isnull=False
    )


def _run(
    target: Broadcast,
    kind: str,
    content: dict[str, Any],
    received: QuerySet[Delivery],
    by: Actor,
    idempotency_key: str,
) -> Broadcast:
    """Doing it twice does no harm, so whoever is in doubt is simply asked again."""
    if not received.exists():
        raise NothingToChange
    return order(
        bot=refuse_inactive(target.bot),
        audience=Received(target, received),
        content=content,
        by=by,
        idempotency_key=idempotency_key,
        kind=kind,
        target_id=target.pk,
        name=f"{kind} of {target.name or target.pk}"[:100],
        priority=target.priority,
        uncertain_policy=Broadcast.UncertainPolicy.RESEND_ONCE,
        repeat_seconds=0,
    )
