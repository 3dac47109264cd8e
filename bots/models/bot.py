"""Facts about bots and the people who started them."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
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

        def tills(self) -> Self:
            """The platform's own bots, which people of every account may pay."""
            return self.alias(any_case=Lower("username")).filter(any_case__in=settings.STARS_BOTS)

    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+")
    telegram_id = models.BigIntegerField(unique=True)
    username = models.CharField(max_length=64)
    name = models.CharField(max_length=255, help_text="The bot's name as Telegram shows it")
    alias = models.CharField(max_length=255, blank=True, help_text="The name used here")
    description = models.TextField(max_length=2000, blank=True)
    token_encrypted = models.TextField(editable=False)
    mtproto_session_encrypted = models.TextField(blank=True, editable=False)
    token_fingerprint = models.CharField(max_length=64, unique=True, editable=False)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.ACTIVE)
    status_reason = models.CharField(max_length=255, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    webhook_removal_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When Telegram is told next to forget the webhook"
    )
    webhook_removal_attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    polled_by = models.CharField(max_length=64, blank=True, editable=False)
    polled_until = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[models.Manager["Bot"]] = Bots.as_manager()

    def __str__(self) -> str:
        return f"@{self.username}"

    @property
    def takes_stars(self) -> bool:
        """Whether Stars paid to it are the platform's; `*` says so of every bot."""
        return not {"*", self.username.lower()}.isdisjoint(settings.STARS_BOTS)


class Subscriber(models.Model):
    """A person who started a bot, so that the bot may write to them; `unreachable` says why it no longer can."""

    bot = models.ForeignKey("bots.Bot", on_delete=models.PROTECT, related_name="+")
    chat_id = models.BigIntegerField()
    language_code = models.CharField(max_length=16, blank=True)
    first_name = models.CharField(
        max_length=64, blank=True, help_text="For mailings that call people by name"
    )
    username = models.CharField(max_length=32, blank=True)
    unreachable = models.CharField(
        max_length=32, blank=True, help_text="Why Telegram refuses, empty when reachable"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bot", "chat_id"], name="subscriber_once_per_bot")]

    def __str__(self) -> str:
        return f"{self.chat_id} of bot {self.bot_id}"
