"""Facts about people: who they are on Telegram, what they entered, the captcha they solve, and the draws."""

from collections.abc import Iterator
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone


class Person(models.Model):
    """Somebody on Telegram who talks to a bot of ours; the captcha is solved once for the whole platform.

    Whoever was forgotten is a row without a name or an id, so that their entries keep standing behind their codes.
    """

    class People(models.QuerySet["Person"]):
        def to_forget(self) -> Self:
            """They asked, and something they take part in was still running then."""
            return self.filter(forget_asked_at__isnull=False, forgotten_at__isnull=True)

    telegram_id = models.BigIntegerField(unique=True, null=True, blank=True)
    first_name = models.CharField(max_length=64, blank=True)
    username = models.CharField(max_length=64, blank=True)
    language_code = models.CharField(max_length=16, blank=True)
    captcha_passed_at = models.DateTimeField(null=True, blank=True)
    captcha_failures = models.PositiveIntegerField(
        default=0, help_text="Wrong answers since the first question"
    )
    captcha_blocked_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    forget_asked_at = models.DateTimeField(null=True, blank=True)
    forgotten_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["Person"]] = People.as_manager()

    class Meta:
        verbose_name_plural = "people"
        indexes = [
            models.Index(
                fields=["forget_asked_at"],
                condition=Q(forget_asked_at__isnull=False, forgotten_at__isnull=True),
                name="person_to_forget",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(telegram_id__isnull=False, forgotten_at__isnull=True)
                | Q(
                    telegram_id__isnull=True,
                    forgotten_at__isnull=False,
                    first_name="",
                    username="",
                    language_code="",
                ),
                name="person_forgotten_has_no_name",
            )
        ]

    def __str__(self) -> str:
        return "forgotten" if self.forgotten_at else self.first_name or str(self.telegram_id)

    @property
    def masked_name(self) -> str:
        """What strangers may read of the name: its first letter."""
        return f"{self.first_name[:1]}•••"


class Captcha(models.Model):
    """The one open question of a person. The answer is kept as a keyed hash only."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="captcha")
    giveaway = models.ForeignKey(
        "giveaways.Giveaway",
        on_delete=models.CASCADE,
        related_name="+",
        help_text="Where a right answer leads",
    )
    kind = models.CharField(max_length=16)
    question = models.CharField(max_length=64)
    choices = models.JSONField(
        default=list, blank=True, help_text="What can be chosen; empty where the answer is written"
    )
    answer_digest = models.CharField(max_length=64)
    attempts_left = models.PositiveSmallIntegerField()
    expires_at = models.DateTimeField()
    last_message_id = models.BigIntegerField(
        default=0, help_text="The answer counted last: a repeated one is free"
    )
    solved_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"captcha of {self.person_id}"


class Entry(models.Model):
    """One person's entry in one giveaway. The code stands for the person in everything public."""

    class Entries(models.QuerySet["Entry"]):
        def in_order_of_codes(self) -> Self:
            """Bytewise, as entries.txt is."""
            return self.order_by("code")

        def chats(self) -> Iterator[int]:
            """Telegram's ids of these people, streamed; whoever was forgotten has none."""
            ids = self.values_list("person__telegram_id", flat=True).iterator(chunk_size=5_000)
            return (telegram_id for telegram_id in ids if telegram_id is not None)

    giveaway = models.ForeignKey("giveaways.Giveaway", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="entries")
    code = models.CharField(max_length=32, unique=True, db_collation="C")
    nonce = models.CharField(
        max_length=32, blank=True, editable=False, help_text="Hex; known to the person alone, gone with them"
    )
    weight = models.PositiveSmallIntegerField(default=1)
    receipt = models.CharField(max_length=88, help_text="Ed25519, base64")
    joined_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager["Entry"]] = Entries.as_manager()

    class Meta:
        verbose_name_plural = "entries"
        constraints = [models.UniqueConstraint(fields=["giveaway", "person"], name="entry_once_per_person")]
        indexes = [models.Index(fields=["giveaway", "code"]), models.Index(fields=["giveaway", "joined_at"])]

    def __str__(self) -> str:
        return self.code


class Draw(models.Model):
    """The one draw of a giveaway: the list is sealed, a public draw waits for its round, winners are found."""

    class Status(models.TextChoices):
        """A draw without public randomness begins closed."""

        SEALING = "sealing", "sealing: the sealed list's hash is on its way into the channel"
        WAITING = "waiting", "waiting: for the promised round of public randomness"
        CLOSED = "closed", "closed: the list is sealed, candidates are being checked"
        SETTLED = "settled"

    class Draws(models.QuerySet["Draw"]):
        def free(self) -> Self:
            """Those that no worker holds."""
            return self.filter(Q(leased_until__isnull=True) | Q(leased_until__lt=timezone.now()))

        def due(self) -> Self:
            """Closed ones that no worker holds."""
            return self.free().filter(status=Draw.Status.CLOSED)

        def promoting(self) -> Self:
            """Settled ones in which a place became free."""
            return self.free().filter(status=Draw.Status.SETTLED, promoting_at__isnull=False)

    giveaway = models.OneToOneField("giveaways.Giveaway", on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.CLOSED)
    closing_record = models.TextField()
    closing_sha256 = models.CharField(max_length=64)
    entries = models.PositiveIntegerField()
    tickets = models.PositiveIntegerField()
    beacon_round = models.BigIntegerField(null=True, blank=True, help_text="The promised round of drand")
    round_due_at = models.DateTimeField(null=True, blank=True)
    sealed_post_at = models.DateTimeField(
        null=True, blank=True, help_text="When Telegram confirmed that the hash stands in the channel"
    )
    signature = models.CharField(max_length=96, blank=True, help_text="Of the promised round, hex, checked")
    trouble = models.CharField(max_length=255, blank=True, help_text="Why a public draw still waits")
    tries = models.PositiveSmallIntegerField(default=0, help_text="How often the relays were asked in vain")
    promoting_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when a place is free: the next of the ranking moves up"
    )
    seated_skips = models.PositiveIntegerField(
        default=0, help_text="How many skip rows there were when the winners last stood"
    )
    block_roots = models.BinaryField(default=bytes, help_text="Merkle roots of blocks of the sealed list")
    leased_until = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    winners_broadcast = models.ForeignKey(
        "broadcasts.Broadcast", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    rest_broadcast = models.ForeignKey(
        "broadcasts.Broadcast", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[models.Manager["Draw"]] = Draws.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="settled") | Q(settled_at__isnull=False), name="draw_settled_has_a_time"
            ),
            models.CheckConstraint(
                condition=Q(beacon_round__isnull=True)
                | Q(status__in=["sealing", "waiting"])
                | Q(signature__gt="", sealed_post_at__isnull=False),
                name="draw_public_has_its_round",
            ),
        ]

    def __str__(self) -> str:
        return f"draw of giveaway {self.giveaway_id}"


class Place(models.Model):
    """A place of the ranking that was looked at. Whoever is skipped says why; the next one moves up."""

    class Verdict(models.TextChoices):
        PENDING = "pending"
        WINNER = "winner"
        SKIPPED = "skipped"

    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="places")
    rank = models.PositiveIntegerField()
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+")
    score = models.CharField(max_length=64, help_text="Hex")
    verdict = models.CharField(max_length=16, choices=Verdict.choices, default=Verdict.PENDING)
    reason = models.CharField(max_length=32, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True, help_text="When Telegram was asked last")
    seated_at = models.DateTimeField(null=True, blank=True, help_text="When the result named this winner")
    told_by = models.ForeignKey(
        "broadcasts.Broadcast", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    claim_until = models.DateTimeField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["draw", "rank"]
        indexes = [
            models.Index(
                fields=["claim_until"],
                condition=Q(verdict="winner", claimed_at__isnull=True),
                name="place_unclaimed",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["draw", "rank"], name="place_once_per_rank"),
            models.UniqueConstraint(fields=["draw", "entry"], name="place_once_per_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.rank}: {self.entry_id}"


class Skip(models.Model):
    """A place that was passed over, with its reason and evidence; public, and bound to the row before it."""

    class Reason(models.TextChoices):
        NOT_SUBSCRIBED = "not_subscribed", "not subscribed when Telegram was asked"
        UNREACHABLE = "unreachable", "cannot be reached: the message was refused for good"
        DECLINED = "declined"
        UNCLAIMED = "unclaimed", "not claimed in time"
        INELIGIBLE = "ineligible", "ineligible, see the note"

    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="skips")
    place = models.OneToOneField(Place, on_delete=models.PROTECT, related_name="skip")
    number = models.PositiveIntegerField()
    reason = models.CharField(max_length=32, choices=Reason.choices)
    evidence_at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True, help_text="Public")
    record = models.TextField(help_text="The exact bytes that are hashed")
    sha256 = models.CharField(max_length=64)
    idempotency_key = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["draw", "number"]
        constraints = [
            models.UniqueConstraint(fields=["draw", "number"], name="skip_once_per_number"),
            models.UniqueConstraint(
                fields=["draw", "idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="skip_idempotency_key_once_per_draw",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.reason}"
