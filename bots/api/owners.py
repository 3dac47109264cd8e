"""A user's link to Telegram over HTTP: asked for, looked at, ended."""

from typing import Any, ClassVar

from django.conf import settings
from drf_yasg.utils import swagger_auto_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.api.authentication import actor_of, user_of
from bots.links import start_link
from bots.models import LinkedOwner
from bots.services import owners
from config.api import Serializer, StrictIntegerField


class NewLinkSerializer(Serializer):
    """The bot to link with; without `bot_id` the account's oldest active one."""

    bot_id = StrictIntegerField(required=False, min_value=1)

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {"example": {"bot_id": 1}}


class AskedLinkSerializer(serializers.Serializer[Any]):
    """Open `link` in Telegram and press Start. It works once, until `expires_at`, and for nobody but you: keep it."""

    link = serializers.CharField()
    bot_id = serializers.IntegerField()
    bot_link = serializers.CharField()
    expires_at = serializers.DateTimeField()


class LinkedBotSerializer(serializers.ModelSerializer[LinkedOwner]):
    """A bot that knows the user; `reachable` is false when it is stopped or was blocked."""

    bot_link = serializers.CharField(source="bot")
    reachable = serializers.SerializerMethodField()

    class Meta:
        model = LinkedOwner
        fields = ("bot_id", "bot_link", "linked_at", "reachable")

    def get_reachable(self, row: Any) -> bool:
        return not row.blocked and row.bot.status == "active"


class LinkStateSerializer(serializers.Serializer[Any]):
    """Whether alerts reach the user in Telegram, and through which bots."""

    linked = serializers.BooleanField()
    bots = LinkedBotSerializer(many=True)

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {
                "linked": True,
                "bots": [
                    {
                        "bot_id": 1,
                        "bot_link": "@example_bot",
                        "linked_at": "2026-11-20T12:00:00Z",
                        "reachable": True,
                    }
                ],
            }
        }


class TelegramLinkViewSet(GenericViewSet[LinkedOwner]):
    """`/api/v1/account/telegram-link`"""

    queryset = LinkedOwner.objects.none()
    pagination_class = None
    filter_backends = []

    @swagger_auto_schema(responses={200: LinkStateSerializer})
    @action(detail=False, methods=["get"], url_path="telegram-link")
    def telegram_link(self, request: Request) -> Response:
        """Shows whether the caller is told alerts in Telegram, and by which bots."""
        found = list(owners.links_of(user_of(request)))
        return Response(LinkStateSerializer({"linked": bool(found), "bots": found}).data)

    @swagger_auto_schema(request_body=NewLinkSerializer, responses={201: AskedLinkSerializer})
    @telegram_link.mapping.post
    def ask_telegram_link(self, request: Request) -> Response:
        """Gives a link that opens a bot of the account; pressing Start there links the caller to Telegram.

        Alerts then come by mail and by Telegram. The link works once, within fifteen minutes; a new one ends it.
        """
        serializer = NewLinkSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        row, payload = owners.request_link(
            user=user_of(request), by=actor_of(request), **serializer.validated_data
        )
        shown = {
            "link": start_link(settings.TELEGRAM_LINK_URL, row.bot.username, payload),
            "bot_id": row.bot_id,
            "bot_link": f"@{row.bot.username}",
            "expires_at": row.code_expires_at,
        }
        return Response(AskedLinkSerializer(shown).data, status=status.HTTP_201_CREATED)

    @swagger_auto_schema(responses={204: "Nothing is told in Telegram any more."})
    @telegram_link.mapping.delete
    def end_telegram_link(self, request: Request) -> Response:
        """Ends the caller's links to Telegram, with codes not used yet. Alerts go on by mail."""
        owners.unlink(user=user_of(request), by=actor_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
