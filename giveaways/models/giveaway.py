"""Facts about one giveaway: what was promised, where its life stands, what changed, and the posts it needs."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.core.validators import (
    MaxLengthValidator,
    MaxValueValidator,
    MinLengthValidator,
    MinValueValidator,
)
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from bots.models import Binding, Bot, ChannelWork, WorkQuerySet
from giveaways.errors import IllegalMove
from giveaways.texts import STATES

if TYPE_CHECKING:
    from accounts.models import User


class Status(models.TextChoices):
    """The life of a giveaway, top to bottom."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PUBLISHING = "publishing"
    PUBLISH_FAILED = "publish_failed", "publication failed"
    ACTIVE = "active"
    FINISHING = "finishing"
    FINISHED = "finished"
    CANCELLED = "cancelled"


NEXT: dict[str, set[str]] = {
    Status.DRAFT: {Status.SCHEDULED, Status.PUBLISHING, Status.CANCELLED},
    Status.SCHEDULED: {Status.DRAFT, Status.PUBLISHING, Status.PUBLISH_FAILED, Status.CANCELLED},
    Status.PUBLISHING: {Status.ACTIVE, Status.PUBLISH_FAILED, Status.CANCELLED},
    Status.PUBLISH_FAILED: {Status.SCHEDULED, Status.PUBLISHING, Status.CANCELLED},
    Status.ACTIVE: {Status.FINISHING, Status.CANCELLED},
    Status.FINISHING: {Status.FINISHED},
    Status.FINISHED: set(),
    Status.CANCELLED: set(),
}
# Of these an account has one. A failed one lives as well, for its owner to repair or cancel it; but the start of a
# scheduled one may fail just because another runs.
RUNNING = (Status.PUBLISHING, Status.ACTIVE, Status.FINISHING)
LIVE = (*RUNNING, Status.PUBLISH_FAILED)
EDITABLE = (Status.DRAFT, Status.SCHEDULED, Status.PUBLISH_FAILED)


class Beacon(models.TextChoices):
    """Where the draw's public randomness comes from; `none` is trust level A, sealed, `drand` is B, public."""

    NONE = "none"
    DRAND = "drand"


class Giveaway(models.Model):
    """One giveaway, from its draft to its result."""

    class Giveaways(models.QuerySet["Giveaway"]):
        def visible_to(self, user: "User") -> Self:
            """Staff see every giveaway; others those of their account."""
            return self if user.is_staff else self.filter(account_id=user.account_id)

        def live(self) -> Self:
            return self.filter(status__in=LIVE)

        def foremost(self) -> "Giveaway | None":
            """Of one account: the one that runs, else a failed one that waits for its owner."""
            return self.filter(status__in=RUNNING).first() or self.live().first()

        def due(self) -> Self:
            """Active ones whose promised end has come."""
            return self.filter(status=Status.ACTIVE, ends_at__lte=timezone.now())

        def starting(self) -> Self:
            """Scheduled ones whose start has come."""
            return self.filter(status=Status.SCHEDULED, starts_at__lte=timezone.now())

        def stale(self) -> Self:
            """Running ones whose post says something else than the row."""
            counted = Q(show_participants=True) & ~Q(participant_count=F("posted_participants"))
            changed = ~Q(change_count=F("posted_changes"))
            return self.filter(counted | changed, status=Status.ACTIVE)

    public_id = models.CharField(max_length=32, unique=True, editable=False)
    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+")
    binding = models.ForeignKey(
        "bots.Binding", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    required_bindings = models.ManyToManyField("bots.Binding", blank=True, related_name="+")
    results_binding = models.ForeignKey(
        "bots.Binding", on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        help_text="Where the results are posted; empty: where the giveaway is",
    )  # fmt: skip
    media = models.ForeignKey("bots.Media", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    title = models.CharField(max_length=255, validators=[MinLengthValidator(3)])
    main_body = models.TextField(validators=[MinLengthValidator(10), MaxLengthValidator(4000)])
    winner_count = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    participation_button_text = models.CharField(max_length=100, default="🎯 Participate")
    starts_at = models.DateTimeField(null=True, blank=True, help_text="Published by itself then")
    ends_at = models.DateTimeField(null=True, blank=True, help_text="Finishes by itself then")
    max_participants = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Finishes by itself with that many",
    )
    show_participants = models.BooleanField(default=True, help_text="The post says how many are in")
    beacon = models.CharField(max_length=16, choices=Beacon.choices, default=Beacon.NONE)
    claim_hours = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(720)],
        help_text="Winners who do not claim within that many hours lose their place to the next",
    )
    public_conclusion_message = models.TextField()
    winner_message = models.TextField()
    loser_message = models.TextField()

    status = models.CharField(max_length=16, choices=Status.choices, default=Status.DRAFT, editable=False)
    publish_error = models.CharField(max_length=255, blank=True, editable=False)
    result_token = models.CharField(max_length=32, unique=True, editable=False)
    message_id = models.BigIntegerField(null=True, blank=True, editable=False)
    conclusion_message_id = models.BigIntegerField(null=True, blank=True, editable=False)
    participant_count = models.PositiveIntegerField(default=0, editable=False)
    change_count = models.PositiveSmallIntegerField(
        default=0, editable=False, help_text="Changes since publication"
    )
    posted_participants = models.PositiveIntegerField(
        default=0, editable=False, help_text="The number the post shows"
    )
    posted_changes = models.PositiveSmallIntegerField(
        default=0, editable=False, help_text="The last change the post shows"
    )
    winners_selected = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    seed_encrypted = models.TextField(blank=True, editable=False)
    opening_record = models.TextField(blank=True, editable=False)
    opening_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    closing_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    beacon_round = models.BigIntegerField(null=True, blank=True, editable=False)
    round_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    replaced_winners = models.PositiveSmallIntegerField(default=0, editable=False)
    rules_text = models.TextField(
        blank=True, editable=False, help_text="The post as it was promised, plain text"
    )

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    finish_requested_at = models.DateTimeField(null=True, blank=True, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True, editable=False)
    cancelled_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[models.Manager["Giveaway"]] = Giveaways.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["account", "status"]),
            models.Index(fields=["status", "ends_at"]),
            models.Index(fields=["status", "starts_at"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(status__in=RUNNING), name="giveaway_one_running_per_account"
            ),
            models.CheckConstraint(
                condition=~Q(status="scheduled") | Q(starts_at__isnull=False),
                name="giveaway_scheduled_has_a_start",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["active", "finishing"]) | Q(published_at__isnull=False),
                name="giveaway_running_was_published",
            ),
            models.CheckConstraint(
                condition=~Q(status="finished")
                | Q(finished_at__isnull=False, winners_selected__isnull=False),
                name="giveaway_finished_has_a_result",
            ),
            models.CheckConstraint(
                condition=Q(winner_count__gte=1, winner_count__lte=100), name="giveaway_winner_count_in_range"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def pause_reason(self) -> str:
        """Why a running giveaway admits nobody just now; empty when nothing stands in the way.

        Nothing is stored: it pauses the moment a bot loses its token or its rights, and goes on with them.
        """
        if self.status != Status.ACTIVE or self.binding is None:
            return ""
        if self.binding.bot.status != Bot.Status.ACTIVE:
            return self.binding.bot.status_reason
        lacking = [binding for binding in (self.binding, *self.required_bindings.all()) if not binding.serves]
        return lacking[0].reason or lacking[0].get_status_display() if lacking else ""

    def move_to(self, status: Status) -> None:
        """Changes the status, or refuses a move that NEXT does not list; the caller saves."""
        if status not in NEXT[self.status]:
            raise IllegalMove(before=STATES[self.status], after=STATES[status])
        self.status = status


class Post(ChannelWork):
    """One thing a giveaway needs to be done in the channel."""

    class Kind(models.TextChoices):
        ANNOUNCEMENT = "announcement"
        CONCLUSION = "conclusion"
        UPDATE = "update", "update: the announcement is edited while it runs"
        CLOSING = "closing", "closing: the announcement is edited to say that it is over"
        SEAL = "seal", "seal: the sealed list's hash, where the announcement cannot carry it"
        CORRECTION = "correction", "correction: the conclusion is edited after winners were replaced"

    giveaway = models.ForeignKey(Giveaway, on_delete=models.CASCADE, related_name="posts")
    kind = models.CharField(max_length=16, choices=Kind.choices)

    objects: ClassVar[models.Manager["Post"]] = WorkQuerySet["Post"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["giveaway", "kind"], name="post_once_per_kind"),
            models.CheckConstraint(
                condition=~Q(status="sent") | Q(sent_at__isnull=False), name="post_sent_has_a_time"
            ),
        ]
        indexes = [models.Index(fields=["status", "due_at"])]

    @property
    def binding(self) -> Binding | None:
        """By which bot and in which channel: results may have a channel of their own."""
        giveaway = self.giveaway
        if self.kind in (Post.Kind.CONCLUSION, Post.Kind.CORRECTION) and giveaway.results_binding:
            return giveaway.results_binding
        return giveaway.binding

    def __str__(self) -> str:
        return f"{self.kind} of giveaway {self.giveaway_id}"


class Change(models.Model):
    """One change since publication: public, numbered, chained to the opening record. Append-only."""

    giveaway = models.ForeignKey(Giveaway, on_delete=models.PROTECT, related_name="changes")
    number = models.PositiveSmallIntegerField(help_text="From 1")
    at = models.DateTimeField()
    field = models.CharField(max_length=40)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    record = models.TextField(help_text="key=value lines; the next change names their SHA-256")
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["giveaway", "number"]
        constraints = [models.UniqueConstraint(fields=["giveaway", "number"], name="change_once_per_number")]

    def __str__(self) -> str:
        return f"change {self.number} of giveaway {self.giveaway_id}"
