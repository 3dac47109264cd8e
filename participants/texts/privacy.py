"""What the bot says about a person's own data."""

from config.language import Text

KNOWN = Text(
    en="<b>What I know about you</b>\n\nName: {name}\nUsername: {username}\nLanguage: {language}\n"
    "Question answered: {captcha}\nGiveaways entered: {giveaways}\nBots of this platform you started: {bots}\n"
    "Joins and leaves of channels: {channels}\nMessages sent to you: {messages}",
    ru="<b>Что я о вас знаю</b>\n\nИмя: {name}\nИмя пользователя: {username}\nЯзык: {language}\n"
    "Вопрос решён: {captcha}\nРозыгрышей с вашим участием: {giveaways}\n"
    "Запущено вами ботов этой платформы: {bots}\nВступлений в каналы и выходов: {channels}\n"
    "Отправлено вам сообщений: {messages}",
)
ALL_IN_THE_FILE = Text(
    en="\n\nAll of it is in the file above. /forget_me deletes it.",
    ru="\n\nВсё это есть в файле выше. Удалить: /forget_me",
)
ENTERED = Text(en="\n• {title}, {date}", ru="\n• {title}, {date}")
ENTERED_MORE = Text(en="\n• and {number} more", ru="\n• и ещё {number}")
ASKED = Text(
    en="\n\nYou asked to be forgotten. That happens when your giveaways are over.",
    ru="\n\nВы попросили забыть вас. Это произойдёт, когда завершатся ваши розыгрыши.",
)
NOTHING = Text(en="I know nothing about you.", ru="Я ничего о вас не знаю.")
SURE = Text(
    en="<b>Shall I forget you?</b>\n\nYour name, your username and your id are deleted, with everything that leads to "
    "you: for all giveaways and all bots of this platform. Your codes stay in the lists of draws, and nobody can tell "
    "any more whose they were: you cannot prove an entry with the nonce kept here, so save the file of /privacy first. "
    "A prize you have not received yet cannot be handed to you.\n\nGiveaways that still run, or a prize you have still "
    "to claim, come to their end first. This cannot be undone.",
    ru="<b>Забыть вас?</b>\n\nИмя, имя пользователя, ваш id и всё, что ведёт к вам, будут удалены: во всех розыгрышах "
    "и у всех ботов этой платформы. Ваши коды останутся в списках розыгрышей, но никто больше не узнает, чьи они. "
    "Доказать участие по нашей записи будет нельзя, поэтому сначала сохраните файл из /privacy. Приз, который вы ещё "
    "не получили, передать вам не смогут.\n\nСначала завершатся розыгрыши, которые ещё идут, и закончится срок "
    "для получения приза. Отменить это нельзя.",
)
SURE_BUTTON = Text(en="Yes, forget me", ru="Да, забыть меня")
FORGOTTEN = Text(
    en="Done: I have forgotten you. If you come back, I meet you for the first time.",
    ru="Готово: я вас забыл. Если вы вернётесь, мы познакомимся заново.",
)
WAITS = Text(
    en="Noted. No other message reaches you any more, and your name is deleted now. Until these are over I have to "
    "know your id, to see whether you are subscribed and to tell you the result: <b>{titles}</b>. Then I forget you "
    "by myself; should you enter another giveaway before, that one comes to its end as well.",
    ru="Принято. Другие сообщения вам больше не приходят, имя удалено уже сейчас. Пока не завершатся эти розыгрыши, "
    "мне нужен ваш id, чтобы проверить подписку и сообщить результат: <b>{titles}</b>. Потом я забуду вас сам; если до "
    "этого вы войдёте в другой розыгрыш, сначала завершится и он.",
)
