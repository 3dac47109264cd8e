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
        PROPOSED = "proposed", "proposed: the bot was promoted there, and nobody has asked for the channel"
        NEW = "new", "new: the bot is not an administrator yet"
        ACTIVE = "active"
        INVALID = "invalid"
        DEACTIVATED = "deactivated"

    LIVE = (Status.NEW, Status.ACTIVE, Status.INVALID)
    ENDED_WITH_BOT = (
        "the bot was deactivated"  # the reason that tells such an end from one the owner asked for
    )
    OPEN = (*LIVE, Status.PROPOSED)  # what has not ended

    class Bindings(models.QuerySet["Binding"]):
        def visible_to(self, user: "User") -> Self:
            """Staff see every binding; others those of their account."""
            return self if user.is_staff else self.filter(account_id=user.account_id)

        def live(self) -> Self:
            """Asked for by the owner and not ended: what counts and serves."""
            return self.filter(status__in=Binding.LIVE)

        def open(self) -> Self:
            """Live or proposed."""
            return self.filter(status__in=Binding.OPEN)

    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+")
    bot = models.ForeignKey("bots.Bot", on_delete=models.PROTECT, related_name="bindings")
    channel = models.ForeignKey(
        "bots.Channel", on_delete=models.PROTECT, null=True, blank=True, related_name="bindings"
    )
    requested = models.CharField(max_length=255, blank=True, help_text="The link or id as it was typed")
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.NEW)
    reason = models.CharField(max_length=255, blank=True)
    moved_to = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="moved_here",
        help_text="The binding of the bot that took the channel over",
    )  # fmt: skip
    checked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager["Binding"]] = Bindings.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["bot", "channel"],
                condition=~Q(status="deactivated") & Q(channel__isnull=False),
                name="binding_one_live_per_bot_and_channel",
            ),
            models.UniqueConstraint(
                fields=["account", "bot", "requested"],
                condition=Q(status__in=["new", "invalid"], channel__isnull=True),
                name="binding_one_unresolved_per_request",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["proposed", "active"]) | Q(channel__isnull=False),
                name="binding_that_serves_has_a_channel",
            ),
            models.CheckConstraint(
                condition=Q(moved_to__isnull=True) | Q(status="deactivated"), name="binding_moved_has_ended"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel or self.requested} by {self.bot}"

    @property
    def serves(self) -> bool:
        """Whether its bot may post in its channel: by this row, or by a later one of the same bot and channel, when
        the channel was unbound and added again."""
        if self.status != Binding.Status.DEACTIVATED:
            return self.status == Binding.Status.ACTIVE
        again = Binding.objects.filter(account_id=self.account_id, bot_id=self.bot_id, channel=self.channel)
        return again.filter(status=Binding.Status.ACTIVE).exists()
