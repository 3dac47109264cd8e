"""What can be wrong with a content, as it follows the name of the field."""

from config.language import Text

AN_OBJECT = Text(en="must be an object", ru="должен быть объектом")
A_TEXT = Text(en="must be a text", ru="должен быть текстом")
A_FLAG = Text(en="must be true or false", ru="должен быть true или false")
ONE_OF = Text(en="must be one of {names}", ru="должен быть одним из: {names}")
UNKNOWN = Text(en="is not known here", ru="здесь неизвестен")

# texts
UNSENDABLE_SIGNS = Text(
    en="has signs that no message can carry", ru="содержит знаки, которых не бывает в сообщениях"
)
TOO_MANY_BYTES = Text(
    en="has {size} bytes with its markup, {most} is the most",
    ru="занимает с разметкой {size} байт, а можно не больше {most}",
)
AT_PLACE = Text(en="{what} (at offset {offset})", ru="{what} (позиция {offset})")
LONE_BRACE = Text(
    en="a lone {sign} has to be written {sign}{sign}", ru="одиночная {sign} пишется как {sign}{sign}"
)
NO_SUCH_NAME = Text(en="{sign} is none of {known}", ru="{sign} — не одно из {known}")
UNREADABLE = Text(en="cannot be read by Telegram: {why}", ru="не читается в Telegram: {why}")
UNREADABLE_AT = Text(
    en="cannot be read by Telegram: {why} (at offset {offset} in UTF-16 units)",
    ru="не читается в Telegram: {why} (позиция {offset} в единицах UTF-16)",
)
NAME_IN_MARKUP = Text(
    en="has a placeholder inside its markup, where a name could break it",
    ru="содержит подстановку внутри разметки, где имя может её сломать",
)
TOO_LONG = Text(
    en="has {length} characters, Telegram takes {most} at most",
    ru="содержит {length} знаков, Telegram принимает не больше {most}",
)
TOO_LONG_WITH_NAMES = Text(
    en="has {length} characters with the longest names, Telegram takes {most} at most",
    ru="содержит с самыми длинными именами {length} знаков, Telegram принимает не больше {most}",
)
TOO_MANY_ENTITIES = Text(
    en="has {number} pieces of formatting, Telegram takes {most} at most",
    ru="содержит {number} элементов форматирования, Telegram принимает не больше {most}",
)
EMPTY = Text(en="is empty", ru="пуст")
EMPTY_FOR_SOME = Text(
    en="is empty for those of whom the bot knows no name: give a default",
    ru="пуст для тех, чьего имени бот не знает: укажите замену",
)

# files
WHICH_FILE = Text(en="is needed: give one of {names}", ru="нужен: укажите что-то одно из {names}")
NOT_UPLOADED = Text(
    en="is no file of yours: upload it at /api/media/ first",
    ru="не ваш файл: сначала загрузите его по адресу /api/media/",
)
UNFIT_FILE = Text(
    en="is a {kind}, which Telegram does not send as {wanted}",
    ru="это {kind}, а такое Telegram не отправляет как {wanted}",
)
CIRCLE_BY_ADDRESS = Text(
    en="is of no use: Telegram takes video notes as uploads only",
    ru="не поможет: видеосообщения Telegram принимает только загруженными файлами",
)
UNUSABLE = Text(en="cannot be used: {why}", ru="не подходит: {why}")
UNFIT_ENDING = Text(
    en="ends in {ending}: Telegram takes a {kind} from an address as {allowed}; upload it instead",
    ru="кончается на {ending}: по адресу Telegram принимает {kind} только как {allowed}; загрузите файл",
)
WHICH_FALLBACK = Text(
    en="must be an object whose type is one of {names}, or null",
    ru="должен быть объектом, чей type — одно из {names}, или null",
)
TYPE_ALONE = Text(
    en="names a type and nothing else: the file and its caption stay",
    ru="называет только type: файл и подпись остаются",
)
ONLY_TEXT = Text(
    en="can only be a text here: Telegram sends nothing but uploads in another way",
    ru="здесь может быть только текстом: иначе Telegram отправляет лишь загруженные файлы",
)

# albums
UNDER_ALBUM = Text(en="cannot stand under an album", ru="под альбомом не бывает")
LIST_OF_OBJECTS = Text(en="must be a list of objects", ru="должен быть списком объектов")
HOW_MANY = Text(en="must have {least} to {most} items", ru="должен содержать от {least} до {most} частей")
MIXED = Text(
    en="is of photos and videos, or of audio, or of documents",
    ru="состоит из фото и видео, или из аудио, или из документов",
)

# buttons
LIST_OF_ROWS = Text(en="must be a list of rows", ru="должен быть списком рядов")
TOO_MANY_BUTTONS = Text(
    en="are too many: {row} in a row and {most} together are the most",
    ru="слишком много: не больше {row} в ряду и {most} всего",
)
WHAT_BUTTON = Text(
    en="needs a text and either a url or callback_data", ru="нужны text и либо url, либо callback_data"
)
BUTTON_OF_TEXTS = Text(en="is written with texts", ru="записывается текстами")
BUTTON_TEXT = Text(en="needs a text of at most {most} characters", ru="нужен text не длиннее {most} знаков")
NO_ADDRESS = Text(
    en="leads to no address that Telegram opens", ru="не ведёт на адрес, который открывает Telegram"
)
CALLBACK_SIZE = Text(
    en="has callback_data of 1 to {most} bytes", ru="содержит callback_data от 1 до {most} байт"
)
