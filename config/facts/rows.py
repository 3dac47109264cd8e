"""How many there are of what: only rows that live or are young, so that no visit reads a history of millions."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from bots.models import Binding, Bot, StarPayment
from broadcasts.models import Broadcast, Delivery, Tally
from giveaways.models import Giveaway
from giveaways.models import Status as Stage
from offers.models import Notice, Transaction
from participants.models import Entry

Row = tuple[Sequence[str], float]
STAGES = (Stage.SCHEDULED, Stage.PUBLISHING, Stage.PUBLISH_FAILED, Stage.ACTIVE, Stage.FINISHING)
UNFINISHED = (Broadcast.Status.SCHEDULED, Broadcast.Status.RUNNING, Broadcast.Status.PAUSED)
# Two conditions, because each has an index of its own.
NOT_OVER = Q(status__in=Broadcast.LIVE) | Q(status=Broadcast.Status.PAUSED)


@dataclass(frozen=True)
class Fact:
    """A gauge and the query it comes from."""

    name: str
    help: str
    read: Callable[[], Iterable[Row]]
    labels: tuple[str, ...] = ()


def by_status(rows: QuerySet[Any], statuses: Iterable[str]) -> list[Row]:
    """How many rows of each status, also of those there are none of."""
    counted = dict(rows.order_by().values_list("status").annotate(Count("pk")))
    return [((str(status),), counted.get(status, 0)) for status in statuses]


def giveaways() -> list[Row]:
    return by_status(Giveaway.objects.filter(status__in=STAGES), STAGES)


def participants() -> list[Row]:
    running = Giveaway.objects.filter(status__in=[Stage.ACTIVE, Stage.FINISHING])
    return [((), running.aggregate(n=Sum("participant_count"))["n"] or 0)]


def entries() -> list[Row]:
    """Looked up giveaway by giveaway, by the index they have for that."""
    since = timezone.now() - timedelta(minutes=1)
    young = Entry.objects.filter(giveaway=OuterRef("pk"), joined_at__gte=since).order_by()
    number = Subquery(young.values("giveaway").annotate(n=Count("pk")).values("n"), IntegerField())
    running = Giveaway.objects.filter(status=Stage.ACTIVE).annotate(young=Coalesce(number, 0))
    return [((), running.aggregate(n=Sum("young"))["n"] or 0)]


def broadcasts() -> list[Row]:
    return by_status(Broadcast.objects.filter(NOT_OVER), UNFINISHED)


def recipients() -> list[Row]:
    """From the tallies: nobody counts deliveries."""
    unfinished = Broadcast.objects.filter(NOT_OVER).order_by()
    everybody = unfinished.aggregate(n=Sum("recipients_count"))["n"] or 0
    tallies = Tally.objects.filter(broadcast__in=unfinished.values("pk")).order_by()
    told = dict(tallies.values_list("outcome").annotate(Sum("number")))
    known = {str(outcome): told.get(outcome, 0) for outcome in Delivery.Outcome.values}
    return [
        ((name,), number) for name, number in {**known, "waiting": everybody - sum(known.values())}.items()
    ]


def bots() -> list[Row]:
    return by_status(Bot.objects.all(), Bot.Status.values)


def bindings() -> list[Row]:
    return by_status(Binding.objects.all(), Binding.Status.values)


def transactions_open() -> list[Row]:
    return by_status(Transaction.objects.open(), Transaction.OPEN)


def transactions_lately() -> list[Row]:
    young = Transaction.objects.filter(created_at__gte=timezone.now() - timedelta(hours=1))
    return by_status(young, Transaction.Status.values)


def notices_lately() -> list[Row]:
    young = Notice.objects.filter(created_at__gte=timezone.now() - timedelta(hours=1))
    return by_status(young, Notice.Status.values)


def star_payments() -> list[Row]:
    return by_status(StarPayment.objects.filter(status__in=StarPayment.UNSETTLED), StarPayment.UNSETTLED)


def last_runs() -> list[Row]:
    ran = PeriodicTask.objects.filter(enabled=True, last_run_at__isnull=False)
    return [((name,), at.timestamp()) for name, at in ran.values_list("name", "last_run_at") if at]


def intervals() -> list[Row]:
    """Of tasks that run every so many seconds; those with a time of day have none."""
    enabled = PeriodicTask.objects.filter(enabled=True, interval__isnull=False).select_related("interval")
    return [((task.name,), task.schedule.run_every.total_seconds()) for task in enabled]


FACTS = (
    Fact("telegive_giveaways", "Giveaways that are not over", giveaways, ("status",)),
    Fact("telegive_giveaway_participants", "People in giveaways that run", participants),
    Fact("telegive_entries_last_minute", "Entries of the last minute", entries),
    Fact("telegive_broadcasts", "Broadcasts that are not over", broadcasts, ("status",)),
    Fact(
        "telegive_broadcast_recipients",
        "Recipients of broadcasts that are not over, by what became of them",
        recipients,
        ("outcome",),
    ),
    Fact("telegive_bots", "Bots", bots, ("status",)),
    Fact("telegive_bindings", "Channels served by bots", bindings, ("status",)),
    Fact("telegive_transactions_open", "Transactions under way", transactions_open, ("status",)),
    Fact(
        "telegive_transactions_last_hour",
        "Transactions that began within the last hour",
        transactions_lately,
        ("status",),
    ),
    Fact(
        "telegive_notices_last_hour",
        "Notices about offers of the last hour, by what became of them",
        notices_lately,
        ("status",),
    ),
    Fact("telegive_star_payments", "Payments in Stars that are not settled", star_payments, ("status",)),
    Fact(
        "telegive_periodic_task_last_run_timestamp_seconds",
        "When the clock last started a periodic task, known half a minute later",
        last_runs,
        ("task",),
    ),
    Fact("telegive_periodic_task_interval_seconds", "How often it should", intervals, ("task",)),
)
