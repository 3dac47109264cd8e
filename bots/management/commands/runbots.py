"""manage.py runbots: the process that takes Telegram's updates, by polling or by webhook."""

import asyncio
import gc
import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils.module_loading import import_string

from bots.updates.roster import Roster


class Command(BaseCommand):
    help = "Takes updates of all active bots. Start as many as you like: bots are shared out by lease."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--mode", choices=["polling", "webhook"], default=settings.TELEGRAM_UPDATES)

    def handle(self, *_args: Any, **options: Any) -> None:
        asyncio.run(self.serve(options["mode"]))

    async def serve(self, mode: str) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, stop.set)
        dispatcher = import_string(settings.TELEGRAM_DISPATCHER)()
        gc.freeze()  # all that was imported stays: looking for garbage in it would cost a tenth of the time
        await Roster(dispatcher=dispatcher, mode=mode).run(stop)
