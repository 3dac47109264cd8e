"""The refusals of the bots app."""

from config.errors import DomainError


class BotUnreachable(DomainError):
    code = "BOT_UNREACHABLE"
    status = 503
    message = "Bot can't connect to Telegram: {reason}"


class BotTokenDead(DomainError):
    code = "BOT_TOKEN_DEAD"
    status = 503
    message = "Telegram refuses this token. Copy the current one from @BotFather and try again."


class BotTaken(DomainError):
    code = "BOT_TAKEN"
    message = "This bot is already connected to another account."


class NotTheSameBot(DomainError):
    code = "NOT_THE_SAME_BOT"
    message = "The new token belongs to @{username}, another bot. Add that bot as a new one instead."


class NoBot(DomainError):
    code = "NO_BOT"
    message = "There is no active bot to serve the channel. Add a bot first."


class ChannelUnreadable(DomainError):
    code = "CHANNEL_UNREADABLE"
    status = 400
    message = "This is no way to write a channel. Use @name, a t.me link or the channel's id (-100…)."


class BindingNotFound(DomainError):
    code = "NOT_FOUND"
    status = 404
    message = "There is no such channel."
