"""The audit trail: `record` is its only writer, and runs in the transaction of the change it records."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from django.db import models, transaction

from accounts.models import AuditEntry

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Actor:
    """Who asks: a user behind a door, a person on Telegram, or the system itself."""

    label: str
    user_id: int | None = None
    address: str | None = None


SYSTEM = Actor(label="system")


def record(
    by: Actor,
    verb: str,
    target: models.Model,
    *,
    account_id: int | None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Writes one entry of the trail; `before` and `after` hold only values that may be shown to staff.

    Once it is true a log line says so as well, without values: with the ids of the request or task around it, it leads
    from the door to the delivery.
    """
    AuditEntry.objects.create(
        actor_id=by.user_id,
        actor_label=by.label[:160],
        address=by.address,
        account_id=account_id,
        verb=verb,
        object_type=target._meta.model_name or "",
        object_id=str(target.pk),
        before=before or {},
        after=after or {},
    )
    name = target._meta.model_name or ""
    about = {"account_id": account_id, f"{name}_id": target.pk}
    transaction.on_commit(partial(log.info, f"{name}_{verb}", **about), robust=True)


def record_many(by: Actor, verb: str, kind: type[models.Model], *, number: int, **about: Any) -> None:
    """One entry for something that was done to many rows of a kind at once."""
    AuditEntry.objects.create(
        actor_label=by.label[:160],
        verb=verb,
        object_type=kind._meta.model_name or "",
        object_id="",
        after={"number": number, **about},
    )


def forget_label(*, label: str) -> int:
    """The trail stays and says no more who it was than "telegram"; how many entries named them."""
    return AuditEntry.objects.filter(actor_label=label).update(actor_label="telegram", address=None)


def forget_addresses(*, before: datetime, most: int) -> int:
    """The trail stays; from where people acted is forgotten. How many entries had an address, at most `most`."""
    old = AuditEntry.objects.filter(at__lt=before, address__isnull=False).order_by("at").values("pk")[:most]
    return AuditEntry.objects.filter(pk__in=old).update(address=None)
