"""What giveaways say in a channel."""

from config.language import Text

RESULTS_BUTTON = "🏆 VIEW RESULTS"

ANNOUNCEMENT = Text(
    en="🎁 <b>{title}</b>\n\n{body}\n\n🏆 Winners: {winners}\n🔒 Sealed draw: <code>{sha256}</code>",
    ru="🎁 <b>{title}</b>\n\n{body}\n\n🏆 Победителей: {winners}\n🔒 Запечатанный розыгрыш: <code>{sha256}</code>",
)
PUBLIC_ANNOUNCEMENT = Text(
    en="🎁 <b>{title}</b>\n\n{body}\n\n🏆 Winners: {winners}\n🎲 Public draw: <code>{sha256}</code>",
    ru="🎁 <b>{title}</b>\n\n{body}\n\n🏆 Победителей: {winners}\n🎲 Публичный розыгрыш: <code>{sha256}</code>",
)
SEALED = Text(
    en="\n🔒 Sealed list: <code>{closing_sha256}</code>\n🎲 Winners by drand round {round}, {due}",
    ru="\n🔒 Запечатанный список: <code>{closing_sha256}</code>\n🎲 Победители — по раунду drand {round}, {due}",
)
SEAL_TITLE = Text(en="🏁 <b>{title}</b>\n", ru="🏁 <b>{title}</b>\n")
# Lines of the announcement that follow the rows; the hash of the rules does not cover them.
ENDS = Text(en="\n⏳ Until {moment}", ru="\n⏳ До {moment}")
PLACES = Text(en="\n🎟 Places: {places}", ru="\n🎟 Мест: {places}")
PARTICIPANTS = Text(en="\n👥 Participants: {participants}", ru="\n👥 Участников: {participants}")
CHANGED = Text(
    en='\n✏️ Changed since: {changes} (<a href="{draw_url}">what and when</a>)',
    ru='\n✏️ Изменений: {changes} (<a href="{draw_url}">что и когда</a>)',
)
MONTHS = Text(
    en="January February March April May June July August September October November December",
    ru="января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
)
CLOSED = Text(en="\n\n🏁 <b>Finished.</b>", ru="\n\n🏁 <b>Завершён.</b>")
RESULTS_AT = Text(
    en='\n\n📣 Results: <a href="{link}">{where}</a>', ru='\n\n📣 Результаты: <a href="{link}">{where}</a>'
)
RESULTS_IN = Text(en="\n\n📣 Results: {where}", ru="\n\n📣 Результаты: {where}")
CANCELLED = Text(en="\n\n✖️ <b>Cancelled.</b>", ru="\n\n✖️ <b>Отменён.</b>")
CONCLUSION = Text(
    en="🏁 <b>{title}</b>\n\n{message}\n\n👥 Participants: {participants}\n🏆 Winners: {winners}\n"
    "🔒 Sealed list: <code>{closing_sha256}</code>\n🔎 Check the draw: {draw_url}",
    ru="🏁 <b>{title}</b>\n\n{message}\n\n👥 Участников: {participants}\n🏆 Победителей: {winners}\n"
    "🔒 Запечатанный список: <code>{closing_sha256}</code>\n🔎 Проверить розыгрыш: {draw_url}",
)
REPLACED = Text(
    en="\n🔁 Winners replaced since, each with its reason: {replaced}",
    ru="\n🔁 Заменено победителей, причины на странице: {replaced}",
)
DEFAULT_CONCLUSION = Text(
    en="The giveaway is over. Thank you for taking part!",
    ru="Розыгрыш завершён. Спасибо за участие!",
)
DEFAULT_WINNER = Text(
    en="🎉 Congratulations, you won! The organiser will contact you.",
    ru="🎉 Поздравляем, вы выиграли! Организатор свяжется с вами.",
)
DEFAULT_LOSER = Text(
    en="Thank you for taking part. You did not win this time.",
    ru="Спасибо за участие. В этот раз вы не выиграли.",
)
POST_UNCERTAIN = Text(
    en="Telegram did not confirm the post. Look into the channel: if it is not there, publish again.",
    ru="Telegram не подтвердил пост. Загляните в канал: если поста нет, опубликуйте ещё раз.",
)

# Why a channel is not taken from its bot (bots.services.moving).
GIVEAWAY_STAYS = Text(
    en="the giveaway “{title}” needs @{bot}, which its button opens and which took its entries. When it is over, "
    "move the channel again.",
    ru="розыгрышу «{title}» нужен @{bot}: его открывает кнопка, он принял заявки. Когда розыгрыш закончится, "
    "передайте канал ещё раз.",
)

# The owner's own view, in a private chat with their bot.
STATES = {
    "draft": Text(en="draft", ru="черновик"),
    "scheduled": Text(en="scheduled", ru="запланирован"),
    "publishing": Text(en="being published", ru="публикуется"),
    "publish_failed": Text(en="not published (it failed)", ru="не удалось опубликовать"),
    "active": Text(en="running", ru="идёт"),
    "finishing": Text(en="being drawn", ru="идёт розыгрыш призов"),
    "finished": Text(en="finished", ru="завершён"),
    "cancelled": Text(en="cancelled", ru="отменён"),
}
OVERVIEW = Text(
    en="🎁 <b>{title}</b>\n{state}\n\n👥 Participants: <b>{participants}</b>\n🏆 Winners: {winners}",
    ru="🎁 <b>{title}</b>\n{state}\n\n👥 Участников: <b>{participants}</b>\n🏆 Победителей: {winners}",
)
OVERVIEW_PAUSED = Text(en="\n⏸ Paused: {reason}", ru="\n⏸ Приостановлен: {reason}")
OVERVIEW_ENDS = Text(en="\n⏳ Ends by itself: {moment}", ru="\n⏳ Завершится: {moment}")
OVERVIEW_PLACES = Text(en="\n🎟 Ends at {places} participants", ru="\n🎟 Завершится при {places} участниках")
OVERVIEW_AS_OF = Text(en="\n\nAs of {moment}", ru="\n\nНа {moment}")
NO_GIVEAWAY = Text(
    en="No giveaway of yours runs. Create one over the API or in the admin.",
    ru="Сейчас у вас нет розыгрыша. Создайте его через API или в админке.",
)
REFRESH = Text(en="🔄 Refresh", ru="🔄 Обновить")
FINISH = Text(en="🏁 Finish…", ru="🏁 Завершить…")
ASK_FINISH = Text(
    en="Finish <b>{title}</b> now?\n\nParticipants: {participants}. Nobody can enter any more, winners are drawn "
    "at once and everybody is told. This cannot be undone.",
    ru="Завершить <b>{title}</b> сейчас?\n\nУчастников: {participants}. Больше никто не войдёт, победители "
    "определятся сразу, и все узнают результат. Отменить это нельзя.",
)
FINISH_YES = Text(en="🏁 Yes, finish now", ru="🏁 Да, завершить")
FINISH_NO = Text(en="No, let it run", ru="Нет, пусть идёт")
FINISHING = Text(en="Closed. The winners are drawn now.", ru="Закрыт. Определяем победителей.")
GONE = Text(en="This giveaway cannot be found.", ru="Такого розыгрыша нет.")
