"""What the public page of a draw says, in both languages; what the recomputation says lives in `recompute`."""

from config.language import Text

PAGE: dict[str, Text] = {
    "kind": Text(en="Draw", ru="Розыгрыш"),
    "level_a": Text(en="Sealed draw · level A", ru="Запечатанный розыгрыш · уровень A"),
    "level_b": Text(en="Public draw · level B", ru="Публичный розыгрыш · уровень B"),
    "level_rehearsal": Text(en="Rehearsal of a public draw", ru="Репетиция розыгрыша"),
    "running": Text(en="Still running", ru="Ещё идёт"),
    "running_more": Text(
        en="Winners, the list of codes and the proof appear here after the draw, and nothing before.",
        ru="Победители, список кодов и доказательство появятся здесь после розыгрыша, и ничего до него.",
    ),
    "waiting": Text(en="Entries are closed", ru="Приём участников закрыт"),
    "waiting_more": Text(
        en="The list is sealed. Winners follow from a number that does not exist yet.",
        ru="Список запечатан. Победителей определит число, которого ещё не существует.",
    ),
    "cancelled": Text(en="Cancelled", ru="Отменён"),
    "cancelled_more": Text(
        en="The giveaway was called off; there is no draw.", ru="Розыгрыш отменён, победителей не будет."
    ),
    "participants": Text(en="participants", ru="участников"),
    "promised": Text(en="winners promised", ru="победителей обещано"),
    "drawn": Text(en="winners stand", ru="победителей определено"),
    "winners": Text(en="Winners", ru="Победители"),
    "no_winners": Text(
        en="Nobody could win: there was no eligible participant.",
        ru="Победителей нет: подходящих участников не было.",
    ),
    "codes_explained": Text(
        en="A code stands for a person; the bot told everybody theirs when they entered. Names are masked.",
        ru="Код обозначает человека; бот сообщил его каждому при входе. Имена скрыты.",
    ),
    "filling": Text(
        en="A place has become free and goes to the next of the ranking; this takes a moment.",
        ru="Место освободилось и переходит к следующему; это займёт немного времени.",
    ),
    "claimed": Text(en="claimed", ru="приз получен"),
    "skips": Text(en="Passed over", ru="Пропущены"),
    "skips_explained": Text(
        en="There is one ranking and never a second draw. Whoever was passed over stands here with the reason; each "
        "row is bound by its hash to the one before it, so none can be taken out later.",
        ru="Порядок один, и второго розыгрыша не бывает. Здесь все, кого пропустили, с причиной; каждая строка связана "
        "хешем с предыдущей, поэтому убрать её потом нельзя.",
    ),
    "place": Text(en="place", ru="место"),
    "check": Text(en="Check it here", ru="Проверьте здесь"),
    "check_more": Text(
        en="Your own browser downloads the list and computes the whole draw again, from the seed to the last winner. "
        "Nothing is sent anywhere.",
        ru="Ваш браузер скачает список и заново вычислит весь розыгрыш, от семени до последнего победителя. "
        "Ничего никуда не отправляется.",
    ),
    "posted": Text(
        en="Hash from the channel's post (optional, but it is what makes the check complete)",
        ru="Хеш из поста в канале (необязательно, но с ним проверка полная)",
    ),
    "button": Text(en="Recompute the draw", ru="Пересчитать розыгрыш"),
    "no_script": Text(
        en="This needs JavaScript. Without it, use the files and the script below.",
        ru="Для этого нужен JavaScript. Без него возьмите файлы и скрипт ниже.",
    ),
    "find": Text(en="Find my code", ru="Найти мой код"),
    "find_more": Text(
        en="The bot sent it when you entered: 32 letters and digits.",
        ru="Бот прислал его при входе: 32 буквы и цифры.",
    ),
    "find_button": Text(en="Find", ru="Найти"),
    "found": Text(
        en="In the sealed list, line {line} of {size}.",
        ru="Есть в запечатанном списке, строка {line} из {size}.",
    ),
    "found_won": Text(en="🏆 It won.", ru="🏆 Этот код выиграл."),
    "found_lost": Text(en="It was not drawn.", ru="Этот код не выпал."),
    "found_skipped": Text(en="It was passed over: {reason}.", ru="Его пропустили: {reason}."),
    "inclusion": Text(en="Proof of inclusion", ru="Доказательство включения"),
    "not_found": Text(
        en="This code is not in the list. If the bot gave it to you for this giveaway, its receipt proves that it "
        "should be: show it to anybody.",
        ru="Этого кода в списке нет. Если бот выдал его вам для этого розыгрыша, квитанция доказывает, что он должен "
        "там быть: покажите её.",
    ),
    "timeline": Text(en="What was promised, and when", ru="Что обещано и когда"),
    "t_published": Text(en="Published", ru="Опубликован"),
    "t_published_more": Text(
        en="Rules, number of winners and a secret seed were fixed. This hash stands in the channel's post.",
        ru="Условия, число победителей и секретное семя зафиксированы. Этот хеш стоит в посте канала.",
    ),
    "t_closed": Text(en="Closed", ru="Закрыт"),
    "t_closed_a": Text(
        en="The list of entries was sealed. This hash stands in the conclusion.",
        ru="Список участников запечатан. Этот хеш стоит в итоговом посте.",
    ),
    "t_closed_b": Text(
        en="The list of entries was sealed. Telegram confirmed this hash in the channel at {at}.",
        ru="Список участников запечатан. Telegram подтвердил этот хеш в канале: {at}.",
    ),
    "t_sealing": Text(
        en="The list of entries was sealed. This hash is on its way into the channel.",
        ru="Список участников запечатан. Хеш отправляется в канал.",
    ),
    "t_round": Text(en="drand round {round}", ru="Раунд drand {round}"),
    "t_round_more": Text(
        en="Public randomness that nobody could know or steer before this moment.",
        ru="Публичная случайность: до этого момента её никто не мог знать или изменить.",
    ),
    "t_round_due": Text(en="Due then. The draw waits for it.", ru="Ожидается. Розыгрыш ждёт его."),
    "t_compare": Text(en="Compare with a drand relay", ru="Сравнить с реле drand"),
    "t_drawn": Text(en="Drawn", ru="Проведён"),
    "t_drawn_more": Text(
        en="Down the one ranking, asking Telegram who is still subscribed, until the winners stood.",
        ru="Вниз по единому порядку, спрашивая Telegram о подписке, пока победители не определились.",
    ),
    "changes": Text(en="Changed since publication", ru="Изменено после публикации"),
    "change_records": Text(
        en="The records of the changes: each names the hash of the one before it, the first that of the publication",
        ru="Записи об изменениях: каждая называет хеш предыдущей, первая — хеш публикации",
    ),
    "trust": Text(en="What this proves, and what not", ru="Что это доказывает, а что нет"),
    "proves_a": Text(
        en="Nothing about the draw could change after publication: not the rules, not the seed, and after closing not "
        "the list.",
        ru="После публикации в розыгрыше ничего нельзя было изменить: ни условия, ни семя, а после закрытия и список.",
    ),
    "proves_b": Text(
        en="Nobody, the platform and the organiser included, could know or steer the result: it hangs on a number that "
        "did not exist when the list was sealed.",
        ru="Никто, включая платформу и организатора, не мог знать или изменить результат: он зависит от числа, "
        "которого не было, когда список запечатали.",
    ),
    "not_a": Text(
        en="That nobody looked ahead: whoever runs the platform holds the seed while people enter, and could know the "
        "result of entries before they are made.",
        ru="Что никто не подсмотрел: у платформы есть семя, пока люди входят, и она могла заранее знать результат.",
    ),
    "not_rehearsal": Text(
        en="Anything to strangers: the randomness comes from this installation's own chain {chain}…, not from drand's "
        "public network. This is a rehearsal.",
        ru="Постороннему ничего: случайность взята из собственной цепочки этой установки {chain}…, а не из публичной "
        "сети drand. Это репетиция.",
    ),
    "not_people": Text(
        en="That entries are real and different people: no mathematics can.",
        ru="Что участники — настоящие и разные люди: математика этого не может.",
    ),
    "not_telegram": Text(
        en="Who was subscribed: that rests on Telegram's answers at the draw.",
        ru="Кто был подписан: это известно со слов Telegram в момент розыгрыша.",
    ),
    "proven": Text(en="Proven", ru="Доказано"),
    "unproven": Text(en="Not proven", ru="Не доказано"),
    "files": Text(en="Check it anywhere", ru="Проверьте где угодно"),
    "files_more": Text(
        en="Three files, and any Python from 3.8 on; nothing of ours is needed, and the script sends nothing.",
        ru="Три файла и любой Python от 3.8; ничего нашего не нужно, и скрипт ничего не отправляет.",
    ),
    "receipt_key": Text(
        en="Public key of the receipts (Ed25519, base64)", ru="Открытый ключ квитанций (Ed25519, base64)"
    ),
    "chain": Text(en="Beacon", ru="Маяк"),
}

# What may change while a giveaway runs (giveaways.services.matrix), as readers know it.
CHANGED: dict[str, Text] = {
    "ends_at": Text(en="the end", ru="время окончания"),
    "max_participants": Text(en="the number of places", ru="число мест"),
    "participation_button_text": Text(en="the button's text", ru="надпись на кнопке"),
    "show_participants": Text(en="whether the post counts participants", ru="показ числа участников в посте"),
}
YES_NO: dict[bool | None, Text] = {
    None: Text(en="none", ru="нет"),
    True: Text(en="yes", ru="да"),
    False: Text(en="no", ru="нет"),
}
