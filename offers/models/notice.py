"""Facts about what people are told of their offers: each notice is a row, and its own delivery log."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from offers.errors import IllegalMove
from offers.models.sale import Subscription, Transaction

if TYPE_CHECKING:
    from accounts.models import User


class Notice(models.Model):
    """Something one person is to be told by one channel, once; what became of it never changes a transaction."""

    class Kind(models.TextChoices):
        ACTIVATED = "activated"
        RENEWED = "renewed"
        REFUNDED = "refunded", "failed and refunded"
        EXPIRING_3 = "expiring_3", "expires in 3 days"
        EXPIRING_1 = "expiring_1", "expires in 1 day"
        EXPIRED = "expired"

    class Channel(models.TextChoices):
        EMAIL = "email", "e-mail"
        SMS = "sms", "SMS"

    class Status(models.TextChoices):
        WAITING = "waiting"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"
        UNCERTAIN = "uncertain", "nobody knows whether it left"
        OUTDATED = "outdated", "no longer true, not sent"

    NEXT: dict[str, set[str]] = {
        Status.WAITING: {Status.SENDING},
        Status.SENDING: {Status.WAITING, Status.SENT, Status.FAILED, Status.UNCERTAIN, Status.OUTDATED},
        Status.SENT: set(),
        Status.FAILED: {Status.WAITING},  # when staff ask for it
        Status.UNCERTAIN: {Status.WAITING, Status.SENT},
        Status.OUTDATED: set(),
    }

    class Notices(models.QuerySet["Notice"]):
        def visible_to(self, user: "User") -> Self:
            """Staff see every notice; others those of their account."""
            return self if user.is_staff else self.filter(account_id=user.account_id)

        def due(self) -> Self:
            return self.filter(status=Notice.Status.WAITING, due_at__lte=timezone.now())

    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="notices")
    transaction = models.ForeignKey(
        Transaction, on_delete=models.PROTECT, null=True, blank=True, related_name="notices"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    channel = models.CharField(max_length=5, choices=Channel)
    about = models.CharField(max_length=100, help_text="What it is about: told once a kind and channel")
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    claimed_until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True, help_text="Why the last attempt failed")
    reference = models.CharField(
        max_length=100, blank=True, help_text="What the mail server or the SMS provider knows it by"
    )
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = Notices.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(status__in=["waiting", "sending"]), name="notice_open"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["kind", "channel", "about", "user"], name="notice_once"),
            models.CheckConstraint(
                condition=Q(status="sending", claimed_until__isnull=False)
                | (~Q(status="sending") & Q(claimed_until__isnull=True)),
                name="notice_claim_follows_status",
            ),
            models.CheckConstraint(
                condition=Q(status="sent", sent_at__isnull=False)
                | (~Q(status="sent") & Q(sent_at__isnull=True)),
                name="notice_sent_at_follows_status",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.channel}"

    def move_to(self, status: str) -> None:
        """Refuses what the life of a notice does not allow: IllegalMove. Does not save."""
        if status not in self.NEXT[self.status]:
            raise IllegalMove(status=self.status, wanted=status)
        self.status = status
