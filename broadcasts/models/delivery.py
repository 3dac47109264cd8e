"""Who is sent to, in whose hands the work is, and what became of every recipient."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

# A recipient's number once it is erased: this minus their place. Telegram's numbers have at most 52 bits.
ERASED = -(2**60)


class Recipient(models.Model):
    """One chat of the audience as it was when the broadcast was made; never changed."""

    broadcast = models.ForeignKey(
        "broadcasts.Broadcast", on_delete=models.CASCADE, db_index=False, related_name="recipients"
    )
    seq = models.PositiveIntegerField(help_text="Place in the audience, from 1")
    chat_id = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["broadcast", "chat_id"], name="recipient_once_per_broadcast"),
            models.UniqueConstraint(fields=["broadcast", "seq"], name="recipient_seq_once_per_broadcast"),
        ]

    def __str__(self) -> str:
        return f"{self.chat_id} of broadcast {self.broadcast_id}"


class Chunk(models.Model):
    """A run of recipients that one pump delivers at a time.

    The lease says whose it is and until when; `epoch` grows with every lease, so that a pump which lost its
    lease without noticing (a frozen process, a network split) is refused its next grant.
    """

    broadcast = models.ForeignKey(
        "broadcasts.Broadcast", on_delete=models.CASCADE, db_index=False, related_name="chunks"
    )
    number = models.PositiveIntegerField(help_text="0 is the canary: the others wait until it is done")
    first_seq = models.PositiveIntegerField()
    last_seq = models.PositiveIntegerField()
    leased_by = models.CharField(max_length=64, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    epoch = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["broadcast", "number"], name="chunk_number_once_per_broadcast")
        ]
        indexes = [
            models.Index(
                fields=["broadcast", "number"], condition=Q(done_at__isnull=True), name="chunk_undone"
            )
        ]

    def __str__(self) -> str:
        return f"{self.first_seq}–{self.last_seq} of broadcast {self.broadcast_id}"


class Intent(models.Model):
    """Written before a message is sent: whoever has an intent and no delivery may have received it or not."""

    broadcast = models.ForeignKey(
        "broadcasts.Broadcast", on_delete=models.CASCADE, db_index=False, related_name="intents"
    )
    seq = models.PositiveIntegerField()
    chat_id = models.BigIntegerField()
    run = models.PositiveSmallIntegerField(default=1)
    attempt = models.PositiveSmallIntegerField(help_text="Within the run")
    epoch = models.PositiveIntegerField(help_text="The chunk's epoch under which it was granted")
    paid = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["broadcast", "seq", "run", "attempt"], name="intent_once_per_attempt"
            )
        ]

    def __str__(self) -> str:
        return f"attempt {self.attempt} for {self.chat_id} of broadcast {self.broadcast_id}"


class Delivery(models.Model):
    """What became of one recipient in one run. Append-only: the first word is the last.

    Whoever is served again gets a next run; the row of the one before stays, superseded.
    """

    class Outcome(models.TextChoices):
        SENT = "sent"
        FAILED = "failed"
        SKIPPED = "skipped"
        UNCERTAIN = "uncertain", "uncertain: nobody knows whether it arrived"

    class Deliveries(models.QuerySet["Delivery"]):
        def current(self) -> Self:
            """The present word on each recipient, without the runs before."""
            return self.filter(superseded_at__isnull=True)

    broadcast = models.ForeignKey(
        "broadcasts.Broadcast", on_delete=models.CASCADE, db_index=False, related_name="deliveries"
    )
    run = models.PositiveSmallIntegerField(default=1)
    seq = models.PositiveIntegerField()
    chat_id = models.BigIntegerField()
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    kind = models.CharField(
        max_length=32, blank=True, help_text="Why; a sent message that may be a repeat says resent"
    )
    message_id = models.BigIntegerField(null=True, blank=True)
    at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True, help_text="When the next run was asked for")

    objects: ClassVar[models.Manager["Delivery"]] = Deliveries.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["broadcast", "chat_id", "run"], name="delivery_once_per_recipient_and_run"
            )
        ]
        indexes = [
            models.Index(
                fields=["broadcast", "outcome"],
                condition=Q(superseded_at__isnull=True),
                name="delivery_by_outcome",
            )
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.chat_id} of broadcast {self.broadcast_id}"


class Tally(models.Model):
    """How many deliveries of one outcome and kind a broadcast has, so that nobody counts a million rows.

    Kept by a trigger of the database (migration 0002) in the transaction that writes the deliveries: exact
    whoever writes them.
    """

    broadcast = models.ForeignKey(
        "broadcasts.Broadcast", on_delete=models.CASCADE, db_index=False, related_name="tallies"
    )
    outcome = models.CharField(max_length=16, choices=Delivery.Outcome.choices)
    kind = models.CharField(max_length=32, blank=True)
    number = models.PositiveIntegerField()
    at = models.DateTimeField(help_text="When it changed last")

    class Meta:
        verbose_name_plural = "tallies"
        constraints = [
            models.UniqueConstraint(fields=["broadcast", "outcome", "kind"], name="tally_once_per_kind")
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.outcome} {self.kind} of broadcast {self.broadcast_id}"


class Erasure(models.Model):
    """A chat whose number has to go from broadcasts; the row is the work, and goes itself when it is done.

    A broadcast under way keeps its recipients until it is over: its pumps hold them in memory.
    """

    chat_id = models.BigIntegerField()
    last_broadcast_id = models.BigIntegerField(help_text="Later ones reach somebody who came back")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"erasure {self.pk}"


class Lane(models.Model):
    """Which pump serves a bot: one at a time, so that its broadcasts share its slots by weight.

    A soft lease: a pump that lost it without noticing delivers its chunks to their end, at the pace all share.
    """

    bot = models.OneToOneField("bots.Bot", on_delete=models.CASCADE, related_name="+", primary_key=True)
    held_by = models.CharField(max_length=64)
    held_until = models.DateTimeField()

    def __str__(self) -> str:
        return f"bot {self.bot_id}: {self.held_by}"
