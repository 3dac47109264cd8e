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


class BotDeactivated(DomainError):
    code = "BOT_DEACTIVATED"
    message = "{bot} was deactivated. Add it again with its token to use it."


class BotNotWorking(DomainError):
    code = "BOT_NOT_WORKING"
    message = "{bot} is {status}. Check the bot, or give it its current token, first."


class AskedJustNow(DomainError):
    code = "RATE_LIMIT_EXCEEDED"
    status = 429
    message = "Telegram was asked about {bot} a moment ago. Try again in {retry_after} s."


class NoBot(DomainError):
    code = "NO_BOT"
    message = "There is no active bot to serve the channel. Add a bot first."


class NoBotToLink(DomainError):
    code = "NO_BOT"
    message = "There is no such active bot of your account to link with. Add a bot first."


class ChannelUnreadable(DomainError):
    code = "CHANNEL_UNREADABLE"
    status = 400
    message = "This is no way to write a channel. Use @name, a t.me link or the channel's id (-100…)."


class BindingNotFound(DomainError):
    code = "NOT_FOUND"
    status = 404
    message = "There is no such channel."


class BindingEnded(DomainError):
    code = "BINDING_ENDED"
    message = "No bot serves this channel any more. Add the channel again."


class NoOtherBot(DomainError):
    code = "NO_BOT"
    message = "There is no other active bot of this account to move to. Add a bot first."


class CannotMove(DomainError):
    code = "CANNOT_MOVE"
    message = (
        "This channel cannot be moved: it was moved or unbound before, or was never found. Add it again."
    )


class ChannelNotVerified(DomainError):
    code = "CHANNEL_NOT_VERIFIED"
    message = "{bot} may not post in {channel} yet. Make it an administrator with the right to post messages."


class MessageRefused(DomainError):
    code = "MESSAGE_REFUSED"
    status = 400
    message = "{reason}"


class NoSuchMedia(DomainError):
    code = "NO_SUCH_MEDIA"
    status = 400
    message = "There is no such file. Upload it at /api/media/ first."


class PhotoRefused(DomainError):
    code = "PHOTO_REFUSED"
    status = 400
    message = "{reason}"


class ButtonRefused(DomainError):
    code = "BUTTON_REFUSED"
    status = 400
    message = "A button needs an address that begins with http://, https:// or tg://."


class MessageBusy(DomainError):
    code = "MESSAGE_BUSY"
    message = "The message is being sent at this moment. Try again in a few seconds."


class MessageNotThere(DomainError):
    code = "MESSAGE_STATE"
    message = "The message is {status}: this cannot be done with it."


class MessageTooOld(DomainError):
    code = "MESSAGE_TOO_OLD"
    message = "Telegram deletes a bot's message within 48 hours only. Delete it in the channel by hand."


class ChannelNotServed(DomainError):
    code = "CHANNEL_NOT_SERVED"
    message = (
        "No bot serves this channel: make the bot an administrator there with the right to post messages, or bind "
        "the channel again."
    )


class MediaRefused(DomainError):
    code = "MEDIA_REFUSED"
    status = 400
    message = "{reason}"

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason, errors={"file": [reason]})


class NoRoomForMedia(DomainError):
    code = "NO_ROOM_FOR_MEDIA"
    message = (
        "The account's files have {held} MB already, {most} MB is the most. Delete files you no longer need."
    )


class MediaInUse(DomainError):
    code = "MEDIA_IN_USE"
    message = "Something that was or will be sent shows this file: it cannot be deleted."
