"""The bot surface: the dispatcher, and the routers of every app in the order they are asked."""

from aiogram import Dispatcher

from bots.handlers import last_router, payments_router
from bots.handlers import router as bots_router
from giveaways.handlers import router as giveaways_router
from participants.handlers import entrance
from participants.handlers import router as participants_router


def dispatcher() -> Dispatcher:
    """A dispatcher for all bots. Routers belong to one dispatcher, so it is made once per process."""
    table = Dispatcher()
    table.include_routers(payments_router, participants_router, giveaways_router, bots_router, last_router)
    table["shortcut"] = entrance
    return table
