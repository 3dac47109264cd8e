"""The channel's work queue in the back office."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.decorators import action, display

from config.moves import confirmed
from config.readonly import ReadOnlyAdmin
from giveaways.models import Post
from giveaways.services import posts

COLOURS = {
    "waiting": "info",
    "sending": "warning",
    "sent": "success",
    "failed": "danger",
    "uncertain": "danger",
}


@admin.register(Post)
class PostAdmin(ReadOnlyAdmin):
    """What was or is to be done in channels; a failed or uncertain conclusion is sent again from here."""

    list_display = ("giveaway", "kind", "state", "attempts", "message_id", "error", "due_at", "sent_at")
    list_filter = ("kind", "status")
    search_fields = ("giveaway__title", "error")
    list_select_related = ("giveaway",)
    actions = ("send_again",)

    @display(description="Status", label=COLOURS, ordering="status")
    def state(self, post: Post) -> tuple[str, str]:
        return post.status, post.status

    @action(description="Send again (look into the channel first)")
    def send_again(self, request: HttpRequest, queryset: QuerySet[Post]) -> HttpResponse | None:
        return confirmed(
            self, request, queryset.select_related("giveaway__account"), action="send_again",
            warning="Send this again? Look into the channel first: what is uncertain may be there.",
            move=lambda post, by: posts.send_again(post_id=post.pk, by=by), done="is sent again",
        )  # fmt: skip
