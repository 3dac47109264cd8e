"""Facts about giveaways to come: what is written once and used again, and the rule that begins the next one."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from giveaways.models.giveaway import Giveaway

if TYPE_CHECKING:
    from accounts.models import User


class Template(models.Model):
    """The fields of a giveaway under a name."""

    class Templates(models.QuerySet["Template"]):
        def visible_to(self, user: "User") -> Self:
            """Staff see every template; others those of their account."""
            return self if user.is_staff else self.filter(account_id=user.account_id)

    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    fields = models.JSONField(default=dict, help_text="As they are written when a giveaway is created")
    lasts_minutes = models.PositiveIntegerField(
        null=True, blank=True, help_text="It ends so long after it starts; empty: by hand, or when it is full"
    )
    media = models.ForeignKey("bots.Media", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[models.Manager["Template"]] = Templates.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="template_name_once")]

    def __str__(self) -> str:
        return self.name


class Repetition(models.Model):
    """A rule: this template again every day, week or month at a time of the account's clock."""

    class Every(models.TextChoices):
        DAY = "day"
        WEEK = "week"
        MONTH = "month"

    class Repetitions(models.QuerySet["Repetition"]):
        def visible_to(self, user: "User") -> Self:
            """Staff see every rule; others those of their account."""
            return self if user.is_staff else self.filter(template__account_id=user.account_id)

        def due(self) -> Self:
            return self.filter(active=True, next_at__lte=timezone.now())

    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="repetitions")
    every = models.CharField(max_length=8, choices=Every.choices)
    at = models.TimeField(help_text="By the account's clock")
    weekday = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(6)], help_text="0 is Monday; for `week`"
    )
    month_day = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(31)],
        help_text="For `month`; 31 is the last day of any month",
    )  # fmt: skip
    until = models.DateTimeField(null=True, blank=True, help_text="None is begun after it")
    count = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Over after so many")
    active = models.BooleanField(default=True)
    made = models.PositiveSmallIntegerField(default=0, editable=False)
    next_at = models.DateTimeField(null=True, blank=True, editable=False)
    last = models.ForeignKey(
        Giveaway, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    error = models.CharField(max_length=255, blank=True, editable=False, help_text="Why the last one failed")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager["Repetition"]] = Repetitions.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["active", "next_at"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(active=False) | Q(next_at__isnull=False), name="repetition_active_has_a_next"
            )
        ]

    def __str__(self) -> str:
        return f"{self.template} every {self.every}"
