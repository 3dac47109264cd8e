"""How lists of money and services are narrowed and ordered."""

from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django_filters import rest_framework as filters

from accounts.models import LedgerEntry
from offers.models import Subscription, Transaction

Status = Subscription.Status
BIGGEST_ID = 2**63 - 1


class IdFilter(filters.NumberFilter):  # type: ignore[misc]
    """A whole number a column can hold."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, min_value=1, max_value=BIGGEST_ID, **kwargs)


class AmountFilter(filters.NumberFilter):  # type: ignore[misc]
    """A sum with two places at most."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, max_digits=12, decimal_places=2, **kwargs)


class Steady(filters.OrderingFilter):  # type: ignore[misc]
    """Equals keep their place from page to page: the newest first."""

    def filter(self, qs: QuerySet[Any], value: list[str] | None) -> QuerySet[Any]:
        ordered: QuerySet[Any] = super().filter(qs, value)
        return ordered.order_by(*(ordered.query.order_by if value else ()), "-id")


class TransactionFilter(filters.FilterSet):  # type: ignore[misc]
    """`?status=FAILED&offer=3&created_after=2030-01-01T00:00:00Z&amount_max=60&order=-amount`"""

    status = filters.ChoiceFilter(choices=Transaction.Status.choices)
    kind = filters.ChoiceFilter(choices=Transaction.Kind.choices)
    offer = IdFilter("offer_id")
    subscription = IdFilter("subscription_id")
    created_after = filters.IsoDateTimeFilter("created_at", lookup_expr="gte")
    created_before = filters.IsoDateTimeFilter("created_at", lookup_expr="lt")
    amount_min = AmountFilter("amount", lookup_expr="gte")
    amount_max = AmountFilter("amount", lookup_expr="lte")
    order = Steady(
        fields=["created_at", "finished_at", "amount"], help_text="One of them; `-` in front turns it round"
    )

    class Meta:
        model = Transaction
        fields: ClassVar[list[str]] = []


class LedgerFilter(filters.FilterSet):  # type: ignore[misc]
    """`?kind=top_up&after=2030-01-01T00:00:00Z`"""

    kind = filters.ChoiceFilter(choices=LedgerEntry.Kind.choices)
    after = filters.IsoDateTimeFilter("at", lookup_expr="gte")
    before = filters.IsoDateTimeFilter("at", lookup_expr="lt")

    class Meta:
        model = LedgerEntry
        fields: ClassVar[list[str]] = []


class SubscriptionFilter(filters.FilterSet):  # type: ignore[misc]
    """`?status=expired`; without a status, those that run."""

    status = filters.ChoiceFilter(
        choices=[*Status.choices, ("all", "all")], method="of_status", help_text="Default: active"
    )
    offer = IdFilter("offer_id")

    class Meta:
        model = Subscription
        fields: ClassVar[list[str]] = []

    def filter_queryset(self, queryset: Subscription.Subscriptions) -> QuerySet[Subscription]:
        narrowed: Subscription.Subscriptions = super().filter_queryset(queryset)
        return narrowed if self.form.cleaned_data["status"] else narrowed.active()

    def of_status(self, found: Subscription.Subscriptions, _name: str, status: str) -> QuerySet[Subscription]:
        """What has run out is over, whether or not the expiry job has looked yet."""
        if status == Status.ACTIVE:
            return found.active()
        if status == Status.EXPIRED:
            return found.filter(status=status) | found.run_out()
        return found if status == "all" else found.filter(status=status)
