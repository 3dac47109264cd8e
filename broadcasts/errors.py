"""The refusals of the broadcasts app."""

from config.errors import DomainError
from config.language import Text


class BotNotChosen(DomainError):
    code = "BOT_NOT_CHOSEN"
    status = 400
    message = Text(
        en="You have several active bots. Name the one that shall write in bot_id.",
        ru="У вас несколько активных ботов. Укажите в bot_id, какой из них будет писать.",
    )


class BotNotFound(DomainError):
    code = "BOT_NOT_FOUND"
    status = 404
    message = Text(en="There is no such bot.", ru="Такого бота нет.")


class BotNotActive(DomainError):
    code = "BOT_NOT_ACTIVE"
    message = Text(
        en="{bot} is {status}: it can write to nobody. Give it a working token or choose another bot.",
        ru="{bot} сейчас {status} и никому не может писать. Задайте ему рабочий токен или выберите "
        "другого бота.",
    )


class BroadcastOver(DomainError):
    code = "BROADCAST_OVER"
    message = Text(
        en="This broadcast is {status}: it can no longer be changed.",
        ru="Эта рассылка {status}: изменить её больше нельзя.",
    )


class ChatsInvalid(DomainError):
    code = "CHATS_INVALID"
    status = 400
    message = Text(en="{place} is no chat id: {reason}.", ru="{place} — не идентификатор чата: {reason}.")


class ContentInvalid(DomainError):
    code = "CONTENT_INVALID"
    status = 400
    message = Text(en="The message cannot be sent: {problem}.", ru="Сообщение нельзя отправить: {problem}.")


class IdempotencyKeyReused(DomainError):
    code = "IDEMPOTENCY_KEY_REUSED"
    status = 422
    message = Text(
        en="This idempotency key already belongs to the broadcast {task_id}, which says something else.",
        ru="Этот ключ идемпотентности уже принадлежит рассылке {task_id} с другим содержанием. Возьмите "
        "новый ключ.",
    )


class MoveRefused(DomainError):
    code = "MOVE_REFUSED"
    message = Text(
        en="A broadcast that is {status} cannot become {wanted}.",
        ru="Рассылка ({status}) не может перейти в состояние «{wanted}».",
    )


class NoActiveBot(DomainError):
    code = "NO_ACTIVE_BOT"
    message = Text(
        en="You have no active bot to write with. Connect one first.",
        ru="У вас нет активного бота, который мог бы писать. Сначала подключите бота.",
    )


class NotChangeable(DomainError):
    code = "NOT_CHANGEABLE"
    message = Text(
        en="What this broadcast sent cannot be changed: {reason}.",
        ru="Отправленное этой рассылкой изменить нельзя: {reason}.",
    )


class NothingToChange(DomainError):
    code = "NOTHING_TO_CHANGE"
    message = Text(
        en="Nobody has a message of this broadcast that Telegram would still let us change.",
        ru="Ни у кого нет сообщения этой рассылки, которое Telegram ещё позволил бы изменить.",
    )


class StillSending(DomainError):
    code = "STILL_SENDING"
    message = Text(
        en="This broadcast is {status}. Wait until it is over, or cancel it, before you change what it sent.",
        ru="Эта рассылка {status}. Дождитесь её конца или отмените её, прежде чем менять отправленное.",
    )


class TooManyBroadcasts(DomainError):
    code = "TOO_MANY_BROADCASTS"
    message = Text(
        en="{most} of your broadcasts are not over yet, and that is the most. Wait for one, or cancel one.",
        ru="Ваших незавершённых рассылок уже {most}, больше нельзя. Дождитесь конца одной из них или "
        "отмените её.",
    )


class TooManyChats(DomainError):
    code = "TOO_MANY_CHATS"
    status = 413
    message = Text(
        en="At most {most} chats may be named in one request. Send the others in another one.",
        ru="В одном запросе можно указать не больше {most} чатов. Остальные отправьте в другом.",
    )
