"""Facts about what is sold: the catalogue, subscriptions, the transactions that move money."""

from decimal import Decimal
from typing import TYPE_CHECKING, Self
from uuid import uuid4

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from offers.errors import IllegalMove

if TYPE_CHECKING:
    from accounts.models import User


class Offer(models.Model):
    """One thing that is sold: a service of the partner for some days."""

    class Offers(models.QuerySet["Offer"]):
        def active(self) -> Self:
            return self.filter(is_active=True)

    class Kind(models.TextChoices):
        INTERNET = "internet"
        TV = "tv", "TV"
        SPORTS = "sports"
        MOVIES = "movies"
        MUSIC = "music"
        BUNDLE = "bundle"

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=10, choices=Kind)
    description = models.TextField(max_length=2000, blank=True)
    price = models.DecimalField(
        max_digits=10, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))]
    )
    duration_days = models.PositiveSmallIntegerField(
        default=30, validators=[MinValueValidator(1), MaxValueValidator(3650)]
    )
    partner_code = models.CharField(max_length=60, help_text="What the partner calls it")
    is_active = models.BooleanField(default=True, help_text="Whether it can be bought and is listed")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = Offers.as_manager()

    class Meta:
        ordering = ["price", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(price__gt=0), name="offer_price_positive"),
            models.CheckConstraint(condition=Q(duration_days__gte=1), name="offer_lasts_a_day"),
        ]

    def __str__(self) -> str:
        return self.name


class Subscription(models.Model):
    """An account's service: waits for the partner, runs, runs out; a renewal lets it run on."""

    class Status(models.TextChoices):
        WAITING = "waiting", "waiting for the partner"
        ACTIVE = "active"
        EXPIRED = "expired"
        FAILED = "failed", "never activated"

    NEXT: dict[str, set[str]] = {
        Status.WAITING: {Status.ACTIVE, Status.FAILED},
        Status.ACTIVE: {Status.EXPIRED},
        Status.EXPIRED: {Status.ACTIVE},
        Status.FAILED: set(),
    }

    class Subscriptions(models.QuerySet["Subscription"]):
        def visible_to(self, user: "User") -> Self:
            """Staff see every subscription; others those of their account."""
            return self if user.is_staff else self.filter(account_id=user.account_id)

        def active(self) -> Self:
            """Those that run now, whether or not the expiry job has looked yet."""
            return self.filter(status=Subscription.Status.ACTIVE, expires_at__gt=timezone.now())

        def run_out(self) -> Self:
            """Still switched on though their time is over."""
            return self.filter(status=Subscription.Status.ACTIVE, expires_at__lte=timezone.now())

    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="subscriptions")
    user = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, related_name="+", help_text="Who is told"
    )
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="subscriptions")
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    starts_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True, db_index=True)
    reminded_days = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Last told of this end")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = Subscriptions.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    status__in=["active", "expired"], starts_at__isnull=False, expires_at__isnull=False
                )
                | Q(status__in=["waiting", "failed"], starts_at__isnull=True, expires_at__isnull=True),
                name="subscription_times_follow_status",
            ),
        ]

    def __str__(self) -> str:
        return f"subscription {self.pk}"

    def move_to(self, status: str) -> None:
        """Refuses what the life of a subscription does not allow: IllegalMove. Does not save."""
        if status not in self.NEXT[self.status]:
            raise IllegalMove(status=self.status, wanted=status)
        self.status = status


class Transaction(models.Model):
    """One order: money charged, the partner asked, the service on or the money back.

    `called_off_at` is set once the platform has given up: from then on a service is only cancelled at the partner.
    An open transaction that has it needs a person's look, because the partner answers nothing of use.
    """

    class Kind(models.TextChoices):
        ACTIVATION = "activation"
        RENEWAL = "renewal"

    class Status(models.TextChoices):
        PENDING = "PENDING"
        PROCESSING = "PROCESSING"
        SUCCESS = "SUCCESS"
        FAILED = "FAILED", "failed, refunded"

    # A partner that did not answer sends a transaction back to wait; a person may decide one that waits in vain.
    NEXT: dict[str, set[str]] = {
        Status.PENDING: {Status.PROCESSING, Status.SUCCESS, Status.FAILED},
        Status.PROCESSING: {Status.PENDING, Status.SUCCESS, Status.FAILED},
        Status.SUCCESS: set(),
        Status.FAILED: set(),
    }
    OPEN = (Status.PENDING, Status.PROCESSING)

    class Transactions(models.QuerySet["Transaction"]):
        def visible_to(self, user: "User") -> Self:
            """Staff see every transaction; others those of their account."""
            return self if user.is_staff else self.filter(account_id=user.account_id)

        def open(self) -> Self:
            return self.filter(status__in=Transaction.OPEN)

        def due(self) -> Self:
            """Waiting ones whose next attempt has come, and claimed ones whose worker has gone."""
            now = timezone.now()
            return self.filter(
                Q(status=Transaction.Status.PENDING, due_at__lte=now)
                | Q(status=Transaction.Status.PROCESSING, claimed_until__lte=now)
            )

        def needing_a_person(self) -> Self:
            """Given up, and not even a cancellation gets an answer from the partner."""
            return self.open().filter(called_off_at__isnull=False)

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False, help_text="The transaction_id")
    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="transactions")
    user = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="transactions")
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="transactions")
    kind = models.CharField(max_length=10, choices=Kind)
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    amount = models.DecimalField(
        max_digits=10, decimal_places=2, help_text="What was charged, as the price was then"
    )
    duration_days = models.PositiveSmallIntegerField(help_text="What was bought, as the offer was then")
    idempotency_key = models.CharField(max_length=100, blank=True)
    # Grows with every claim and is never reset: what a worker brings under a smaller number comes too late.
    attempts = models.PositiveIntegerField(default=0, help_text="How often a worker took it to the partner")
    due_at = models.DateTimeField(default=timezone.now)
    claimed_until = models.DateTimeField(null=True, blank=True)
    called_off_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Since when the partner is only asked to cancel it, never again to activate it",
    )
    partner_reference = models.CharField(max_length=100, blank=True)
    reason = models.CharField(max_length=200, blank=True, help_text="Why it failed, or why it still waits")
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = Transactions.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["account", "-id"]),
            models.Index(
                fields=["due_at"], condition=Q(status__in=["PENDING", "PROCESSING"]), name="transaction_open"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="transaction_idempotency_key_once_per_account",
            ),
            models.UniqueConstraint(
                fields=["subscription"],
                condition=Q(status__in=["PENDING", "PROCESSING"]),
                name="transaction_one_open_per_subscription",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["PENDING", "PROCESSING"], finished_at__isnull=True)
                | Q(status__in=["SUCCESS", "FAILED"], finished_at__isnull=False),
                name="transaction_finished_at_follows_status",
            ),
            models.CheckConstraint(
                condition=Q(status="PROCESSING", claimed_until__isnull=False)
                | (~Q(status="PROCESSING") & Q(claimed_until__isnull=True)),
                name="transaction_claim_follows_status",
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)

    @property
    def needs_a_person(self) -> bool:
        return self.status in self.OPEN and self.called_off_at is not None

    def reason_key(self, movement: str) -> str:
        """The ledger's reason for its `charge` or its `refund`."""
        return f"transaction:{self.public_id}:{movement}"

    def move_to(self, status: str) -> None:
        """Refuses what the life of a transaction does not allow: IllegalMove. Does not save."""
        if status not in self.NEXT[self.status]:
            raise IllegalMove(status=self.status, wanted=status)
        self.status = status
