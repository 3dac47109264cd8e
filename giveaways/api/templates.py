"""Templates and what repeats over HTTP."""

from typing import Any

from django.http import Http404
from drf_yasg.utils import swagger_auto_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.api.authentication import actor_of, user_of
from giveaways.api.serializers import GiveawayAnswerSerializer, GiveawaySerializer
from giveaways.api.template_serializers import (
    BegunSerializer,
    NewRepetitionSerializer,
    NewTemplateSerializer,
    RepetitionSerializer,
    TemplateSerializer,
)
from giveaways.errors import TemplateNotFound
from giveaways.models import Repetition, Template
from giveaways.services import repeat, templates


class TemplateViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Template]):
    """`/api/giveaways/templates/`"""

    queryset = Template.objects.none()
    serializer_class = TemplateSerializer
    lookup_value_regex = r"\d{1,18}"
    filterset_fields = ("name",)

    def get_queryset(self) -> Template.Templates:
        return Template.objects.visible_to(user_of(self.request)).select_related("media").order_by("name")

    def get_object(self) -> Template:
        try:
            return super().get_object()
        except Http404:
            raise TemplateNotFound from None

    @swagger_auto_schema(operation_summary="The account's templates by name.")
    def list(self, request: Request) -> Response:
        return super().list(request)

    @swagger_auto_schema(operation_summary="One template.")
    def retrieve(self, request: Request, pk: str) -> Response:
        return super().retrieve(request, pk=pk)

    @swagger_auto_schema(request_body=NewTemplateSerializer, responses={201: TemplateSerializer})
    def create(self, request: Request) -> Response:
        """Writes a giveaway once, to begin others from."""
        values = self.written(NewTemplateSerializer(data=request.data))
        template = templates.create(
            account_id=user_of(request).account_id, by=actor_of(request), values=values
        )
        return Response(TemplateSerializer(template).data, status=status.HTTP_201_CREATED)

    @swagger_auto_schema(request_body=NewTemplateSerializer, responses={200: TemplateSerializer})
    def partial_update(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Changes what is sent; what was begun from it stays as it is."""
        template = self.get_object()
        values = self.written(NewTemplateSerializer(data=request.data, partial=True))
        template = templates.update(template_id=template.pk, by=actor_of(request), values=values)
        return Response(TemplateSerializer(template).data)

    @swagger_auto_schema(responses={204: ""})
    def destroy(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Forgets the template; what repeats by it ends, giveaways begun from it stay."""
        templates.delete(template_id=self.get_object().pk, by=actor_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @swagger_auto_schema(request_body=BegunSerializer, responses={201: GiveawayAnswerSerializer})
    @action(detail=True, methods=["post"], url_path="create", filter_backends=[])
    def begin(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Creates a draft like the template; the body holds what is different this time."""
        template = self.get_object()
        fields = self.written(BegunSerializer(data=request.data or {}, partial=True))
        giveaway = templates.begin(template_id=template.pk, by=actor_of(request), fields=fields)
        return Response({"giveaway": GiveawaySerializer(giveaway).data}, status=status.HTTP_201_CREATED)

    def written(self, serializer: Any) -> dict[str, Any]:
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)


class RepetitionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Repetition]):
    """`/api/giveaways/repetitions/`"""

    queryset = Repetition.objects.none()
    serializer_class = RepetitionSerializer
    lookup_value_regex = r"\d{1,18}"
    filterset_fields = ("active", "template")

    def get_queryset(self) -> Repetition.Repetitions:
        return Repetition.objects.visible_to(user_of(self.request)).order_by("-id")

    @swagger_auto_schema(operation_summary="What repeats, the newest first.")
    def list(self, request: Request) -> Response:
        return super().list(request)

    @swagger_auto_schema(operation_summary="One rule and how it stands.")
    def retrieve(self, request: Request, pk: str) -> Response:
        return super().retrieve(request, pk=pk)

    @swagger_auto_schema(request_body=NewRepetitionSerializer, responses={201: RepetitionSerializer})
    def create(self, request: Request) -> Response:
        """Begins and publishes a giveaway like the template at every time of the rule, one when the former is over."""
        serializer = NewRepetitionSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        values = dict(serializer.validated_data)
        template = Template.objects.visible_to(user_of(request)).filter(pk=values.pop("template_id")).first()
        if template is None:
            raise TemplateNotFound
        rule = repeat.create(template_id=template.pk, by=actor_of(request), values=values)
        return Response(RepetitionSerializer(rule).data, status=status.HTTP_201_CREATED)

    @swagger_auto_schema(responses={200: RepetitionSerializer})
    def destroy(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Stops the rule; a giveaway that runs goes on."""
        rule = repeat.stop(rule_id=self.get_object().pk, by=actor_of(request))
        return Response(RepetitionSerializer(rule).data)
