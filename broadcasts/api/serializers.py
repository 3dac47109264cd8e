"""Shapes of broadcasts over HTTP."""

from array import array
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.functional import lazystr
from drf_yasg import openapi
from rest_framework import serializers

from bots.api.message_serializers import IN_FUTURE
from broadcasts.models import Broadcast
from broadcasts.services.audience import MOST_CHATS, Audience, Chats, Subscribers
from config.api import Serializer, StrictBooleanField, StrictCharField, StrictChoiceField, StrictIntegerField
from config.language import Text

FURTHEST = timedelta(days=365)
MONTH = 31 * 24 * 3600
A_LIST = Text(en="Expected a list of chat ids.", ru="Ожидается список идентификаторов чатов.")
NOBODY = Text(en="Name at least one chat.", ru="Назовите хотя бы один чат.")
EXPIRES_TOO_EARLY = Text(en="It would expire before it begins.", ru="Срок истёк бы раньше, чем она начнётся.")
NO_BUDGET = Text(en="Say how many Stars it may cost.", ru="Укажите, сколько звёзд она может стоить.")
ONE_AUDIENCE = Text(
    en="Give either recipients or an audience.", ru="Укажите что-то одно: recipients или audience."
)
CONTENT = {
    "type": "text",
    "text": "<b>News:</b> we open on Monday.",
    "buttons": [[{"text": "Read on", "url": "https://example.com"}]],
}


class ChatsField(serializers.Field[Any, Any, Any, Any]):
    """Chat ids; the parser of the route has read and checked them."""

    default_error_messages = {"invalid": lazystr(A_LIST), "empty": lazystr(NOBODY)}

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "type": openapi.TYPE_ARRAY,
            "items": openapi.Schema(type=openapi.TYPE_INTEGER, format=openapi.FORMAT_INT64),
            "maxItems": MOST_CHATS,
        }

    def to_internal_value(self, data: Any) -> "array[int]":
        if not isinstance(data, array):
            self.fail("invalid")
        if not data:
            self.fail("empty")
        return data


class ContentField(serializers.DictField):
    """What is sent; its rules are those of broadcasts/content.py."""

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "type": openapi.TYPE_OBJECT,
            "title": "Content",
            "description": "`type` (text, photo, video, animation, audio, voice, video_note, document, album) and what "
            "belongs to it: `text` or `caption`; the file as `media_id` of /api/media/, `media_url` or `file_id`; "
            "`album` items; `buttons`, `parse_mode`, `placeholders`, `link_preview`, `silent`, `protected`, `fallback`",
            "required": ["type"],
            "example": CONTENT,
        }


class AudienceSerializer(Serializer):
    """A named audience: everybody who started the bot, or some of them."""

    kind = StrictChoiceField(choices=["subscribers"])
    language = serializers.RegexField(
        r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", required=False, help_text="`ru` is also `ru-RU`"
    )
    active_days = StrictIntegerField(
        required=False, min_value=1, max_value=3650, help_text="Seen in the last so many days"
    )

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {"kind": "subscribers", "language": "ru", "active_days": 30}
        }


class HowSerializer(Serializer):
    """What is sent and how, for any audience."""

    name = StrictCharField(max_length=100, required=False, allow_blank=True, help_text="For you alone")
    content = ContentField()
    priority = StrictChoiceField(choices=Broadcast.Priority.choices, required=False)
    dedup_scope = serializers.RegexField(
        r"^[A-Za-z0-9_.-]{1,100}$",
        required=False,
        help_text="A chat receives at most one of your broadcasts with the same scope",
    )
    uncertain_policy = StrictChoiceField(choices=Broadcast.UncertainPolicy.choices, required=False)
    schedule = serializers.DateTimeField(
        source="scheduled_at", required=False, help_text="Nothing is sent before"
    )
    expires_at = serializers.DateTimeField(required=False, help_text="Nothing is sent after")
    repeat_seconds = StrictIntegerField(
        required=False, min_value=0, max_value=MONTH, help_text="Skip who got the same message within so long"
    )
    paid = StrictBooleanField(required=False, help_text="Faster than free, for Stars of the bot")
    stars_budget = StrictIntegerField(required=False, min_value=0, max_value=10_000_000)
    stars_spent_then = StrictChoiceField(choices=Broadcast.WhenSpent.choices, required=False)

    def validate_schedule(self, moment: datetime) -> datetime:
        return in_future(moment)

    def validate_expires_at(self, moment: datetime) -> datetime:
        return in_future(moment)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        start = attrs.get("scheduled_at")
        if start and attrs.get("expires_at", start + FURTHEST) <= start:
            raise serializers.ValidationError({"expires_at": [EXPIRES_TOO_EARLY.said()]})
        if attrs.get("paid") and not attrs.get("stars_budget"):
            raise serializers.ValidationError({"stars_budget": [NO_BUDGET.said()]})
        return attrs


class AskedAudienceSerializer(Serializer):
    """Whom: `recipients` or `audience`, of the bot that was named or of the account's only one."""

    bot_id = StrictIntegerField(required=False, min_value=1, help_text="Needed when you have several")
    recipients = ChatsField(required=False)
    audience = AudienceSerializer(required=False)

    class Meta:
        ref_name = "AskedAudience"
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {"audience": {"kind": "subscribers", "active_days": 30}}
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("recipients" in attrs) == ("audience" in attrs):
            raise serializers.ValidationError({"recipients": [ONE_AUDIENCE.said()]})
        return super().validate(attrs)  # type: ignore[no-any-return]

    def asked_audience(self) -> Audience:
        """Takes the audience out of the validated data."""
        chats = self.validated_data.pop("recipients", None)
        if chats is not None:
            return Chats(chats)
        narrowed = self.validated_data.pop("audience")
        return Subscribers(narrowed.get("language", ""), narrowed.get("active_days"))


class NewBroadcastSerializer(AskedAudienceSerializer, HowSerializer):
    """A broadcast: to chats or to a named audience."""

    class Meta:
        ref_name = "NewBroadcast"
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {"recipients": [1000000001, 1000000002], "content": CONTENT, "priority": "medium"}
        }


class MeasuredSerializer(serializers.Serializer[Any]):
    """An audience, counted."""

    received = serializers.IntegerField(help_text="Chats named, or found")
    duplicates = serializers.IntegerField()
    recipients = serializers.IntegerField()
    unreachable = serializers.IntegerField(help_text="Of the recipients: they would be skipped")


class TaskStatusSerializer(serializers.Serializer[Any]):
    """How far a broadcast is."""

    task_id = serializers.UUIDField(source="public_id")
    status = serializers.ChoiceField(choices=Broadcast.Status.choices)
    reason = serializers.CharField(help_text="Why it failed, or was paused by the system")
    recipients_count = serializers.IntegerField()
    sent = serializers.IntegerField(source="progress.counts.sent")
    failed = serializers.IntegerField(source="progress.counts.failed")
    skipped = serializers.IntegerField(source="progress.counts.skipped")
    uncertain = serializers.IntegerField(source="progress.counts.uncertain")
    pending = serializers.IntegerField(source="progress.counts.pending")
    rate = serializers.FloatField(source="progress.rate", help_text="Results a second just now; null at rest")
    eta = serializers.DateTimeField(
        source="progress.eta", help_text="When it will be over at the present pace; null when nobody can know"
    )
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField()


class NewTaskSerializer(serializers.Serializer[Any]):
    """A broadcast that was made: `received` chats were named or found, some of them twice."""

    task_id = serializers.UUIDField(source="public_id")
    status = serializers.ChoiceField(choices=Broadcast.Status.choices)
    recipients_count = serializers.IntegerField()
    received = serializers.IntegerField(source="audience.received")
    duplicates = serializers.IntegerField(source="audience.duplicates")
    reached_before = serializers.IntegerField(
        source="audience.reached_before", help_text="By another broadcast of the same dedup_scope"
    )


class BroadcastSerializer(serializers.ModelSerializer[Broadcast]):
    """A broadcast in a list."""

    task_id = serializers.UUIDField(source="public_id")
    sent = serializers.IntegerField(source="counted.sent")
    failed = serializers.IntegerField(source="counted.failed")
    skipped = serializers.IntegerField(source="counted.skipped")
    uncertain = serializers.IntegerField(source="counted.uncertain")
    pending = serializers.IntegerField(source="counted.pending")

    class Meta:
        model = Broadcast
        fields = (
            "task_id", "name", "kind", "bot_id", "status", "reason", "priority", "recipients_count", "sent", "failed",
            "skipped", "uncertain", "pending", "created_at", "started_at", "finished_at",
        )  # fmt: skip


class BroadcastDetailSerializer(TaskStatusSerializer):
    """A broadcast with all that is known of it."""

    name = serializers.CharField()
    kind = serializers.CharField()
    target = serializers.UUIDField(
        source="target.public_id", default=None, help_text="What an edit or delete is about"
    )
    bot_id = serializers.IntegerField()
    priority = serializers.CharField()
    schedule = serializers.DateTimeField(source="scheduled_at")
    expires_at = serializers.DateTimeField()
    repeat_seconds = serializers.IntegerField()
    paid = serializers.BooleanField()
    stars_budget = serializers.IntegerField()
    stars_spent_then = serializers.CharField()
    stars_spent = serializers.FloatField(help_text="At most: 0.1 Star a message that was paid for")
    content = serializers.JSONField()
    audience = serializers.JSONField()
    dedup_scope = serializers.CharField()
    uncertain_policy = serializers.CharField()
    kinds = serializers.JSONField(help_text="Results by outcome and kind")


class TestSerializer(Serializer):
    """A message to one chat, to see it before everybody does."""

    bot_id = StrictIntegerField(required=False, min_value=1, help_text="Needed when you have several")
    chat_id = StrictIntegerField(help_text="Yours, for instance; it has to have started the bot")
    content = ContentField()

    class Meta:
        ref_name = "TestMessage"
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {"chat_id": 1000000001, "content": CONTENT}
        }


class TestedSerializer(serializers.Serializer[Any]):
    """What became of a test; `outcome` is null while nobody knows."""

    task_id = serializers.UUIDField(source="public_id")
    status = serializers.ChoiceField(choices=Broadcast.Status.choices)
    reason = serializers.CharField(help_text="Telegram's words, when the content is broken")
    outcome = serializers.CharField(source="delivery.outcome", default=None)
    kind = serializers.CharField(source="delivery.kind", default=None)
    message_id = serializers.IntegerField(source="delivery.message_id", default=None)


def in_future(moment: datetime) -> datetime:
    """A moment to wait for, a year ahead at most."""
    if not timezone.now() < moment <= timezone.now() + FURTHEST:
        raise serializers.ValidationError(IN_FUTURE.said())
    return moment
