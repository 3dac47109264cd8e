"""Facts about broadcasts: what is sent to whom, how far it is, and what became of every recipient."""

import uuid
from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from broadcasts.errors import MoveRefused

if TYPE_CHECKING:
    from accounts.models import User


class Broadcast(models.Model):
    """One message to many chats by one bot."""

    class Status(models.TextChoices):
        SCHEDULED = "scheduled"
        RUNNING = "running"
        PAUSED = "paused"
        COMPLETED = "completed"
        CANCELLED = "cancelled"
        FAILED = "failed", "failed: the content is broken"

    class Priority(models.TextChoices):
        HIGH = "high"
        MEDIUM = "medium"
        LOW = "low"

    class UncertainPolicy(models.TextChoices):
        SKIP = "skip", "skip: better missed than twice"
        RESEND_ONCE = "resend_once", "resend once: better twice than missed"
        ASK = "ask", "ask: keep for a person to decide"

    NEXT: ClassVar[dict[str, set[str]]] = {
        Status.SCHEDULED: {Status.RUNNING, Status.PAUSED, Status.COMPLETED, Status.CANCELLED},
        Status.RUNNING: {Status.PAUSED, Status.COMPLETED, Status.CANCELLED, Status.FAILED},
        Status.PAUSED: {Status.RUNNING, Status.CANCELLED, Status.FAILED},
        Status.COMPLETED: set(),
        Status.CANCELLED: set(),
        Status.FAILED: set(),
    }
    LIVE = (Status.SCHEDULED, Status.RUNNING)
    OVER = (Status.COMPLETED, Status.CANCELLED, Status.FAILED)

    class Broadcasts(models.QuerySet["Broadcast"]):
        def visible_to(self, user: "User") -> Self:
            """Staff see every broadcast; others those of their account."""
            return self if user.is_staff else self.filter(account_id=user.account_id)

        def live(self) -> Self:
            return self.filter(status__in=Broadcast.LIVE)

    public_id = models.UUIDField(
        default=uuid.uuid4, unique=True, editable=False, help_text="The task_id people know it by"
    )
    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(
        max_length=100, blank=True, default="", help_text="For people; nobody receives it"
    )
    bot = models.ForeignKey("bots.Bot", on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.SCHEDULED)
    reason = models.CharField(
        max_length=255, blank=True, help_text="Why it failed or was paused by the system"
    )
    audience = models.JSONField(
        default=dict, blank=True, help_text="Who was asked for, see broadcasts/services/audience.py"
    )
    content = models.JSONField(help_text="What is sent, see broadcasts/content.py")
    priority = models.CharField(max_length=8, choices=Priority.choices, default=Priority.MEDIUM)
    dedup_scope = models.CharField(
        max_length=100,
        blank=True,
        help_text="A chat receives at most one of the broadcasts with the same scope",
    )
    uncertain_policy = models.CharField(
        max_length=16, choices=UncertainPolicy.choices, default=UncertainPolicy.SKIP
    )
    idempotency_key = models.CharField(max_length=100, blank=True)
    recipients_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["Broadcast"]] = Broadcasts.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["id"], condition=Q(status__in=["scheduled", "running"]), name="broadcast_live"
            ),
            models.Index(
                fields=["account", "dedup_scope"], condition=~Q(dedup_scope=""), name="broadcast_scope"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="broadcast_idempotency_key_once_per_account",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=["scheduled", "running", "paused", "completed", "cancelled", "failed"]
                ),
                name="broadcast_status_known",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["completed", "cancelled", "failed"], finished_at__isnull=False)
                | Q(status__in=["scheduled", "running", "paused"], finished_at__isnull=True),
                name="broadcast_finished_at_fits_status",
            ),
        ]

    def __str__(self) -> str:
        return f"Broadcast {self.pk} ({self.name})" if self.name else f"Broadcast {self.pk}"

    def move_to(self, status: str) -> None:
        """Changes the status in memory with the times that belong to it; refuses an unlisted move."""
        if status not in self.NEXT[self.status]:
            raise MoveRefused(status=self.status, wanted=status)
        self.status = status
        if status == self.Status.RUNNING and self.started_at is None:
            self.started_at = timezone.now()
        if status in self.OVER:
            self.finished_at = timezone.now()


class Recipient(models.Model):
    """One chat of the audience as it was when the broadcast was made; never changed."""

    broadcast = models.ForeignKey(
        "broadcasts.Broadcast", on_delete=models.CASCADE, db_index=False, related_name="recipients"
    )
    seq = models.PositiveIntegerField(help_text="Place in the audience, from 1")
    chat_id = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["broadcast", "chat_id"], name="recipient_once_per_broadcast"),
            models.UniqueConstraint(fields=["broadcast", "seq"], name="recipient_seq_once_per_broadcast"),
        ]

    def __str__(self) -> str:
        return f"{self.chat_id} of broadcast {self.broadcast_id}"


class Chunk(models.Model):
    """A run of recipients that one pump delivers at a time.

    The lease says whose it is and until when; `epoch` grows with every lease, so that a pump which lost its
    lease without noticing (a frozen process, a network split) is refused its next grant.
    """

    broadcast = models.ForeignKey(
        "broadcasts.Broadcast", on_delete=models.CASCADE, db_index=False, related_name="chunks"
    )
    number = models.PositiveIntegerField(help_text="0 is the canary: the others wait until it is done")
    first_seq = models.PositiveIntegerField()
    last_seq = models.PositiveIntegerField()
    leased_by = models.CharField(max_length=64, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    epoch = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["broadcast", "number"], name="chunk_number_once_per_broadcast")
        ]
        indexes = [
            models.Index(
                fields=["broadcast", "number"], condition=Q(done_at__isnull=True), name="chunk_undone"
            )
        ]

    def __str__(self) -> str:
        return f"{self.first_seq}–{self.last_seq} of broadcast {self.broadcast_id}"


class Intent(models.Model):
    """Written before a message is sent: whoever has an intent and no delivery may have received it or not."""

    broadcast = models.ForeignKey(
        "broadcasts.Broadcast", on_delete=models.CASCADE, db_index=False, related_name="intents"
    )
    seq = models.PositiveIntegerField()
    chat_id = models.BigIntegerField()
    attempt = models.PositiveSmallIntegerField()
    epoch = models.PositiveIntegerField(help_text="The chunk's epoch under which it was granted")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["broadcast", "seq", "attempt"], name="intent_once_per_attempt")
        ]

    def __str__(self) -> str:
        return f"attempt {self.attempt} for {self.chat_id} of broadcast {self.broadcast_id}"


class Delivery(models.Model):
    """What became of one recipient. Append-only: the first word is the last."""

    class Outcome(models.TextChoices):
        SENT = "sent"
        FAILED = "failed"
        SKIPPED = "skipped"
        UNCERTAIN = "uncertain", "uncertain: nobody knows whether it arrived"

    broadcast = models.ForeignKey(
        "broadcasts.Broadcast", on_delete=models.CASCADE, db_index=False, related_name="deliveries"
    )
    seq = models.PositiveIntegerField()
    chat_id = models.BigIntegerField()
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    kind = models.CharField(
        max_length=32, blank=True, help_text="Why; a sent message that may be a repeat says resent"
    )
    message_id = models.BigIntegerField(null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["broadcast", "chat_id"], name="delivery_once_per_recipient")
        ]
        indexes = [models.Index(fields=["broadcast", "outcome"], name="delivery_by_outcome")]

    def __str__(self) -> str:
        return f"{self.outcome} {self.chat_id} of broadcast {self.broadcast_id}"


class Tally(models.Model):
    """How many deliveries of one outcome and kind a broadcast has, so that nobody counts a million rows.

    Kept by a trigger of the database (migration 0002) in the transaction that writes the deliveries: exact
    whoever writes them.
    """

    broadcast = models.ForeignKey(
        "broadcasts.Broadcast", on_delete=models.CASCADE, db_index=False, related_name="tallies"
    )
    outcome = models.CharField(max_length=16, choices=Delivery.Outcome.choices)
    kind = models.CharField(max_length=32, blank=True)
    number = models.PositiveIntegerField()
    at = models.DateTimeField(help_text="When it changed last")

    class Meta:
        verbose_name_plural = "tallies"
        constraints = [
            models.UniqueConstraint(fields=["broadcast", "outcome", "kind"], name="tally_once_per_kind")
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.outcome} {self.kind} of broadcast {self.broadcast_id}"
