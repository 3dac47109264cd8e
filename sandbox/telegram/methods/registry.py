"""The table of methods: name, function, and whether flood control counts it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sandbox.telegram.core import Telegram
from sandbox.telegram.models import Bot
from sandbox.telegram.params import Params
from sandbox.telegram.world import World


@dataclass(slots=True)
class Call:
    telegram: Telegram
    bot: Bot
    method: str
    params: Params

    @property
    def world(self) -> World:
        return self.telegram.world


@dataclass(slots=True, frozen=True)
class Raw:
    """A result that is JSON text already."""

    text: str


@dataclass(slots=True, frozen=True)
class Described:
    """A result with a description beside it in the envelope."""

    result: Any
    description: str


Handler = Callable[[Call], Any]
SomeHandler = TypeVar("SomeHandler", bound=Handler)


@dataclass(slots=True, frozen=True)
class Method:
    name: str
    handler: Handler
    sends: bool


METHODS: dict[str, Method] = {}


def method(*names: str, sends: bool = False) -> Callable[[SomeHandler], SomeHandler]:
    """Enters the function under its names; `sends` puts it under flood control."""

    def enter(handler: SomeHandler) -> SomeHandler:
        for name in names:
            METHODS[name.lower()] = Method(name, handler, sends)
        return handler

    return enter


async def run(call: Call, handler: Handler) -> Any:
    result = handler(call)
    return await result if isinstance(result, Awaitable) else result
