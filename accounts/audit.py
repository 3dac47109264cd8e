"""The audit trail: `record` is its only writer, and runs in the transaction of the change it records."""

from dataclasses import dataclass
from typing import Any

from django.db import models

from accounts.models import AuditEntry


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
    """Writes one entry of the trail; `before` and `after` hold only values that may be shown to staff."""
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
