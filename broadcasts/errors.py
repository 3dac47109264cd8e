"""The refusals of the broadcasts app."""

from config.errors import DomainError


class BotNotChosen(DomainError):
    code = "BOT_NOT_CHOSEN"
    status = 400
    message = "You have several active bots. Name the one that shall write in bot_id."


class BotNotFound(DomainError):
    code = "BOT_NOT_FOUND"
    status = 404
    message = "There is no such bot."


class BotNotActive(DomainError):
    code = "BOT_NOT_ACTIVE"
    message = "{bot} is {status}: it can write to nobody. Give it a working token or choose another bot."


class BroadcastOver(DomainError):
    code = "BROADCAST_OVER"
    message = "This broadcast is {status}: it can no longer be changed."


class ChatsInvalid(DomainError):
    code = "CHATS_INVALID"
    status = 400
    message = "{place} is no chat id: {reason}."


class ContentInvalid(DomainError):
    code = "CONTENT_INVALID"
    status = 400
    message = "The message cannot be sent: {problem}."


class IdempotencyKeyReused(DomainError):
    code = "IDEMPOTENCY_KEY_REUSED"
    status = 422
    message = "This idempotency key already belongs to the broadcast {task_id}, which says something else."


class MoveRefused(DomainError):
    code = "MOVE_REFUSED"
    message = "A broadcast that is {status} cannot become {wanted}."


class NoActiveBot(DomainError):
    code = "NO_ACTIVE_BOT"
    message = "You have no active bot to write with. Connect one first."


class NotChangeable(DomainError):
    code = "NOT_CHANGEABLE"
    message = "What this broadcast sent cannot be changed: {reason}."


class NothingToChange(DomainError):
    code = "NOTHING_TO_CHANGE"
    message = "Nobody has a message of this broadcast that Telegram would still let us change."


class StillSending(DomainError):
    code = "STILL_SENDING"
    message = (
        "This broadcast is {status}. Wait until it is over, or cancel it, before you change what it sent."
    )


class TooManyBroadcasts(DomainError):
    code = "TOO_MANY_BROADCASTS"
    message = "{most} of your broadcasts are not over yet, and that is the most. Wait for one, or cancel one."


class TooManyChats(DomainError):
    code = "TOO_MANY_CHATS"
    status = 413
    message = "At most {most} chats may be named in one request. Send the others in another one."
