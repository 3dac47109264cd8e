"""Participants, results and draws over HTTP."""

from dataclasses import asdict

from django.http import Http404, StreamingHttpResponse
from drf_yasg import openapi
from drf_yasg.utils import swagger_auto_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.api.authentication import actor_of, user_of
from config.api import NothingSerializer, nothing_in
from config.language import Text
from config.nudge import nudge
from giveaways.errors import GiveawayNotFound
from giveaways.models import Giveaway, Status
from giveaways.services import life
from participants.api.serializers import (
    CaptchaStatusSerializer,
    CountSerializer,
    DeliveredSerializer,
    DeliveryStatusSerializer,
    EntrySerializer,
    HistoryEntrySerializer,
    HistorySerializer,
    PublicResultAnswerSerializer,
    ReplaceWinnerSerializer,
    RetentionSerializer,
    SkipSerializer,
    StatsAnswerSerializer,
    StatsSerializer,
    WinnersSerializer,
    WinnerStatusSerializer,
)
from participants.errors import NotParticipating
from participants.models import Entry
from participants.services import export, places, results
from participants.services.retention import retention
from participants.tasks import promote_waiting

GIVEAWAY = r"(?P<giveaway_id>\d{1,18})"
PERSON = r"(?P<user_id>\d{1,18})"
MOST_KEY = 100
KEY_LENGTH = Text(en="At most {most} printable characters.", ru="Не больше {most} печатных знаков.")
WHICH_NAMES = Text(en="Write masked or full.", ru="Укажите masked или full.")
KEY = openapi.Parameter(
    "Idempotency-Key",
    openapi.IN_HEADER,
    type=openapi.TYPE_STRING,
    description="Up to 100 characters of your own",
)
NAMES = openapi.Parameter("names", openapi.IN_QUERY, type=openapi.TYPE_STRING, enum=["masked", "full"])


class OwnedGiveaways(GenericViewSet[Entry]):
    """What both families of paths share: giveaways of the caller, a stranger's are not there."""

    queryset = Entry.objects.none()
    serializer_class = EntrySerializer
    filter_backends = []
    throttle_scope: str | None = None

    def giveaway(self, giveaway_id: str | int) -> Giveaway:
        visible = Giveaway.objects.visible_to(user_of(self.request))
        found = visible.filter(pk=int(giveaway_id)).first()
        if found is None:
            raise GiveawayNotFound
        return found


class ParticipantViewSet(OwnedGiveaways):
    """`/api/participants/...`"""

    @swagger_auto_schema(responses={200: EntrySerializer(many=True)})
    @action(detail=False, methods=["get"], url_path=f"list/{GIVEAWAY}", url_name="list-of")
    def entries(self, request: Request, giveaway_id: str) -> Response:
        """Everybody who entered, in the order they came."""
        giveaway = self.giveaway(giveaway_id)
        entered = Entry.objects.filter(giveaway=giveaway).select_related("person").order_by("joined_at", "pk")
        page = self.paginate_queryset(entered)
        masked = not user_of(request).may_see_people_of(giveaway.account_id)
        told = EntrySerializer(page, many=True, context={"masked": masked})
        return self.get_paginated_response(told.data)

    @swagger_auto_schema(responses={200: CountSerializer})
    @action(detail=False, methods=["get"], url_path=f"count/{GIVEAWAY}")
    def count(self, request: Request, giveaway_id: str) -> Response:  # noqa: ARG002
        """How many people entered."""
        giveaway = self.giveaway(giveaway_id)
        return Response({"giveaway_id": giveaway.pk, "count": giveaway.participant_count})

    @swagger_auto_schema(responses={200: StatsAnswerSerializer})
    @action(detail=False, methods=["get"], url_path=f"stats/{GIVEAWAY}")
    def stats(self, request: Request, giveaway_id: str) -> Response:  # noqa: ARG002
        """The giveaway's numbers."""
        return stats_answer(self.giveaway(giveaway_id))

    @swagger_auto_schema(responses={200: RetentionSerializer})
    @action(detail=False, methods=["get"], url_path=f"retention/{GIVEAWAY}")
    def retention(self, request: Request, giveaway_id: str) -> Response:  # noqa: ARG002
        """Of those who came into the channel for the giveaway, how many are still subscribed later."""
        return Response(RetentionSerializer(retention(self.giveaway(giveaway_id))).data)

    @swagger_auto_schema(responses={200: CaptchaStatusSerializer})
    @action(detail=False, methods=["get"], url_path=f"captcha-status/{PERSON}")
    def captcha_status(self, request: Request, user_id: str) -> Response:
        """Whether a person who entered one of the caller's giveaways has solved the captcha."""
        found = results.history(user=user_of(request), telegram_id=int(user_id))
        if found is None:
            raise NotParticipating
        passed = found.person.captcha_passed_at
        return Response(
            {"user_id": int(user_id), "captcha_completed": passed is not None, "completed_at": passed}
        )

    @swagger_auto_schema(responses={200: WinnerStatusSerializer})
    @action(detail=False, methods=["get"], url_path=f"winner-status/{PERSON}/{GIVEAWAY}")
    def winner_status(self, request: Request, user_id: str, giveaway_id: str) -> Response:  # noqa: ARG002
        """Whether a person took part and, after the draw, won."""
        told = results.winner_status(giveaway=self.giveaway(giveaway_id), telegram_id=int(user_id))
        return Response(WinnerStatusSerializer(told).data)

    @swagger_auto_schema(responses={200: HistorySerializer})
    @action(detail=False, methods=["get"], url_path=f"history/{PERSON}")
    def history(self, request: Request, user_id: str) -> Response:
        """A person's entries and wins in the caller's giveaways."""
        found = results.history(user=user_of(request), telegram_id=int(user_id))
        if found is None:
            raise NotParticipating
        page = self.paginate_queryset(found.entries)
        paged = self.get_paginated_response(HistoryEntrySerializer(page, many=True).data)
        totals = {
            "user_id": int(user_id),
            "total_participations": found.total_participations,
            "total_wins": found.total_wins,
            "win_rate": found.win_rate,
        }
        return Response({**totals, **paged.data})

    @swagger_auto_schema(
        request_body=ReplaceWinnerSerializer, manual_parameters=[KEY], responses={200: SkipSerializer}
    )
    @action(detail=False, methods=["post"], url_path="replace-winner", throttle_scope="publish")
    def replace_winner(self, request: Request) -> Response:
        """Takes a winner's place away, with a public reason; the next of the one ranking moves up.

        Nobody chooses who that is. The same `Idempotency-Key` replaces one winner, however often it is sent.
        """
        serializer = ReplaceWinnerSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        asked = serializer.validated_data
        skipped = places.replace(
            giveaway_id=self.giveaway(asked["giveaway_id"]).pk,
            telegram_id=asked["user_id"],
            reason=asked["reason"],
            note=asked.get("note", ""),
            by=actor_of(request),
            key=key_of(request),
        )
        nudge(promote_waiting)
        return Response(SkipSerializer(skipped).data)

    @swagger_auto_schema(request_body=DeliveryStatusSerializer, responses={200: DeliveredSerializer})
    @action(detail=False, methods=["post"], url_path="update-delivery-status")
    def update_delivery_status(self, request: Request) -> Response:
        """What became of a person's result message.

        The delivery engine records it from Telegram's own answer, so nothing is written here: the record is shown,
        and a `status` that contradicts it is refused.
        """
        serializer = DeliveryStatusSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        asked = serializer.validated_data
        known = results.delivery_status(
            giveaway=self.giveaway(asked["giveaway_id"]),
            telegram_id=asked["user_id"],
            claimed=asked.get("status", ""),
        )
        return Response(DeliveredSerializer(known).data)

    @swagger_auto_schema(manual_parameters=[NAMES], responses={200: "CSV"}, produces=["text/csv"])
    @action(detail=False, methods=["get"], url_path=f"export/{GIVEAWAY}")
    def export(self, request: Request, giveaway_id: str) -> StreamingHttpResponse:
        """Everybody who entered as CSV: codes and masked names; `names=full` adds names and Telegram ids."""
        giveaway = self.giveaway(giveaway_id)
        names = request.query_params.get("names", "masked")
        if names not in ("masked", "full"):
            raise ValidationError({"names": [WHICH_NAMES.said()]})
        allowed = user_of(request).may_see_people_of(giveaway.account_id)
        lines = export.rows(giveaway, full_names=names == "full", allowed=allowed)
        response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="participants-{giveaway.pk}.csv"'
        response["Cache-Control"] = "private, no-store"
        return response

    @swagger_auto_schema(
        request_body=NothingSerializer, responses={200: WinnersSerializer, 202: WinnersSerializer}
    )
    @action(detail=False, methods=["post"], url_path=f"select-winners/{GIVEAWAY}", throttle_scope="publish")
    def select_winners(self, request: Request, giveaway_id: str) -> Response:
        """The one draw: finishes a running giveaway; repeated, it shows the same winners."""
        nothing_in(request)
        giveaway = life.finish(giveaway_id=self.giveaway(giveaway_id).pk, by=actor_of(request))
        done = giveaway.status == Status.FINISHED
        told = {
            "status": giveaway.status,
            "total_participants": giveaway.participant_count,
            "winners": results.winners(giveaway) if done else [],
        }
        code = status.HTTP_200_OK if done else status.HTTP_202_ACCEPTED
        return Response(WinnersSerializer(told).data, status=code)


class GiveawayResultViewSet(OwnedGiveaways):
    """The results under `/api/giveaways/...`."""

    @swagger_auto_schema(responses={200: StatsAnswerSerializer})
    @action(detail=False, methods=["get"], url_path=f"{GIVEAWAY}/stats")
    def stats(self, request: Request, giveaway_id: str) -> Response:  # noqa: ARG002
        """The giveaway's numbers."""
        return stats_answer(self.giveaway(giveaway_id))

    @swagger_auto_schema(responses={200: PublicResultAnswerSerializer}, security=[])
    @action(
        detail=False,
        methods=["get"],
        url_path=r"by-token/(?P<result_token>[^/]{1,200})",
        permission_classes=[AllowAny],
        throttle_scope="public",
    )
    def by_token(self, request: Request, result_token: str) -> Response:  # noqa: ARG002
        """The result behind a token. Before the draw it tells nothing but that the giveaway is running."""
        told = results.by_token(result_token)
        if told is None:
            raise Http404
        return Response({"giveaway": told})


def key_of(request: Request) -> str:
    """The caller's Idempotency-Key, empty without one."""
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > MOST_KEY or not key.isprintable():
        raise ValidationError({"Idempotency-Key": [KEY_LENGTH.said(most=MOST_KEY)]})
    return key


def stats_answer(giveaway: Giveaway) -> Response:
    return Response({"stats": StatsSerializer(asdict(results.stats(giveaway))).data})
