"""The rows behind broadcasts in the back office: one of each recipient, chunk and intent, millions of them."""

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from broadcasts.models import Chunk, Delivery, Intent, Recipient
from config.readonly import ReadOnlyAdmin


class ByChat(ReadOnlyAdmin):
    """Rows per recipient, millions of them: looked for by the number of the chat, never by pieces of it."""

    search_fields = ("chat_id",)
    search_help_text = "The whole chat id"
    show_full_result_count = False
    list_select_related = ("broadcast",)
    ordering = ("-id",)

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002
        queryset: QuerySet[Model],
        search_term: str,
    ) -> tuple[QuerySet[Model], bool]:
        if not search_term:
            return queryset, False
        try:
            return queryset.filter(chat_id=int(search_term)), False
        except ValueError:
            return queryset.none(), False


@admin.register(Delivery)
class DeliveryAdmin(ByChat):
    """What became of each recipient."""

    list_display = ("broadcast", "seq", "chat_id", "outcome", "kind", "message_id", "at")
    list_filter = ("outcome", "kind")


@admin.register(Recipient)
class RecipientAdmin(ByChat):
    """Who each broadcast is for."""

    list_display = ("broadcast", "seq", "chat_id")


@admin.register(Intent)
class IntentAdmin(ByChat):
    """What was granted; with no delivery beside it, in the air or in doubt."""

    list_display = ("broadcast", "seq", "chat_id", "attempt", "epoch", "at")


@admin.register(Chunk)
class ChunkAdmin(ReadOnlyAdmin):
    """Which pump holds what, and until when."""

    list_display = (
        "broadcast", "number", "first_seq", "last_seq", "leased_by", "leased_until", "epoch", "done_at",
    )  # fmt: skip
    list_filter = (("done_at", admin.EmptyFieldListFilter),)
    search_fields = ("leased_by",)
    list_select_related = ("broadcast",)
    show_full_result_count = False
