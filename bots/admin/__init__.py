"""The back office of bots: Telegram's things, and what people paid in Stars."""

from bots.admin.payments import StarPaymentAdmin
from bots.admin.telegram import BotAdmin, ChannelAdmin

__all__ = ["BotAdmin", "ChannelAdmin", "StarPaymentAdmin"]
