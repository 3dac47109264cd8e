"""The keeper: the one process that owns the servers of a base directory, and ends with their last user.

Run as `python -m sandbox.embedded.keeper BASE`; it leaves its parent at once and writes what it knows to
the state file. Users are known by the locks they hold, never by what they say.
"""

import os
import signal
import sys
import time
from pathlib import Path
from typing import IO

from sandbox.embedded import state
from sandbox.embedded.kept import Kept
from sandbox.embedded.layout import Layout, locate
from sandbox.embedded.locks import try_exclusive
from sandbox.embedded.postgres import Postgres
from sandbox.embedded.processes import mentions
from sandbox.embedded.server import Server
from sandbox.embedded.state import State
from sandbox.embedded.valkey import Valkey

SERVERS: tuple[Server, ...] = (Valkey(), Postgres())
STARTING_SECONDS = 0.02
WATCHING_SECONDS = 0.25


class Keeper:
    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.kept = [Kept(server, layout) for server in SERVERS]
        self.told: State | None = None
        self.told_in: IO[bytes] | None = None
        self.is_stopping = False

    def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        try:
            while not self.is_stopping and not self._is_alone():
                self._round()
        finally:
            for kept in self.kept:
                kept.stop()
            self.layout.state.unlink(missing_ok=True)

    def _stop(self, *_: object) -> None:
        self.is_stopping = True

    def _is_alone(self) -> bool:
        """True with every users' lock in hand, to the end of this process: newcomers get a new keeper."""
        free = [kept.nobody_uses_it() for kept in self.kept]
        return all(free) and all(kept.is_abandoned for kept in self.kept)

    def _round(self) -> None:
        for kept in self.kept:
            kept.step()
            kept.let_in()
        self._tell()
        starting = any(kept.is_starting for kept in self.kept)
        time.sleep(STARTING_SECONDS if starting else WATCHING_SECONDS)

    def _tell(self) -> None:
        news = State(
            keeper=os.getpid(),
            ready=[kept.server.name for kept in self.kept if kept.ready],
            failed={kept.server.name: (kept.failures, kept.failure) for kept in self.kept if kept.failure},
            pids={kept.server.name: kept.process.pid for kept in self.kept if kept.process},
        )
        if news != self.told:
            last, self.told_in = self.told_in, state.write(self.layout.state, news)
            self.told = news
            if last:
                last.close()


def end_orphans(layout: Layout) -> None:
    """Where the kernel does not tell servers of their keeper's death (macOS), the next keeper does."""
    last = state.read(layout.state)
    for server in SERVERS:
        pid = last.pids.get(server.name) if last else None
        if pid and mentions(pid, str(layout.sockets)):
            os.kill(pid, server.stop_signal)


def main() -> None:
    layout = locate(Path(sys.argv[1]))
    with layout.keeper_lock.open("ab") as lock:
        if not try_exclusive(lock):
            return
        # Until here a failure is the caller's to report. From here init is the parent: the user who
        # happened to be first may go, and nobody has to collect this process.
        if os.fork():
            os._exit(0)
        os.setsid()
        end_orphans(layout)
        Keeper(layout).run()


if __name__ == "__main__":
    main()
