"""What an account has: its balance and how it came about, its subscriptions, its transactions."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from drf_yasg.utils import swagger_auto_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from accounts.api.authentication import user_of
from accounts.models import LedgerEntry
from offers.api.filters import LedgerFilter, SubscriptionFilter, TransactionFilter
from offers.api.serializers import (
    BalanceSerializer,
    LedgerEntrySerializer,
    SubscriptionSerializer,
    TransactionSerializer,
)
from offers.models import Subscription, Transaction

UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
ONE = rf"transactions/(?P<transaction_id>{UUID})"


class AccountViewSet(GenericViewSet[Any]):
    """`/api/v1/account/...`"""

    queryset: QuerySet[Any] = Transaction.objects.none()
    serializer_class: type[BaseSerializer[Any]] = TransactionSerializer
    lookup_field = "public_id"
    lookup_url_kwarg = "transaction_id"
    filterset_class: type[Any] | None = None

    @swagger_auto_schema(responses={200: BalanceSerializer})
    @action(detail=False, filter_backends=[], pagination_class=None)
    def balance(self, request: Request) -> Response:
        """What the account has to spend; `ledger/` tells how it came about."""
        told = {"balance": user_of(request).account.balance, "currency": settings.CURRENCY}
        return Response(BalanceSerializer(told).data)

    @action(
        detail=False, suffix="List", serializer_class=SubscriptionSerializer,
        filterset_class=SubscriptionFilter, queryset=Subscription.objects.none(),
    )  # fmt: skip
    def subscriptions(self, request: Request) -> Response:
        """The account's services that run; `?status=` shows others."""
        seen = Subscription.objects.visible_to(user_of(request)).select_related("offer")
        return self.told(seen.order_by("-id"))

    @action(detail=False, suffix="List", filterset_class=TransactionFilter)
    def transactions(self, request: Request) -> Response:  # noqa: ARG002
        """The account's orders, the newest first."""
        return self.told(self.orders().order_by("-id"))

    @swagger_auto_schema(responses={200: TransactionSerializer})
    @action(detail=False, url_path=ONE, url_name="transaction", filter_backends=[])
    def transaction(self, request: Request, transaction_id: str) -> Response:  # noqa: ARG002
        """One order."""
        return Response(TransactionSerializer(self.get_object()).data)

    @action(
        detail=False, suffix="List", serializer_class=LedgerEntrySerializer,
        filterset_class=LedgerFilter, queryset=LedgerEntry.objects.none(),
    )  # fmt: skip
    def ledger(self, request: Request) -> Response:
        """Every movement of the account's money, the newest first: top-ups, charges, refunds, corrections."""
        return self.told(LedgerEntry.objects.visible_to(user_of(request)).order_by("-id"))

    def get_queryset(self) -> QuerySet[Any]:
        return self.orders() if self.action == "transaction" else super().get_queryset()

    def orders(self) -> Transaction.Transactions:
        return Transaction.objects.visible_to(user_of(self.request)).select_related("offer")

    def told(self, rows: QuerySet[Any]) -> Response:
        """One page of the rows, narrowed as the query asks."""
        page: Any = self.paginate_queryset(self.filter_queryset(rows))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)
