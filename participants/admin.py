"""The back office of participants and draws: there is nothing to edit, for nobody may pick a winner."""

from typing import cast

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.forms import ActionForm

from accounts import services as accounts
from accounts.audit import Actor
from accounts.models import User
from config.addresses import client_address
from config.errors import DomainError
from config.moves import confirmed
from config.nudge import nudge
from config.readonly import ReadOnlyAdmin
from participants.draw import MOST_NOTE
from participants.models import Captcha, Draw, Entry, Person, Place, Skip
from participants.services import forgetting, places, rounds
from participants.tasks import draw_waiting, promote_waiting

FORGET_SURE = (
    "Forget for good? Name and id go, on the whole platform; codes stay in the draws. Nobody can undo this."
)


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
        "forget_asked_at",
        "forgotten_at",
    )
    list_filter = (
        "language_code",
        ("captcha_passed_at", admin.EmptyFieldListFilter),
        ("forget_asked_at", admin.EmptyFieldListFilter),
        ("forgotten_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("first_name", "username", "telegram_id")
    date_hierarchy = "created_at"
    actions = ("forget",)

    def has_steer_permission(self, request: HttpRequest) -> bool:
        """Forgetting somebody is more than looking at them."""
        return bool(cast(User, request.user).has_perm("participants.change_person"))

    @admin.action(description="Forget (for who asks and cannot write to a bot)", permissions=["steer"])
    def forget(self, request: HttpRequest, queryset: QuerySet[Person]) -> HttpResponse | None:
        """What /forget_me does, asked twice: it cannot be undone."""
        return confirmed(
            self, request, queryset.filter(telegram_id__isnull=False), action="forget", warning=FORGET_SURE,
            move=forget, done="is forgotten as soon as no giveaway of theirs runs",
        )  # fmt: skip


def forget(person: Person, by: Actor) -> None:
    forgetting.ask(telegram_id=person.telegram_id or 0, by=by)


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


class RoundForm(ActionForm):  # type: ignore[misc]
    """A round of drand, as any relay shows it."""

    round = forms.IntegerField(required=False, min_value=1)
    signature = forms.CharField(required=False, max_length=96, help_text="hex")


class NoteForm(ActionForm):  # type: ignore[misc]
    """Why a winner is replaced; public."""

    note = forms.CharField(required=False, max_length=MOST_NOTE, help_text="public; name nobody")


@admin.register(Draw)
class DrawAdmin(ReadOnlyAdmin):
    """The one draw of each giveaway; a public one that waits for its round shows why."""

    list_display = (
        "giveaway", "status", "entries", "beacon_round", "round_due_at", "trouble", "closed_at", "settled_at",
    )  # fmt: skip
    list_filter = ("status", ("beacon_round", admin.EmptyFieldListFilter))
    actions = ("enter_round",)
    action_form = RoundForm
    search_fields = ("giveaway__title", "closing_sha256")
    exclude = ("block_roots",)
    list_select_related = ("giveaway",)

    @admin.action(description="Enter the round (of a draw that waits for it)")
    def enter_round(self, request: HttpRequest, queryset: QuerySet[Draw]) -> None:
        """Staff's way where no relay is reached; the signature is checked like any other."""
        try:
            number, signature = int(request.POST["round"]), bytes.fromhex(request.POST["signature"].strip())
        except (KeyError, ValueError):
            self.message_user(request, "Give the round's number and its signature in hex.", messages.WARNING)
            return
        for row in queryset:
            try:
                rounds.record_round(draw_id=row.pk, beacon_round=number, signature=signature, by=by(request))
            except DomainError as refusal:
                self.message_user(request, f"{row}: {refusal.sentence}", messages.WARNING)
            else:
                self.message_user(request, f"{row}: goes on with round {number}", messages.SUCCESS)
        nudge(draw_waiting)


@admin.register(Place)
class PlaceAdmin(ReadOnlyAdmin):
    """The looked-at part of each ranking: who stands, who was skipped and why. Nobody is picked here."""

    actions = ("replace_declined", "replace_unreachable", "replace_ineligible")
    action_form = NoteForm
    list_display = ("draw", "rank", "entry", "verdict", "reason", "claimed_at", "claim_until", "asked_at")
    list_filter = ("verdict", "reason")
    search_fields = ("entry__code", "draw__giveaway__title")
    list_select_related = ("draw__giveaway", "entry")

    def replace(self, request: HttpRequest, chosen: QuerySet[Place], reason: str) -> None:
        """Each chosen winner loses the place to the next of the ranking."""
        for place in chosen.select_related("entry__person", "draw"):
            try:
                places.replace(
                    giveaway_id=place.draw.giveaway_id,
                    telegram_id=place.entry.person.telegram_id,
                    place_id=place.pk,
                    reason=reason,
                    note=request.POST.get("note", ""),
                    by=by(request),
                )
            except DomainError as refusal:
                self.message_user(request, f"{place.entry}: {refusal.sentence}", messages.WARNING)
            else:
                self.message_user(request, f"{place.entry}: the next place moves up", messages.SUCCESS)
        nudge(promote_waiting)

    @admin.action(description="Replace: declined")
    def replace_declined(self, request: HttpRequest, queryset: QuerySet[Place]) -> None:
        self.replace(request, queryset, Skip.Reason.DECLINED)

    @admin.action(description="Replace: unreachable")
    def replace_unreachable(self, request: HttpRequest, queryset: QuerySet[Place]) -> None:
        self.replace(request, queryset, Skip.Reason.UNREACHABLE)

    @admin.action(description="Replace: ineligible (with a note)")
    def replace_ineligible(self, request: HttpRequest, queryset: QuerySet[Place]) -> None:
        self.replace(request, queryset, Skip.Reason.INELIGIBLE)


@admin.register(Skip)
class SkipAdmin(ReadOnlyAdmin):
    """Skip rows of all draws, in the order of their chains."""

    list_display = ("draw", "number", "place", "reason", "note", "evidence_at", "sha256")
    list_filter = ("reason",)
    search_fields = ("place__entry__code", "draw__giveaway__title", "sha256")
    list_select_related = ("draw__giveaway", "place")
    date_hierarchy = "evidence_at"


def by(request: HttpRequest) -> Actor:
    """Who acts, for the trail."""
    return accounts.actor(cast(User, request.user), client_address(request))
