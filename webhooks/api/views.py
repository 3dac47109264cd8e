"""An account's webhooks over HTTP: endpoints, their log, a test, once more."""

from typing import Any

from django.http import Http404
from drf_yasg import openapi
from drf_yasg.utils import swagger_auto_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.api.authentication import actor_of, user_of
from config.api import NothingSerializer, nothing_in
from config.nudge import nudge
from webhooks import services
from webhooks.api.serializers import (
    ChangedEndpointSerializer,
    EndpointSecretSerializer,
    EndpointSerializer,
    NewEndpointSerializer,
    WebhookDeliverySerializer,
)
from webhooks.models import Delivery, Endpoint
from webhooks.tasks import send_waiting

STATUS = openapi.Parameter(
    "status", openapi.IN_QUERY, type=openapi.TYPE_STRING, enum=list(Delivery.Status.values)
)


class WebhookViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Any]):
    """`/api/webhooks/`"""

    serializer_class = EndpointSerializer
    queryset = Endpoint.objects.none()
    filterset_fields = ("active",)
    lookup_value_regex = r"\d{1,18}"
    throttle_scope: str | None = None

    def get_queryset(self) -> Endpoint.Endpoints:
        return Endpoint.objects.visible_to(user_of(self.request)).order_by("-id")

    @swagger_auto_schema(operation_summary="The account's endpoints, the newest first.")
    def list(self, request: Request) -> Response:
        return super().list(request)

    @swagger_auto_schema(operation_summary="One endpoint; its secret stays hidden.")
    def retrieve(self, request: Request, pk: str) -> Response:
        return super().retrieve(request, pk=pk)

    @swagger_auto_schema(request_body=NewEndpointSerializer, responses={201: EndpointSecretSerializer})
    def create(self, request: Request) -> Response:
        """Adds an endpoint. The answer holds the secret that signs every call, this once.

        Events are told at least once, each with an id that stays the same: a receiver skips ids it has seen.
        """
        serializer = NewEndpointSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        row = services.add(
            account_id=user_of(request).account_id, by=actor_of(request), **serializer.validated_data
        )
        return Response(EndpointSecretSerializer(row).data, status=status.HTTP_201_CREATED)

    @swagger_auto_schema(request_body=ChangedEndpointSerializer, responses={200: EndpointSerializer})
    def partial_update(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Changes the address, the events, or switches the endpoint off and on. What waits goes to the new address."""
        row = self.get_object()
        serializer = ChangedEndpointSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        row = services.change(endpoint_id=row.pk, by=actor_of(request), fields=serializer.validated_data)
        return Response(EndpointSerializer(row).data)

    @swagger_auto_schema(responses={204: "The endpoint is gone, with its log."})
    def destroy(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Deletes an endpoint with its log; what waited is not sent."""
        services.remove(endpoint_id=self.get_object().pk, by=actor_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @swagger_auto_schema(request_body=NothingSerializer, responses={200: EndpointSecretSerializer})
    @action(detail=True, methods=["post"], url_path="renew-secret")
    def renew_secret(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Gives a new secret, shown this once; the old one signs nothing any more."""
        row = self.get_object()
        nothing_in(request)
        row = services.renew_secret(endpoint_id=row.pk, by=actor_of(request))
        return Response(EndpointSecretSerializer(row).data)

    @swagger_auto_schema(request_body=NothingSerializer, responses={202: WebhookDeliverySerializer})
    @action(detail=True, methods=["post"], throttle_scope="publish")
    def test(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Sends a `test` event to this endpoint alone; the log tells how it went."""
        row = self.get_object()
        nothing_in(request)
        return self.queued(services.send_test(endpoint_id=row.pk, by=actor_of(request)))

    @swagger_auto_schema(manual_parameters=[STATUS], responses={200: WebhookDeliverySerializer(many=True)})
    @action(detail=True, methods=["get"])
    def deliveries(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """The log of an endpoint, the newest event first."""
        rows = Delivery.objects.filter(endpoint=self.get_object()).order_by("-id")
        wanted = request.query_params.get("status")
        page = self.paginate_queryset(rows.filter(status=wanted) if wanted else rows)
        return self.get_paginated_response(WebhookDeliverySerializer(page, many=True).data)

    @swagger_auto_schema(request_body=NothingSerializer, responses={202: WebhookDeliverySerializer})
    @action(
        detail=True,
        methods=["post"],
        url_path=r"deliveries/(?P<delivery_id>\d{1,18})/redeliver",
        throttle_scope="publish",
    )
    def redeliver(self, request: Request, pk: str, delivery_id: str) -> Response:  # noqa: ARG002
        """Sends an event once more, under its own id, after it was delivered or given up."""
        row = Delivery.objects.filter(endpoint=self.get_object(), pk=int(delivery_id)).first()
        nothing_in(request)
        if row is None:
            raise Http404
        return self.queued(services.redeliver(delivery_id=row.pk, by=actor_of(request)))

    def queued(self, row: Delivery) -> Response:
        nudge(send_waiting)
        return Response(WebhookDeliverySerializer(row).data, status=status.HTTP_202_ACCEPTED)
