"""The back office of broadcasts: how far each is, what became of every recipient, and the three moves."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from accounts import services as accounts
from accounts.models import User
from broadcasts import services
from broadcasts.models import Broadcast, Chunk, Delivery, Intent, Recipient
from config.addresses import client_address
from config.errors import DomainError
from config.readonly import ReadOnlyAdmin

NOBODY = services.Counts()


class CountedList(ChangeList):
    """A page of broadcasts with their counts, all in one more query."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        counted = services.counts(broadcast.pk for broadcast in self.result_list)
        for broadcast in self.result_list:
            broadcast.counted = counted.get(broadcast.pk, NOBODY)


@admin.register(Broadcast)
class BroadcastAdmin(ReadOnlyAdmin):
    """States are read-only; the actions call the services that own them."""

    list_display = (
        "id", "account", "bot", "status", "priority", "recipients_count", "sent", "failed", "skipped",
        "uncertain", "pending", "created_at",
    )  # fmt: skip
    list_filter = ("status", "priority", "created_at")
    search_fields = ("account__name", "bot__username", "dedup_scope")
    list_select_related = ("account", "bot")
    show_full_result_count = False
    fields = (
        "account", "bot", "status", "reason", "content", "priority", "dedup_scope", "uncertain_policy",
        "recipients_count", "progress", "deliveries", "created_at", "started_at", "finished_at",
    )  # fmt: skip
    readonly_fields = ("progress", "deliveries")
    actions = ("pause", "resume", "cancel")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:  # noqa: ARG002
        return CountedList

    def has_steer_permission(self, request: HttpRequest) -> bool:
        """Moving a broadcast is more than looking at it."""
        return bool(cast(User, request.user).has_perm("broadcasts.change_broadcast"))

    @admin.display(description="sent")
    def sent(self, broadcast: Any) -> int:
        return int(broadcast.counted.sent)

    @admin.display(description="failed")
    def failed(self, broadcast: Any) -> int:
        return int(broadcast.counted.failed)

    @admin.display(description="skipped")
    def skipped(self, broadcast: Any) -> int:
        return int(broadcast.counted.skipped)

    @admin.display(description="uncertain")
    def uncertain(self, broadcast: Any) -> int:
        return int(broadcast.counted.uncertain)

    @admin.display(description="pending")
    def pending(self, broadcast: Any) -> int:
        return int(broadcast.counted.pending)

    @admin.display(description="progress")
    def progress(self, broadcast: Broadcast) -> str:
        counted = services.counts([broadcast.pk]).get(broadcast.pk, NOBODY)
        return (
            f"{counted.sent} sent, {counted.failed} failed, {counted.skipped} skipped, "
            f"{counted.uncertain} uncertain, {counted.pending} pending"
        )

    @admin.display(description="deliveries")
    def deliveries(self, broadcast: Broadcast) -> str:
        address = reverse("admin:broadcasts_delivery_changelist")
        return format_html('<a href="{}?broadcast__id__exact={}">every recipient</a>', address, broadcast.pk)

    @admin.action(description="Pause", permissions=["steer"])
    def pause(self, request: HttpRequest, queryset: QuerySet[Broadcast]) -> None:
        self.move(request, queryset, services.pause)

    @admin.action(description="Resume", permissions=["steer"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Broadcast]) -> None:
        self.move(request, queryset, services.resume)

    @admin.action(description="Cancel", permissions=["steer"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Broadcast]) -> None:
        self.move(request, queryset, services.cancel)

    def move(
        self, request: HttpRequest, chosen: QuerySet[Broadcast], service: Callable[..., Broadcast]
    ) -> None:
        """Applies one service to each chosen broadcast and tells what came of each."""
        by = accounts.actor(cast(User, request.user), client_address(request))
        for broadcast in chosen:
            try:
                moved = service(broadcast_id=broadcast.pk, by=by)
            except DomainError as refusal:
                self.message_user(request, f"{broadcast}: {refusal.sentence}", messages.WARNING)
            else:
                self.message_user(request, f"{broadcast} is {moved.status}", messages.SUCCESS)


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
