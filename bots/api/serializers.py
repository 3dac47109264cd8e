"""Shapes of bots, channels and tasks over HTTP."""

from typing import Any, ClassVar

from django.utils.functional import lazystr
from rest_framework import serializers

from bots.models import Binding, Bot, Job
from config.api import Serializer, StrictCharField, StrictIntegerField
from config.language import Text

TOKEN = r"^[0-9]{3,20}:[A-Za-z0-9_-]{20,120}\Z"
TOKEN_SENTENCE = Text(
    en="A token looks like 123456789:AAE… ; copy it whole from @BotFather.",
    ru="Токен выглядит как 123456789:AAE… ; скопируйте его у @BotFather целиком.",
)
WHICH_CHANNEL = Text(
    en="Write @name, a t.me link or the channel's id (-100…).",
    ru="Укажите @имя, ссылку t.me или идентификатор канала (-100…).",
)
CHANNEL_LENGTH = Text(en="Write 1 to 255 characters.", ru="Напишите от 1 до 255 знаков.")


class TokenField(serializers.RegexField):
    """A bot's token: written, never read back."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            TOKEN, write_only=True, error_messages={"invalid": lazystr(TOKEN_SENTENCE)}, **kwargs
        )

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class NewBotSerializer(Serializer):
    """A bot to connect; Telegram is asked at once whether the token works."""

    token = TokenField()
    alias = StrictCharField(max_length=255, required=False)
    description = StrictCharField(max_length=2000, required=False, allow_blank=True)
    name = StrictCharField(max_length=255, required=False)

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {"token": "123456789:AAExampleExampleExampleExample", "alias": "Main bot"}
        }


class ChangedBotSerializer(NewBotSerializer):
    """What may change; a new token must belong to the same bot."""

    token = TokenField(required=False)

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {"alias": "Second bot", "description": ""}
        }


class BotSerializer(serializers.ModelSerializer[Bot]):
    """A bot as its owner sees it; the token is masked."""

    token = serializers.SerializerMethodField()

    class Meta:
        model = Bot
        fields = (
            "id", "telegram_id", "username", "name", "alias", "description", "token", "status", "status_reason",
            "checked_at", "created_at",
        )  # fmt: skip

    def get_token(self, bot: Bot) -> str:
        return f"{bot.telegram_id}:…"


class ConnectedBotSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    new = serializers.BooleanField()

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {"example": {"id": 1, "new": True}}


class BotAnswerSerializer(serializers.Serializer[Any]):
    """The answer to connecting a bot."""

    status = serializers.CharField(default="ok")
    data = ConnectedBotSerializer()  # type: ignore[assignment]


class ChannelField(serializers.Field[str, Any, str, Any]):
    """A link, a name or Telegram's id, as text or as a number."""

    def to_internal_value(self, data: Any) -> str:
        if isinstance(data, bool) or not isinstance(data, str | int):
            raise serializers.ValidationError(WHICH_CHANNEL.said())
        text = str(data).strip()
        if (
            not 1 <= len(text) <= 255 or not text.isprintable()
        ):  # nor NUL and half characters, which no row can hold
            raise serializers.ValidationError(CHANNEL_LENGTH.said())
        return text

    def to_representation(self, value: str) -> str:
        return value

    class Meta:
        swagger_schema_fields = {"type": "string", "example": "https://t.me/durov"}


class NewChannelSerializer(Serializer):
    """A channel to bind; without `bot_id` the bot with the fewest channels serves it."""

    channel = ChannelField()
    bot_id = StrictIntegerField(required=False, min_value=1)

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {"channel": "https://t.me/durov", "bot_id": 1}
        }


class MoveSerializer(Serializer):
    """Where to move; without `bot_id` the bot with the fewest channels that may post there takes over."""

    bot_id = StrictIntegerField(required=False, min_value=1)

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {"example": {"bot_id": 2}}


class ChannelSerializer(serializers.ModelSerializer[Binding]):
    """A channel of the account, with the bot that serves it; `id` is the row's, `channel_id` Telegram's."""

    channel_id = serializers.IntegerField(source="channel.telegram_id", default=None)
    title = serializers.CharField(source="channel.title", default="")
    username = serializers.CharField(source="channel.username", default="")
    bot_id = serializers.IntegerField()
    bot_link = serializers.SerializerMethodField()
    moved_to = serializers.IntegerField(source="moved_to_id", default=None)
    moved_from = serializers.PrimaryKeyRelatedField(source="moved_here", many=True, read_only=True)  # type: ignore[var-annotated]

    class Meta:
        model = Binding
        fields = (
            "id", "channel_id", "title", "username", "requested", "bot_id", "bot_link", "status", "reason",
            "moved_to", "moved_from", "checked_at", "created_at",
        )  # fmt: skip

    def get_bot_link(self, binding: Binding) -> str:
        return f"@{binding.bot.username}"


class TaskSerializer(serializers.ModelSerializer[Job]):
    """Work done later; `task_status` is one of PENDING, STARTED, SUCCESS, FAILURE."""

    task_id = serializers.UUIDField(source="id")
    task_status = serializers.CharField(source="status")
    task_result = serializers.JSONField(source="result")

    class Meta:
        model = Job
        fields = ("task_id", "task_status", "task_result")
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {
                "task_id": "3f0c1f9e-6f0e-4c43-9d0b-0f8a3c0b7f11",
                "task_status": "SUCCESS",
                "task_result": {
                    "channel_id": -1001234567890,
                    "bot_link": "@example_bot",
                    "message": "The channel is added and the bot may post there.",
                },
            }
        }
