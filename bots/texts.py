"""What the bots app says to people."""

from config.language import Text

WELCOME = Text(
    en="Hello! I run giveaways. Press the button under a giveaway's post to take part.\n\n"
    "/privacy: what I know about you",
    ru="Здравствуйте! Я провожу розыгрыши. Чтобы участвовать, нажмите кнопку под постом розыгрыша.\n\n"
    "/privacy: что я о вас знаю",
)
LINKED = Text(
    en="Linked: from now on I tell you here what {user} of {account} has to know. To end it, block me or unlink.",
    ru="Готово: отныне я сообщаю здесь всё, что нужно знать {user} ({account}). Чтобы прекратить, заблокируйте меня "
    "или удалите привязку.",
)
LINK_DEAD = Text(
    en="This link was used before or has expired. Ask for a new one where you got it.",
    ru="Эта ссылка уже использована или устарела. Получите новую там же, где взяли эту.",
)
# Channel owners read these in the answer of POST /channels/ and in the binding's reason.
CHANNEL_ADDED = Text(
    en="The channel is added. Now make the bot an administrator of the channel with the right to post messages.",
    ru="Канал добавлен, для дальнейшей работы необходимо дать боту права администратора в текущем канале",
)
CHANNEL_READY = Text(
    en="The channel is added and the bot may post there.",
    ru="Канал добавлен, бот может публиковать в нём посты.",
)
MAY_POST = Text(en="The bot may post in the channel.", ru="Бот может публиковать в канале.")
CHANNEL_INCORRECT = Text(
    en="This channel cannot be found. Check the link, or add the bot to the channel first.",
    ru="Задан некорректный идентификатор канала",
)
INVITE_LINK = Text(
    en="A bot cannot open an invite link. Make the bot an administrator of the channel: the binding "
    "then completes by itself.",
    ru="Бот не может открыть ссылку-приглашение. Сделайте бота администратором канала, и привязка завершится сама.",
)
BOT_DEAD = Text(
    en="Telegram refuses the bot's token. Give the bot its current token and ask for the channel again.",
    ru="Telegram не принимает токен бота. Обновите токен и добавьте канал ещё раз.",
)
NO_ANSWER = Text(
    en="Telegram did not answer. Nothing was changed; try again in a minute.",
    ru="Telegram не ответил. Ничего не изменилось, попробуйте через минуту.",
)
CHANNEL_MOVED = Text(
    en="@{bot} serves {channel} now, in place of @{old}. What was posted before can be edited by @{old} only.",
    ru="Теперь {channel} обслуживает @{bot} вместо @{old}. Опубликованное раньше может изменять только @{old}.",
)
CHANNEL_SHARED = Text(
    en="@{bot} serves {channel} beside @{old} now: {why}",
    ru="Теперь {channel} обслуживает и @{bot}, вместе с @{old}: {why}",
)
NO_OTHER_BOT = Text(
    en="There is no other active bot to move to.", ru="Нет другого активного бота, которому передать канал."
)
RIGHTS = {
    "not_an_administrator": Text(en="The bot is not an administrator.", ru="Бот не администратор канала."),
    "not_enough_rights": Text(
        en="The bot may not post messages: give it the right to post.",
        ru="Бот не может публиковать: дайте ему право публикации.",
    ),
    "not_a_member": Text(en="The bot is not in the channel.", ru="Бота нет в канале."),
    "kicked": Text(en="The bot was removed from the channel.", ru="Бота удалили из канала."),
    "chat_not_found": Text(en="The channel is not known to the bot.", ru="Канал боту не известен."),
}


def right_reason(kind: str, language: str | None) -> str:
    """Why a bot may not post, in the reader's words; a kind nobody wrote a sentence for stands as it is."""
    return RIGHTS[kind].to(language) if kind in RIGHTS else kind


ALERTS = {
    "bot_quarantined": Text(
        en="Telegram refuses the token of @{bot}. Its work waits. Give it a new token from @BotFather, "
        "or move its channels to another bot.",
        ru="Telegram не принимает токен @{bot}. Его работа ждёт. Задайте новый токен из @BotFather или передайте его "
        "каналы другому боту.",
    ),
    "rights_lost": Text(
        en="@{bot} may not post in {channel} any more: {reason} Running giveaways there are paused until it may.",
        ru="@{bot} больше не может публиковать в {channel}: {reason} Розыгрыши там приостановлены до возврата прав.",
    ),
    "channel_proposed": Text(
        en="@{bot} may post in {channel} now, and nobody has asked for that channel here. Your list of channels "
        "shows it as proposed: accept it or decline it.",
        ru="@{bot} теперь может публиковать в {channel}, но этот канал здесь никто не добавлял. В списке каналов он "
        "отмечен как предложенный: примите его или отклоните.",
    ),
    "rights_back": Text(
        en="@{bot} may post in {channel} again. What was paused goes on.",
        ru="@{bot} снова может публиковать в {channel}. Приостановленное продолжается.",
    ),
    "giveaway_failed": Text(
        en="The giveaway “{title}” was not published: {reason} Repair it and publish again, or cancel it.",
        ru="Розыгрыш «{title}» не опубликован: {reason} Исправьте и опубликуйте ещё раз или отмените его.",
    ),
    "repetition_failed": Text(
        en="The next giveaway of the template “{title}” did not begin: {reason} It is tried again at its next time.",
        ru="Очередной розыгрыш по шаблону «{title}» не начался: {reason} Следующая попытка будет в следующий раз.",
    ),
    "delivery_in_doubt": Text(
        en="Nobody knows whether {number} messages of broadcast {broadcast} arrived. Decide: send again or leave it.",
        ru="Неизвестно, дошли ли сообщения рассылки {broadcast}: {number}. Решите: отправить ещё раз или оставить.",
    ),
    "webhook_failing": Text(
        en="Your webhook {number} at {host} has not taken an event for a day, so the event was given up. Repair your "
        "server, then redeliver what failed: the webhook's log names it. You hear of this again only after a success.",
        ru="Ваш вебхук {number} ({host}) целый день не принимал событие, и оно больше не отправляется. Исправьте "
        "сервер и отправьте неудавшееся ещё раз, оно есть в журнале. Снова мы сообщим лишь после успешной доставки.",
    ),
}


# What rows are, in refusals: “the message is …”, «сообщение сейчас …».
BOT_STATES = {
    "active": Text(en="active", ru="активен"),
    "quarantined": Text(en="quarantined", ru="в карантине"),
    "deactivated": Text(en="deactivated", ru="отключён"),
}
WORK = {
    "waiting": Text(en="waiting", ru="ожидает отправки"),
    "sending": Text(en="sending", ru="отправляется"),
    "sent": Text(en="sent", ru="отправлено"),
    "failed": Text(en="failed", ru="не отправлено"),
    "uncertain": Text(en="uncertain", ru="неизвестно, отправлено ли"),
    "removed": Text(en="removed", ru="удалено"),
}

# The owner of a message reads these in its task.
MESSAGE_CANCELLED = Text(
    en="The message was cancelled before it was posted.", ru="Сообщение отменено до публикации."
)
CHANNEL_UNBOUND = Text(
    en="The channel was unbound before the message was posted.",
    ru="Канал отвязали до публикации сообщения.",
)
MESSAGE_FAILED = {
    "unknown": Text(
        en="Telegram did not answer, so nobody knows whether it was done. Look into the channel: a message that "
        "is not there can be sent again.",
        ru="Telegram не ответил, и неизвестно, выполнено ли это. Посмотрите в канал: сообщение, которого там нет, "
        "можно отправить ещё раз.",
    ),
    "not_sent": Text(
        en="Telegram could not be reached for a long time. The message can be sent again.",
        ru="Telegram долго не отвечал. Сообщение можно отправить ещё раз.",
    ),
    "bot_dead": Text(
        en="Telegram refuses the bot's token. Give the bot its current token, then send the message again.",
        ru="Telegram не принимает токен бота. Обновите токен и отправьте сообщение ещё раз.",
    ),
}


# --- Stars: what people read in the bot -------------------------------------------------------------------------
STARS_TITLE = Text(en="Balance +{amount}", ru="Баланс +{amount}")
STARS_ABOUT = Text(
    en="{stars} Stars become {amount} on the balance of {account}. For another number write, for example, /topup 500.",
    ru="{stars} Stars станут {amount} на балансе {account}. Другое количество: например, /topup 500.",
)
STARS_OFF = Text(
    en="This bot takes no Stars. Ask whoever runs the platform how to top up.",
    ru="Этот бот не принимает Stars. Спросите у владельцев платформы, как пополнить баланс.",
)
STARS_ELSEWHERE = Text(
    en="This bot takes no Stars: link yourself to {bots} in your account's settings and write /topup there.",
    ru="Этот бот не принимает Stars: привяжите себя к {bots} в настройках аккаунта и напишите /topup там.",
)
STARS_NOT_OURS = Text(
    en="This invoice is not known here or is meant for somebody else. Write /topup for your own.",
    ru="Этот счёт здесь не известен или выставлен другому. Напишите /topup, чтобы получить свой.",
)
STARS_OVER = Text(
    en="This invoice was paid or is too old. Write /topup for a new one.",
    ru="Этот счёт уже оплачен или устарел. Напишите /topup, чтобы получить новый.",
)
STARS_UNDER_WAY = Text(
    en="This invoice is being paid at this moment. If that fails, try again in a minute.",
    ru="Этот счёт прямо сейчас оплачивается. Если не получится, попробуйте через минуту.",
)
STARS_NOT_LINKED = Text(
    en="You are not linked to this account any more, so nothing was paid. Link yourself again, then write /topup.",
    ru="Вы больше не привязаны к этому аккаунту, поэтому ничего не оплачено. Привяжите себя снова и напишите /topup.",
)
STARS_NO_ROOM = Text(
    en="The balance cannot hold that much. Pay less.", ru="Столько на балансе не поместится. Оплатите меньше."
)
STARS_ARRIVED = Text(
    en="Thank you! {amount} arrived for {stars} Stars. The balance of {account} is {balance} now.",
    ru="Спасибо! За {stars} Stars зачислено {amount}. На балансе {account} теперь {balance}.",
)
STARS_HELD = Text(
    en="Your {stars} Stars arrived, but could not be put on the balance by themselves. We look at it and write to you; "
    "nothing is lost.",
    ru="Ваши {stars} Stars пришли, но автоматически зачислить их не удалось. Мы разберёмся и напишем вам; ничего не "
    "потеряно.",
)
STARS_WENT_BACK = Text(
    en="{stars} Stars went back to you, and {amount} left the balance of {account}.",
    ru="{stars} Stars вернулись к вам, с баланса {account} списано {amount}.",
)
STARS_RETURNED = Text(en="{stars} Stars went back to you.", ru="{stars} Stars вернулись к вам.")
STARS_OWED = Text(
    en="{stars} Stars went back to you, but the balance of {account} had spent the {amount} they were worth. We shall "
    "write to you about it.",
    ru="{stars} Stars вернулись к вам, но {amount} с баланса {account} уже потрачены. Мы напишем вам об этом.",
)
