"""The back office of Stars: every payment with its charge, and what staff may do about it."""

from collections.abc import Callable
from typing import cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts import services as accounts
from accounts.models import User
from bots import tasks
from bots.models import StarPayment
from bots.services import star_refunds
from config.addresses import client_address
from config.nudge import nudge
from config.readonly import ReadOnlyAdmin


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

    @admin.action(description="Refund the Stars (takes the money off the balance first)")
    def refund(self, request: HttpRequest, queryset: QuerySet[StarPayment]) -> None:
        self._each(request, queryset, star_refunds.request_refund)
        nudge(tasks.refund_stars)

    @admin.action(description="Put held payments on the account's balance")
    def put_on_balance(self, request: HttpRequest, queryset: QuerySet[StarPayment]) -> None:
        self._each(request, queryset, star_refunds.credit)

    @admin.action(description="Collect what is owed from the account's balance")
    def collect(self, request: HttpRequest, queryset: QuerySet[StarPayment]) -> None:
        self._each(request, queryset, star_refunds.collect)

    def _each(
        self, request: HttpRequest, queryset: QuerySet[StarPayment], rule: Callable[..., StarPayment]
    ) -> None:
        by = accounts.actor(cast(User, request.user), client_address(request))
        for payment in queryset:
            with self.refusals(request, payment):
                done = rule(payment_id=payment.pk, by=by)
                self.message_user(request, f"{done}: {done.get_status_display()}", messages.SUCCESS)
