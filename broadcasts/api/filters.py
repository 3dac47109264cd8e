"""How lists of broadcasts are narrowed and ordered."""

import django_filters

from broadcasts.models import Broadcast


class BroadcastFilter(django_filters.FilterSet):  # type: ignore[misc]
    """`?status=running&priority=high&bot=3&created_after=2026-01-01T00:00:00Z&ordering=-recipients_count`"""

    bot = django_filters.NumberFilter(field_name="bot_id", min_value=1, max_value=2**63 - 1)
    name = django_filters.CharFilter(lookup_expr="icontains", max_length=100)
    created_after = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    created_before = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")
    ordering = django_filters.OrderingFilter(
        fields=("created_at", "started_at", "finished_at", "recipients_count")
    )

    class Meta:
        model = Broadcast
        fields = ("status", "priority", "kind", "bot", "name", "created_after", "created_before")
