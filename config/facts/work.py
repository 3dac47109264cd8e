"""How long work has been waiting: of each kind the oldest row that is due and nobody has taken."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, Max, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from bots.models import Alert, Bot, ChannelMessage, Job, StarPayment, Telling
from bots.services.alerts import MOST_ATTEMPTS
from broadcasts.models import Broadcast
from config.facts.rows import Fact, Row
from giveaways.models import Giveaway, Post
from giveaways.models import Status as Stage
from offers.models import Notice, Transaction
from participants.models import Draw

Due = Callable[[datetime], QuerySet[Any]]  # rows annotated with `since`


def since(rows: QuerySet[Any], field: str) -> QuerySet[Any]:
    annotated: QuerySet[Any] = rows.order_by().annotate(since=F(field))
    return annotated


def deliveries(now: datetime) -> QuerySet[Any]:
    """Broadcasts that should be moving, since they last moved."""
    due = Broadcast.objects.live().filter(Q(scheduled_at=None) | Q(scheduled_at__lte=now))
    began = Coalesce("scheduled_at", "created_at")
    return due.annotate(since=Greatest(began, Max("tallies__at")))


def jobs(_now: datetime) -> QuerySet[Any]:
    """Without messages, whose rows wait for their own time."""
    return since(Job.objects.due().exclude(kind=Job.Kind.POST_MESSAGE), "created_at")


def seals(_now: datetime) -> QuerySet[Any]:
    """Giveaways that are over and whose list nobody has sealed."""
    drawn = Draw.objects.filter(giveaway=OuterRef("pk"))
    return since(Giveaway.objects.filter(~Exists(drawn), status=Stage.FINISHING), "finish_requested_at")


def draws(_now: datetime) -> QuerySet[Any]:
    """Taken or not: a draw that Telegram keeps waiting is taken again and again."""
    return since(Draw.objects.filter(status=Draw.Status.CLOSED), "closed_at")


def rounds(now: datetime) -> QuerySet[Any]:
    """Promised rounds that were made and are not here."""
    waits = Draw.objects.filter(status__in=[Draw.Status.SEALING, Draw.Status.WAITING], round_due_at__lte=now)
    return since(waits, "round_due_at")


def alerts(now: datetime) -> QuerySet[Any]:
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    return since(Alert.objects.filter(free, mailed_at=None, attempts__lt=MOST_ATTEMPTS), "created_at")


def notices(now: datetime) -> QuerySet[Any]:
    waiting = Q(status=Notice.Status.WAITING, due_at__lte=now)
    left = Q(status=Notice.Status.SENDING, claimed_until__lte=now)
    return since(Notice.objects.filter(waiting | left), "due_at")


KINDS: dict[str, Due] = {
    "deliveries": deliveries,
    "posts": lambda _now: since(Post.objects.due(), "due_at"),
    "messages": lambda _now: since(ChannelMessage.objects.due(), "due_at"),
    "jobs": jobs,
    "giveaway_starts": lambda _now: since(Giveaway.objects.starting(), "starts_at"),
    "giveaway_ends": lambda _now: since(Giveaway.objects.due(), "ends_at"),
    "seals": seals,
    "draws": draws,
    "rounds": rounds,
    "promotions": lambda _now: since(Draw.objects.promoting(), "promoting_at"),
    "transactions": lambda _now: since(Transaction.objects.due(), "due_at"),
    "notices": notices,
    "star_refunds": lambda _now: since(StarPayment.objects.to_refund(), "due_at"),
    "alerts": alerts,
    "alerts_by_telegram": lambda _now: since(Telling.objects.due(), "due_at"),
    "webhook_removals": lambda now: since(
        Bot.objects.filter(webhook_removal_at__lte=now), "webhook_removal_at"
    ),
}


def oldest_due() -> list[Row]:
    """Seconds, 0 where nothing waits."""
    now = timezone.now()
    first = {kind: rows(now).aggregate(first=Min("since"))["first"] for kind, rows in KINDS.items()}
    return [((kind,), max(0.0, (now - at).total_seconds()) if at else 0.0) for kind, at in first.items()]


def oldest_open() -> list[Row]:
    first = Transaction.objects.open().aggregate(first=Min("created_at"))["first"]
    return [((), (timezone.now() - first).total_seconds() if first else 0.0)]


WORK = (
    Fact("telegive_work_oldest_due_seconds", "How long the oldest due work waits", oldest_due, ("work",)),
    Fact("telegive_transactions_oldest_open_seconds", "Age of the oldest transaction under way", oldest_open),
)
