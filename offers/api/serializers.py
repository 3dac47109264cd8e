"""Shapes of offers, orders and money over HTTP."""

from typing import Any, ClassVar

from django.conf import settings
from django.utils import timezone
from rest_framework import serializers

from accounts.models import LedgerEntry
from config.api import Serializer, StrictCharField, StrictChoiceField, StrictDecimalField, StrictIntegerField
from config.language import Text
from offers.models import Offer, Subscription, Transaction

ORDERS = tuple(f"{sign}{name}" for name in ("price", "name", "duration_days") for sign in ("", "-"))
OFFER = {
    "id": 1,
    "name": "Internet 100",
    "kind": "internet",
    "description": "100 Mbit/s at home",
    "price": "29.99",
    "currency": "EUR",
    "duration_days": 30,
    "is_active": True,
}
SHORT_OFFER = {"id": 1, "name": "Internet 100", "kind": "internet"}
SUBSCRIPTION = {
    "id": 7,
    "account_id": 1,
    "offer": SHORT_OFFER,
    "status": "active",
    "starts_at": "2030-01-01T12:00:00Z",
    "expires_at": "2030-01-31T12:00:00Z",
    "created_at": "2030-01-01T11:59:58Z",
}
TRANSACTION = {
    "transaction_id": "3f0c1f9e-6f0e-4c43-9d0b-0f8a3c0b7f11",
    "account_id": 1,
    "kind": "activation",
    "status": "SUCCESS",
    "amount": "29.99",
    "currency": "EUR",
    "refunded": False,
    "reason": "",
    "offer": SHORT_OFFER,
    "subscription_id": 7,
    "duration_days": 30,
    "attempts": 1,
    "created_at": "2030-01-01T11:59:58Z",
    "finished_at": "2030-01-01T12:00:00Z",
}
BIGGEST_ID = 2**63 - 1
NAMES = ("offer_id", "subscription_id")
ONE_OF_TWO = Text(
    en="Name the offer or the subscription, one of the two.",
    ru="Укажите предложение или подписку, что-то одно.",
)


class CurrencyField(serializers.ReadOnlyField):
    """The platform's one currency."""

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {"type": "string", "example": "EUR"}

    def __init__(self) -> None:
        super().__init__(source="*", help_text="ISO 4217; the same for everything")

    def to_representation(self, _value: object) -> str:
        return str(settings.CURRENCY)


class OfferSerializer(serializers.ModelSerializer[Offer]):
    """An offer as everybody sees it; prices are exact, so they are texts."""

    currency = CurrencyField()

    class Meta:
        model = Offer
        fields = (
            "id", "name", "kind", "description", "price", "currency", "duration_days", "is_active",
        )  # fmt: skip
        swagger_schema_fields: ClassVar[dict[str, Any]] = {"example": OFFER}


class ShortOfferSerializer(serializers.ModelSerializer[Offer]):
    class Meta:
        model = Offer
        fields = ("id", "name", "kind")


class CatalogueQuerySerializer(serializers.Serializer[Any]):
    """`?kind=tv&price_max=60&order=-price`"""

    kind = StrictChoiceField(choices=Offer.Kind.choices, required=False)
    price_min = StrictDecimalField(max_digits=10, decimal_places=2, min_value=0, required=False)
    price_max = StrictDecimalField(max_digits=10, decimal_places=2, min_value=0, required=False)
    order = StrictChoiceField(
        choices=ORDERS, required=False, default="price", help_text="`-` in front turns it round"
    )


class ExpiringQuerySerializer(serializers.Serializer[Any]):
    days = StrictIntegerField(
        min_value=1, max_value=365, required=False, default=3, help_text="How near the end has to be"
    )


class SubscriptionSerializer(serializers.ModelSerializer[Subscription]):
    """What an account has; an expired one may be renewed."""

    offer = ShortOfferSerializer()
    status = serializers.SerializerMethodField(help_text="waiting, active, expired or failed")

    class Meta:
        model = Subscription
        fields = ("id", "account_id", "offer", "status", "starts_at", "expires_at", "created_at")
        ref_name = "OfferSubscription"
        swagger_schema_fields: ClassVar[dict[str, Any]] = {"example": SUBSCRIPTION}

    def get_status(self, subscription: Subscription) -> str:
        """What has run out is over, whether or not the expiry job has looked yet."""
        over = (
            subscription.status == "active"
            and subscription.expires_at
            and subscription.expires_at <= timezone.now()
        )
        return Subscription.Status.EXPIRED.value if over else subscription.status


class TransactionSerializer(serializers.ModelSerializer[Transaction]):
    """One order, from the charge to the service or the refund."""

    transaction_id = serializers.UUIDField(source="public_id")
    currency = CurrencyField()
    refunded = serializers.SerializerMethodField(help_text="Whether the money is back: of whatever FAILED")
    reason = serializers.CharField(help_text="Why it failed, or why it still waits")
    offer = ShortOfferSerializer()

    class Meta:
        model = Transaction
        fields = (
            "transaction_id", "account_id", "kind", "status", "amount", "currency", "refunded", "reason", "offer",
            "subscription_id", "duration_days", "attempts", "created_at", "finished_at",
        )  # fmt: skip
        swagger_schema_fields: ClassVar[dict[str, Any]] = {"example": TRANSACTION}

    def get_refunded(self, order: Transaction) -> bool:
        return order.status == Transaction.Status.FAILED


class ActivationStatusSerializer(TransactionSerializer):
    """A transaction with the subscription it is about."""

    subscription = SubscriptionSerializer()

    class Meta(TransactionSerializer.Meta):
        fields = (*TransactionSerializer.Meta.fields, "subscription")  # type: ignore[assignment]
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {**TRANSACTION, "subscription": SUBSCRIPTION}
        }


class OrderedSerializer(serializers.ModelSerializer[Transaction]):
    """The answer to an order: ask for its status with this id."""

    transaction_id = serializers.UUIDField(source="public_id")

    class Meta:
        model = Transaction
        fields = ("transaction_id", "status")
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {"transaction_id": TRANSACTION["transaction_id"], "status": "PENDING"}
        }


class ActivationSerializer(Serializer):
    offer_id = StrictIntegerField(min_value=1, max_value=BIGGEST_ID)

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {"example": {"offer_id": 1}}


class RenewalSerializer(Serializer):
    """One of the two."""

    offer_id = StrictIntegerField(min_value=1, max_value=BIGGEST_ID, required=False)
    subscription_id = StrictIntegerField(min_value=1, max_value=BIGGEST_ID, required=False)

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {"example": {"subscription_id": 7}}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise serializers.ValidationError({name: [ONE_OF_TWO.said()] for name in NAMES})
        return attrs


class BalanceSerializer(Serializer):
    balance = StrictDecimalField(max_digits=12, decimal_places=2)
    currency = StrictCharField()

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {"example": {"balance": "50.00", "currency": "EUR"}}


class LedgerEntrySerializer(serializers.ModelSerializer[LedgerEntry]):
    """One movement of money; the balance is the sum of them all."""

    currency = CurrencyField()

    class Meta:
        model = LedgerEntry
        fields = ("id", "account_id", "at", "kind", "amount", "currency", "balance_after", "note")
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {
                "id": 3,
                "account_id": 1,
                "at": "2030-01-01T11:59:58Z",
                "kind": "charge",
                "amount": "-29.99",
                "currency": "EUR",
                "balance_after": "20.01",
                "note": "Internet 100",
            }
        }
