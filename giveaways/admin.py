"""The back office of giveaways: everything to see, moves only through the services."""

from collections.abc import Callable
from typing import cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline

from accounts import services as accounts
from accounts.models import User
from config.addresses import client_address
from config.errors import DomainError
from config.readonly import ReadOnlyAdmin
from giveaways.models import Giveaway, Post
from giveaways.services import life, posts


class PostInline(TabularInline):  # type: ignore[misc]
    """What was or is to be done in the channel."""

    model = Post
    extra = 0
    can_delete = False
    fields = readonly_fields = ("kind", "status", "attempts", "message_id", "error", "due_at", "sent_at")

    def has_add_permission(self, request: HttpRequest, obj: Giveaway | None = None) -> bool:  # noqa: ARG002
        return False


@admin.register(Giveaway)
class GiveawayAdmin(ReadOnlyAdmin):
    """States are read-only; the actions call the services that own them."""

    list_display = (
        "title", "account", "status", "participant_count", "winner_count", "winners_selected",
        "published_at", "finished_at",
    )  # fmt: skip
    list_filter = ("status", "beacon", "created_at")
    search_fields = ("title", "public_id", "account__name")
    list_select_related = ("account",)
    date_hierarchy = "created_at"
    inlines = (PostInline,)
    exclude = ("seed_encrypted",)
    actions = ("publish", "finish", "cancel")

    def move(
        self, request: HttpRequest, chosen: QuerySet[Giveaway], service: Callable[..., Giveaway], done: str
    ) -> None:
        """Applies one service to each chosen giveaway and tells what came of each."""
        by = accounts.actor(cast(User, request.user), client_address(request))
        for giveaway in chosen:
            try:
                service(giveaway_id=giveaway.pk, by=by)
            except DomainError as refusal:
                self.message_user(request, f"{giveaway}: {refusal.sentence}", messages.WARNING)
            else:
                self.message_user(request, f"{giveaway}: {done}", messages.SUCCESS)

    @admin.action(description="Publish in the channel")
    def publish(self, request: HttpRequest, queryset: QuerySet[Giveaway]) -> None:
        self.move(request, queryset, life.publish, "is being published")

    @admin.action(description="Finish and draw the winners")
    def finish(self, request: HttpRequest, queryset: QuerySet[Giveaway]) -> None:
        self.move(request, queryset, life.finish, "is being finished")

    @admin.action(description="Cancel")
    def cancel(self, request: HttpRequest, queryset: QuerySet[Giveaway]) -> None:
        self.move(request, queryset, life.cancel, "is cancelled")


@admin.register(Post)
class PostAdmin(ReadOnlyAdmin):
    """The channel's work queue."""

    list_display = ("giveaway", "kind", "status", "attempts", "message_id", "error", "due_at", "sent_at")
    list_filter = ("kind", "status")
    search_fields = ("giveaway__title", "error")
    list_select_related = ("giveaway",)
    actions = ("send_again",)

    @admin.action(description="Send again (look into the channel first)")
    def send_again(self, request: HttpRequest, queryset: QuerySet[Post]) -> None:
        by = accounts.actor(cast(User, request.user), client_address(request))
        for post in queryset:
            try:
                posts.send_again(post_id=post.pk, by=by)
            except DomainError as refusal:
                self.message_user(request, f"{post}: {refusal.sentence}", messages.WARNING)
            else:
                self.message_user(request, f"{post}: is sent again", messages.SUCCESS)
