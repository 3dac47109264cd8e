"""Facts about webhooks: where an account wants to be told, and what became of each telling."""

import uuid
from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

if TYPE_CHECKING:
    from accounts.models import User


class Event(models.TextChoices):
    """What can be told; names are part of the contract."""

    GIVEAWAY_PUBLISHED = "giveaway.published", "a giveaway stands in its channel"
    GIVEAWAY_FINISHED = "giveaway.finished", "a giveaway is drawn"
    BROADCAST_COMPLETED = "broadcast.completed", "every recipient of a broadcast has a result"
    RIGHTS_LOST = "rights.lost", "a bot may not post in its channel any more"
    TRANSACTION_SETTLED = "transaction.settled", "a transaction succeeded or failed"
    TEST = "test", "asked for by a person"


class Endpoint(models.Model):
    """An address of an account's server. Its secret is made from `key`, and shown once.

    One worker at a time serves an endpoint, so that a slow server costs nobody else anything.
    """

    class Endpoints(models.QuerySet["Endpoint"]):
        def visible_to(self, user: "User") -> Self:
            """Staff see every endpoint; others those of their account."""
            return self if user.is_staff else self.filter(account_id=user.account_id)

        def wanting(self, account_id: int, event: str) -> Self:
            """Those that are to be told of this; an empty list of events means all of them."""
            chosen = Q(events=[]) | Q(events__contains=[event])
            return self.filter(chosen, account_id=account_id, active=True)

        def failing_untold(self) -> Self:
            """Given up on for a whole event, and its owner has not heard of it."""
            return self.filter(failing_since__isnull=False, alerted_at__isnull=True)

    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+")
    url = models.URLField(max_length=500)
    description = models.CharField(max_length=100, blank=True, default="")
    events = models.JSONField(default=list, blank=True, help_text="Names of events; [] means all")
    active = models.BooleanField(default=True, help_text="Nothing is sent while it is off")
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    failing_since = models.DateTimeField(
        null=True, blank=True, help_text="Since when events are given up; the next success ends it"
    )
    alerted_at = models.DateTimeField(null=True, blank=True, editable=False)
    leased_until = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[models.Manager["Endpoint"]] = Endpoints.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["account"], condition=Q(active=True), name="endpoint_active")]
        constraints = [
            models.CheckConstraint(
                condition=Q(failing_since__isnull=False) | Q(alerted_at__isnull=True),
                name="endpoint_alerted_while_failing",
            )
        ]

    def __str__(self) -> str:
        return self.description or f"endpoint {self.pk}"


class Delivery(models.Model):
    """One event for one endpoint: the row is the work, and the line of the log."""

    class Status(models.TextChoices):
        WAITING = "waiting", "waiting: for its first or next attempt"
        SENDING = "sending"
        DELIVERED = "delivered"
        FAILED = "failed", "failed: given up after the last attempt"

    OPEN = (Status.WAITING, Status.SENDING)

    class Deliveries(models.QuerySet["Delivery"]):
        def due(self) -> Self:
            """Whose time has come; one taken by a worker that is gone comes again at its next time."""
            return self.filter(status__in=Delivery.OPEN, due_at__lte=timezone.now(), endpoint__active=True)

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries")
    event_id = models.UUIDField(help_text="The same for every endpoint and every attempt")
    event = models.CharField(max_length=32, choices=Event.choices)
    payload = models.JSONField(help_text="The body as it is sent; ids and numbers, nobody's personal data")
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.WAITING)
    due_at = models.DateTimeField(
        default=timezone.now, help_text="The next attempt; one under way moves it on"
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    response_status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="The last answer")
    error = models.CharField(max_length=200, blank=True, help_text="Why the last attempt failed")
    created_at = models.DateTimeField(auto_now_add=True)
    queued_at = models.DateTimeField(default=timezone.now, help_text="Given up a day later")
    sent_at = models.DateTimeField(null=True, blank=True, help_text="The last attempt")
    delivered_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["Delivery"]] = Deliveries.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event_id"], name="webhook_once_per_endpoint"),
            models.CheckConstraint(
                condition=Q(status="delivered", delivered_at__isnull=False)
                | (~Q(status="delivered") & Q(delivered_at__isnull=True)),
                name="webhook_delivered_has_a_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "due_at"],
                condition=Q(status__in=["waiting", "sending"]),
                name="webhook_open",
            ),
            models.Index(fields=["created_at"], name="webhook_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.event_id}"
