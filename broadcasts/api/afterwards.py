"""After a broadcast was sent: what became of it, and what is done about it."""

from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_yasg import openapi
from drf_yasg.utils import swagger_auto_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.authentication import actor_of, user_of
from broadcasts import services, tasks
from broadcasts.api.after_serializers import (
    AgainSerializer,
    DecisionSerializer,
    EditSerializer,
    ReportSerializer,
    RetrySerializer,
)
from broadcasts.api.owned import Owned
from broadcasts.api.reports import CSVRenderer, csv_answer
from broadcasts.api.serializers import NewTaskSerializer
from broadcasts.models import Broadcast
from config.api import KEY, NothingSerializer, idempotency_key, nothing_in
from config.nudge import nudge

CSV = openapi.Response("chat_id,outcome,kind,message_id,at,attempts", schema=openapi.Schema(type="file"))


class Afterwards(Owned):
    """`/api/broadcasts/{task_id}/...`"""

    @swagger_auto_schema(responses={200: ReportSerializer})
    @action(detail=True, methods=["get"])
    def report(self, request: Request, task_id: str) -> Response:  # noqa: ARG002
        """A broadcast's results in numbers, by outcome and kind; `report.csv` has every recipient."""
        broadcast = self.get_object()
        return self.told(broadcast, ReportSerializer, **duration(broadcast))

    @swagger_auto_schema(responses={200: CSV}, produces=["text/csv"])
    @action(
        detail=True,
        methods=["get"],
        url_path=r"report\.csv",
        url_name="report-csv",
        renderer_classes=[JSONRenderer, CSVRenderer],
        throttle_scope="broadcast",
    )
    def report_csv(self, request: Request, task_id: str) -> StreamingHttpResponse:  # noqa: ARG002
        """What became of every recipient, as a file: those without a result are pending."""
        return csv_answer(self.get_object(), user_of(request))

    @swagger_auto_schema(request_body=RetrySerializer, responses={200: AgainSerializer})
    @action(detail=True, methods=["post"], url_path="retry-failed", throttle_scope="broadcast")
    def retry_failed(self, request: Request, task_id: str) -> Response:  # noqa: ARG002
        """Sends once more to those who failed, all or of some kinds; nobody who received it is sent to again."""
        return self.again(request, RetrySerializer, services.retry_failed)

    @swagger_auto_schema(request_body=DecisionSerializer, responses={200: AgainSerializer})
    @action(detail=True, methods=["post"], throttle_scope="broadcast")
    def decide(self, request: Request, task_id: str) -> Response:  # noqa: ARG002
        """Decides about those of whom nobody knows whether the message arrived: send again, or leave it."""
        return self.again(request, DecisionSerializer, services.decide)

    @swagger_auto_schema(
        request_body=EditSerializer, manual_parameters=[KEY], responses={201: NewTaskSerializer}
    )
    @action(detail=True, methods=["post"], throttle_scope="broadcast")
    def edit(self, request: Request, task_id: str) -> Response:  # noqa: ARG002
        """Changes what people received, by another broadcast at the same pace; the answer is its task.

        The broadcast has to be over. An edit of an edited one begins from the last edit.
        """
        broadcast = self.get_object()
        serializer = EditSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return self.changed(request, services.edit, broadcast, changes=serializer.validated_data)

    @swagger_auto_schema(
        request_body=NothingSerializer, manual_parameters=[KEY], responses={201: NewTaskSerializer}
    )
    @action(detail=True, methods=["post"], url_path="delete", throttle_scope="broadcast")
    def delete_sent(self, request: Request, task_id: str) -> Response:  # noqa: ARG002
        """Deletes what people received within the last 48 hours, by another broadcast; the answer is its task."""
        broadcast = self.get_object()
        nothing_in(request)
        return self.changed(request, services.delete, broadcast)

    def changed(self, request: Request, service: Any, broadcast: Broadcast, **how: Any) -> Response:
        """The broadcast that changes what this one sent."""
        made = service(
            broadcast_id=broadcast.pk, by=actor_of(request), idempotency_key=idempotency_key(request), **how
        )
        nudge(tasks.pump)
        return Response(NewTaskSerializer(made).data, status=status.HTTP_201_CREATED)

    def again(self, request: Request, shape: Any, service: Any) -> Response:
        """One service about some recipients of the broadcast, and how many it was about."""
        broadcast = self.get_object()
        serializer = shape(data=request.data or {})
        serializer.is_valid(raise_exception=True)
        affected = service(broadcast_id=broadcast.pk, by=actor_of(request), **serializer.validated_data)
        nudge(tasks.pump)
        return self.told(broadcast, AgainSerializer, affected=affected)


def duration(broadcast: Broadcast) -> dict[str, float | None]:
    """How long it took, or takes, and how fast that was."""
    if broadcast.started_at is None:
        return {"seconds": None, "average_rate": None}
    seconds = ((broadcast.finished_at or timezone.now()) - broadcast.started_at).total_seconds()
    counted = services.counts([broadcast.pk])[broadcast.pk]
    done = counted.recipients - counted.pending
    return {"seconds": seconds, "average_rate": round(done / max(seconds, 1), 2)}
