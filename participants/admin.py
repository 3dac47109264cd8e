"""The back office of participants and draws: there is nothing to edit, for nobody may pick a winner."""

from django.contrib import admin

from config.readonly import ReadOnlyAdmin
from participants.models import Captcha, Draw, Entry, Person, Place, Skip


@admin.register(Person)
class PersonAdmin(ReadOnlyAdmin):
    """People who talk to the bots."""

    list_display = (
        "first_name",
        "username",
        "telegram_id",
        "language_code",
        "captcha_passed_at",
        "created_at",
    )
    list_filter = ("language_code", ("captcha_passed_at", admin.EmptyFieldListFilter))
    search_fields = ("first_name", "username", "telegram_id")
    date_hierarchy = "created_at"


@admin.register(Captcha)
class CaptchaAdmin(ReadOnlyAdmin):
    """Open and solved questions; the answer is kept as a keyed hash."""

    list_display = ("person", "kind", "attempts_left", "expires_at", "solved_at")
    list_filter = ("kind", ("solved_at", admin.EmptyFieldListFilter))
    search_fields = ("person__first_name", "person__username", "person__telegram_id")
    list_select_related = ("person",)
    exclude = ("answer_digest",)


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    """Who entered what. The nonce is the person's own."""

    list_display = ("code", "person", "giveaway", "weight", "joined_at")
    search_fields = (
        "code",
        "person__first_name",
        "person__username",
        "person__telegram_id",
        "giveaway__title",
    )
    list_select_related = ("person", "giveaway")
    date_hierarchy = "joined_at"
    exclude = ("nonce",)


@admin.register(Draw)
class DrawAdmin(ReadOnlyAdmin):
    """The one draw of each giveaway."""

    list_display = ("giveaway", "status", "entries", "closed_at", "settled_at")
    list_filter = ("status",)
    search_fields = ("giveaway__title", "closing_sha256")
    exclude = ("block_roots",)
    list_select_related = ("giveaway",)


@admin.register(Place)
class PlaceAdmin(ReadOnlyAdmin):
    """The looked-at part of each ranking: who stands, who was skipped and why."""

    list_display = ("draw", "rank", "entry", "verdict", "reason", "asked_at")
    list_filter = ("verdict", "reason")
    search_fields = ("entry__code", "draw__giveaway__title")
    list_select_related = ("draw__giveaway", "entry")


@admin.register(Skip)
class SkipAdmin(ReadOnlyAdmin):
    """Skip rows of all draws, in the order of their chains."""

    list_display = ("draw", "number", "place", "reason", "note", "evidence_at", "sha256")
    list_filter = ("reason",)
    search_fields = ("place__entry__code", "draw__giveaway__title", "sha256")
    list_select_related = ("draw__giveaway", "place")
    date_hierarchy = "evidence_at"
