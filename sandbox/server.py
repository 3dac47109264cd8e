"""The sandbox server: Telegram's Bot API, SMS, the control API and the page on one loopback port, mail on another.

`python -m sandbox.server` runs it with SANDBOX_HOST, SANDBOX_PORT, SANDBOX_SMTP_PORT and SANDBOX_STATE; tests start
one in a thread of their own with `running_sandbox()`.
"""

import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

from aiohttp import web

from sandbox import drand, partner
from sandbox.control import (
    bots,
    channels,
    crowd,
    events,
    inbox,
    mtproto,
    page,
    people,
    preview,
    requests,
    stage,
    stars,
)
from sandbox.control import partner as direct_partner
from sandbox.inbox import Inbox, mail
from sandbox.telegram import transport
from sandbox.telegram.acts import NotPossible
from sandbox.telegram.core import Telegram
from sandbox.telegram.errors import BotApiError
from sandbox.telegram.journal import JournalInUse
from sandbox.telegram.models import JSON, Bot

UPLOAD_BYTES = 52 * 1024 * 1024
STOP_SECONDS = 0.2
EXPIRE_SECONDS = 30.0
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
logger = logging.getLogger("sandbox")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def build_app(directory: Path | None = None, smtp_port: int = 0) -> web.Application:
    """`smtp_port`: where mail is received; 0 is any free one, which /sandbox/health tells."""

    async def execute(bot: Bot, values: JSON) -> None:
        await transport.execute_from_webhook(telegram, bot, values)

    telegram = Telegram(directory, execute)
    app = web.Application(client_max_size=UPLOAD_BYTES, middlewares=[_answer_in_shape])
    app[requests.TELEGRAM] = telegram
    app[inbox.INBOX] = Inbox(telegram.world)
    app[inbox.SMTP_PORT] = [smtp_port]
    app[preview.PROFILE] = {}
    app[crowd.CROWDS] = crowd.Crowds(telegram)
    transport.add_routes(app, telegram)
    for part in (bots, people, channels, stage, crowd, events, inbox, stars, page, preview, mtproto):
        app.add_routes(part.ROUTES)
    app[partner.PARTNER] = partner.Partner(telegram.world)
    for routes in (drand.ROUTES, partner.ROUTES, direct_partner.ROUTES):
        app.add_routes(routes)
    app.cleanup_ctx.append(_life)
    return app


async def _life(app: web.Application) -> AsyncIterator[None]:
    telegram = app[requests.TELEGRAM]
    await telegram.webhooks.start(list(telegram.world.bots.values()))
    async with mail.receiving(app[inbox.INBOX], app[inbox.SMTP_PORT][0]) as port:
        app[inbox.SMTP_PORT][0] = port
        yield
    app[crowd.CROWDS].forget()
    await telegram.webhooks.stop()
    telegram.world.journal.close()


@web.middleware
async def _answer_in_shape(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Control refusals become sentences; nothing is answered before the journal holds it."""
    try:
        response = await handler(request)
    except requests.Refused as refused:
        response = requests.answer({"error": str(refused)}, refused.status)
    except NotPossible as refused:
        response = requests.answer({"error": str(refused)}, 400)
    except BotApiError as refused:
        response = requests.answer({"error": refused.description}, 400)
    except web.HTTPException as refused:
        if request.path.startswith("/sandbox"):
            response = requests.answer({"error": f"{refused.reason}."}, refused.status)
        else:
            response = transport.not_found()
    request.app[requests.TELEGRAM].world.journal.flush()
    return response


class Running:
    """A sandbox in a thread of this process, on a free port; in memory unless it has a directory."""

    def __init__(self, directory: Path | None = None, port: int = 0) -> None:
        self._directory = directory
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._ready = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="sandbox", daemon=True)
        self.url = ""

    def start(self) -> "Running":
        self._thread.start()
        self._ready.wait()
        if self._error:
            raise self._error
        return self

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        except (OSError, JournalInUse) as error:
            self._error = error
        finally:
            self._ready.set()
            self._loop.close()

    async def _serve(self) -> None:
        async with serving(build_app(self._directory), "127.0.0.1", self._port) as port:
            self.url = f"http://127.0.0.1:{port}"
            self._ready.set()
            await self._stopping.wait()


@contextlib.contextmanager
def running_sandbox(directory: Path | None = None) -> Iterator[str]:
    """`with running_sandbox() as url:` gives the base URL of a fresh sandbox."""
    running = Running(directory).start()
    try:
        yield running.url
    finally:
        running.stop()


@contextlib.asynccontextmanager
async def serving(app: web.Application, host: str, port: int) -> AsyncIterator[int]:
    """Serves the app while the block runs; gives the port it got."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, backlog=1024).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def _run_until_told(host: str, port: int, smtp_port: int, directory: Path) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopping.set)
    async with serving(build_app(directory, smtp_port), host, port) as bound:
        logger.info("The sandbox's Telegram is at http://%s:%s/", host, bound)
        await stopping.wait()


def main() -> int:
    """Runs until it is told to stop; says in one sentence why it cannot start."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    host = os.environ.get("SANDBOX_HOST", "127.0.0.1")
    port = os.environ.get("SANDBOX_PORT", "8081")
    smtp_port = os.environ.get("SANDBOX_SMTP_PORT") or "0"
    directory = Path(os.environ.get("SANDBOX_STATE", "var/sandbox"))
    if host not in LOOPBACK:
        logger.error("The sandbox listens on loopback only, not on %s.", host)
        return 2
    try:
        asyncio.run(_run_until_told(host, int(port), int(smtp_port), directory))
    except ValueError:
        logger.error("SANDBOX_PORT and SANDBOX_SMTP_PORT must be numbers, not %r and %r.", port, smtp_port)
        return 2
    except JournalInUse as error:
        logger.error("Another sandbox uses %s: %s", directory, error)
        return 2
    except OSError as error:
        logger.error("The sandbox cannot start on %s:%s: %s", host, port, error.strerror)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
