"""Giveaways over HTTP."""

from django.http import Http404
from drf_yasg.utils import swagger_auto_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.api.authentication import actor_of, user_of
from accounts.models import AuditEntry
from bots.api.uploads import FILE, uploaded_file
from config.api import NothingSerializer, nothing_in, wait_seconds, wait_until
from config.nudge import nudge
from giveaways import tasks
from giveaways.api.filters import GiveawayFilter
from giveaways.api.serializers import (
    ChangeSerializer,
    FinishedSerializer,
    FinishMessagesSerializer,
    GiveawayAnswerSerializer,
    GiveawaySerializer,
    LogSerializer,
    NewGiveawaySerializer,
    PublishedSerializer,
    ValiditySerializer,
    WrittenGiveawaySerializer,
)
from giveaways.api.template_serializers import NameSerializer, TemplateSerializer
from giveaways.errors import GiveawayNotFound, PublicationFailed
from giveaways.models import Change, Giveaway, Status
from giveaways.services import life, templates, write

PATIENCE_SECONDS = 3.0  # how long publish and finish wait when the client says nothing


class GiveawayViewSet(GenericViewSet[Giveaway]):
    """`/api/giveaways/...`"""

    queryset = Giveaway.objects.none()
    serializer_class = GiveawaySerializer
    lookup_value_regex = r"\d{1,18}"
    filterset_class = GiveawayFilter
    throttle_scope: str | None = None

    def get_queryset(self) -> Giveaway.Giveaways:
        visible = Giveaway.objects.visible_to(user_of(self.request))
        return visible.select_related(
            "binding__bot", "binding__channel", "results_binding__channel", "media", "account"
        ).prefetch_related("required_bindings__channel")

    def get_object(self) -> Giveaway:
        try:
            return super().get_object()
        except Http404:
            raise GiveawayNotFound from None

    def answer(self, giveaway: Giveaway, code: int = status.HTTP_200_OK) -> Response:
        fresh = self.get_queryset().get(pk=giveaway.pk)
        return Response({"giveaway": GiveawaySerializer(fresh).data}, status=code)

    @swagger_auto_schema(request_body=NewGiveawaySerializer, responses={201: GiveawayAnswerSerializer})
    @action(detail=False, methods=["post"], url_path="create", filter_backends=[])
    def new(self, request: Request) -> Response:
        """Creates a draft. A post that Telegram would refuse is refused here."""
        serializer = NewGiveawaySerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        fields = dict(serializer.validated_data)
        account_id = self.own_account(fields.pop("account_id", user_of(request).account_id))
        giveaway = write.create(account_id=account_id, by=actor_of(request), fields=fields)
        return self.answer(giveaway, status.HTTP_201_CREATED)

    @swagger_auto_schema(responses={200: GiveawayAnswerSerializer})
    def retrieve(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Shows one giveaway."""
        return self.answer(self.get_object())

    @swagger_auto_schema(request_body=WrittenGiveawaySerializer, responses={200: GiveawayAnswerSerializer})
    def partial_update(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Changes a draft freely; once published what `may_change` lists. What people were told of (the end, the
        places, the button) becomes a numbered public record then, and the post follows."""
        giveaway = self.get_object()
        serializer = WrittenGiveawaySerializer(giveaway, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        fields = dict(serializer.validated_data)
        giveaway = write.update(giveaway_id=giveaway.pk, by=actor_of(request), fields=fields)
        nudge(tasks.refresh_posts)
        return self.answer(giveaway)

    @swagger_auto_schema(responses={200: GiveawayAnswerSerializer})
    @action(detail=False, methods=["get"], url_path=r"active/(?P<account_id>\d{1,18})", filter_backends=[])
    def active(self, request: Request, account_id: str) -> Response:  # noqa: ARG002
        """The giveaway of the account that is being published, runs or is being finished."""
        owned = self.get_queryset().filter(account_id=self.own_account(int(account_id)))
        giveaway = owned.foremost()
        if giveaway is None:
            raise GiveawayNotFound
        return self.answer(giveaway)

    @swagger_auto_schema(responses={200: GiveawaySerializer(many=True)})
    @action(detail=False, methods=["get"], url_path=r"history/(?P<account_id>\d{1,18})")
    def history(self, request: Request, account_id: str) -> Response:  # noqa: ARG002
        """Every giveaway of the account, the newest first."""
        owned = self.get_queryset().filter(account_id=self.own_account(int(account_id)))
        page = self.paginate_queryset(self.filter_queryset(owned.order_by("-id")))
        return self.get_paginated_response(GiveawaySerializer(page, many=True).data)

    @swagger_auto_schema(
        request_body=NothingSerializer, responses={200: PublishedSerializer, 202: PublishedSerializer}
    )
    @action(detail=True, methods=["post"], throttle_scope="publish")
    def publish(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Posts the giveaway in its channel, once; one with `starts_at` ahead is scheduled. 202 while it is not
        there yet; ask again as often as you like."""
        nothing_in(request)
        giveaway = life.publish(giveaway_id=self.get_object().pk, by=actor_of(request))
        nudge(tasks.post_waiting)
        giveaway = self.wait_while(giveaway, Status.PUBLISHING)
        if giveaway.status == Status.PUBLISH_FAILED:
            raise PublicationFailed(reason=giveaway.publish_error)
        waiting = giveaway.status in (Status.PUBLISHING, Status.SCHEDULED)
        code = status.HTTP_202_ACCEPTED if waiting else status.HTTP_200_OK
        return Response(PublishedSerializer(giveaway).data, status=code)

    @swagger_auto_schema(request_body=FinishMessagesSerializer, responses={200: GiveawayAnswerSerializer})
    @action(detail=True, methods=["put"], url_path="finish-messages")
    def finish_messages(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Writes what the channel, the winners and the others are told at the end; until finishing begins."""
        giveaway = self.get_object()
        serializer = FinishMessagesSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return self.answer(
            write.update_finish_messages(
                giveaway_id=giveaway.pk, by=actor_of(request), messages=dict(serializer.validated_data)
            )
        )

    @swagger_auto_schema(
        request_body=NothingSerializer, responses={200: FinishedSerializer, 202: FinishedSerializer}
    )
    @action(detail=True, methods=["post"], throttle_scope="publish")
    def finish(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Closes the giveaway, draws the winners and tells everybody, once. 202 while that is going on."""
        nothing_in(request)
        giveaway = life.finish(giveaway_id=self.get_object().pk, by=actor_of(request))
        giveaway = self.wait_while(giveaway, Status.FINISHING)
        if giveaway.status == Status.FINISHED:
            return Response(FinishedSerializer(giveaway).data)
        return Response({"status": giveaway.status}, status=status.HTTP_202_ACCEPTED)

    @swagger_auto_schema(request_body=NothingSerializer, responses={200: GiveawayAnswerSerializer})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Calls the giveaway off, at any point before finishing; the post says so."""
        nothing_in(request)
        giveaway = life.cancel(giveaway_id=self.get_object().pk, by=actor_of(request))
        nudge(tasks.conclude_waiting)
        return self.answer(giveaway)

    @swagger_auto_schema(responses={200: LogSerializer(many=True)})
    @action(detail=True, methods=["get"], filter_backends=[])
    def logs(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """What was done with the giveaway, by whom and from where; the newest first."""
        entries = AuditEntry.objects.filter(object_type="giveaway", object_id=str(self.get_object().pk))
        page = self.paginator.paginate_queryset(entries, request, view=self)  # type: ignore[union-attr]
        return self.get_paginated_response(LogSerializer(page, many=True).data)

    @swagger_auto_schema(request_body=NameSerializer, responses={201: TemplateSerializer})
    @action(detail=True, methods=["post"], url_path="save-as-template")
    def save_as_template(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Keeps what was written for this giveaway as a template; its times are not kept, its length is."""
        giveaway = self.get_object()
        serializer = NameSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        name = serializer.validated_data["name"]
        template = templates.save_as(giveaway_id=giveaway.pk, by=actor_of(request), name=name)
        return Response(TemplateSerializer(template).data, status=status.HTTP_201_CREATED)

    @swagger_auto_schema(responses={200: ChangeSerializer(many=True)})
    @action(detail=True, methods=["get"], filter_backends=[])
    def changes(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """What was changed since publication, in order: anybody may read this on the draw's public page."""
        rows = Change.objects.filter(giveaway_id=self.get_object().pk).order_by("number")
        page = self.paginator.paginate_queryset(rows, request, view=self)  # type: ignore[union-attr]
        return self.get_paginated_response(ChangeSerializer(page, many=True).data)

    @swagger_auto_schema(responses={200: ValiditySerializer})
    @action(detail=True, methods=["get"])
    def validate(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Whether the giveaway could be published now."""
        problems = life.problems(self.get_object())
        return Response({"valid": not problems, "problems": problems})

    @swagger_auto_schema(
        manual_parameters=[FILE], request_body=None, responses={200: GiveawayAnswerSerializer}
    )
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser])
    def media(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Gives the post a picture (jpg, png, gif; 10 MB) or a video (mp4, mov, avi; 50 MB)."""
        giveaway = self.get_object()
        file = uploaded_file(request)
        giveaway = write.attach_media(
            giveaway_id=giveaway.pk, by=actor_of(request), file_name=file.name or "", content=file.chunks()
        )
        return self.answer(giveaway)

    def own_account(self, account_id: int) -> int:
        """The account named, when the caller may act for it; staff may for all."""
        user = user_of(self.request)
        if account_id != user.account_id and not user.is_staff:
            raise Http404
        return account_id

    def wait_while(self, giveaway: Giveaway, waiting: Status) -> Giveaway:
        """The giveaway once it has left `waiting`, or as it stands when the client's patience ends."""

        def left() -> Giveaway | None:
            fresh = self.get_queryset().get(pk=giveaway.pk)
            return fresh if fresh.status != waiting else None

        done = wait_until(left, wait_seconds(self.request, PATIENCE_SECONDS))
        return done or self.get_queryset().get(pk=giveaway.pk)
