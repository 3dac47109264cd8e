"""What is known of a channel's publications and days; every number stands with its source."""

from django.db import models
from django.db.models import Q

from bots.models.channel import Channel


class Source(models.TextChoices):
    """Where a number comes from; a number without a source is not stored."""

    MTPROTO = "mtproto"
    PREVIEW = "preview", "the channel's public preview page"
    UPDATES = "updates", "Telegram's updates to the bot"
    BOT_API = "bot_api"


class ChannelPost(models.Model):
    """A publication in a channel, as far as it was seen, with its views when a source told them."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    message_id = models.BigIntegerField()
    published_at = models.DateTimeField()
    source = models.CharField(max_length=16, choices=Source.choices)
    album = models.CharField(
        max_length=32, blank=True, help_text="Telegram's media_group_id: an album is one publication"
    )
    views = models.PositiveBigIntegerField(null=True, blank=True)
    views_precision = models.PositiveBigIntegerField(
        default=0, help_text="The number may be off by that much"
    )
    views_source = models.CharField(max_length=16, choices=Source.choices, blank=True)
    views_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "message_id"], name="channel_post_once"),
            models.CheckConstraint(
                condition=Q(views__isnull=True) | ~Q(views_source=""), name="channel_post_views_have_a_source"
            ),
        ]
        indexes = [models.Index(fields=["channel", "published_at"])]

    def __str__(self) -> str:
        return f"post {self.message_id} of {self.channel_id}"


class ChannelDay(models.Model):
    """One day of a channel; what no source told is empty, never zero."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    day = models.DateField(help_text="In the platform's time zone")
    posts = models.PositiveIntegerField(null=True, blank=True)
    posts_source = models.CharField(max_length=16, choices=Source.choices, blank=True)
    views = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="Of the day's publications, together"
    )
    views_precision = models.PositiveBigIntegerField(default=0)
    views_source = models.CharField(max_length=16, choices=Source.choices, blank=True)
    members = models.PositiveIntegerField(null=True, blank=True)
    members_source = models.CharField(max_length=16, choices=Source.choices, blank=True)
    joins = models.PositiveIntegerField(null=True, blank=True)
    joins_source = models.CharField(max_length=16, choices=Source.choices, blank=True)
    leaves = models.PositiveIntegerField(null=True, blank=True)
    leaves_source = models.CharField(max_length=16, choices=Source.choices, blank=True)
    collected_at = models.DateTimeField()

    class Meta:
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["channel", "day"], name="channel_day_once")]

    def __str__(self) -> str:
        return f"{self.channel_id} on {self.day}"


class MemberChange(models.Model):
    """Somebody came into a channel or left it, as Telegram told a bot there; appended, never changed."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    person_id = models.BigIntegerField(help_text="Telegram's id")
    joined = models.BooleanField(help_text="Else they left, or were thrown out")
    at = models.DateTimeField()
    link = models.CharField(
        max_length=255, blank=True, help_text="Of links made by others Telegram shows the beginning only"
    )
    link_name = models.CharField(max_length=64, blank=True)
    link_creator = models.CharField(max_length=128, blank=True)

    class Meta:
        constraints = [
            # Without the bot: all bots in a channel are told of the same change.
            models.UniqueConstraint(
                fields=["channel", "at", "person_id", "joined"], name="member_change_once"
            )
        ]
        indexes = [models.Index(fields=["channel", "person_id", "at"])]

    def __str__(self) -> str:
        return f"{self.person_id} {'joined' if self.joined else 'left'} {self.channel_id}"
