"""Facts about owners on Telegram: who a user is there, and which alerts they were told."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone


class LinkedOwner(models.Model):
    """A user as one bot of their account knows them; until Start is pressed with the code, nobody yet."""

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    bot = models.ForeignKey("bots.Bot", on_delete=models.PROTECT, related_name="+")
    chat_id = models.BigIntegerField(
        null=True, blank=True, db_index=True, help_text="The person's id at Telegram"
    )
    linked_at = models.DateTimeField(null=True, blank=True)
    code_digest = models.CharField(max_length=64, blank=True, editable=False)
    code_expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "bot"], name="linked_owner_once_per_bot"),
            models.UniqueConstraint(
                fields=["code_digest"], condition=~Q(code_digest=""), name="linked_owner_code_is_one_persons"
            ),
            models.CheckConstraint(
                condition=Q(chat_id__isnull=True, linked_at__isnull=True)
                | Q(chat_id__isnull=False, linked_at__isnull=False),
                name="linked_owner_since_when",
            ),
            models.CheckConstraint(
                condition=Q(code_digest="") | Q(code_expires_at__isnull=False),
                name="linked_owner_code_expires",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} by {self.bot}"


class Telling(models.Model):
    """One alert told to one user by Telegram: the row is the work."""

    class Tellings(models.QuerySet["Telling"]):
        def due(self) -> Self:
            return self.filter(told_at__isnull=True, given_up="", due_at__lte=timezone.now())

    alert = models.ForeignKey("bots.Alert", on_delete=models.CASCADE, related_name="tellings")
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    bot = models.ForeignKey(
        "bots.Bot", on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="Who told it"
    )
    due_at = models.DateTimeField(default=timezone.now, help_text="The next try; a try under way moves it on")
    attempts = models.PositiveSmallIntegerField(default=0)
    told_at = models.DateTimeField(null=True, blank=True)
    given_up = models.CharField(
        max_length=64, blank=True, help_text="Why it is not told, empty while it may be"
    )

    objects: ClassVar[models.Manager["Telling"]] = Tellings.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["alert", "user"], name="telling_once_per_user")]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(told_at__isnull=True, given_up=""), name="telling_that_waits"
            )
        ]

    def __str__(self) -> str:
        return f"alert {self.alert_id} to {self.user}"
