"""The refusals of the bots app."""

from config.errors import DomainError
from config.language import Text


class IllegalMove(DomainError):
    code = "CONFLICT"
    message = Text(
        en="What is “{status}” cannot become “{wanted}”.",
        ru="То, что сейчас «{status}», не может стать «{wanted}».",
    )


class BotUnreachable(DomainError):
    code = "BOT_UNREACHABLE"
    status = 503
    message = Text(
        en="Bot can't connect to Telegram: {reason}", ru="Бот не может связаться с Telegram: {reason}"
    )


class BotTokenDead(DomainError):
    code = "BOT_TOKEN_DEAD"
    status = 503
    message = Text(
        en="Telegram refuses this token. Copy the current one from @BotFather and try again.",
        ru="Telegram не принимает этот токен. Скопируйте действующий у @BotFather и попробуйте снова.",
    )


class BotTaken(DomainError):
    code = "BOT_TAKEN"
    message = Text(
        en="This bot is already connected to another account.",
        ru="Этот бот уже подключён к другому аккаунту.",
    )


class NotTheSameBot(DomainError):
    code = "NOT_THE_SAME_BOT"
    message = Text(
        en="The new token belongs to @{username}, another bot. Add that bot as a new one instead.",
        ru="Новый токен принадлежит другому боту, @{username}. Добавьте того бота как нового.",
    )


class BotDeactivated(DomainError):
    code = "BOT_DEACTIVATED"
    message = Text(
        en="{bot} was deactivated. Add it again with its token to use it.",
        ru="{bot} отключён. Чтобы снова им пользоваться, добавьте его с токеном ещё раз.",
    )


class BotNotWorking(DomainError):
    code = "BOT_NOT_WORKING"
    message = Text(
        en="{bot} is {status}. Check the bot, or give it its current token, first.",
        ru="{bot} сейчас {status}. Сначала проверьте бота или задайте ему действующий токен.",
    )


class AskedJustNow(DomainError):
    code = "RATE_LIMIT_EXCEEDED"
    status = 429
    message = Text(
        en="Telegram was asked about {bot} a moment ago. Try again in {retry_after} s.",
        ru="Telegram только что спрашивали о {bot}. Попробуйте ещё раз через {retry_after} с.",
    )


class NoBot(DomainError):
    code = "NO_BOT"
    message = Text(
        en="There is no active bot to serve the channel. Add a bot first.",
        ru="Нет активного бота, который мог бы обслуживать канал. Сначала добавьте бота.",
    )


class NoBotToLink(DomainError):
    code = "NO_BOT"
    message = Text(
        en="There is no such active bot of your account to link with. Add a bot first.",
        ru="У вашего аккаунта нет такого активного бота для привязки. Сначала добавьте бота.",
    )


class ChannelUnreadable(DomainError):
    code = "CHANNEL_UNREADABLE"
    status = 400
    message = Text(
        en="This is no way to write a channel. Use @name, a t.me link or the channel's id (-100…).",
        ru="Так канал не записать. Укажите @имя, ссылку t.me или идентификатор канала (-100…).",
    )


class BindingNotFound(DomainError):
    code = "NOT_FOUND"
    status = 404
    message = Text(en="There is no such channel.", ru="Такого канала нет.")


class BindingEnded(DomainError):
    code = "BINDING_ENDED"
    message = Text(
        en="No bot serves this channel any more. Add the channel again.",
        ru="Этот канал больше не обслуживает ни один бот. Добавьте канал ещё раз.",
    )


class NoOtherBot(DomainError):
    code = "NO_BOT"
    message = Text(
        en="There is no other active bot of this account to move to. Add a bot first.",
        ru="У этого аккаунта нет другого активного бота, которому можно передать канал. Сначала добавьте"
        " бота.",
    )


class CannotMove(DomainError):
    code = "CANNOT_MOVE"
    message = Text(
        en="This channel cannot be moved: it was moved or unbound before, or was never found. Add it again.",
        ru="Этот канал нельзя передать: он уже передан, отвязан или не был найден. Добавьте его ещё раз.",
    )


class ChannelNotVerified(DomainError):
    code = "CHANNEL_NOT_VERIFIED"
    message = Text(
        en="{bot} may not post in {channel} yet. Make it an administrator with the right to post messages.",
        ru="{bot} пока не может публиковать в {channel}. Сделайте его администратором с правом публикации.",
    )


class MessageRefused(DomainError):
    code = "MESSAGE_REFUSED"
    status = 400
    message = Text(en="{reason}", ru="{reason}")


class NoSuchMedia(DomainError):
    code = "NO_SUCH_MEDIA"
    status = 400
    message = Text(
        en="There is no such file. Upload it at /api/media/ first.",
        ru="Такого файла нет. Сначала загрузите его по адресу /api/media/.",
    )


class PhotoRefused(DomainError):
    code = "PHOTO_REFUSED"
    status = 400
    message = Text(en="{reason}", ru="{reason}")


class ButtonRefused(DomainError):
    code = "BUTTON_REFUSED"
    status = 400
    message = Text(
        en="A button needs an address that begins with http://, https:// or tg://.",
        ru="Кнопке нужен адрес, который начинается с http://, https:// или tg://.",
    )


class MessageBusy(DomainError):
    code = "MESSAGE_BUSY"
    message = Text(
        en="The message is being sent at this moment. Try again in a few seconds.",
        ru="Сообщение отправляется прямо сейчас. Попробуйте ещё раз через несколько секунд.",
    )


class MessageNotThere(DomainError):
    code = "MESSAGE_STATE"
    message = Text(
        en="The message is {status}: this cannot be done with it.",
        ru="Сообщение сейчас {status}: с ним этого сделать нельзя.",
    )


class MessageTooOld(DomainError):
    code = "MESSAGE_TOO_OLD"
    message = Text(
        en="Telegram deletes a bot's message within 48 hours only. Delete it in the channel by hand.",
        ru="Telegram удаляет сообщения бота только в течение 48 часов. Удалите его в канале вручную.",
    )


class ChannelNotServed(DomainError):
    code = "CHANNEL_NOT_SERVED"
    message = Text(
        en="No bot serves this channel: make the bot an administrator there with the right to post "
        "messages, or bind the channel again.",
        ru="Этот канал не обслуживает ни один бот: сделайте бота администратором с правом публикации или"
        " привяжите канал заново.",
    )


class MediaRefused(DomainError):
    code = "MEDIA_REFUSED"
    status = 400
    message = Text(en="{reason}", ru="{reason}")

    def __init__(self, reason: Text) -> None:
        super().__init__(field="file", reason=reason)


class NoRoomForMedia(DomainError):
    code = "NO_ROOM_FOR_MEDIA"
    message = Text(
        en="The account's files have {held} MB already, {most} MB is the most. Delete files you no "
        "longer need.",
        ru="Файлы аккаунта занимают уже {held} МБ, а можно не больше {most} МБ. Удалите ненужные файлы.",
    )


class MediaInUse(DomainError):
    code = "MEDIA_IN_USE"
    message = Text(
        en="Something that was or will be sent shows this file: it cannot be deleted.",
        ru="Этот файл показывает что-то отправленное или ожидающее отправки: удалить его нельзя.",
    )


class WrongStars(DomainError):
    code = "WRONG_STARS"
    status = 400
    message = Text(
        en="Write how many Stars, as a whole number from {least} to {most}: for example /topup 500.",
        ru="Напишите количество Stars целым числом от {least} до {most}: например, /topup 500.",
    )


class TooFewStars(DomainError):
    code = "TOO_FEW_STARS"
    status = 400
    message = Text(
        en="So few Stars are worth less than a cent. Write a larger number, for example /topup 500.",
        ru="Так мало Stars стоят меньше цента. Напишите число побольше, например /topup 500.",
    )


class StarsSpent(DomainError):
    code = "STARS_SPENT"
    message = Text(
        en="The balance holds {balance} of the {amount} that would be taken off. Wait for a top-up, or agree with the "
        "customer.",
        ru="На балансе {balance}, а списать нужно {amount}. Дождитесь пополнения или договоритесь с клиентом.",
    )


class StarsNotRefundable(DomainError):
    code = "STARS_NOT_REFUNDABLE"
    message = Text(
        en="Only what was paid and has not gone back can be refunded; this is “{status}”.",
        ru="Вернуть можно только оплаченное и ещё не возвращённое; сейчас «{status}».",
    )


class StarsNotOwed(DomainError):
    code = "STARS_NOT_OWED"
    message = Text(
        en="Only what is owed can be collected; this is “{status}”.",
        ru="Взыскать можно только долг; сейчас «{status}».",
    )


class StarsNotHeld(DomainError):
    code = "STARS_NOT_HELD"
    message = Text(
        en="Only held payments wait to be put on a balance; this is “{status}”.",
        ru="Зачисления ждут только отложенные платежи; сейчас «{status}».",
    )
