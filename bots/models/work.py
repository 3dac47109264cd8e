"""Work as rows: jobs asked for over HTTP, messages for channels, alerts for owners."""

import uuid
from typing import TYPE_CHECKING, ClassVar, Self, TypeVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from bots.models.channel import Binding

if TYPE_CHECKING:
    from accounts.models import User


class Job(models.Model):
    """Work asked for over HTTP and done later: found by status, claimed by lease, its result a row."""

    class Kind(models.TextChoices):
        BIND_CHANNEL = "bind_channel"
        CHECK_CHANNEL = "check_channel"
        MOVE_CHANNELS = "move_channels"
        POST_MESSAGE = "post_message"
        EDIT_MESSAGE = "edit_message"
        DELETE_MESSAGE = "delete_message"
        COLLECT_STATISTICS = "collect_statistics"

    class Status(models.TextChoices):  # Celery's names, which callers know
        PENDING = "PENDING"
        STARTED = "STARTED"
        SUCCESS = "SUCCESS"
        FAILURE = "FAILURE"

    class Jobs(models.QuerySet["Job"]):
        def visible_to(self, user: "User") -> Self:
            """Staff see every job; others those of their account."""
            return self if user.is_staff else self.filter(account_id=user.account_id)

        def due(self) -> Self:
            """Waiting, or claimed by a worker that is gone."""
            gone = Q(status=Job.Status.STARTED, leased_until__lt=timezone.now())
            return self.filter(Q(status=Job.Status.PENDING) | gone)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=32, choices=Kind.choices)
    arguments = models.JSONField(default=dict)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.PENDING, db_index=True)
    result = models.JSONField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["Job"]] = Jobs.as_manager()

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class ChannelWork(models.Model):
    """Something to be posted in a channel: the work is the row. Claimed, sent, recorded (services.posting)."""

    class Status(models.TextChoices):
        WAITING = "waiting"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"
        UNCERTAIN = "uncertain", "uncertain: nobody knows whether Telegram posted it"
        REMOVED = "removed", "removed: cancelled in time, or deleted from the channel"

    status = models.CharField(max_length=16, choices=Status.choices, default=Status.WAITING)
    due_at = models.DateTimeField(default=timezone.now)
    leased_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    message_id = models.BigIntegerField(null=True, blank=True)
    error = models.CharField(max_length=255, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


Work = TypeVar("Work", bound=ChannelWork, covariant=True)


class WorkQuerySet(models.QuerySet[Work]):
    """Work in channels, found by state."""

    def due(self) -> Self:
        """Waiting rows whose time has come."""
        return self.filter(status=ChannelWork.Status.WAITING, due_at__lte=timezone.now())

    def abandoned(self) -> Self:
        """Taken by a worker that is gone."""
        return self.filter(status=ChannelWork.Status.SENDING, leased_until__lt=timezone.now())


class ChannelMessage(ChannelWork):
    """A message an owner posts in a channel."""

    class Messages(WorkQuerySet["ChannelMessage"]):
        def visible_to(self, user: "User") -> Self:
            """Staff see every message; others those of their account."""
            return self if user.is_staff else self.filter(account_id=user.account_id)

    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+")
    binding = models.ForeignKey(Binding, on_delete=models.PROTECT, related_name="+")
    job = models.OneToOneField("bots.Job", on_delete=models.PROTECT, related_name="+")
    text = models.TextField(help_text="As Telegram shows it")
    entities = models.JSONField(default=list, help_text="Telegram's MessageEntity objects")
    buttons = models.JSONField(default=list, help_text="Rows of {text, url}")
    media = models.ForeignKey("bots.Media", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    photo = models.CharField(
        max_length=2048, blank=True, help_text="Instead of media: an address or a file id"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager["ChannelMessage"]] = Messages.as_manager()

    class Meta:
        indexes = [models.Index(fields=["status", "due_at"])]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="sent") | Q(sent_at__isnull=False, message_id__isnull=False),
                name="channel_message_sent_has_an_id",
            )
        ]

    def __str__(self) -> str:
        return f"message {self.pk} in {self.binding_id}"

    @property
    def shows_file(self) -> bool:
        """Whether the text stands under a picture or another file."""
        return bool(self.media_id or self.photo)


class Alert(models.Model):
    """Something the owner has to know: the row is the work, each way of telling leaves its mark."""

    class Kind(models.TextChoices):
        BOT_QUARANTINED = "bot_quarantined"
        RIGHTS_LOST = "rights_lost"
        RIGHTS_BACK = "rights_back"
        GIVEAWAY_FAILED = "giveaway_failed"
        REPETITION_FAILED = "repetition_failed"
        DELIVERY_IN_DOUBT = "delivery_in_doubt"
        CHANNEL_PROPOSED = "channel_proposed"
        WEBHOOK_FAILING = "webhook_failing"

    account = models.ForeignKey("accounts.Account", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=32, choices=Kind.choices)
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    mailed_at = models.DateTimeField(
        null=True, blank=True, help_text="When every user of the account was mailed"
    )

    def __str__(self) -> str:
        return f"{self.kind} to account {self.account_id}"
