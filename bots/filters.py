"""Filters of handlers. aiogram asks a bare magic filter in a thread, which costs more than everything it asks."""

from typing import Any

from aiogram.filters import Filter
from aiogram.types import TelegramObject
from aiogram.utils.magic_filter import MagicFilter


class Where(Filter):
    """A magic filter, asked where the event is: `Where(F.data == "yes")`."""

    def __init__(self, magic: MagicFilter) -> None:
        self.magic = magic

    async def __call__(self, event: TelegramObject) -> Any:
        return self.magic.resolve(event)
