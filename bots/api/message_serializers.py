"""Shapes of messages for channels over HTTP."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.utils import timezone
from rest_framework import serializers

from bots.models import ChannelMessage
from bots.services import messages
from config.api import Serializer, StrictCharField, StrictIntegerField
from config.language import Text

LONGEST = 40_000  # of Markdown; what is left of it as text is checked with Telegram's own limit
MOST_ROWS = MOST_IN_A_ROW = 8
FURTHEST = timedelta(days=365)
ONE_FILE = Text(en="Give either media_id or photo.", ru="Укажите что-то одно: media_id или photo.")
REQUIRED = Text(en="This field is required.", ru="Обязательное поле.")
IN_FUTURE = Text(
    en="Choose a moment in the future, a year ahead at most.",
    ru="Выберите момент в будущем, не дальше чем через год.",
)


class ButtonSerializer(Serializer):
    """A button under the message that opens an address."""

    text = StrictCharField(max_length=64)
    url = StrictCharField(max_length=2048)

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {"text": "Read on", "url": "https://example.com/news"}
        }


def buttons_field() -> serializers.ListField:
    """Rows of buttons; an empty list is no buttons."""
    row = serializers.ListField(child=ButtonSerializer(), min_length=1, max_length=MOST_IN_A_ROW)
    return serializers.ListField(child=row, max_length=MOST_ROWS, required=False)


class ChangedMessageSerializer(Serializer):
    """What the message is to say instead; what is left out stays."""

    message = StrictCharField(max_length=LONGEST, trim_whitespace=False, required=False, allow_blank=True)
    buttons = buttons_field()

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {"message": "**News:** we open on *Tuesday*.", "buttons": []}
        }


class NewMessageSerializer(Serializer):
    """A message for a channel, in standard Markdown; without `schedule_at` it is posted at once."""

    channel_id = StrictIntegerField(help_text="Telegram's id, -100…")
    message = StrictCharField(
        max_length=LONGEST, trim_whitespace=False, required=False, allow_blank=True,
        help_text="Needed unless there is a file; under one it is a caption of 1024 characters",
    )  # fmt: skip
    media_id = StrictIntegerField(required=False, min_value=1, help_text="A file of /api/media/")
    photo = StrictCharField(
        max_length=2048, required=False, help_text="Instead: the address of a photo, or Telegram's file_id"
    )
    buttons = buttons_field()
    schedule_at = serializers.DateTimeField(required=False)

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {
                "channel_id": -1001234567890,
                "message": "**News:** we open on *Monday*. Read [more](https://example.com/news).",
                "buttons": [[{"text": "Read on", "url": "https://example.com/news"}]],
            }
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "media_id" in attrs and "photo" in attrs:
            raise serializers.ValidationError({"photo": [ONE_FILE.said()]})
        if not {"message", "media_id", "photo"} & attrs.keys():
            raise serializers.ValidationError({"message": [REQUIRED.said()]})
        return attrs

    def validate_schedule_at(self, moment: datetime) -> datetime:
        if not timezone.now() < moment <= timezone.now() + FURTHEST:
            raise serializers.ValidationError(IN_FUTURE.said())
        return moment


class MessageSerializer(serializers.ModelSerializer[ChannelMessage]):
    """A message as its owner sees it; `text` is what Telegram shows, `message_id` Telegram's."""

    channel_id = serializers.IntegerField(source="binding.channel.telegram_id")
    task_id = serializers.UUIDField(source="job_id")
    link = serializers.SerializerMethodField()
    schedule_at = serializers.DateTimeField(source="due_at")

    class Meta:
        model = ChannelMessage
        fields = (
            "id", "task_id", "channel_id", "text", "entities", "buttons", "media_id", "photo", "status",
            "error", "message_id", "link",
            "schedule_at", "created_at", "sent_at",
        )  # fmt: skip

    def get_link(self, message: ChannelMessage) -> str | None:
        return messages.link_of(message)
