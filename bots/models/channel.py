"""Facts about channels and about which bot serves which."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from accounts.models import User


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
