"""Offers one by one, and ordering them: activating, renewing, and how far an order is."""

from typing import Any, cast

from django.db.models import QuerySet
from django.http import Http404
from drf_yasg.utils import swagger_auto_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from accounts.api.authentication import actor_of, user_of
from config.api import KEY, idempotency_key, wait_seconds, wait_until
from config.nudge import nudge
from offers import tasks
from offers.api.account import UUID
from offers.api.serializers import (
    ActivationSerializer,
    ActivationStatusSerializer,
    ExpiringQuerySerializer,
    OfferSerializer,
    OrderedSerializer,
    RenewalSerializer,
    SubscriptionSerializer,
)
from offers.models import Offer, Subscription, Transaction
from offers.services import order, sell, subscriptions


def ordered(request: Request, transaction: Transaction) -> Response:
    """202 with the transaction, or 200 when the client waits (`Prefer: wait=N`) and the partner is quick."""
    nudge(tasks.settle_waiting)

    def settled() -> Transaction | None:
        transaction.refresh_from_db()
        return None if transaction.status in Transaction.OPEN else transaction

    done = wait_until(settled, wait_seconds(request))
    code = status.HTTP_200_OK if done else status.HTTP_202_ACCEPTED
    return Response(OrderedSerializer(transaction).data, status=code)


def checked(serializer: BaseSerializer[Any]) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


class OfferViewSet(mixins.RetrieveModelMixin, GenericViewSet[Offer]):
    """`/api/v1/offers/...`"""

    queryset = Offer.objects.none()
    serializer_class: type[BaseSerializer[Any]] = OfferSerializer
    lookup_url_kwarg = "offer_id"
    lookup_value_regex = r"\d{1,18}"
    filter_backends = []

    def get_queryset(self) -> QuerySet[Offer]:
        return sell.visible_to(user_of(self.request))

    @swagger_auto_schema(
        operation_summary="One offer; one that is no longer sold is shown to who has bought it."
    )
    def retrieve(self, request: Request, offer_id: str) -> Response:
        return super().retrieve(request, offer_id=offer_id)

    @swagger_auto_schema(
        query_serializer=ExpiringQuerySerializer, responses={200: SubscriptionSerializer(many=True)}
    )
    @action(detail=False, suffix="List", serializer_class=SubscriptionSerializer)
    def expiring(self, request: Request) -> Response:
        """What the account has that runs out within some days, the next to end first."""
        asked = checked(ExpiringQuerySerializer(data=request.query_params))
        page: Any = self.paginate_queryset(cast(Any, subscriptions.expiring(user=user_of(request), **asked)))
        return self.get_paginated_response(SubscriptionSerializer(page, many=True).data)

    @swagger_auto_schema(
        request_body=RenewalSerializer,
        manual_parameters=[KEY],
        responses={200: OrderedSerializer, 202: OrderedSerializer},
    )
    @action(detail=False, methods=["post"])
    def renew(self, request: Request) -> Response:
        """Pays for another period of what the account has, running or run out, at today's price.

        The new days follow the old ones; the service stays on meanwhile, and a renewal that fails changes nothing
        but is refunded. `Prefer: wait=5` waits for the result.
        """
        named = checked(RenewalSerializer(data=request.data))
        try:
            transaction, _new = order.renew(
                user=user_of(request), by=actor_of(request), idempotency_key=idempotency_key(request), **named
            )
        except (Offer.DoesNotExist, Subscription.DoesNotExist) as error:
            raise Http404 from error
        return ordered(request, transaction)


class ActivationViewSet(GenericViewSet[Transaction]):
    """`/api/v1/activation/...`"""

    queryset = Transaction.objects.none()
    serializer_class: type[BaseSerializer[Any]] = ActivationStatusSerializer
    lookup_field = "public_id"
    lookup_url_kwarg = "transaction_id"
    lookup_value_regex = UUID
    filter_backends = []

    def get_queryset(self) -> Transaction.Transactions:
        seen = Transaction.objects.visible_to(user_of(self.request))
        return seen.select_related("offer", "subscription__offer")

    @swagger_auto_schema(
        request_body=ActivationSerializer,
        manual_parameters=[KEY],
        responses={200: OrderedSerializer, 202: OrderedSerializer},
    )
    def create(self, request: Request) -> Response:
        """Buys an offer: the price is charged now, the partner switches the service on, or the money comes back.

        Send an `Idempotency-Key`: a repeated request with it answers the same transaction and charges nothing.
        `Prefer: wait=5` waits for the result and answers 200 with it.
        """
        named = checked(ActivationSerializer(data=request.data))
        try:
            transaction, _new = order.activate(
                user=user_of(request), by=actor_of(request), idempotency_key=idempotency_key(request), **named
            )
        except Offer.DoesNotExist as error:
            raise Http404 from error
        return ordered(request, transaction)

    @swagger_auto_schema(responses={200: ActivationStatusSerializer})
    @action(detail=False, url_path=f"status/(?P<transaction_id>{UUID})", url_name="status")
    def state(self, request: Request, transaction_id: str) -> Response:  # noqa: ARG002
        """How far an order is, and the subscription it is about."""
        return Response(ActivationStatusSerializer(self.get_object()).data)
