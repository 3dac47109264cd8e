"""Giveaways in the back office: written by the matrix, moved after a confirmation."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action, display

from accounts.audit import Actor
from config.moves import actor_of, back_to, confirmed
from giveaways.admin.forms import NUMBERED, GiveawayForm, bound
from giveaways.models import Change, Giveaway, Post, Status
from giveaways.services import life, matrix, templates

COLOURS = {
    Status.DRAFT: "info",
    Status.SCHEDULED: "info",
    Status.PUBLISHING: "warning",
    Status.PUBLISH_FAILED: "danger",
    Status.ACTIVE: "success",
    Status.FINISHING: "warning",
}
TOLD = (
    "status", "publish_error", "message_id", "conclusion_message_id", "participant_count", "posted_participants",
    "winners_selected", "change_count", "public_id", "opening_sha256", "closing_sha256", "created_at",
    "published_at", "finish_requested_at", "finished_at", "cancelled_at",
)  # fmt: skip


class ReadOnlyInline(TabularInline):  # type: ignore[misc]
    """Rows that are looked at."""

    extra = 0
    can_delete = False
    tab = True

    def has_add_permission(self, request: HttpRequest, obj: Giveaway | None = None) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Giveaway | None = None) -> bool:  # noqa: ARG002
        return False


class PostInline(ReadOnlyInline):
    """What was or is to be done in the channel."""

    model = Post
    fields = readonly_fields = ("kind", "status", "attempts", "message_id", "error", "due_at", "sent_at")


class ChangeInline(ReadOnlyInline):
    """What was changed since publication, in public."""

    model = Change
    fields = readonly_fields = ("number", "at", "field", "before", "after", "sha256")


def move_of(service: Callable[..., Any]) -> Callable[[Giveaway, Actor], object]:
    """A service as a move of one row."""
    return lambda giveaway, by: service(giveaway_id=giveaway.pk, by=by)


def save_as_template(giveaway: Giveaway, by: Actor) -> object:
    """Under the giveaway's own title; it can be renamed."""
    return templates.save_as(giveaway_id=giveaway.pk, by=by, name=giveaway.title[:100])


# name: (what the confirmation asks, the move, what is said afterwards, the states it makes sense in)
MOVES: dict[str, tuple[str, Callable[[Giveaway, Actor], object], str, tuple[Status, ...]]] = {
    "publish": (
        "Post this in its channel? People will see it, and what is promised there stands.",
        move_of(life.publish), "is being published or scheduled",
        (Status.DRAFT, Status.SCHEDULED, Status.PUBLISH_FAILED),
    ),
    "finish": (
        "Close this and draw the winners? Nobody can enter any more, and everybody is written to.",
        move_of(life.finish), "is being finished", (Status.ACTIVE,),
    ),
    "cancel": (
        "Call this off for ever? The post will say so, and nobody wins.",
        move_of(life.cancel), "is cancelled",
        (Status.DRAFT, Status.SCHEDULED, Status.PUBLISHING, Status.PUBLISH_FAILED, Status.ACTIVE),
    ),
    "keep": (
        "Keep what was written here as a template?",
        save_as_template, "is kept as a template", tuple(Status),
    ),
}  # fmt: skip


@admin.register(Giveaway)
class GiveawayAdmin(ModelAdmin):  # type: ignore[misc]
    """Drafts are written freely; later a field is read-only unless the matrix lets it change."""

    form = GiveawayForm
    list_display = (
        "title", "account", "state", "progress", "winners", "starts_at", "ends_at", "published_at", "finished_at",
    )  # fmt: skip
    list_filter = ("status", "beacon", ("results_binding", admin.EmptyFieldListFilter), "created_at")
    search_fields = (
        "title",
        "public_id",
        "account__name",
        "binding__channel__title",
        "binding__channel__username",
    )
    list_select_related = ("account",)
    date_hierarchy = "created_at"
    inlines = (PostInline, ChangeInline)
    autocomplete_fields = ("account",)
    actions = ("publish", "finish", "cancel", "keep")
    actions_detail: ClassVar[list[str]] = ["publish_this", "finish_this", "cancel_this", "keep_this"]
    fieldsets = (
        ("What people read", {"fields": ("account", "title", "main_body", "participation_button_text")}),
        ("Who wins", {"fields": ("winner_count", "beacon", "claim_hours")}),
        ("Where", {"fields": ("binding", "required_bindings", "results_binding")}),
        ("When", {"fields": ("starts_at", "ends_at", "max_participants", "show_participants")}),
        ("The end", {"fields": matrix.FINISH_MESSAGES}),
        ("How it stands", {"fields": ("may_change", *TOLD)}),
    )

    # --- lists --------------------------------------------------------------------------------------------------
    @display(description="Status", label=COLOURS, ordering="status")
    def state(self, giveaway: Giveaway) -> tuple[str, str]:
        return giveaway.status, giveaway.get_status_display()

    @display(description="Participants", ordering="participant_count")
    def progress(self, giveaway: Giveaway) -> str:
        if not giveaway.max_participants:
            return str(giveaway.participant_count)
        share = 100 * giveaway.participant_count // giveaway.max_participants
        return f"{giveaway.participant_count} of {giveaway.max_participants} ({share} %)"

    @display(description="Winners", ordering="winner_count")
    def winners(self, giveaway: Giveaway) -> str:
        drawn = giveaway.winners_selected
        return str(giveaway.winner_count) if drawn is None else f"{drawn} of {giveaway.winner_count}"

    @display(description="May change now")
    def may_change(self, giveaway: Giveaway) -> str:
        return ", ".join(matrix.may_change(giveaway.status)) or "nothing"

    # --- the form -----------------------------------------------------------------------------------------------
    def get_form(
        self, request: HttpRequest, obj: Giveaway | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        return bound(super().get_form(request, obj, change=change, **kwargs), actor_of(request))

    def get_fieldsets(self, request: HttpRequest, obj: Giveaway | None = None) -> Any:  # noqa: ARG002
        """A new one stands nowhere yet."""
        return self.fieldsets if obj else self.fieldsets[:-1]

    def get_readonly_fields(self, request: HttpRequest, obj: Giveaway | None = None) -> Any:  # noqa: ARG002
        if obj is None:
            return TOLD
        free = set(matrix.may_change(obj.status))
        written = [
            name
            for name, number in ((each, NUMBERED.get(each, each)) for each in self.written_fields())
            if number not in free
        ]
        return ("may_change", *TOLD, *written)

    def written_fields(self) -> list[str]:
        """What stands in the form, the account included, which is chosen once."""
        return [name for _, section in self.fieldsets[:-1] for name in section["fields"]]

    def has_delete_permission(self, request: HttpRequest, obj: Giveaway | None = None) -> bool:  # noqa: ARG002
        return False

    def save_model(self, request: HttpRequest, obj: Giveaway, form: Any, change: bool) -> None:
        """The form's service has written it."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The form's service has written it."""

    def construct_change_message(
        self, request: HttpRequest, form: Any, _formsets: Any, add: bool = False
    ) -> Any:
        """The inlines were not saved, because nothing in them can be written."""
        return super().construct_change_message(request, form, [], add)

    # --- moves --------------------------------------------------------------------------------------------------
    def move(self, request: HttpRequest, chosen: QuerySet[Giveaway], name: str) -> HttpResponse | None:
        warning, move, done, _ = MOVES[name]
        return confirmed(self, request, chosen, action=name, warning=warning, move=move, done=done)

    def move_one(self, request: HttpRequest, object_id: int, name: str) -> HttpResponse:
        chosen = self.get_queryset(request).filter(pk=object_id)
        return self.move(request, chosen, name) or back_to(self, object_id)

    @action(description="Publish in the channel", permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Giveaway]) -> HttpResponse | None:
        return self.move(request, queryset, "publish")

    @action(description="Finish and draw the winners", permissions=["change"])
    def finish(self, request: HttpRequest, queryset: QuerySet[Giveaway]) -> HttpResponse | None:
        return self.move(request, queryset, "finish")

    @action(description="Cancel", permissions=["change"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Giveaway]) -> HttpResponse | None:
        return self.move(request, queryset, "cancel")

    @action(description="Keep as a template", permissions=["change"])
    def keep(self, request: HttpRequest, queryset: QuerySet[Giveaway]) -> HttpResponse | None:
        return self.move(request, queryset, "keep")

    @action(description="Publish", permissions=["publish_this"], icon="campaign", url_path="publish")
    def publish_this(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self.move_one(request, object_id, "publish")

    @action(
        description="Finish and draw", permissions=["finish_this"], icon="emoji_events", url_path="finish"
    )
    def finish_this(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self.move_one(request, object_id, "finish")

    @action(description="Cancel", permissions=["cancel_this"], icon="cancel", url_path="cancel")
    def cancel_this(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self.move_one(request, object_id, "cancel")

    @action(description="Keep as a template", permissions=["change"], icon="content_copy", url_path="keep")
    def keep_this(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self.move_one(request, object_id, "keep")

    def may(self, request: HttpRequest, object_id: object, name: str) -> bool:
        """Whether the button makes sense in the row's state; the service has the last word."""
        row = Giveaway.objects.filter(pk=str(object_id)).first() if str(object_id).isdecimal() else None
        return bool(row and row.status in MOVES[name][3] and self.has_change_permission(request))

    def has_publish_this_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        return self.may(request, object_id, "publish")

    def has_finish_this_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        return self.may(request, object_id, "finish")

    def has_cancel_this_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        return self.may(request, object_id, "cancel")
