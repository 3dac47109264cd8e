"""A stored file on its way to Telegram: by the id the bot has for it, else uploaded once and the id kept."""

from collections.abc import AsyncGenerator, Callable
from typing import IO, Any

from aiogram import Bot as AiogramBot
from aiogram import methods
from aiogram.types import InputFile
from django.conf import settings

from bots.answers import Answer
from bots.media import file_id_of
from bots.models import Media
from bots.services import media as files

CHUNK_BYTES = 64 * 1024
UPLOAD_SECONDS = settings.TELEGRAM_TIMEOUT_SECONDS + 30 * settings.LEASE_SCALE  # less than any lease
SENDING: dict[str, type[methods.TelegramMethod[Any]]] = {
    "photo": methods.SendPhoto,
    "video": methods.SendVideo,
    "animation": methods.SendAnimation,
    "audio": methods.SendAudio,
    "voice": methods.SendVoice,
    "document": methods.SendDocument,
}


class Upload(InputFile):
    """A file that is open for reading, sent from its beginning."""

    def __init__(self, content: IO[bytes], name: str) -> None:
        super().__init__(filename=name, chunk_size=CHUNK_BYTES)
        self.content = content

    async def read(self, bot: AiogramBot) -> AsyncGenerator[bytes, None]:  # noqa: ARG002
        self.content.seek(0)
        while chunk := self.content.read(self.chunk_size):
            yield chunk


Sendable = InputFile | str


def sending(kind: str, file: Sendable, **rest: Any) -> methods.TelegramMethod[Any]:
    """The method of the Bot API that sends a file of this kind."""
    return SENDING[kind](**{kind: file}, **rest)


def patience(file: Sendable | None) -> float | None:
    """Seconds to wait for an answer: an upload takes longer than a word."""
    return UPLOAD_SECONDS if isinstance(file, InputFile) else None


def send(*, bot_id: int, media: Media, call: Callable[[Sendable], Answer]) -> Answer:
    """Lets `call` send the file by its id; one that Telegram does not know any more is forgotten and the file
    uploaded again, for which nothing happened yet. `call` must not be in a transaction."""
    known = files.file_ids(bot_id=bot_id, media_ids=[media.pk]).get((media.pk, media.kind))
    if known:
        answer = call(known)
        if answer.kind != "file":
            return answer
        files.forget_file_id(bot_id=bot_id, media_id=media.pk, file_id=known)
    with files.opened(media.pk) as content:
        answer = call(Upload(content, media.file_name))
    if answer.ok and (file_id := file_id_of(answer.result, media.kind)):
        files.remember_file_id(bot_id=bot_id, media_id=media.pk, kind=media.kind, file_id=file_id)
    return answer
