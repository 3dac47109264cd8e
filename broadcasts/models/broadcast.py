"""What is sent by whom, when and how; how far it is."""

import uuid
from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from broadcasts.errors import MoveRefused
from broadcasts.texts import STATES

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

    class Kind(models.TextChoices):
        SEND = "send"
        TEST = "test", "test: to one chat, before the real one"
        EDIT = "edit", "edit: of what another one sent"
        DELETE = "delete", "delete: what another one sent"

    class WhenSpent(models.TextChoices):
        FREE = "free", "go on at the free rate"
        PAUSE = "pause", "pause until the budget is raised"

    NEXT: ClassVar[dict[str, set[str]]] = {
        Status.SCHEDULED: {Status.RUNNING, Status.PAUSED, Status.COMPLETED, Status.CANCELLED},
        Status.RUNNING: {Status.PAUSED, Status.COMPLETED, Status.CANCELLED, Status.FAILED},
        Status.PAUSED: {Status.RUNNING, Status.CANCELLED, Status.FAILED},
        Status.COMPLETED: {Status.RUNNING},  # some of its recipients are served again
        Status.CANCELLED: set(),
        Status.FAILED: set(),
    }
    LIVE = (Status.SCHEDULED, Status.RUNNING)
    WEIGHTS: ClassVar[dict[str, int]] = {Priority.HIGH: 6, Priority.MEDIUM: 3, Priority.LOW: 1}
    OVER = (Status.COMPLETED, Status.CANCELLED, Status.FAILED)
    # Reasons the system writes.
    EXPIRED = "expired"
    BOT_STOPPED = "the bot is stopped"
    BUDGET_SPENT = "stars budget spent"
    MESSAGES_PER_STAR = 10  # 0.1 Star a message with allow_paid_broadcast (Bot API, sendMessage)

    class Broadcasts(models.QuerySet["Broadcast"]):
        def visible_to(self, user: "User") -> Self:
            """Staff see every broadcast; others those of their account."""
            return self if user.is_staff else self.filter(account_id=user.account_id)

        def live(self) -> Self:
            return self.filter(status__in=Broadcast.LIVE)

        def not_over(self) -> Self:
            return self.exclude(status__in=Broadcast.OVER)

    public_id = models.UUIDField(
        default=uuid.uuid4, unique=True, editable=False, help_text="The task_id people know it by"
    )
    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(
        max_length=100, blank=True, default="", help_text="For people; nobody receives it"
    )
    bot = models.ForeignKey("bots.Bot", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.SEND)
    target = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="changes",
        help_text="Whose messages are edited or deleted",
    )
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
    scheduled_at = models.DateTimeField(null=True, blank=True, help_text="Nothing is sent before")
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Nothing is sent after")
    repeat_seconds = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Skip a chat that got the same from this bot within so many seconds; empty: as the settings "
        "say, 0: never skip",
    )
    paid = models.BooleanField(default=False, help_text="Faster than free, for Stars")
    stars_budget = models.PositiveIntegerField(default=0)
    stars_spent_then = models.CharField(
        max_length=8, choices=WhenSpent.choices, default=WhenSpent.FREE, help_text="When the budget is spent"
    )
    paid_granted = models.PositiveIntegerField(
        default=0, help_text="Messages that may have cost 0.1 Star each"
    )
    idempotency_key = models.CharField(max_length=100, blank=True)
    recipients_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when nobody can tell any more to whom it went"
    )

    objects: ClassVar[models.Manager["Broadcast"]] = Broadcasts.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["id"], condition=Q(status__in=["scheduled", "running"]), name="broadcast_live"
            ),
            models.Index(
                fields=["expires_at"],
                condition=Q(status__in=["scheduled", "running", "paused"], expires_at__isnull=False),
                name="broadcast_expiring",
            ),
            models.Index(fields=["bot"], condition=Q(status="paused"), name="broadcast_paused"),
            models.Index(
                fields=["finished_at"],
                condition=Q(finished_at__isnull=False, erased_at__isnull=True),
                name="broadcast_not_erased",
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
            models.CheckConstraint(
                condition=Q(kind__in=["send", "test"], target__isnull=True)
                | Q(kind__in=["edit", "delete"], target__isnull=False),
                name="broadcast_changes_a_target",
            ),
            models.CheckConstraint(
                condition=Q(paid_granted__lte=F("stars_budget") * 10), name="broadcast_within_its_stars"
            ),
        ]

    def __str__(self) -> str:
        return f"Broadcast {self.pk} ({self.name})" if self.name else f"Broadcast {self.pk}"

    def move_to(self, status: str) -> None:
        """Changes the status in memory with the times that belong to it; refuses an unlisted move."""
        if status not in self.NEXT[self.status]:
            raise MoveRefused(status=STATES[self.status], wanted=STATES[status])
        self.status = status
        if status == self.Status.RUNNING and self.started_at is None:
            self.started_at = timezone.now()
        self.finished_at = timezone.now() if status in self.OVER else None

    @property
    def stars_spent(self) -> float:
        """At most: a message that failed costs nothing."""
        return self.paid_granted / self.MESSAGES_PER_STAR

    @property
    def messages_left(self) -> int:
        """How many more messages its Stars pay for."""
        return self.stars_budget * self.MESSAGES_PER_STAR - self.paid_granted


class BroadcastFile(models.Model):
    """A file that a broadcast sends, and that therefore stays."""

    broadcast = models.ForeignKey(Broadcast, on_delete=models.CASCADE, db_index=False, related_name="files")
    media = models.ForeignKey("bots.Media", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["broadcast", "media"], name="broadcast_file_once")]

    def __str__(self) -> str:
        return f"{self.media_id} of broadcast {self.broadcast_id}"
