"""Messages for channels over HTTP: posted by a task, edited and deleted later."""

from drf_yasg.utils import swagger_auto_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.api.authentication import actor_of, user_of
from bots import tasks
from bots.api.message_serializers import ChangedMessageSerializer, MessageSerializer, NewMessageSerializer
from bots.api.serializers import TaskSerializer
from bots.api.views import WITH_BASIC, task_answer
from bots.models import ChannelMessage
from bots.services import messages
from config.api import NothingSerializer, nothing_in
from config.nudge import nudge

A_TASK = {200: TaskSerializer, 202: TaskSerializer}


class MessageViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[ChannelMessage]):
    """`/messages/`"""

    authentication_classes = WITH_BASIC
    serializer_class = MessageSerializer
    queryset = ChannelMessage.objects.none()
    filterset_fields = ("status",)
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> ChannelMessage.Messages:
        visible = ChannelMessage.objects.visible_to(user_of(self.request))
        return visible.select_related("binding__channel").order_by("-id")

    @swagger_auto_schema(operation_summary="The account's messages, the newest first; `status` filters.")
    def list(self, request: Request) -> Response:
        return super().list(request)

    @swagger_auto_schema(operation_summary="One message: what became of it, and where it is to be seen.")
    def retrieve(self, request: Request, pk: str) -> Response:
        return super().retrieve(request, pk=pk)

    @swagger_auto_schema(request_body=NewMessageSerializer, responses=A_TASK)
    def create(self, request: Request) -> Response:
        """Posts a message in a channel, now or at `schedule_at`. `/tasks/{task_id}` tells what became of it.

        The text is standard Markdown and is checked by Telegram's own rules before anything is queued.
        `Prefer: wait=5` waits for the result here; it holds the message's id and link.
        """
        serializer = NewMessageSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        fields = dict(serializer.validated_data)
        message = messages.post(
            account_id=user_of(request).account_id,
            by=actor_of(request),
            due_at=fields.pop("schedule_at", None),
            **fields,
        )
        nudge(tasks.post_waiting_messages)
        return task_answer(request, message.job)

    @swagger_auto_schema(
        request_body=ChangedMessageSerializer,
        responses={200: MessageSerializer, 202: TaskSerializer},
    )
    def partial_update(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Changes a message: at once while it waits (200), by a task in the channel once it is there (202)."""
        message = self.get_object()
        serializer = ChangedMessageSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        job = messages.edit(message_id=message.pk, by=actor_of(request), **serializer.validated_data)
        if job is None:
            return Response(MessageSerializer(self.get_object()).data)
        nudge(tasks.run_waiting_jobs)
        return task_answer(request, job)

    @swagger_auto_schema(responses={202: TaskSerializer, 204: "Nothing of it is or comes into the channel."})
    def destroy(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Cancels a message that waits (204), or has a task delete it from the channel (202), within 48 hours."""
        job = messages.delete(message_id=self.get_object().pk, by=actor_of(request))
        if job is None:
            return Response(status=status.HTTP_204_NO_CONTENT)
        nudge(tasks.run_waiting_jobs)
        return task_answer(request, job)

    @swagger_auto_schema(request_body=NothingSerializer, responses=A_TASK)
    @action(detail=True, methods=["post"], url_path="send-again")
    def send_again(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Sends a failed or uncertain message once more: look into the channel before, it may be there."""
        nothing_in(request)
        message = messages.send_again(message_id=self.get_object().pk, by=actor_of(request))
        nudge(tasks.post_waiting_messages)
        return task_answer(request, message.job)
