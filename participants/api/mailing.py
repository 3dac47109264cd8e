"""Writing to a giveaway's people over HTTP."""

from typing import Any, ClassVar

from drf_yasg import openapi
from drf_yasg.utils import swagger_auto_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.authentication import actor_of
from broadcasts import tasks
from broadcasts.api.serializers import CONTENT, HowSerializer, MeasuredSerializer, NewTaskSerializer
from config.api import KEY, StrictChoiceField, idempotency_key
from config.nudge import nudge
from participants.api.views import GIVEAWAY, OwnedGiveaways
from participants.services import mailing

WHO = openapi.Parameter(
    "who", openapi.IN_QUERY, type=openapi.TYPE_STRING, enum=list(mailing.WHO), default="participants"
)


class MailingSerializer(HowSerializer):
    """A message to people of the giveaway."""

    who = StrictChoiceField(choices=mailing.WHO)

    class Meta:
        ref_name = "Mailing"
        swagger_schema_fields: ClassVar[dict[str, Any]] = {"example": {"who": "rest", "content": CONTENT}}


class WhoSerializer(serializers.Serializer[Any]):
    who = serializers.ChoiceField(choices=mailing.WHO, default="participants")


class MailingViewSet(OwnedGiveaways):
    """`/api/participants/broadcast/...`"""

    @swagger_auto_schema(
        request_body=MailingSerializer, manual_parameters=[KEY], responses={201: NewTaskSerializer}
    )
    @action(detail=False, methods=["post"], url_path=f"broadcast/{GIVEAWAY}", throttle_scope="broadcast")
    def broadcast(self, request: Request, giveaway_id: str) -> Response:
        """Sends a message to everybody who entered, or after the draw to the winners or to the rest.

        The answer is a task of `/bulk_message`'s kind: `/status/{task_id}` tells how far it is.
        """
        giveaway = self.giveaway(giveaway_id)
        serializer = MailingSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        made = mailing.mail(
            giveaway=giveaway,
            by=actor_of(request),
            idempotency_key=idempotency_key(request),
            **serializer.validated_data,
        )
        nudge(tasks.pump)
        return Response(NewTaskSerializer(made).data, status=status.HTTP_201_CREATED)

    @swagger_auto_schema(manual_parameters=[WHO], responses={200: MeasuredSerializer})
    @action(detail=False, methods=["get"], url_path=f"broadcast/{GIVEAWAY}/audience")
    def audience(self, request: Request, giveaway_id: str) -> Response:
        """How many people such a message would go to, and how many of them blocked the bot."""
        giveaway = self.giveaway(giveaway_id)
        serializer = WhoSerializer(data=request.query_params)
        serializer.is_valid(raise_exception=True)
        told = mailing.measured(giveaway=giveaway, who=serializer.validated_data["who"])
        return Response(MeasuredSerializer(told).data)
