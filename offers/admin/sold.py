"""Offers in the back office: written by the service, so that the catalogue follows."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from config.moves import actor_of, confirmed
from offers.admin.links import rows_of
from offers.models import Offer, Subscription
from offers.services import sell


@admin.register(Offer)
class OfferAdmin(ModelAdmin):  # type: ignore[misc]
    """What is sold. What was bought keeps the price and the days of then; an offer is deactivated, never deleted."""

    list_display = ("name", "kind", "price", "duration_days", "state", "running", "updated_at")
    list_filter = ("is_active", "kind", "duration_days")
    search_fields = ("name", "description", "partner_code")
    date_hierarchy = "created_at"
    actions = ("deactivate",)
    fieldsets = (
        ("What people read", {"fields": ("name", "kind", "description", "price", "duration_days")}),
        ("How it is sold", {"fields": ("is_active", "partner_code")}),
        ("How it stands", {"fields": ("running", "orders", "created_at", "updated_at")}),
    )
    readonly_fields = ("running", "orders", "created_at", "updated_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Offer]:
        running = Count(
            "subscriptions", filter=Q(subscriptions__status=Subscription.Status.ACTIVE), distinct=True
        )
        found: QuerySet[Offer] = super().get_queryset(request).annotate(run=running)
        return found

    @display(description="Sold", ordering="is_active", label={"sold": "success", "not sold": "danger"})
    def state(self, offer: Offer) -> str:
        return "sold" if offer.is_active else "not sold"

    @display(description="Running", ordering="run")
    def running(self, offer: Any) -> str:
        return rows_of(
            "offers_subscription", getattr(offer, "run", 0), offer__id__exact=offer.pk, status__exact="active"
        )

    @display(description="Orders")
    def orders(self, offer: Offer) -> str:
        return rows_of("offers_transaction", "its transactions", offer__id__exact=offer.pk)

    def get_fieldsets(self, request: HttpRequest, obj: Offer | None = None) -> Any:  # noqa: ARG002
        """A new one stands nowhere yet."""
        return self.fieldsets if obj else self.fieldsets[:-1]

    def has_delete_permission(self, request: HttpRequest, obj: Offer | None = None) -> bool:  # noqa: ARG002
        return False

    def save_model(self, request: HttpRequest, obj: Offer, form: Any, change: bool) -> None:
        """The service writes what the form changed, and the catalogue follows."""
        named = form.changed_data if change else form.cleaned_data
        values = {name: form.cleaned_data[name] for name in named}
        if change:
            sell.update(offer_id=obj.pk, by=actor_of(request), **values)
        else:
            obj.pk = sell.create(by=actor_of(request), **values).pk

    @action(description="Sell it no longer", permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[Offer]) -> HttpResponse | None:
        return confirmed(
            self, request, queryset, action="deactivate", warning="Sell these no longer? Who has one keeps it.",
            move=lambda offer, by: sell.deactivate(offer_id=offer.pk, by=by), done="is sold no longer",
        )  # fmt: skip
