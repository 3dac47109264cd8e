"""Facts about Telegram: bots, channels, the rights between them, who started which bot, files, and work to do."""

from bots.models.bot import Bot, Subscriber
from bots.models.channel import Binding, Channel
from bots.models.media import Media, MediaPart, TelegramFile
from bots.models.owner import LinkedOwner, Telling
from bots.models.payment import StarPayment
from bots.models.statistics import ChannelDay, ChannelPost, MemberChange, Source
from bots.models.work import Alert, ChannelMessage, ChannelWork, Job, WorkQuerySet

__all__ = [
    "Alert",
    "Binding",
    "Bot",
    "Channel",
    "ChannelDay",
    "ChannelMessage",
    "ChannelPost",
    "ChannelWork",
    "Job",
    "LinkedOwner",
    "Media",
    "MediaPart",
    "MemberChange",
    "Source",
    "StarPayment",
    "Subscriber",
    "TelegramFile",
    "Telling",
    "WorkQuerySet",
]
