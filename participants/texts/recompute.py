"""What the recomputation in the reader's browser says: each step that agrees, each contradiction by its own name."""

from config.language import Text

RECOMPUTE: dict[str, Text] = {
    "again": Text(en="Recompute once more", ru="Пересчитать ещё раз"),
    "verified": Text(
        en="✔ Verified on this device: {entries} entries in {seconds} s. The winners are exactly those.",
        ru="✔ Проверено на этом устройстве: записей {entries}, за {seconds} с. Победители именно эти.",
    ),
    "refused": Text(en="✘ Refused: {why}", ru="✘ Не сходится: {why}"),
    "ok_records": Text(
        en="The closing record was made for this opening record, {open}.",
        ru="Закрывающая запись сделана для этой открывающей, {open}.",
    ),
    "ok_seed": Text(
        en="The seed is the one promised before anybody entered.",
        ru="Семя то самое, что обещано до первого участника.",
    ),
    "ok_sealed": Text(
        en="No public randomness was promised, and none was used.",
        ru="Публичная случайность не обещана и не использована.",
    ),
    "ok_round": Text(en="The round is the promised one, {round}.", ru="Раунд обещанный, {round}."),
    "ok_list": Text(
        en="The list is complete, sorted and as sealed: {entries} entries, {tickets} tickets.",
        ru="Список полон, отсортирован и тот, что запечатан: записей {entries}, билетов {tickets}.",
    ),
    "ok_skips": Text(
        en="Skip rows are bound to each other and to the closing record: {rows}.",
        ru="Строки пропусков связаны друг с другом и с закрывающей записью: {rows}.",
    ),
    "ok_winners": Text(
        en="The winners are the first {winners} of the ranking that are not skipped.",
        ru="Победители — первые непропущенные в порядке: {winners}.",
    ),
    "winners_order": Text(
        en="winners swapped: they are not in the order of the ranking.",
        ru="победители переставлены: порядок не тот.",
    ),
    "winners_swapped": Text(
        en="winners swapped: {code}, place {place}, had to win and is not listed.",
        ru="победители подменены: {code}, место {place}, должен был выиграть, но его нет.",
    ),
    "winner_missing": Text(
        en="a winner is missing: {code}, place {place}, is not listed.",
        ru="не хватает победителя: {code}, место {place}, не указан.",
    ),
    "skip_missing": Text(
        en="a skip is missing: {code}, place {place}, is passed over without a reason.",
        ru="не хватает пропуска: {code}, место {place}, обойдён без причины.",
    ),
    "another_round": Text(
        en="another round: round {promised} was promised, the proof uses {found}.",
        ru="другой раунд: обещан {promised}, использован {found}.",
    ),
    "another_signature": Text(
        en="another signature: the stated randomness is not its hash.",
        ru="другая подпись: указанная случайность не её хеш.",
    ),
    "another_seed": Text(
        en="another seed: it is not the one that was promised.", ru="другое семя: обещано было не это."
    ),
    "opening_edited": Text(
        en="opening record edited: the closing record was made for another one.",
        ru="открывающая запись изменена: закрывающая сделана для другой.",
    ),
    "entries_dropped": Text(
        en="entries were dropped: {listed} listed, {sealed} sealed.",
        ru="записи удалены: в списке {listed}, запечатано {sealed}.",
    ),
    "entries_added": Text(
        en="entries were added: {listed} listed, {sealed} sealed.",
        ru="записи добавлены: в списке {listed}, запечатано {sealed}.",
    ),
    "weight_changed": Text(
        en="a weight was changed: {listed} tickets, {sealed} sealed.",
        ru="изменён вес: билетов {listed}, запечатано {sealed}.",
    ),
    "unsorted": Text(en="the list is unsorted at line {line}.", ru="список не отсортирован, строка {line}."),
    "repeated": Text(en="an entry is repeated at line {line}.", ru="запись повторяется, строка {line}."),
    "too_many_tickets": Text(
        en="more tickets than the promised {most} at line {line}.",
        ru="билетов больше обещанных {most}, строка {line}.",
    ),
    "line_shape": Text(
        en="line {line} of entries.txt is not 'code weight'.",
        ru="строка {line} в entries.txt не вида «код вес».",
    ),
    "another_list": Text(
        en="entries.txt is not the list that was sealed.", ru="entries.txt — не тот список, что запечатан."
    ),
    "another_root": Text(
        en="the sealed merkle_root is of another list.", ru="запечатанный merkle_root от другого списка."
    ),
    "too_many_winners": Text(
        en="more winners than the promised {most}.", ru="победителей больше обещанных {most}."
    ),
    "winner_twice": Text(en="a winner is listed twice.", ru="победитель указан дважды."),
    "winner_skipped": Text(
        en="a code is both winner and skipped.", ru="код и среди победителей, и среди пропущенных."
    ),
    "skip_chain": Text(
        en="skip row {number} does not follow the one before.",
        ru="строка пропуска {number} не следует за предыдущей.",
    ),
    "skip_place": Text(
        en="skip row {number} names another place than the ranking gives that code.",
        ru="строка пропуска {number} называет другое место, чем даёт порядок.",
    ),
    "skip_rows": Text(
        en="the skipped codes and their reasons are not those of the skip rows.",
        ru="пропущенные коды и причины не те, что в строках пропусков.",
    ),
    "posted_differs": Text(
        en="the hash posted in the channel is of another record.",
        ru="хеш из поста в канале от другой записи.",
    ),
    "record_shape": Text(
        en="the {name} record has other lines than it should.", ru="в записи ({name}) не те строки."
    ),
    "proof_shape": Text(en="proof.json is not readable.", ru="proof.json не читается."),
    "not_hex": Text(
        en="a value that should be lowercase hex is not.", ru="значение должно быть шестнадцатеричным."
    ),
    "not_number": Text(en="'{key}' is not a number in its record.", ru="«{key}» в записи не число."),
    "unknown_beacon": Text(
        en="the opening record names an unknown beacon.", ru="в открывающей записи неизвестный маяк."
    ),
    "unknown_version": Text(en="this is not draw/1.", ru="это не draw/1."),
    "before_beacon": Text(
        en="the closing time lies before the beacon's first round.",
        ru="время закрытия раньше первого раунда маяка.",
    ),
    "unexpected_signature": Text(
        en="a signature is given though no beacon was promised.", ru="подпись указана, хотя маяк не обещан."
    ),
    "hash_broken": Text(
        en="this browser's arithmetic contradicts itself; try another one.",
        ru="вычисления этого браузера противоречат себе; попробуйте другой.",
    ),
    "no_crypto": Text(
        en="this browser offers no cryptography here: open the page over https.",
        ru="браузер не даёт здесь криптографию: откройте страницу по https.",
    ),
    "not_fetched": Text(
        en="{name} could not be downloaded; try again.", ru="{name} не скачался; попробуйте ещё раз."
    ),
}
