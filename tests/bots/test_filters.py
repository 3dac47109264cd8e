"""How updates find their handler: on the event loop, with no thread on the way."""

from collections.abc import Iterator

from aiogram import Router
from aiogram.dispatcher.event.handler import CallableObject

from tests.scene import one_dispatcher


def asked_on_the_way(router: Router) -> Iterator[CallableObject]:
    """Everything of this router and those below that an update may meet."""
    for observer in router.observers.values():
        for handler in (observer._handler, *observer.handlers):
            yield from handler.filters or ()
        yield from observer.handlers
    for below in router.sub_routers:
        yield from asked_on_the_way(below)


def test_no_update_waits_for_a_thread_to_find_its_handler() -> None:
    asked = list(asked_on_the_way(one_dispatcher()))
    assert len(asked) > 20
    assert [str(one.callback) for one in asked if not one.awaitable] == []
