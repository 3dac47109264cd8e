"""The back office of Stars: every payment with its charge, and what staff may do about it."""

from collections.abc import Callable
from typing import cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.decorators import action

from accounts.audit import Actor
from accounts.models import User
from bots import tasks
from bots.models import StarPayment
from bots.services import star_refunds
from config.moves import confirmed
from config.nudge import nudge
from config.readonly import ReadOnlyAdmin

Service = Callable[..., StarPayment]


@admin.register(StarPayment)
class StarPaymentAdmin(ReadOnlyAdmin):
    """What was paid in Stars. Held and owed ones wait for a person."""

    list_display = (
        "created_at", "account", "user", "bot", "stars", "amount", "status", "reason", "paid_at", "refunded_at",
    )  # fmt: skip
    list_filter = ("status", "bot")
    search_fields = ("public_id", "charge_id", "account__name", "user__username", "person_id")
    list_select_related = ("account", "user", "bot")
    date_hierarchy = "created_at"
    actions = ("refund", "put_on_balance", "collect")

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Moving money is more than looking at it."""
        return cast(User, request.user).has_perm("bots.change_starpayment")

    @action(description="Refund the Stars", permissions=["decide"])
    def refund(self, request: HttpRequest, queryset: QuerySet[StarPayment]) -> HttpResponse | None:
        answer = self.decide(
            request, queryset, "refund", star_refunds.request_refund, "is refunded",
            "Refund these? The money leaves the balance now, then Telegram gives the Stars back.",
        )  # fmt: skip
        nudge(tasks.refund_stars)
        return answer

    @action(description="Put held payments on the account's balance", permissions=["decide"])
    def put_on_balance(self, request: HttpRequest, queryset: QuerySet[StarPayment]) -> HttpResponse | None:
        return self.decide(
            request, queryset, "put_on_balance", star_refunds.credit, "was looked at",
            "Put these on the balance? Only if you know that this account paid them.",
        )  # fmt: skip

    @action(description="Collect what is owed from the account's balance", permissions=["decide"])
    def collect(self, request: HttpRequest, queryset: QuerySet[StarPayment]) -> HttpResponse | None:
        return self.decide(
            request, queryset, "collect", star_refunds.collect, "is collected",
            "Collect these? They leave the balance, because Telegram gave the Stars back.",
        )  # fmt: skip

    def decide(
        self, request: HttpRequest, chosen: QuerySet[StarPayment], verb: str, service: Service, done: str, warning: str
    ) -> HttpResponse | None:  # fmt: skip
        """One service for each chosen payment, after a confirmation."""

        def move(payment: StarPayment, by: Actor) -> object:
            return service(payment_id=payment.pk, by=by)

        return confirmed(self, request, chosen, action=verb, warning=warning, move=move, done=done)
