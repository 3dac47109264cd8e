"""Shapes of templates and of what repeats over HTTP."""

from typing import Any, ClassVar

from rest_framework import serializers

from config.api import ModelSerializer, Serializer, StrictCharField, StrictIntegerField
from config.language import Text
from giveaways.api.serializers import WrittenGiveawaySerializer
from giveaways.models import Repetition, Template

MINUTES_IN_A_YEAR = 366 * 24 * 60
SAY_WHICH = Text(en="Say which, for every {every}.", ru="Для every: {every} укажите, какой именно.")
NO_MEANING = Text(en="It has no meaning for every {every}.", ru="Для every: {every} это не имеет смысла.")


class TemplateFieldsSerializer(WrittenGiveawaySerializer):
    """What a giveaway is created with, but for its times."""

    class Meta(WrittenGiveawaySerializer.Meta):
        fields = tuple(  # type: ignore[assignment]
            name for name in WrittenGiveawaySerializer.Meta.fields if name not in ("starts_at", "ends_at")
        )
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {
                "title": "Coffee on Friday",
                "main_body": "One bag for one of you.",
                "winner_count": 1,
            }
        }


class NewTemplateSerializer(Serializer):
    """A template; `lasts_minutes` makes what begins from it end by itself."""

    name = StrictCharField(min_length=1, max_length=100)
    fields_ = TemplateFieldsSerializer(source="fields")
    lasts_minutes = StrictIntegerField(
        min_value=10, max_value=MINUTES_IN_A_YEAR, required=False, allow_null=True
    )

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {
                "name": "Friday coffee",
                "fields": {"title": "Coffee on Friday", "main_body": "One bag for one of you."},
                "lasts_minutes": 2880,
            }
        }

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`fields` is a property of every serializer, so it cannot be declared under its own name."""
        named = super().get_fields()
        return {
            ("fields" if name == "fields_" else name): self._plain(field) for name, field in named.items()
        }

    @staticmethod
    def _plain(field: serializers.Field[Any, Any, Any, Any]) -> serializers.Field[Any, Any, Any, Any]:
        if field.source == "fields":
            field.source = None
        return field


class TemplateSerializer(serializers.ModelSerializer[Template]):
    """A template as its owner sees it."""

    media = serializers.CharField(source="media.kind", default=None)

    class Meta:
        model = Template
        fields = ("id", "account_id", "name", "fields", "lasts_minutes", "media", "created_at", "updated_at")
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {
                "id": 1,
                "account_id": 1,
                "name": "Friday coffee",
                "fields": {"title": "Coffee on Friday", "main_body": "One bag for one of you."},
                "lasts_minutes": 2880,
                "media": None,
            }
        }


class BegunSerializer(WrittenGiveawaySerializer):
    """What is different this time; nothing need be."""

    class Meta(WrittenGiveawaySerializer.Meta):
        swagger_schema_fields: ClassVar[dict[str, Any]] = {"example": {"title": "Coffee on New Year's Eve"}}


class NameSerializer(Serializer):
    name = StrictCharField(min_length=1, max_length=100)

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {"example": {"name": "Friday coffee"}}


class NewRepetitionSerializer(ModelSerializer):
    """When a template begins again: `at` is a time of day by the account's clock (`account_time_zone`)."""

    template_id = StrictIntegerField(min_value=1)
    weekday = StrictIntegerField(
        min_value=0, max_value=6, required=False, help_text="0 is Monday; for `week`"
    )
    month_day = StrictIntegerField(
        min_value=1, max_value=31, required=False, help_text="For `month`; 31 is the last day of any month"
    )
    count = StrictIntegerField(min_value=1, max_value=1000, required=False, allow_null=True)

    class Meta:
        model = Repetition
        fields = ("template_id", "every", "at", "weekday", "month_day", "until", "count")
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {"template_id": 1, "every": "week", "weekday": 4, "at": "18:00", "count": 10}
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A week has a day, a month has one, and neither has the other's."""
        needed = {"week": "weekday", "month": "month_day"}.get(attrs["every"])
        for name in ("weekday", "month_day"):
            if name == needed and attrs.get(name) is None:
                raise serializers.ValidationError({name: [SAY_WHICH.said(every=attrs["every"])]})
            if name != needed and attrs.get(name) is not None:
                raise serializers.ValidationError({name: [NO_MEANING.said(every=attrs["every"])]})
        return attrs


class RepetitionSerializer(serializers.ModelSerializer[Repetition]):
    """A rule and how it stands: `next_at` is when the next one may begin, `error` why the last one did not."""

    class Meta:
        model = Repetition
        fields = (
            "id", "template_id", "every", "at", "weekday", "month_day", "until", "count", "active", "made",
            "next_at", "last_id", "error", "created_at",
        )  # fmt: skip
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {
                "id": 1,
                "template_id": 1,
                "every": "week",
                "at": "18:00:00",
                "weekday": 4,
                "active": True,
                "made": 3,
                "next_at": "2030-01-11T15:00:00Z",
                "last_id": 7,
                "error": "",
            }
        }
