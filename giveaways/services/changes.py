"""Changes while people may enter: within bounds, each a numbered public record that follows from the one before."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts import audit
from accounts.audit import Actor
from config.language import Text
from giveaways import promise
from giveaways.errors import EndIsPromised, EndOutOfBounds, PlacesOnlyGrow
from giveaways.models import Change, Giveaway, Post

NOTICE = timedelta(minutes=10)  # the post has to say so before the end comes
MOST_DELAY = timedelta(days=90)
NO_LIMIT = Text(en="no limit", ru="без ограничения")


def record(giveaway: Giveaway, *, by: Actor, values: dict[str, Any]) -> None:
    """Changes the locked giveaway; whatever stays the same is no change. The post follows by itself."""
    changed = {name: value for name, value in values.items() if getattr(giveaway, name) != value}
    if not changed:
        return
    refuse_out_of_bounds(giveaway, changed)
    before = {name: shown(getattr(giveaway, name)) for name in changed}
    for name, value in changed.items():
        _append(giveaway, name, shown(value))
        setattr(giveaway, name, value)
    giveaway.save(update_fields=[*changed, "change_count", "updated_at"])
    # An edit that Telegram refused for good may be one it takes now.
    failed = Post.objects.filter(giveaway=giveaway, kind=Post.Kind.UPDATE, status=Post.Status.FAILED)
    failed.update(status=Post.Status.WAITING, attempts=0, due_at=timezone.now())
    after = {name: shown(value) for name, value in changed.items()}
    audit.record(by, "change", giveaway, account_id=giveaway.account_id, before=before, after=after)


def _append(giveaway: Giveaway, field: str, after: Any) -> None:
    """The next link of the chain; the giveaway's row is locked, so there is one."""
    now, before = timezone.now(), shown(getattr(giveaway, field))
    giveaway.change_count += 1
    last = giveaway.changes.order_by("number").last()
    data = promise.change_record(
        giveaway=giveaway.public_id,
        number=giveaway.change_count,
        previous_sha256=last.sha256 if last else giveaway.opening_sha256,
        at=int(now.timestamp()),
        field=field,
        before=before,
        after=after,
    )
    Change.objects.create(
        giveaway=giveaway, number=giveaway.change_count, at=now, field=field, before=before, after=after,
        record=data.decode(), sha256=promise.sha256_hex(data),
    )  # fmt: skip


def refuse_out_of_bounds(giveaway: Giveaway, changed: dict[str, Any]) -> None:
    """The end moves with notice and not for ever; places only grow."""
    if "ends_at" in changed:
        refuse_end(giveaway, changed["ends_at"])
    if "max_participants" in changed:
        before, after = giveaway.max_participants, changed["max_participants"]
        if before is None or after is None or after < before:
            raise PlacesOnlyGrow(field="max_participants", before=before or NO_LIMIT)


def refuse_end(giveaway: Giveaway, end: datetime | None) -> None:
    """Bounds are counted from the end that was promised first, so that many small delays are no way around them."""
    if end is None:
        raise EndIsPromised(field="ends_at")
    moved = giveaway.changes.filter(field="ends_at", before__isnull=False).order_by("number").first()
    promised = (
        datetime.fromisoformat(str(moved.before)) if moved else giveaway.ends_at or giveaway.published_at
    )
    earliest, latest = timezone.now() + NOTICE, (promised or timezone.now()) + MOST_DELAY
    if not earliest <= end <= latest:
        raise EndOutOfBounds(field="ends_at", earliest=shown(earliest), latest=shown(latest))


def shown(value: Any) -> Any:
    """The value as records hold it: moments in UTC to the second."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    return value
