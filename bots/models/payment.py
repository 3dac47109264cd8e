"""Facts about Stars: what people paid to bots, and the money that became of it on an account's balance."""

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, Self
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone

from bots.errors import IllegalMove

if TYPE_CHECKING:
    from accounts.models import User


class StarPayment(models.Model):
    """One invoice in Stars and the charge that paid it; a charge nobody can explain has a row of its own."""

    class Status(models.TextChoices):
        OPEN = "open", "invoice sent, not paid"
        EXPIRED = "expired", "never paid"
        PAID = "paid", "paid, on the balance"
        HELD = "held", "paid, not on the balance: somebody has to look"
        REFUNDING = "refunding", "off the balance, Telegram is being told"
        REFUNDED = "refunded"
        OWED = "owed", "taken back by Telegram after the balance had spent it: somebody has to look"

    # What Telegram tells is always taken in, even of an invoice that had expired here.
    NEXT: dict[str, set[str]] = {
        Status.OPEN: {Status.EXPIRED, Status.PAID, Status.HELD, Status.REFUNDED},
        Status.EXPIRED: {Status.PAID, Status.HELD, Status.REFUNDED},
        Status.PAID: {Status.REFUNDING, Status.REFUNDED, Status.OWED},
        Status.HELD: {Status.PAID, Status.REFUNDING, Status.REFUNDED},
        Status.REFUNDING: {Status.REFUNDED, Status.PAID, Status.HELD},
        Status.OWED: {Status.REFUNDED},
        Status.REFUNDED: set(),
    }
    UNSETTLED = (Status.REFUNDING, Status.HELD, Status.OWED)
    UNPAID = (Status.OPEN, Status.EXPIRED)

    class Payments(models.QuerySet["StarPayment"]):
        def visible_to(self, user: "User") -> Self:
            """Staff see every payment; others those of their account."""
            return self if user.is_staff else self.filter(account_id=user.account_id)

        def to_refund(self) -> Self:
            return self.filter(status=StarPayment.Status.REFUNDING, due_at__lte=timezone.now())

    public_id = models.UUIDField(
        default=uuid4, unique=True, editable=False, help_text="The invoice's payload"
    )
    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    bot = models.ForeignKey(
        "bots.Bot", on_delete=models.PROTECT, related_name="+", help_text="Who has the Stars"
    )
    person_id = models.BigIntegerField(db_index=True, help_text="Telegram's id of whoever pays")
    stars = models.PositiveIntegerField()
    amount = models.DecimalField(
        max_digits=10, decimal_places=2, help_text="What they are worth, by the rate then"
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    charge_id = models.CharField(max_length=255, blank=True, help_text="Telegram's id of the payment")
    checkout_id = models.CharField(max_length=64, blank=True, editable=False)
    checked_at = models.DateTimeField(null=True, blank=True, help_text="When Telegram was told to go on")
    credited = models.BooleanField(default=False, help_text="Whether it ever was on the balance")
    attempts = models.PositiveSmallIntegerField(default=0, help_text="How often Telegram was told to refund")
    undone = models.PositiveSmallIntegerField(default=0, help_text="How often Telegram refused to refund")
    due_at = models.DateTimeField(default=timezone.now, help_text="When Telegram is told next")
    reason = models.CharField(max_length=200, blank=True, help_text="What is wrong, or why it waits")
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    paid_at = models.DateTimeField(null=True, blank=True)
    refunded_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["StarPayment"]] = Payments.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["account", "status"], name="star_payment_of_account"),
            models.Index(fields=["due_at"], condition=Q(status="refunding"), name="star_payment_refunding"),
            models.Index(
                fields=["status"],
                condition=Q(status__in=["refunding", "held", "owed"]),
                name="star_payment_unsettled",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["charge_id"], condition=~Q(charge_id=""), name="star_payment_charge_once"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["open", "expired"], charge_id="")
                | ~Q(status__in=["open", "expired"]) & ~Q(charge_id=""),
                name="star_payment_charge_follows_status",
            ),
            models.CheckConstraint(
                condition=Q(stars__gt=0, amount__gte=Decimal(0)), name="star_payment_is_worth_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stars} Stars by {self.person_id}"

    def move_to(self, status: str) -> None:
        """Refuses what the life of a payment does not allow: IllegalMove. Does not save."""
        if status not in self.NEXT[self.status]:
            raise IllegalMove(status=self.get_status_display(), wanted=status)
        self.status = status

    @property
    def refund_key(self) -> str:
        """The ledger's reason for taking it off the balance; another one after Telegram refused."""
        again = f":{self.undone + 1}" if self.undone else ""
        return f"stars-refund:{self.charge_id}{again}"
