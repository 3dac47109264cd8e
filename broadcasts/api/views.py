"""Broadcasts over HTTP."""

from typing import Any

from drf_yasg.utils import swagger_auto_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.authentication import BearerAuthentication, actor_of, user_of
from broadcasts import services, tasks
from broadcasts.api.afterwards import Afterwards
from broadcasts.api.filters import BroadcastFilter
from broadcasts.api.owned import TASK, Owned
from broadcasts.api.parsers import StreamedJSONParser, UploadParser
from broadcasts.api.serializers import (
    AskedAudienceSerializer,
    BroadcastDetailSerializer,
    BroadcastSerializer,
    MeasuredSerializer,
    NewBroadcastSerializer,
    NewTaskSerializer,
    TaskStatusSerializer,
    TestedSerializer,
    TestSerializer,
)
from broadcasts.models import Broadcast, Delivery
from config.api import KEY, NothingSerializer, idempotency_key, wait_seconds, wait_until
from config.nudge import nudge

PATIENCE_SECONDS = 5.0  # for a test, when the client says nothing
LARGE = [StreamedJSONParser, UploadParser]


def tested(broadcast: Broadcast) -> Broadcast | None:
    """A test once it is over, with what became of it."""
    fresh: Any = Broadcast.objects.get(pk=broadcast.pk)
    fresh.delivery = Delivery.objects.current().filter(broadcast=fresh).first()
    return fresh if fresh.delivery or fresh.status in Broadcast.OVER else None


class TaskViewSet(Owned):
    """`/bulk_message`, `/status/{task_id}`, `/cancel/{task_id}`"""

    filter_backends = []

    @swagger_auto_schema(
        request_body=NewBroadcastSerializer, manual_parameters=[KEY], responses={201: NewTaskSerializer}
    )
    @action(
        detail=False,
        methods=["post"],
        url_path="bulk_message",
        throttle_scope="broadcast",
        parser_classes=LARGE,
        authentication_classes=[BearerAuthentication],
    )
    def bulk_message(self, request: Request) -> Response:
        """Sends a message to many chats, at the pace Telegram allows the bot. `/status/{task_id}` tells how far it is.

        Up to 1,000,000 chats as JSON, or as a multipart form: a `file` with one chat id a line (text or CSV,
        the first column) and a field `request` with the rest of this object. Chats named twice count once;
        people who blocked the bot are skipped without a call. The content is checked before anything is queued.
        """
        serializer = NewBroadcastSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        audience = serializer.asked_audience()
        fields = dict(serializer.validated_data)
        broadcast = services.order(
            bot=services.choose_bot(user_of(request), fields.pop("bot_id", None)),
            audience=audience,
            by=actor_of(request),
            idempotency_key=idempotency_key(request),
            **fields,
        )
        nudge(tasks.pump)
        return Response(NewTaskSerializer(broadcast).data, status=status.HTTP_201_CREATED)

    @swagger_auto_schema(responses={200: TaskStatusSerializer})
    @action(detail=False, methods=["get"], url_path=f"status/{TASK}", url_name="status")
    def state(self, request: Request, task_id: str) -> Response:  # noqa: ARG002
        """How far a broadcast is, and when it will be over."""
        return self.told(self.get_object())

    @swagger_auto_schema(request_body=NothingSerializer, responses={200: TaskStatusSerializer})
    @action(detail=False, methods=["post"], url_path=f"cancel/{TASK}")
    def cancel(self, request: Request, task_id: str) -> Response:  # noqa: ARG002
        """Stops a broadcast for good, before its next message. Repeated, it changes nothing."""
        return self.move(request, services.cancel)


class BroadcastViewSet(mixins.ListModelMixin, Afterwards):
    """`/api/broadcasts/...`"""

    serializer_class = BroadcastSerializer
    filterset_class = BroadcastFilter

    def filter_queryset(self, queryset: Any) -> Any:
        if self.action != "list":
            return queryset
        narrowed = super().filter_queryset(queryset)
        if "kind" not in self.request.query_params:
            narrowed = narrowed.exclude(kind=Broadcast.Kind.TEST)
        return narrowed.order_by(*narrowed.query.order_by, "-id")  # equals keep their place from page to page

    @swagger_auto_schema(responses={200: BroadcastSerializer(many=True)})
    def list(self, request: Request) -> Response:  # noqa: ARG002
        """The account's broadcasts, the newest first."""
        page: Any = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        counted = services.counts(broadcast.pk for broadcast in page)
        for broadcast in page:
            broadcast.counted = counted[broadcast.pk]
        return self.get_paginated_response(BroadcastSerializer(page, many=True).data)

    @swagger_auto_schema(responses={200: BroadcastDetailSerializer})
    def retrieve(self, request: Request, task_id: str) -> Response:  # noqa: ARG002
        """One broadcast: what, to whom, how far, how fast, and what became of the recipients."""
        return self.told(self.get_object(), BroadcastDetailSerializer)

    @swagger_auto_schema(request_body=AskedAudienceSerializer, responses={200: MeasuredSerializer})
    @action(
        detail=False,
        methods=["post"],
        throttle_scope="broadcast",
        parser_classes=LARGE,
        authentication_classes=[BearerAuthentication],
    )
    def audience(self, request: Request) -> Response:
        """Counts an audience without sending anything: given as for `/bulk_message`, without a content."""
        serializer = AskedAudienceSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        audience = serializer.asked_audience()
        bot = services.choose_bot(user_of(request), serializer.validated_data.get("bot_id"))
        return Response(MeasuredSerializer(services.measure(audience, bot)).data)

    @swagger_auto_schema(
        request_body=TestSerializer, responses={200: TestedSerializer, 202: TestedSerializer}
    )
    @action(detail=False, methods=["post"], throttle_scope="broadcast")
    def test(self, request: Request) -> Response:
        """Sends a message to one chat, ahead of everything else, to see it before everybody does.

        Waits some seconds for the result (`Prefer: wait=N`); 202 when it is not there yet. It counts nowhere.
        """
        serializer = TestSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        fields = serializer.validated_data
        bot = services.choose_bot(user_of(request), fields.get("bot_id"))
        broadcast = services.send_test(
            bot=bot, chat_id=fields["chat_id"], content=fields["content"], by=actor_of(request)
        )
        nudge(tasks.pump)
        done = wait_until(lambda: tested(broadcast), wait_seconds(request, PATIENCE_SECONDS))
        code = status.HTTP_200_OK if done else status.HTTP_202_ACCEPTED
        return Response(TestedSerializer(done or broadcast).data, status=code)

    @swagger_auto_schema(request_body=NothingSerializer, responses={200: TaskStatusSerializer})
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, task_id: str) -> Response:  # noqa: ARG002
        """Stops a broadcast before its next message, until it is resumed."""
        return self.move(request, services.pause)

    @swagger_auto_schema(request_body=NothingSerializer, responses={200: TaskStatusSerializer})
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, task_id: str) -> Response:  # noqa: ARG002
        """Goes on with a paused broadcast where it stopped."""
        answer = self.move(request, services.resume)
        nudge(tasks.pump)
        return answer

    @swagger_auto_schema(request_body=NothingSerializer, responses={200: TaskStatusSerializer})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, task_id: str) -> Response:  # noqa: ARG002
        """Stops a broadcast for good, as `/cancel/{task_id}` does."""
        return self.move(request, services.cancel)
