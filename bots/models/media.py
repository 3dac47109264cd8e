"""Facts about files: their bytes, and the id each bot was given for them."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models

if TYPE_CHECKING:
    from accounts.models import User


class Media(models.Model):
    """A file of an account. Kept in the database, so that any process on any host can send it."""

    class Kind(models.TextChoices):
        PHOTO = "photo"
        VIDEO = "video"
        ANIMATION = "animation"
        AUDIO = "audio"
        VOICE = "voice"
        DOCUMENT = "document"

    class Files(models.QuerySet["Media"]):
        def visible_to(self, user: "User") -> Self:
            """Staff see every file; others those of their account."""
            return self if user.is_staff else self.filter(account_id=user.account_id)

    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=Kind.choices, help_text="How Telegram shows it best")
    file_name = models.CharField(max_length=100)
    mime_type = models.CharField(max_length=64)
    size = models.PositiveIntegerField(help_text="Bytes")
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager["Media"]] = Files.as_manager()

    class Meta:
        verbose_name_plural = "media"
        indexes = [models.Index(fields=["account", "sha256"], name="media_by_content")]

    def __str__(self) -> str:
        return f"{self.kind} {self.file_name}"


class MediaPart(models.Model):
    """A piece of a file: pieces keep the memory of whoever stores or sends it small."""

    media = models.ForeignKey(Media, on_delete=models.CASCADE, db_index=False, related_name="parts")
    number = models.PositiveIntegerField(help_text="From 0")
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["media", "number"], name="media_part_once")]

    def __str__(self) -> str:
        return f"part {self.number} of {self.media_id}"


class TelegramFile(models.Model):
    """The id a bot was given for a file when it sent it as one kind: to be used from then on.

    An id belongs to one bot, and to one kind: a video sent as a video note is another file there.
    """

    bot = models.ForeignKey("bots.Bot", on_delete=models.CASCADE, db_index=False, related_name="+")
    media = models.ForeignKey(Media, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16, help_text="What it was sent as")
    file_id = models.CharField(max_length=512)
    created_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bot", "media", "kind"], name="telegram_file_once_per_bot")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.media_id} of bot {self.bot_id}"
