"""Facts about Telegram: bots, channels, which bot serves which channel, who started which bot, and jobs."""

import uuid
from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

if TYPE_CHECKING:
    from accounts.models import User


class Bot(models.Model):
    """A Telegram bot of an account. Its token is encrypted and never shown."""

    class Status(models.TextChoices):
        ACTIVE = "active"
        QUARANTINED = "quarantined", "quarantined: Telegram refuses its token"
        DEACTIVATED = "deactivated"

    class Bots(models.QuerySet["Bot"]):
        def visible_to(self, user: "User") -> Self:
            """Staff see every bot; others those of their account."""
            return self if user.is_staff else self.filter(account_id=user.account_id)

        def active(self) -> Self:
            return self.filter(status=Bot.Status.ACTIVE)

    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+")
    telegram_id = models.BigIntegerField(unique=True)
    username = models.CharField(max_length=64)
    name = models.CharField(max_length=255, help_text="The bot's name as Telegram shows it")
    alias = models.CharField(max_length=255, blank=True, help_text="The name used here")
    description = models.TextField(max_length=2000, blank=True)
    token_encrypted = models.TextField(editable=False)
    token_fingerprint = models.CharField(max_length=64, unique=True, editable=False)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.ACTIVE)
    status_reason = models.CharField(max_length=255, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    polled_by = models.CharField(max_length=64, blank=True, editable=False)
    polled_until = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[models.Manager["Bot"]] = Bots.as_manager()

    def __str__(self) -> str:
        return f"@{self.username}"


class Channel(models.Model):
    """A Telegram channel some bot of ours knows."""

    telegram_id = models.BigIntegerField(unique=True, help_text="Telegram's id, -100…")
    title = models.CharField(max_length=255, blank=True)
    username = models.CharField(max_length=64, blank=True, help_text="Empty when the channel is private")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.title or str(self.telegram_id)


class Binding(models.Model):
    """One bot serves one channel for one account; its status says whether the bot may post there."""

    class Status(models.TextChoices):
        NEW = "new", "new: the bot is not an administrator yet"
        ACTIVE = "active"
        INVALID = "invalid"
        DEACTIVATED = "deactivated"

    LIVE = (Status.NEW, Status.ACTIVE, Status.INVALID)

    class Bindings(models.QuerySet["Binding"]):
        def visible_to(self, user: "User") -> Self:
            """Staff see every binding; others those of their account."""
            return self if user.is_staff else self.filter(account_id=user.account_id)

        def live(self) -> Self:
            return self.filter(status__in=Binding.LIVE)

    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+")
    bot = models.ForeignKey("bots.Bot", on_delete=models.PROTECT, related_name="bindings")
    channel = models.ForeignKey(
        "bots.Channel", on_delete=models.PROTECT, null=True, blank=True, related_name="bindings"
    )
    requested = models.CharField(max_length=255, blank=True, help_text="The link or id as it was typed")
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.NEW)
    reason = models.CharField(max_length=255, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager["Binding"]] = Bindings.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["bot", "channel"],
                condition=~Q(status="deactivated") & Q(channel__isnull=False),
                name="binding_one_live_per_bot_and_channel",
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel or self.requested} by {self.bot}"


class Subscriber(models.Model):
    """A person who started a bot, so that the bot may write to them; `unreachable` says why it no longer can."""

    bot = models.ForeignKey("bots.Bot", on_delete=models.PROTECT, related_name="+")
    chat_id = models.BigIntegerField()
    language_code = models.CharField(max_length=16, blank=True)
    unreachable = models.CharField(
        max_length=32, blank=True, help_text="Why Telegram refuses, empty when reachable"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bot", "chat_id"], name="subscriber_once_per_bot")]

    def __str__(self) -> str:
        return f"{self.chat_id} of bot {self.bot_id}"


class Job(models.Model):
    """Work asked for over HTTP and done later: found by status, claimed by lease, its result a row."""

    class Kind(models.TextChoices):
        BIND_CHANNEL = "bind_channel"

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
