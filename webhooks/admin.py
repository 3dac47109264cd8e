"""Webhooks in the back office: looked at, tested, switched off and on, sent once more."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts import services as accounts
from accounts.audit import Actor
from accounts.models import User
from config.addresses import client_address
from config.nudge import nudge
from config.readonly import ReadOnlyAdmin
from webhooks import services
from webhooks.models import Delivery, Endpoint
from webhooks.tasks import send_waiting


class Acting(ReadOnlyAdmin):
    """What both pages share: a service for each chosen row, and its refusals shown."""

    def each(self, request: HttpRequest, chosen: QuerySet[Any], act: Callable[..., Any], done: str) -> None:
        by = self.by(request)
        for row in chosen:
            with self.refusals(request, row):
                act(row.pk, by)
                self.message_user(request, f"{row}: {done}", messages.SUCCESS)
        nudge(send_waiting)

    def has_steer_permission(self, request: HttpRequest) -> bool:
        """Sending is more than looking."""
        return bool(cast(User, request.user).has_perm("webhooks.change_endpoint"))

    def by(self, request: HttpRequest) -> Actor:
        return accounts.actor(cast(User, request.user), client_address(request))


@admin.register(Endpoint)
class EndpointAdmin(Acting):
    """Where accounts want to be told. Secrets are nowhere to be seen."""

    list_display = ("__str__", "account", "host", "events", "active", "failing_since", "created_at")
    list_filter = ("active", ("failing_since", admin.EmptyFieldListFilter))
    list_select_related = ("account",)
    search_fields = ("description", "account__name", "url")
    actions = ("send_test", "switch_off", "switch_on")
    fields = (
        "account", "host", "description", "events", "active", "failing_since", "created_at", "updated_at",
    )  # fmt: skip

    @admin.display(description="host")
    def host(self, row: Endpoint) -> str:
        return services.host_of(row)

    @admin.action(description="Send a test event", permissions=["steer"])
    def send_test(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        self.each(
            request,
            queryset,
            lambda pk, by: services.send_test(endpoint_id=pk, by=by),
            "a test is on its way",
        )

    @admin.action(description="Switch off", permissions=["steer"])
    def switch_off(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        self.switch(request, queryset, active=False)

    @admin.action(description="Switch on", permissions=["steer"])
    def switch_on(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        self.switch(request, queryset, active=True)

    def switch(self, request: HttpRequest, chosen: QuerySet[Endpoint], *, active: bool) -> None:
        self.each(
            request,
            chosen,
            lambda pk, by: services.change(endpoint_id=pk, by=by, fields={"active": active}),
            "on" if active else "off",
        )


@admin.register(Delivery)
class DeliveryAdmin(Acting):
    """The log of all endpoints."""

    list_display = (
        "event", "endpoint", "status", "attempts", "response_status", "error", "created_at", "due_at", "delivered_at",
    )  # fmt: skip
    list_filter = ("status", "event")
    list_select_related = ("endpoint",)
    search_fields = ("event_id", "endpoint__description", "endpoint__account__name")
    date_hierarchy = "created_at"
    actions = ("redeliver",)

    @admin.action(description="Send once more, under the same event id", permissions=["steer"])
    def redeliver(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        self.each(
            request,
            queryset,
            lambda pk, by: services.redeliver(delivery_id=pk, by=by),
            "on its way once more",
        )
