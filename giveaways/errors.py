"""The refusals of the giveaways app."""

from config.errors import DomainError
from config.language import Text


class IllegalMove(DomainError):
    code = "ILLEGAL_MOVE"
    message = Text(
        en="A giveaway that is {before} cannot become {after}.",
        ru="Розыгрыш в состоянии «{before}» не может перейти в «{after}».",
    )


class SingleActiveLimitExceeded(DomainError):
    code = "SINGLE_ACTIVE_LIMIT_EXCEEDED"
    message = Text(
        en="Giveaway {giveaway_id} is still running. Finish or cancel it before starting another.",
        ru="Розыгрыш {giveaway_id} ещё идёт. Завершите или отмените его, прежде чем начинать другой.",
    )


class GiveawayNotFound(DomainError):
    code = "GIVEAWAY_NOT_FOUND"
    status = 404
    message = Text(en="There is no such giveaway.", ru="Такого розыгрыша нет.")


class CannotPublish(DomainError):
    code = "CANNOT_PUBLISH"
    message = Text(
        en="This giveaway is {status} and cannot be published.",
        ru="Этот розыгрыш ({status}) нельзя опубликовать.",
    )


class EndHasPassed(CannotPublish):
    message = Text(
        en="The end that would be promised has passed. Change ends_at first.",
        ru="Обещанное время окончания уже прошло. Сначала измените ends_at.",
    )


class EndBeforeStart(DomainError):
    code = "END_BEFORE_START"
    status = 400
    message = Text(
        en="It would end before it starts. Change starts_at or ends_at.",
        ru="Он закончился бы раньше, чем начнётся. Измените starts_at или ends_at.",
    )


class ChannelNotConfigured(DomainError):
    code = "CHANNEL_NOT_CONFIGURED"
    message = Text(
        en="Choose a channel first: connect one at /channels/ and set channel_id.",
        ru="Сначала выберите канал: подключите его по адресу /channels/ и укажите channel_id.",
    )


class BotNotWorking(DomainError):
    code = "BOT_NOT_WORKING"
    message = Text(
        en="{bot} does not work: {reason}. Give it a working token at /bots/, or choose another bot.",
        ru="{bot} не работает: {reason}. Задайте ему рабочий токен по адресу /bots/ или выберите другого"
        " бота.",
    )


class ChannelNotVerified(DomainError):
    code = "CHANNEL_NOT_VERIFIED"
    message = Text(
        en="{bot} may not post in {channel} yet. Make it an administrator with the right to post messages.",
        ru="{bot} пока не может публиковать в {channel}. Сделайте его администратором с правом публикации.",
    )


class CannotFinish(DomainError):
    code = "CANNOT_FINISH"
    message = Text(
        en="This giveaway is {status}; only a running one can be finished.",
        ru="Этот розыгрыш ({status}) завершить нельзя: завершают только идущий.",
    )


class CannotCancel(DomainError):
    code = "CANNOT_CANCEL"
    message = Text(
        en="This giveaway is {status} and cannot be cancelled any more.",
        ru="Этот розыгрыш ({status}) отменить уже нельзя.",
    )


class CannotUpdate(DomainError):
    code = "CANNOT_UPDATE"
    message = Text(
        en="This giveaway is {status}: {fields} cannot be changed now. GET it: may_change lists what can.",
        ru="Розыгрыш ({status}): сейчас нельзя изменить {fields}. Что можно, перечислено в may_change (GET).",
    )


class EndOutOfBounds(CannotUpdate):
    message = Text(
        en="The end may move to between {earliest} and {latest}: the post has to say so before it comes,"
        " and people who are in shall not wait for ever. To end at once, finish the giveaway.",
        ru="Окончание можно перенести на время от {earliest} до {latest}: пост должен сообщить о нём "
        "заранее, а участники не должны ждать вечно. Чтобы закончить сразу, завершите розыгрыш.",
    )


class EndIsPromised(CannotUpdate):
    message = Text(
        en="An end that was promised can be moved, not taken away.",
        ru="Обещанное окончание можно перенести, но не убрать.",
    )


class PlacesOnlyGrow(CannotUpdate):
    message = Text(
        en="People were told of {before}. max_participants can only be raised while the giveaway runs.",
        ru="Людям обещано: {before}. Пока розыгрыш идёт, max_participants можно только увеличить.",
    )


class CannotUpdateFinishMessages(DomainError):
    code = "CANNOT_UPDATE_FINISH_MESSAGES"
    message = Text(
        en="This giveaway is {status}: its final messages cannot be changed any more.",
        ru="Этот розыгрыш ({status}): его итоговые сообщения изменить уже нельзя.",
    )


class CannotSendAgain(DomainError):
    code = "CANNOT_SEND_AGAIN"
    message = Text(
        en="This post is {status}: only a failed or uncertain conclusion can be sent again.",
        ru="Этот пост ({status}): отправить ещё раз можно только итоги, которые не ушли или неизвестно, "
        "ушли ли.",
    )


class BeaconNotAvailable(DomainError):
    code = "BEACON_NOT_AVAILABLE"
    status = 400
    message = Text(
        en="Public draws are not set up here: drand's signatures cannot be checked. Use beacon none, or "
        "ask the operator to install requirements-drand.txt.",
        ru="Публичный розыгрыш здесь не настроен: подписи drand нечем проверить. Выберите beacon none "
        "или попросите оператора установить requirements-drand.txt.",
    )


class TemplateNameTaken(DomainError):
    code = "TEMPLATE_NAME_TAKEN"
    message = Text(
        en="There is a template named {name} already. Choose another name.",
        ru="Шаблон с именем {name} уже есть. Выберите другое имя.",
    )


class TemplateNotFound(DomainError):
    code = "TEMPLATE_NOT_FOUND"
    status = 404
    message = Text(en="There is no such template.", ru="Такого шаблона нет.")


class NeverAgain(DomainError):
    code = "NEVER_AGAIN"
    status = 400
    message = Text(
        en="Nothing would begin before `until`. Move it, or leave it out.",
        ru="До `until` ничего не началось бы. Перенесите его или не указывайте.",
    )


class PostTooLong(DomainError):
    code = "POST_TOO_LONG"
    status = 400
    message = Text(
        en="The post would have {length} characters; Telegram takes {most}. Shorten the text by {excess}.",
        ru="В посте было бы {length} знаков; Telegram принимает {most}. Сократите текст на {excess}.",
    )


class PublicationFailed(DomainError):
    code = "PUBLISH_FAILED"
    message = Text(
        en="Telegram did not take the post ({reason}). Repair it and publish again.",
        ru="Telegram не принял пост ({reason}). Исправьте причину и опубликуйте ещё раз.",
    )
