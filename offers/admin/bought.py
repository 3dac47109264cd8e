"""What was bought in the back office: looked at, and decided only where the partner left an order open."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.decorators import action, display

from accounts.audit import Actor
from accounts.models import User
from config.moves import confirmed
from config.nudge import nudge
from config.readonly import ReadOnlyAdmin
from offers import tasks
from offers.admin.links import rows_of
from offers.models import Notice, Subscription, Transaction
from offers.services import notices, settle

Service = Callable[..., object]


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    """What each account has."""

    list_display = ("offer", "account", "user", "state", "starts_at", "expires_at", "orders")
    list_filter = ("status", "offer__kind", "expires_at", "offer")
    list_select_related = ("offer", "account", "user")
    search_fields = ("account__name", "user__username", "offer__name")
    date_hierarchy = "created_at"
    fields = (
        "offer", "account", "user", "status", "starts_at", "expires_at", "created_at", "orders", "notices",
    )  # fmt: skip
    readonly_fields = ("orders", "notices")

    @display(
        description="Status", ordering="status",
        label={"active": "success", "waiting": "info", "failed": "danger"},
    )  # fmt: skip
    def state(self, subscription: Subscription) -> tuple[str, str]:
        return subscription.status, subscription.get_status_display()

    @display(description="Orders")
    def orders(self, subscription: Subscription) -> str:
        return rows_of("offers_transaction", "transactions", subscription__id__exact=subscription.pk)

    @display(description="People were told")
    def notices(self, subscription: Subscription) -> str:
        return rows_of("offers_notice", "notices", subscription__id__exact=subscription.pk)


class NeedsAPerson(admin.SimpleListFilter):
    """Called off, and the partner does not say what became of it."""

    title = "needs a person"
    parameter_name = "undecided"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [("yes", "Yes")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Transaction]) -> QuerySet[Transaction]:  # noqa: ARG002
        orders = cast(Transaction.Transactions, queryset)
        return orders.needing_a_person() if self.value() else orders


@admin.register(Transaction)
class TransactionAdmin(ReadOnlyAdmin):
    """Every order, from the charge to the service or the refund."""

    list_display = (
        "short_id", "account", "offer", "kind", "state", "amount", "attempts", "reason", "created_at", "finished_at",
    )  # fmt: skip
    list_filter = ("status", NeedsAPerson, "kind", "offer__kind", "created_at", "offer")
    list_select_related = ("account", "offer")
    search_fields = ("public_id", "account__name", "user__username", "offer__name", "partner_reference")
    date_hierarchy = "created_at"
    actions = ("call_off", "give_up", "confirm")
    fieldsets = (
        ("The order", {"fields": ("public_id", "account", "user", "offer", "kind", "subscription", "created_at")}),
        ("Money", {"fields": ("amount", "duration_days", "movements", "idempotency_key")}),
        ("The partner", {"fields": (
            "status", "attempts", "due_at", "claimed_until", "called_off_at", "partner_reference", "reason",
            "finished_at",
        )}),
        ("People were told", {"fields": ("notices",)}),
    )  # fmt: skip
    readonly_fields = ("movements", "notices")

    @display(
        description="Status", ordering="status",
        label={"SUCCESS": "success", "PENDING": "info", "PROCESSING": "warning", "FAILED": "danger"},
    )  # fmt: skip
    def state(self, order: Transaction) -> tuple[str, str]:
        return order.status, order.get_status_display()

    @display(description="Transaction", ordering="public_id")
    def short_id(self, order: Transaction) -> str:
        return f"{str(order.public_id)[:8]}…"

    @display(description="Movements of money")
    def movements(self, order: Transaction) -> str:
        return rows_of("accounts_ledgerentry", "charge and refund", q=order.public_id)

    @display(description="Notices")
    def notices(self, order: Transaction) -> str:
        return rows_of("offers_notice", "notices", transaction__id__exact=order.pk)

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Moving money is more than looking at it."""
        return cast(User, request.user).has_perm("offers.change_transaction")

    @action(description="Call off: the partner is asked to cancel", permissions=["decide"])
    def call_off(self, request: HttpRequest, queryset: QuerySet[Transaction]) -> HttpResponse | None:
        answer = self.decide(
            request, queryset, "call_off", settle.call_off, "is called off",
            "Call these off? The partner is asked to cancel them, and its answer decides whether the money comes back.",
        )  # fmt: skip
        nudge(tasks.settle_waiting)
        return answer

    @action(description="Give up and refund: the partner says it is not on", permissions=["decide"])
    def give_up(self, request: HttpRequest, queryset: QuerySet[Transaction]) -> HttpResponse | None:
        return self.decide(
            request, queryset, "give_up", settle.give_up, "is refunded",
            "Refund these? Only if the partner itself told you that the service is not on and never will be.",
        )  # fmt: skip

    @action(description="Confirm: the partner says it is on", permissions=["decide"])
    def confirm(self, request: HttpRequest, queryset: QuerySet[Transaction]) -> HttpResponse | None:
        return self.decide(
            request, queryset, "confirm", settle.confirm, "is confirmed",
            "Switch these on? Only if the partner itself told you that the service is on.",
        )  # fmt: skip

    def decide(
        self, request: HttpRequest, chosen: QuerySet[Transaction], verb: str, service: Service, done: str, warning: str
    ) -> HttpResponse | None:  # fmt: skip
        """One service for each chosen order, with the reason somebody wrote."""
        reason = request.POST.get("reason", "").strip()[:200]

        def move(order: Transaction, by: Actor) -> object:
            return service(transaction_id=order.pk, by=by, reason=reason)

        return confirmed(
            self, request, chosen, action=verb, warning=warning, move=move, done=done, reason=reason
        )  # fmt: skip


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    """What people were told about their offers, by which channel, and what became of it."""

    list_display = (
        "created_at",
        "account",
        "user",
        "kind",
        "channel",
        "state",
        "attempts",
        "reason",
        "sent_at",
    )
    list_filter = ("status", "channel", "kind", "created_at")
    list_select_related = ("account", "user")
    search_fields = ("account__name", "user__username", "about", "reason")
    date_hierarchy = "created_at"
    actions = ("send_again",)

    def has_send_permission(self, request: HttpRequest) -> bool:
        """Writing to people is more than looking at what was written."""
        return cast(User, request.user).has_perm("offers.change_notice")

    @action(description="Send again", permissions=["send"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Notice]) -> HttpResponse | None:
        answer = confirmed(
            self, request, queryset, action="send_again", done="is sent again",
            warning="Send these again? An SMS in doubt may have arrived, and costs once more.",
            move=lambda notice, by: notices.send_again(notice_id=notice.pk, by=by),
        )  # fmt: skip
        nudge(tasks.send_notices)
        return answer

    @display(
        description="Status", ordering="status",
        label={"sent": "success", "waiting": "info", "sending": "warning", "failed": "danger", "uncertain": "warning"},
    )  # fmt: skip
    def state(self, notice: Notice) -> tuple[str, str]:
        return notice.status, notice.get_status_display()
