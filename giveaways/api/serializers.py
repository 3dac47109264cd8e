"""Shapes of giveaways over HTTP."""

from typing import Any, ClassVar

from django.conf import settings
from django.utils import timezone
from drf_yasg.utils import swagger_serializer_method
from rest_framework import serializers

from accounts.models import AuditEntry
from bots.links import post_link, start_link
from config.api import ModelSerializer, Serializer, StrictCharField, StrictChoiceField, StrictIntegerField
from config.language import Text
from giveaways.models import Beacon, Change, Giveaway
from giveaways.services import matrix
from giveaways.services.write import draw_url

MOST_REQUIRED_CHANNELS = 10
PASSED = Text(en="This moment has passed.", ru="Этот момент уже прошёл.")
NO_MESSAGE = Text(en="Give at least one of the three messages.", ru="Укажите хотя бы одно из трёх сообщений.")


class WrittenGiveawaySerializer(ModelSerializer):
    """What an owner writes; everything else is the platform's."""

    title = StrictCharField(min_length=3, max_length=255)
    main_body = StrictCharField(min_length=10, max_length=4000)
    winner_count = StrictIntegerField(min_value=1, max_value=100, required=False)
    participation_button_text = StrictCharField(min_length=1, max_length=100, required=False)
    channel_id = StrictIntegerField(required=False, help_text="Telegram's id of a connected channel, -100…")
    required_channels = serializers.ListField(
        child=StrictIntegerField(), required=False, max_length=MOST_REQUIRED_CHANNELS,
        help_text="Telegram's ids of further connected channels people must be subscribed to",
    )  # fmt: skip
    results_channel_id = StrictIntegerField(
        required=False, allow_null=True,
        help_text="Telegram's id of another connected channel for the results; null: the giveaway's own",
    )  # fmt: skip
    max_participants = StrictIntegerField(min_value=1, max_value=10_000_000, required=False, allow_null=True)
    beacon = StrictChoiceField(
        choices=Beacon.choices, required=False,
        help_text="`none`: sealed, nobody can change the draw; `drand`: nobody can foresee it either",
    )  # fmt: skip
    claim_hours = StrictIntegerField(
        min_value=1, max_value=720, required=False, allow_null=True,
        help_text="Winners who do not claim within that many hours lose their place to the next of the ranking",
    )  # fmt: skip
    public_conclusion_message = StrictCharField(min_length=5, max_length=4000, required=False)
    winner_message = StrictCharField(min_length=5, max_length=4000, required=False)
    loser_message = StrictCharField(min_length=5, max_length=4000, required=False)

    class Meta:
        model = Giveaway
        fields = (
            "title", "main_body", "winner_count", "participation_button_text", "channel_id", "required_channels",
            "starts_at", "ends_at", "max_participants", "show_participants", "beacon", "claim_hours",
            "results_channel_id", "public_conclusion_message",
            "winner_message",
            "loser_message",
        )  # fmt: skip
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {
                "title": "A bag of coffee",
                "main_body": "Press the button to take part. We draw on Sunday.",
                "winner_count": 3,
                "channel_id": -1001234567890,
                "ends_at": "2030-01-06T18:00:00Z",
                "beacon": "drand",
                "claim_hours": 48,
            }
        }

    def validate_starts_at(self, value: Any) -> Any:
        return self.validate_ends_at(value)

    def validate_ends_at(self, value: Any) -> Any:
        if value and value <= timezone.now():
            raise serializers.ValidationError(PASSED.said())
        return value


class NewGiveawaySerializer(WrittenGiveawaySerializer):
    account_id = StrictIntegerField(required=False, min_value=1, help_text="The caller's own account")

    class Meta(WrittenGiveawaySerializer.Meta):
        fields = ("account_id", *WrittenGiveawaySerializer.Meta.fields)  # type: ignore[assignment]


class FinishMessagesSerializer(Serializer):
    """The three texts of the end; any of them."""

    public_conclusion_message = StrictCharField(min_length=5, max_length=4000, required=False)
    winner_message = StrictCharField(min_length=5, max_length=4000, required=False)
    loser_message = StrictCharField(min_length=5, max_length=4000, required=False)

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {"winner_message": "You won a bag of coffee! Write to @sunny_coffee."}
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            raise serializers.ValidationError(NO_MESSAGE.said())
        return attrs


class GiveawaySerializer(serializers.ModelSerializer[Giveaway]):
    """A giveaway as its owner sees it."""

    channel_id = serializers.IntegerField(source="binding.channel.telegram_id", default=None)
    results_channel_id = serializers.IntegerField(source="results_binding.channel.telegram_id", default=None)
    required_channels = serializers.SerializerMethodField()
    media = serializers.CharField(source="media.kind", default=None)
    may_change = serializers.SerializerMethodField()
    participation_url = serializers.SerializerMethodField()
    draw_url = serializers.SerializerMethodField()

    class Meta:
        model = Giveaway
        fields = (
            "id", "public_id", "account_id", "title", "main_body", "winner_count", "participation_button_text",
            "channel_id", "required_channels", "results_channel_id", "media", "starts_at", "ends_at",
            "max_participants", "show_participants",
            "beacon", "claim_hours", "status", "may_change", "change_count", "pause_reason", "beacon_round",
            "round_due_at",
            "publish_error", "message_id", "conclusion_message_id", "result_token", "participant_count",
            "winners_selected", "opening_sha256", "participation_url", "draw_url", "public_conclusion_message",
            "winner_message", "loser_message", "created_at", "published_at", "finished_at", "cancelled_at",
        )  # fmt: skip
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {
                "id": 7,
                "public_id": "fhvoffvam46p5jfi",
                "account_id": 1,
                "title": "A bag of coffee",
                "status": "active",
                "may_change": [
                    "participation_button_text",
                    "show_participants",
                    "ends_at",
                    "max_participants",
                ],
                "winner_count": 3,
                "participant_count": 970,
                "message_id": 1042,
                "result_token": "KkAJ53TeoxzAOjlCFsZEi_aXBLZSUqQI",
                "published_at": "2030-01-01T12:00:00Z",
            }
        }

    @swagger_serializer_method(serializers.ListField(child=serializers.CharField()))
    def get_may_change(self, giveaway: Giveaway) -> list[str]:
        return matrix.may_change(giveaway.status)

    @swagger_serializer_method(serializers.ListField(child=serializers.IntegerField()))
    def get_required_channels(self, giveaway: Giveaway) -> list[int]:
        bindings = giveaway.required_bindings.all()
        return [binding.channel.telegram_id for binding in bindings if binding.channel]

    def get_participation_url(self, giveaway: Giveaway) -> str | None:
        return participation_url(giveaway)

    def get_draw_url(self, giveaway: Giveaway) -> str:
        return draw_url(giveaway)


class GiveawayAnswerSerializer(serializers.Serializer[Any]):
    giveaway = GiveawaySerializer()


class PublishedSerializer(serializers.Serializer[Any]):
    """Where the announcement stands."""

    status = serializers.CharField()
    starts_at = serializers.DateTimeField()
    message_id = serializers.IntegerField()
    published_at = serializers.DateTimeField()
    participation_url = serializers.SerializerMethodField()
    telegram_url = serializers.SerializerMethodField()

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {
                "status": "active",
                "starts_at": None,
                "message_id": 1042,
                "published_at": "2030-01-01T12:00:00Z",
                "participation_url": "https://t.me/example_bot?start=giveaway_7",
                "telegram_url": "https://t.me/sunny_coffee/1042",
            }
        }

    def get_participation_url(self, giveaway: Giveaway) -> str | None:
        return participation_url(giveaway)

    def get_telegram_url(self, giveaway: Giveaway) -> str | None:
        channel = giveaway.binding.channel if giveaway.binding else None
        if channel is None or giveaway.message_id is None:
            return None
        return post_link(
            settings.TELEGRAM_LINK_URL, channel.username, channel.telegram_id, giveaway.message_id
        )


class FinishedSerializer(serializers.Serializer[Any]):
    """How far finishing is; the numbers come once it is done."""

    status = serializers.CharField()
    winners_selected = serializers.IntegerField()
    total_participants = serializers.IntegerField(source="participant_count")
    finished_at = serializers.DateTimeField()

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {
                "status": "finished",
                "winners_selected": 3,
                "total_participants": 970,
                "finished_at": "2030-01-06T18:00:02Z",
            }
        }


class ProblemSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()


class ValiditySerializer(serializers.Serializer[Any]):
    """Whether the giveaway could be published now, and what stands in the way."""

    valid = serializers.BooleanField()
    problems = ProblemSerializer(many=True)

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {
                "valid": False,
                "problems": [{"code": "CHANNEL_NOT_VERIFIED", "message": "@bot may not post in News yet."}],
            }
        }


class ChangeSerializer(serializers.ModelSerializer[Change]):
    """One change since publication; the next one's record names this one's SHA-256."""

    class Meta:
        model = Change
        fields = ("number", "at", "field", "before", "after", "record", "sha256")
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {
                "number": 1,
                "at": "2030-01-03T09:00:00Z",
                "field": "ends_at",
                "before": "2030-01-06T18:00:00+00:00",
                "after": "2030-01-07T18:00:00+00:00",
                "record": "draw=1\ngiveaway=fhvoffvam46p5jfi\nchange=1\n...",
                "sha256": "3b1f...",
            }
        }


class LogSerializer(serializers.ModelSerializer[AuditEntry]):
    """One thing that was done with the giveaway."""

    actor = serializers.CharField(source="actor_label")

    class Meta:
        model = AuditEntry
        fields = ("at", "actor", "address", "verb", "before", "after")
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {
                "at": "2030-01-03T09:00:00Z",
                "actor": "marina",
                "address": "203.0.113.7",
                "verb": "publish",
                "before": {"status": "draft"},
                "after": {"status": "publishing"},
            }
        }


def participation_url(giveaway: Giveaway) -> str | None:
    """The deep link behind the post's button."""
    if giveaway.binding is None:
        return None
    return start_link(settings.TELEGRAM_LINK_URL, giveaway.binding.bot.username, f"giveaway_{giveaway.pk}")
