"""What the bot says to participants."""

from config.language import Text
from giveaways.texts import RESULTS_BUTTON

VIEW_RESULTS = RESULTS_BUTTON
CHECK_BUTTON = Text(en="✅ I have joined", ru="✅ Я подписался")

JOINED = Text(
    en="🎉 You are in: <b>{title}</b>.\n\nYour code: <code>{code}</code>\nIt stands for you in the public list, "
    "so you can check the draw afterwards. I will write to you when it is over.\n"
    "<blockquote expandable>Keep this to prove your entry:\nnonce {nonce}\nreceipt {receipt}</blockquote>",
    ru="🎉 Вы участвуете: <b>{title}</b>.\n\nВаш код: <code>{code}</code>\nОн стоит за вас в открытом списке, "
    "по нему можно проверить розыгрыш. Я напишу вам, когда всё закончится.\n"
    "<blockquote expandable>Сохраните, чтобы доказать участие:\nnonce {nonce}\nквитанция {receipt}</blockquote>",
)
ALREADY_IN = Text(
    en="You are already in. Your code: <code>{code}</code>. I will write to you when it is over.",
    ru="Вы уже участвуете. Ваш код: <code>{code}</code>. Я напишу вам, когда всё закончится.",
)
QUESTION = Text(
    en="One question, once for all giveaways: are you human?\n\n<b>{question} = ?</b>\n\n"
    "Send the number. You have {minutes} minutes and {attempts} attempts.",
    ru="Один вопрос, один раз на все розыгрыши: вы человек?\n\n<b>{question} = ?</b>\n\n"
    "Пришлите число. У вас {minutes} минут и попыток: {attempts}.",
)
WRONG = Text(
    en="That is not right. <b>{question} = ?</b>\n\nAttempts left: {attempts}.",
    ru="Неверно. <b>{question} = ?</b>\n\nОсталось попыток: {attempts}.",
)
PICTURE = Text(
    en="One question, once for all giveaways: are you human?\n\nWhat is this? {question}\n\n"
    "Choose its name. You have {minutes} minutes and {attempts} attempts.",
    ru="Один вопрос, один раз на все розыгрыши: вы человек?\n\nЧто это? {question}\n\n"
    "Выберите название. У вас {minutes} минут и попыток: {attempts}.",
)
WRONG_PICTURE = Text(
    en="That is not right. And what is this? {question}\n\nAttempts left: {attempts}.",
    ru="Неверно. А что это? {question}\n\nОсталось попыток: {attempts}.",
)
ASK_PICTURE = Text(en="🖼 Choose a picture instead", ru="🖼 Лучше выбрать картинку")
ASK_SUM = Text(en="🔢 Add numbers instead", ru="🔢 Лучше сложить числа")
CAPTCHA_PASSED = Text(
    en="The question is answered, for all giveaways.", ru="Вопрос решён, один раз для всех розыгрышей."
)
COOLING_DOWN = Text(
    en="Too many wrong answers. Press the giveaway's button again in {minutes} min.",
    ru="Слишком много неверных ответов. Нажмите кнопку розыгрыша снова через {minutes} мин.",
)
NOT_SUBSCRIBED = Text(
    en="To take part, subscribe to: <b>{channels}</b>. Then press the button below.",
    ru="Чтобы участвовать, подпишитесь на: <b>{channels}</b>. Затем нажмите кнопку ниже.",
)
SUBSCRIPTION_UNKNOWN = Text(
    en="Telegram did not tell whether you are subscribed. Press the button again in a moment.",
    ru="Telegram не ответил, подписаны ли вы. Нажмите кнопку ещё раз через минуту.",
)
NEVER_MET = Text(
    en=" If you have not written to the bot yet, open {link} and press Start.",
    ru=" Если вы ещё не писали боту, откройте {link} и нажмите «Старт».",
)
CLOSED = {
    "not_found": Text(en="This giveaway cannot be found.", ru="Такого розыгрыша нет."),
    "not_running_yet": Text(
        en="This giveaway begins in a moment. Press its button again.",
        ru="Розыгрыш вот-вот начнётся. Нажмите кнопку ещё раз.",
    ),
    "over": Text(en="This giveaway is already over.", ru="Этот розыгрыш уже завершён."),
    "paused": Text(
        en="This giveaway is paused for a moment. Press its button again a little later: nothing is lost.",
        ru="Розыгрыш ненадолго приостановлен. Нажмите кнопку чуть позже, ничего не потеряно.",
    ),
    "cancelled": Text(en="This giveaway was cancelled.", ru="Этот розыгрыш отменён."),
    "forgotten": Text(
        en="You have just been forgotten, as you asked. To take part after all, press the giveaway's button again.",
        ru="Вас только что забыли, как вы и просили. Чтобы всё же участвовать, нажмите кнопку розыгрыша снова.",
    ),
}
RESULT_MESSAGE = Text(en="<b>{title}</b>\n\n{message}", ru="<b>{title}</b>\n\n{message}")
RESULT_RUNNING = Text(
    en="<b>{title}</b>\n\nThe giveaway is still running. I will write to you when it is over.",
    ru="<b>{title}</b>\n\nРозыгрыш ещё идёт. Я напишу вам, когда он завершится.",
)
RESULT_WON = Text(en="🏆 <b>{title}</b>\n\n{message}", ru="🏆 <b>{title}</b>\n\n{message}")
WAITING_FOR_SEAL = Text(
    en="The list is sealed; its hash is on its way into the channel. Round {round} is due at {due}.",
    ru="Список запечатан, его хеш отправляется в канал. Раунд {round} ожидается {due}.",
)
WAITING_FOR_ROUND = Text(
    en="Waiting for drand round {round}, due at {due}.",
    ru="Ждём раунд drand {round}, он ожидается {due}.",
)
RESULT_LOST_PLACE = Text(
    en="<b>{title}</b>\n\nYour code was drawn, but the place went to the next one: {reason}.",
    ru="<b>{title}</b>\n\nВаш код выпал, но место перешло к следующему: {reason}.",
)
REASONS = {
    "not_subscribed": Text(en="not subscribed at the draw", ru="нет подписки в момент розыгрыша"),
    "unreachable": Text(en="could not be reached", ru="не удалось связаться"),
    "declined": Text(en="declined", ru="отказ от приза"),
    "unclaimed": Text(en="not claimed in time", ru="приз не получен в срок"),
    "ineligible": Text(en="ineligible", ru="не соответствует условиям"),
}
CLAIM_WITHIN = Text(
    en="Claim your prize within {hours} h by the button below, or the place goes to the next one.",
    ru="Подтвердите приз кнопкой ниже в течение {hours} ч, иначе место перейдёт следующему.",
)
CLAIM_BUTTON = Text(en="🎁 Claim", ru="🎁 Забрать приз")
DECLINE_BUTTON = Text(en="Decline", ru="Отказаться")
DECLINE_SURE = Text(
    en="Give your place to the next one? This cannot be undone.",
    ru="Отдать место следующему? Вернуть его будет нельзя.",
)
DECLINE_SURE_BUTTON = Text(en="Yes, decline", ru="Да, отказаться")
CLAIMS = {
    "claimed": Text(
        en="🎁 Claimed: the prize is yours. The organiser knows and will contact you.",
        ru="🎁 Готово: приз ваш. Организатор знает и свяжется с вами.",
    ),
    "declined": Text(
        en="Your place goes to the next one. Thank you for telling!",
        ru="Ваше место перейдёт к следующему. Спасибо, что сказали!",
    ),
    "lost": Text(
        en="The place has gone to the next one already; it cannot be claimed any more.",
        ru="Место уже перешло к следующему, забрать приз нельзя.",
    ),
    "not_a_winner": Text(
        en="This is for winners of the giveaway; your code was not drawn.",
        ru="Это для победителей розыгрыша; ваш код не выпал.",
    ),
    "running": Text(en="The giveaway is still running.", ru="Розыгрыш ещё идёт."),
    "not_found": Text(en="This giveaway cannot be found.", ru="Такого розыгрыша нет."),
}
RESULT_NOT_IN = Text(
    en="<b>{title}</b>\n\nYou did not take part in this giveaway.",
    ru="<b>{title}</b>\n\nВы не участвовали в этом розыгрыше.",
)
RESULT_LINK = Text(
    en="\n\nParticipants: {participants}. Winners: {winners}.\nCheck the draw: {draw_url}",
    ru="\n\nУчастников: {participants}. Победителей: {winners}.\nПроверить розыгрыш: {draw_url}",
)
