"""What lists of the bots app may be narrowed to."""

from typing import ClassVar

from django_filters import rest_framework as filters

from bots.models import Binding


class ChannelFilter(filters.FilterSet):  # type: ignore[misc]
    """Channels by state, bot and Telegram's id; `live` tells what serves or may serve from what is past."""

    bot_id = filters.NumberFilter()
    channel_id = filters.NumberFilter(field_name="channel__telegram_id")
    live = filters.BooleanFilter(
        method="only_live", help_text="new, active or invalid; not proposed, not ended"
    )

    class Meta:
        model = Binding
        fields: ClassVar = ["status", "bot_id", "channel_id", "live"]

    def only_live(self, bindings: Binding.Bindings, _name: str, live: bool) -> Binding.Bindings:
        return bindings.live() if live else bindings.exclude(status__in=Binding.LIVE)
