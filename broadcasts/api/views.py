"""Broadcasts over HTTP."""

from collections.abc import Callable
from typing import Any

from drf_yasg import openapi
from drf_yasg.utils import swagger_auto_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from accounts.api.authentication import BearerAuthentication, actor_of, user_of
from broadcasts import services, tasks
from broadcasts.api.filters import BroadcastFilter
from broadcasts.api.parsers import StreamedJSONParser, UploadParser
from broadcasts.api.serializers import (
    AskedAudienceSerializer,
    BroadcastDetailSerializer,
    BroadcastSerializer,
    MeasuredSerializer,
    NewBroadcastSerializer,
    NewTaskSerializer,
    TaskStatusSerializer,
)
from broadcasts.models import Broadcast
from config.api import NothingSerializer, nothing_in
from config.nudge import nudge

TASK = r"(?P<task_id>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
LONGEST_KEY = 100
KEY = openapi.Parameter(
    "Idempotency-Key", openapi.IN_HEADER, type=openapi.TYPE_STRING, maxLength=LONGEST_KEY,
    description="Asked again with the same key and body, the answer is the broadcast made the first time",
)  # fmt: skip
LARGE = [StreamedJSONParser, UploadParser]


def idempotency_key(request: Request) -> str:
    """The header, refused where it could not be remembered whole."""
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise ValidationError({"Idempotency-Key": [f"Use at most {LONGEST_KEY} printable characters."]})
    return key


class Owned(GenericViewSet[Broadcast]):
    """What both families of paths share: broadcasts of the caller, a stranger's are not there."""

    queryset = Broadcast.objects.none()
    serializer_class: type[BaseSerializer[Any]] = TaskStatusSerializer
    lookup_field = "public_id"
    lookup_url_kwarg = "task_id"
    lookup_value_regex = TASK.removeprefix("(?P<task_id>").removesuffix(")")
    throttle_scope: str | None = None

    def get_queryset(self) -> Broadcast.Broadcasts:
        return Broadcast.objects.visible_to(user_of(self.request)).select_related("bot")

    def told(self, broadcast: Broadcast, shape: type = TaskStatusSerializer) -> Response:
        """The broadcast as it is now, with its progress."""
        fresh: Any = self.get_queryset().get(pk=broadcast.pk)
        fresh.progress = services.progress(fresh)
        fresh.kinds = services.kinds(fresh)
        return Response(shape(fresh).data)

    def move(self, request: Request, service: Callable[..., Broadcast]) -> Response:
        """One service, asked by the caller, about the broadcast of the path."""
        nothing_in(request)
        return self.told(service(broadcast_id=self.get_object().pk, by=actor_of(request)))


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


class BroadcastViewSet(mixins.ListModelMixin, Owned):
    """`/api/broadcasts/...`"""

    serializer_class = BroadcastSerializer
    filterset_class = BroadcastFilter

    def filter_queryset(self, queryset: Any) -> Any:
        if self.action != "list":
            return queryset
        narrowed = super().filter_queryset(queryset)
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
