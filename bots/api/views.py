"""Bots, channels and tasks over HTTP; Basic credentials are welcome here too."""

from drf_yasg.utils import swagger_auto_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.api.authentication import (
    BasicAuthentication,
    BearerAuthentication,
    SessionAuthentication,
    actor_of,
    user_of,
)
from bots import gateway, tasks, telegram
from bots.api.filters import ChannelFilter
from bots.api.serializers import (
    BotAnswerSerializer,
    BotSerializer,
    ChangedBotSerializer,
    ChannelSerializer,
    MoveSerializer,
    NewBotSerializer,
    NewChannelSerializer,
    TaskSerializer,
)
from bots.api.statistics import ChannelDetailSerializer, CollectSerializer, InviteLinkSerializer
from bots.models import Binding, Bot, Job
from bots.services import bots, channels, checks, members, moving, proposals, statistics
from config.api import NothingSerializer, nothing_in, wait_seconds, wait_until
from config.nudge import nudge

WITH_BASIC = [BearerAuthentication, BasicAuthentication, SessionAuthentication]


class BotViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Bot]):
    """`/bots/`"""

    authentication_classes = WITH_BASIC
    serializer_class = BotSerializer
    queryset = Bot.objects.none()
    filterset_fields = ("status", "username")
    lookup_value_regex = r"\d{1,18}"

    @swagger_auto_schema(
        operation_summary="The account's bots, the newest first; `status` and `username` filter."
    )
    def list(self, request: Request) -> Response:
        return super().list(request)

    @swagger_auto_schema(operation_summary="One bot; its token stays hidden.")
    def retrieve(self, request: Request, pk: str) -> Response:
        return super().retrieve(request, pk=pk)

    def get_queryset(self) -> Bot.Bots:
        return Bot.objects.visible_to(user_of(self.request)).order_by("-id")

    @swagger_auto_schema(
        request_body=NewBotSerializer, responses={200: BotAnswerSerializer, 201: BotAnswerSerializer}
    )
    def create(self, request: Request) -> Response:
        """Connects a bot after asking Telegram who the token is. Adding the same bot again renews its token."""
        serializer = NewBotSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        names = dict(serializer.validated_data)
        token = names.pop("token")
        identity = telegram.wait_for(gateway.prove(telegram.shared(), token))
        bot, new = bots.connect_bot(
            account_id=user_of(request).account_id,
            token=token,
            identity=identity,
            by=actor_of(request),
            names=names,
        )
        code = status.HTTP_201_CREATED if new else status.HTTP_200_OK
        return Response({"status": "ok", "data": {"id": bot.pk, "new": new}}, status=code)

    @swagger_auto_schema(request_body=ChangedBotSerializer, responses={200: BotSerializer})
    def partial_update(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Changes names, or renews the token of the same bot."""
        bot = self.get_object()
        serializer = ChangedBotSerializer(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        fields = dict(serializer.validated_data)
        token = fields.pop("token", "")
        identity = telegram.wait_for(gateway.prove(telegram.shared(), token)) if token else None
        bot = bots.change_bot(
            bot_id=bot.pk, by=actor_of(request), fields=fields, token=token, identity=identity
        )
        return Response(BotSerializer(bot).data)

    @swagger_auto_schema(request_body=NothingSerializer, responses={200: BotSerializer})
    @action(detail=True, methods=["post"])
    def check(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Asks Telegram now who the bot is, and answers how it stands: its name, or quarantine for a dead token.

        A quarantined bot whose token works again comes back. When Telegram does not answer (503), nothing changes.
        """
        nothing_in(request)
        bot = tasks.check_bot(bot_id=self.get_object().pk, by=actor_of(request))
        return Response(BotSerializer(bot).data)

    @swagger_auto_schema(request_body=MoveSerializer, responses={200: TaskSerializer, 202: TaskSerializer})
    @action(detail=True, methods=["post"], url_path="move-channels")
    def move_channels(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Moves every channel of this bot to other bots of the account that may post there, or to the one named.

        The task's result says of each channel what happened, and why not.
        """
        serializer = MoveSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        job = moving.request_moves(bot=self.get_object(), by=actor_of(request), **serializer.validated_data)
        nudge(tasks.run_waiting_jobs)
        return task_answer(request, job)

    @swagger_auto_schema(responses={204: "The bot is deactivated; its history stays."})
    def destroy(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Deactivates the bot and its channels' bindings; nothing is erased."""
        bots.deactivate_bot(bot_id=self.get_object().pk, by=actor_of(request))
        nudge(tasks.forget_webhooks)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ChannelViewSet(mixins.ListModelMixin, GenericViewSet[Binding]):
    """`/channels/`"""

    authentication_classes = WITH_BASIC
    serializer_class = ChannelSerializer
    queryset = Binding.objects.none()
    filterset_class = ChannelFilter
    lookup_value_regex = r"-?\d{1,18}"

    @swagger_auto_schema(
        operation_summary="The account's channels, the newest first; `status`, `live`, `bot_id` and `channel_id` "
        "filter. Channels a bot was promoted in unasked have the status `proposed`."
    )
    def list(self, request: Request) -> Response:
        return super().list(request)

    def get_queryset(self) -> Binding.Bindings:
        visible = Binding.objects.visible_to(user_of(self.request))
        return visible.select_related("bot", "channel").prefetch_related("moved_here").order_by("-id")

    @swagger_auto_schema(
        request_body=NewChannelSerializer, responses={200: TaskSerializer, 202: TaskSerializer}
    )
    def create(self, request: Request) -> Response:
        """Binds a channel to a bot. Telegram is asked by a task: read its result at `/tasks/{task_id}`.

        `Prefer: wait=5` waits for it here.
        """
        serializer = NewChannelSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        job = channels.request_binding(
            account_id=user_of(request).account_id, by=actor_of(request), **serializer.validated_data
        )
        nudge(tasks.run_waiting_jobs)
        return task_answer(request, job)

    @swagger_auto_schema(responses={200: ChannelDetailSerializer})
    def retrieve(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Shows one channel and its last thirty days, by Telegram's id or by the row's."""
        return Response(ChannelDetailSerializer(channels.find_binding(self.get_queryset(), int(pk))).data)

    @swagger_auto_schema(request_body=NothingSerializer, responses={200: TaskSerializer, 202: TaskSerializer})
    @action(detail=True, methods=["post"])
    def check(self, request: Request, pk: str) -> Response:
        """Asks Telegram now whether the bot may post in the channel; one not found before is looked for again.

        The task's result says how the binding stands. `Prefer: wait=5` waits for it here.
        """
        nothing_in(request)
        binding = channels.find_binding(self.get_queryset(), int(pk))
        job = checks.request_binding_check(binding_id=binding.pk)
        nudge(tasks.run_waiting_jobs)
        return task_answer(request, job)

    @swagger_auto_schema(request_body=CollectSerializer, responses={200: TaskSerializer, 202: TaskSerializer})
    @action(detail=True, methods=["post"])
    def statistics(self, request: Request, pk: str) -> Response:
        """Collects one day's statistics now: today so far, or a past day again.

        The task's result is the day. `Prefer: wait=5` waits for it here.
        """
        binding = channels.find_binding(self.get_queryset(), int(pk))
        serializer = CollectSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        day = serializer.validated_data.get("day")
        job = statistics.request_collection(binding=binding, day=day)
        nudge(tasks.run_waiting_jobs)
        return task_answer(request, job)

    @swagger_auto_schema(request_body=NothingSerializer, responses={200: TaskSerializer, 202: TaskSerializer})
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """Accepts a channel that was proposed because a bot was promoted there; DELETE declines it.

        A task asks Telegram, and the binding is active when the bot still may post. `Prefer: wait=5` waits for it.
        """
        nothing_in(request)
        binding = channels.find_binding(self.get_queryset(), int(pk))
        job = proposals.accept(binding_id=binding.pk, by=actor_of(request))
        nudge(tasks.run_waiting_jobs)
        return task_answer(request, job)

    @swagger_auto_schema(request_body=MoveSerializer, responses={200: TaskSerializer, 202: TaskSerializer})
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Moves the channel to another bot of the account that may post there, because its bot died or on wish.

        The task's result says what happened: `moved`; `shared`, when a running giveaway needs the old bot too; or
        `stayed`, with the reason. `Prefer: wait=5` waits for it here.
        """
        serializer = MoveSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        binding = channels.find_binding(self.get_queryset(), int(pk))
        job = moving.request_move(binding=binding, by=actor_of(request), **serializer.validated_data)
        nudge(tasks.run_waiting_jobs)
        return task_answer(request, job)

    @action(
        detail=True, url_path="invite-links", suffix="List", serializer_class=InviteLinkSerializer, filterset_class=None
    )  # fmt: skip
    def invite_links(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Lists joins and leaves by invite link since the bot is in the channel, the most used link first."""
        binding = channels.find_binding(self.get_queryset(), int(pk))
        page = self.paginate_queryset(members.links_shown(binding))
        return self.get_paginated_response(InviteLinkSerializer(page, many=True).data)

    @swagger_auto_schema(
        responses={204: "The channel is unbound, or its proposal declined; its history stays."}
    )
    def destroy(self, request: Request, pk: str) -> Response:
        """Unbinds a channel, by Telegram's id or by the row's."""
        binding = channels.find_binding(self.get_queryset(), int(pk))
        channels.deactivate_binding(binding_id=binding.pk, by=actor_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class TaskViewSet(mixins.RetrieveModelMixin, GenericViewSet[Job]):
    """`/tasks/{id}`"""

    authentication_classes = WITH_BASIC
    serializer_class = TaskSerializer
    queryset = Job.objects.none()
    lookup_value_regex = r"[0-9a-fA-F-]{36}"

    @swagger_auto_schema(operation_summary="How far a task is, and its result once it is done.")
    def retrieve(self, request: Request, pk: str) -> Response:
        return super().retrieve(request, pk=pk)

    def get_queryset(self) -> Job.Jobs:
        return Job.objects.visible_to(user_of(self.request))


def task_answer(request: Request, job: Job) -> Response:
    """202 with the task, or 200 with its result when the client waits and it is quick."""

    def finished() -> Job | None:
        job.refresh_from_db()
        return job if job.status in (Job.Status.SUCCESS, Job.Status.FAILURE) else None

    done = wait_until(finished, wait_seconds(request))
    code = status.HTTP_200_OK if done else status.HTTP_202_ACCEPTED
    return Response(TaskSerializer(job).data, status=code)
