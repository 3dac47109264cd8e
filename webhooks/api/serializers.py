"""Shapes of webhooks over HTTP."""

from typing import Any, ClassVar

from rest_framework import serializers

from config.api import Serializer, StrictBooleanField, StrictCharField, StrictChoiceField
from config.language import Text
from webhooks.crypto import secret_of
from webhooks.links import LONGEST
from webhooks.models import Delivery, Endpoint, Event

NO_CHANGE = Text(en="Say what is to change.", ru="Укажите, что изменить.")
CHOOSABLE = [event for event in Event.values if event != Event.TEST]
ENDPOINT = {
    "id": 1,
    "url": "https://example.com/telegive",
    "description": "our shop",
    "events": ["giveaway.finished", "transaction.settled"],
    "active": True,
    "failing_since": None,
    "created_at": "2030-01-02T10:00:00Z",
    "updated_at": "2030-01-02T10:00:00Z",
}
DELIVERY = {
    "id": 7,
    "event_id": "5f0c2a3e-8a53-5d0e-9f5e-0d8f3b1c7a11",
    "event": "giveaway.finished",
    "status": "waiting",
    "attempts": 2,
    "response_status": 500,
    "error": "answered 500",
    "created_at": "2030-01-02T10:00:00Z",
    "sent_at": "2030-01-02T10:00:10Z",
    "next_attempt_at": "2030-01-02T10:01:10Z",
    "delivered_at": None,
    "payload": {
        "id": "5f0c2a3e-8a53-5d0e-9f5e-0d8f3b1c7a11",
        "event": "giveaway.finished",
        "created_at": "2030-01-02T10:00:00+00:00",
        "account_id": 3,
        "data": {"giveaway_id": 7, "winners_selected": 2, "total_participants": 970},
    },
}


class EndpointFieldsSerializer(Serializer):
    """What of an endpoint may be written."""

    url = StrictCharField(max_length=LONGEST, help_text="https:// only")
    description = StrictCharField(max_length=100, required=False, allow_blank=True)
    events = serializers.ListField(
        child=StrictChoiceField(choices=CHOOSABLE),
        required=False,
        max_length=len(CHOOSABLE),
        help_text="Names of events; [] or nothing means all, and those to come",
    )
    active = StrictBooleanField(required=False)

    def validate_events(self, events: list[str]) -> list[str]:
        return sorted(set(events))


class NewEndpointSerializer(EndpointFieldsSerializer):
    """An endpoint to be made."""

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {name: ENDPOINT[name] for name in ("url", "description", "events")}
        }


class ChangedEndpointSerializer(EndpointFieldsSerializer):
    """What of an endpoint is to change."""

    url = StrictCharField(max_length=LONGEST, required=False)

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {"example": {"active": False}}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            raise serializers.ValidationError(NO_CHANGE.said())
        return attrs


class EndpointSerializer(serializers.ModelSerializer[Endpoint]):
    """An endpoint; its secret is shown once, when it is made or renewed."""

    class Meta:
        model = Endpoint
        fields = ("id", "url", "description", "events", "active", "failing_since", "created_at", "updated_at")
        swagger_schema_fields: ClassVar[dict[str, Any]] = {"example": ENDPOINT}


class EndpointSecretSerializer(EndpointSerializer):
    """The only answer that holds the secret: keep it."""

    secret = serializers.SerializerMethodField()

    class Meta(EndpointSerializer.Meta):
        fields = (*EndpointSerializer.Meta.fields, "secret")  # type: ignore[assignment]
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {**ENDPOINT, "secret": "whsec_" + "0123456789abcdef" * 4}
        }

    def get_secret(self, row: Endpoint) -> str:
        return secret_of(row.key)


class WebhookDeliverySerializer(serializers.ModelSerializer[Delivery]):
    """A line of the log: one event for this endpoint, and how its last attempt ended."""

    next_attempt_at = serializers.SerializerMethodField()

    class Meta:
        model = Delivery
        fields = (
            "id", "event_id", "event", "status", "attempts", "response_status", "error", "created_at", "sent_at",
            "next_attempt_at", "delivered_at", "payload",
        )  # fmt: skip
        swagger_schema_fields: ClassVar[dict[str, Any]] = {"example": DELIVERY}

    def get_next_attempt_at(self, row: Delivery) -> str | None:
        return row.due_at.isoformat() if row.status in Delivery.OPEN else None
