"""How far broadcasts are."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Sum

from bots.answers import NOT_LASTING, RULES
from bots.answers import Outcome as Answered
from broadcasts.models import Broadcast, Delivery, Tally


@dataclass(frozen=True)
class Counts:
    """`recipients` is the whole audience; `pending` are those without a result yet."""

    recipients: int = 0
    sent: int = 0
    failed: int = 0
    skipped: int = 0
    uncertain: int = 0

    @property
    def pending(self) -> int:
        return self.recipients - self.sent - self.failed - self.skipped - self.uncertain


def counts(broadcast_ids: Iterable[int]) -> dict[int, Counts]:
    """Counts of the broadcasts that exist, in one query over the tallies, whatever their size."""
    rows = (
        Broadcast.objects.filter(pk__in=list(broadcast_ids))
        .order_by()
        .values_list("pk", "recipients_count", "tallies__outcome")
        .annotate(number=Sum("tallies__number"))
    )
    found: dict[int, dict[str, int]] = {}
    for pk, recipients, outcome, number in rows:
        broadcast = found.setdefault(pk, {"recipients": recipients})
        if outcome in Delivery.Outcome.values:
            broadcast[outcome] = number
    return {pk: Counts(**numbers) for pk, numbers in found.items()}


def kinds(broadcast: Broadcast) -> dict[str, dict[str, int]]:
    """How many of each outcome and kind; a kind that says nothing more is called ok."""
    found: dict[str, dict[str, int]] = {}
    rows = Tally.objects.filter(broadcast=broadcast, number__gt=0).order_by("outcome", "-number", "kind")
    for row in rows:
        found.setdefault(row.outcome, {})[row.kind or "ok"] = row.number
    return found


def unreachable(broadcast_ids: Iterable[int]) -> int:
    """How many recipients no message of the bot can reach: they blocked it, left Telegram, or never came."""
    lost = {kind for _, outcome, kind in RULES if outcome is Answered.RECIPIENT} - NOT_LASTING
    tallies = Tally.objects.filter(broadcast__in=list(broadcast_ids), kind__in=lost)
    return int(tallies.aggregate(number=Sum("number"))["number"] or 0)
