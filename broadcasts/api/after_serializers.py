"""Shapes of what is done with a broadcast after it was sent."""

from typing import Any, ClassVar

from rest_framework import serializers

from broadcasts.api.serializers import TaskStatusSerializer
from config.api import Serializer, StrictCharField, StrictChoiceField, StrictIntegerField
from config.language import Text

NO_CHANGE = Text(en="Say what is to change.", ru="Укажите, что изменить.")


class RetrySerializer(Serializer):
    """Which of those who failed; all of them when nothing is said."""

    kinds = serializers.ListField(
        child=StrictCharField(max_length=32),
        required=False,
        max_length=50,
        help_text="As the report names them",
    )

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {"example": {"kinds": ["voice_forbidden"]}}


class EditSerializer(Serializer):
    """What it is to say instead; what is left out stays. A text has `text`, a file `caption`, both have buttons."""

    text = StrictCharField(required=False, max_length=20_000, trim_whitespace=False)
    caption = StrictCharField(required=False, max_length=5_000, trim_whitespace=False, allow_blank=True)
    parse_mode = StrictChoiceField(choices=["HTML", "MarkdownV2", "none"], required=False)
    buttons = serializers.ListField(
        required=False, max_length=100, help_text="Rows, as in the content; [] takes them away"
    )

    class Meta:
        ref_name = "EditBroadcast"
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {"text": "<b>News:</b> we open on Tuesday.", "buttons": []}
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            raise serializers.ValidationError(NO_CHANGE.said())
        return attrs


class DecisionSerializer(Serializer):
    """What is to become of those of whom nobody knows whether the message arrived."""

    verdict = StrictChoiceField(choices=["resend", "skip"], help_text="resend: better twice than missed")
    chat_ids = serializers.ListField(
        child=StrictIntegerField(), required=False, min_length=1, max_length=10_000
    )

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {"example": {"verdict": "resend"}}


class AgainSerializer(TaskStatusSerializer):
    """The broadcast, and how many recipients were meant."""

    affected = serializers.IntegerField()


class ReportSerializer(TaskStatusSerializer):
    """A broadcast's results in numbers."""

    kinds = serializers.JSONField(help_text="Results by outcome and kind")
    seconds = serializers.FloatField(help_text="From its start to its end, or until now; null before")
    average_rate = serializers.FloatField(help_text="Results a second over that time")
    stars_spent = serializers.FloatField()
