"""Shapes of a channel's statistics over HTTP."""

from datetime import date, timedelta
from typing import Any, ClassVar

from drf_yasg.utils import swagger_serializer_method
from rest_framework import serializers

from bots.api.serializers import ChannelSerializer
from bots.models import Binding, ChannelDay
from bots.services import statistics
from config.api import Serializer
from config.language import Text

EXAMPLE_DAY = {
    "day": "2026-11-20",
    "posts": 4,
    "posts_source": "preview",
    "views": 18230,
    "views_precision": 200,
    "views_source": "preview",
    "members": 1204,
    "members_source": "bot_api",
    "joins": 31,
    "joins_source": "updates",
    "leaves": 4,
    "leaves_source": "updates",
    "collected_at": "2026-11-21T00:00:03Z",
}


class ChannelDaySerializer(serializers.ModelSerializer[ChannelDay]):
    """One day; what no source told is null, never zero. The views may be off by `views_precision`."""

    class Meta:
        model = ChannelDay
        fields = tuple(EXAMPLE_DAY)
        swagger_schema_fields: ClassVar[dict[str, Any]] = {"example": EXAMPLE_DAY}


class ChannelDetailSerializer(ChannelSerializer):
    """A channel of the account with its last thirty days, the newest first."""

    statistics = serializers.SerializerMethodField()

    class Meta(ChannelSerializer.Meta):
        fields = (*ChannelSerializer.Meta.fields, "statistics")  # type: ignore[assignment]
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {
                "id": 1,
                "channel_id": -1001234567890,
                "title": "News",
                "username": "news",
                "requested": "https://t.me/news",
                "bot_id": 1,
                "bot_link": "@example_bot",
                "status": "active",
                "reason": "",
                "moved_to": None,
                "moved_from": [],
                "checked_at": "2026-11-21T09:00:00Z",
                "created_at": "2026-11-01T12:00:00Z",
                "statistics": [EXAMPLE_DAY],
            }
        }

    @swagger_serializer_method(serializer_or_field=ChannelDaySerializer(many=True))
    def get_statistics(self, binding: Binding) -> list[dict[str, Any]]:
        return list(ChannelDaySerializer(statistics.days_shown(binding), many=True).data)


class InviteLinkSerializer(Serializer):
    """Who came by one invite link and how many of them left again; `link` is empty for who used none."""

    link = serializers.CharField(source="link.url")
    name = serializers.CharField(source="link.name")
    creator = serializers.CharField(source="link.creator")
    joins = serializers.IntegerField()
    leaves = serializers.IntegerField()

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {
                "link": "https://t.me/+AbCdEfGh...",
                "name": "Advert of May",
                "creator": "@owner",
                "joins": 120,
                "leaves": 7,
            }
        }


WRITE_DATE = Text(en="Write a date like 2026-11-20.", ru="Напишите дату как 2026-11-20.")
SHOWN_DAY = Text(en="Choose one of the last {days} days.", ru="Выберите один из последних дней: {days}.")


class DayField(serializers.DateField):
    """A day that has begun and is still shown."""

    def to_internal_value(self, value: Any) -> date:
        if not isinstance(value, str):
            raise serializers.ValidationError(WRITE_DATE.said())
        day: date = super().to_internal_value(value)
        if not statistics.today() - timedelta(days=statistics.SHOWN_DAYS) < day <= statistics.today():
            raise serializers.ValidationError(SHOWN_DAY.said(days=statistics.SHOWN_DAYS))
        return day


class CollectSerializer(Serializer):
    """Which day to collect; without `day` it is today so far."""

    day = DayField(required=False)

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {"example": {"day": "2026-11-20"}}
