"""Accounts and their money, for staff."""

from typing import Any, ClassVar, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from accounts import services
from accounts.admin.money import money_page
from accounts.models import Account, LedgerEntry, User
from config.readonly import ReadOnlyAdmin


@admin.register(Account)
class AccountAdmin(ModelAdmin):  # type: ignore[misc]
    """Who owns bots, channels and giveaways, and what they have to spend."""

    list_display = ("name", "balance", "language", "time_zone", "created_at")
    list_filter = ("language", "created_at")
    search_fields = ("name", "users__username")
    date_hierarchy = "created_at"
    fields = ("name", "language", "time_zone", "balance", "movements", "created_at")
    readonly_fields = ("balance", "movements", "created_at")
    actions_detail: ClassVar[list[str]] = ["top_up", "adjust"]

    @display(description="Movements")
    def movements(self, account: Account) -> str:
        address = reverse("admin:accounts_ledgerentry_changelist")
        return format_html(
            '<a class="text-primary-600 dark:text-primary-500" href="{}?account__id__exact={}">the ledger</a>',
            address,
            account.pk,
        )

    def save_model(self, _request: HttpRequest, obj: Account, form: Any, change: bool) -> None:
        """Writes what the form changed and nothing else: the balance may have moved since it was read."""
        obj.save(update_fields=form.changed_data) if change else obj.save()

    @action(description="Top up", permissions=["move_money"], icon="add_card", url_path="top-up")
    def top_up(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return money_page(self, request, object_id, title="Top up", move=services.top_up, only_up=True)

    @action(description="Adjust", permissions=["move_money"], icon="balance", url_path="adjust")
    def adjust(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return money_page(self, request, object_id, title="Adjust", move=services.adjust, only_up=False)

    def has_move_money_permission(self, request: HttpRequest, object_id: object = None) -> bool:  # noqa: ARG002
        """Who may write the ledger, not only who may rename an account."""
        return cast(User, request.user).has_perm("accounts.add_ledgerentry")


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    """Every movement of money. Nobody edits it, the database neither."""

    list_display = ("at", "account", "movement", "amount", "balance_after", "note", "actor_label")
    list_filter = ("kind", "at")
    list_select_related = ("account",)
    search_fields = ("account__name", "reason_key", "note", "actor_label")
    date_hierarchy = "at"

    @display(
        description="Kind", ordering="kind",
        label={"top_up": "success", "refund": "info", "adjustment": "warning"},
    )  # fmt: skip
    def movement(self, entry: LedgerEntry) -> tuple[str, str]:
        return entry.kind, entry.get_kind_display()

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """An account's page links to its movements."""
        return lookup == "account__id__exact" or bool(super().lookup_allowed(lookup, value, request))

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerEntry]:
        found: QuerySet[LedgerEntry] = super().get_queryset(request)
        return found.order_by("-id")
