"""How a list of giveaways is narrowed and ordered."""

from typing import ClassVar

from django import forms
from django_filters import rest_framework as filters

from config.api.fields import BIGINT
from giveaways.models import Giveaway, Status


class NumberFilter(filters.NumberFilter):  # type: ignore[misc]
    """A whole number a column can hold."""

    field_class = forms.IntegerField


class GiveawayFilter(filters.FilterSet):  # type: ignore[misc]
    """`?status=finished&created_after=2030-01-01T00:00:00Z&order=-participant_count`"""

    status = filters.ChoiceFilter(choices=Status.choices)
    title = filters.CharFilter(lookup_expr="icontains", max_length=255, help_text="A part of it")
    channel_id = NumberFilter("binding__channel__telegram_id", min_value=-BIGINT, max_value=BIGINT - 1)
    created_after = filters.IsoDateTimeFilter("created_at", lookup_expr="gte")
    created_before = filters.IsoDateTimeFilter("created_at", lookup_expr="lt")
    finished_after = filters.IsoDateTimeFilter("finished_at", lookup_expr="gte")
    finished_before = filters.IsoDateTimeFilter("finished_at", lookup_expr="lt")
    order = filters.OrderingFilter(
        fields=["id", "created_at", "published_at", "finished_at", "participant_count"],
        help_text="One of them; `-` in front turns it round",
    )

    class Meta:
        model = Giveaway
        fields: ClassVar[list[str]] = []
