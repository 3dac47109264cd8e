"""Facts about who acts: people who log in, the accounts they act for, their money, the trail of what was done."""

from decimal import Decimal
from typing import Any, ClassVar, Self
from zoneinfo import available_timezones

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower

from config.language import Text

NO_TIME_ZONE = Text(
    en="This is no time zone. Write it like Europe/Moscow.",
    ru="Такого часового пояса нет. Напишите его как Europe/Moscow.",
)


def validate_time_zone(name: str) -> None:
    """A name of the IANA database, such as Europe/Moscow."""
    if name not in available_timezones():
        raise ValidationError(NO_TIME_ZONE.said())


class Account(models.Model):
    """The owner of everything: bots, channels, giveaways. Users act for exactly one account."""

    LANGUAGES = [("en", "English"), ("ru", "Русский")]

    name = models.CharField(max_length=150)
    language = models.CharField(max_length=2, choices=LANGUAGES, default="en")
    time_zone = models.CharField(
        max_length=64,
        default="UTC",
        validators=[validate_time_zone],
        help_text="Like Europe/Moscow: the times people are told, and when what repeats is due",
    )
    # The sum of the ledger's entries; `accounts.ledger` is its only writer.
    balance = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal("0.00"), editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(balance__gte=0), name="account_balance_not_negative")
        ]
        permissions = [("see_personal_data", "Can see who the people of other accounts are")]

    def __str__(self) -> str:
        return self.name


class AccountUserManager(UserManager["User"]):
    """Creates users with an account to act for, unless one is given; finds them by name in any case."""

    use_in_migrations = False

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.alias(any_case=Lower("username")).get(any_case=Lower(models.Value(username)))

    def new_account(self, username: str) -> Account:
        """The account of a user who was given none."""
        return Account.objects.create(name=username)

    def _create_user(self, username: str, email: str | None, password: str | None, **extra: Any) -> "User":
        if "account" not in extra and "account_id" not in extra:
            extra["account"] = self.new_account(username)
        user: User = super()._create_user(username, email, password, **extra)  # type: ignore[misc]
        return user


class User(AbstractUser):
    """A person who logs in: a channel owner, a developer, or staff."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="users")
    phone = models.CharField(
        max_length=16,
        blank=True,
        validators=[
            RegexValidator(r"^\+[1-9][0-9]{6,14}$", "Write it with the country, like +4915112345678.")
        ],
        help_text="For SMS, like +4915112345678; without it none are sent",
    )

    objects: ClassVar[AccountUserManager] = AccountUserManager()

    class Meta:
        verbose_name = "user"
        constraints = [
            models.UniqueConstraint(Lower("username"), name="user_username_unique_any_case"),
            models.UniqueConstraint(
                Lower("email"), condition=~models.Q(email=""), name="user_email_unique_any_case"
            ),
        ]

    def may_see_people_of(self, account_id: int) -> bool:
        """Whether exports show this user who the account's people are: their own, or by permission."""
        return self.account_id == account_id or self.has_perm("accounts.see_personal_data")


class LedgerEntry(models.Model):
    """One movement of an account's money. Append-only: a trigger of the database refuses changes."""

    class Entries(models.QuerySet["LedgerEntry"]):
        def visible_to(self, user: User) -> Self:
            """Staff see every movement; others those of their account."""
            return self if user.is_staff else self.filter(account_id=user.account_id)

    class Kind(models.TextChoices):
        TOP_UP = "top_up", "top-up"
        CHARGE = "charge"
        REFUND = "refund"
        ADJUSTMENT = "adjustment"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="ledger_entries")
    kind = models.CharField(max_length=10, choices=Kind)
    amount = models.DecimalField(
        max_digits=12, decimal_places=2, help_text="What it adds to the balance; a charge is negative"
    )
    balance_after = models.DecimalField(max_digits=12, decimal_places=2)
    reason_key = models.CharField(
        max_length=160, unique=True, help_text="What it is for: the same reason moves money once"
    )
    note = models.CharField(max_length=200, blank=True)
    actor_label = models.CharField(max_length=160, help_text="Who acted, as known then")
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    objects = Entries.as_manager()

    class Meta:
        verbose_name_plural = "ledger entries"
        ordering = ["-id"]
        indexes = [models.Index(fields=["account", "-id"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["top_up", "refund"], amount__gt=0)
                | models.Q(kind="charge", amount__lt=0)
                | (models.Q(kind="adjustment") & ~models.Q(amount=0)),
                name="ledger_entry_sign_follows_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(balance_after__gte=0), name="ledger_balance_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"


class AuditEntry(models.Model):
    """One thing that was done: who, from where, to what, before and after. Append-only."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    actor_label = models.CharField(max_length=160, help_text="Who acted, as known then")
    address = models.GenericIPAddressField(null=True, blank=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    verb = models.CharField(max_length=40)
    object_type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=40)
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name_plural = "audit entries"
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["object_type", "object_id", "at"])]

    def __str__(self) -> str:
        return f"{self.actor_label} {self.verb} {self.object_type} {self.object_id}"
