"""Using the servers: hold them, wait until they serve, let them go, forget their data."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sandbox.embedded import postgres, state, valkey
from sandbox.embedded.errors import EmbeddedServersError
from sandbox.embedded.layout import ALL, POSTGRES, VALKEY, Layout, locate
from sandbox.embedded.locks import hold_shared, is_held, try_exclusive
from sandbox.embedded.state import State

PROJECT = Path(__file__).resolve().parents[2]
READY_SECONDS = 120.0
GONE_SECONDS = 30.0
PATIENCE_SECONDS = 4.0
LOOK_SECONDS = 0.02

_held: dict[Path, dict[str, IO[bytes]]] = {}  # by base directory and server
_guard = threading.Lock()


@dataclass(frozen=True)
class Servers:
    """Where the servers of a base directory answer."""

    database_url: str
    redis_url: str


def ensure(base: Path, wanted: Iterable[str] = ALL) -> Servers:
    """Makes sure the wanted servers run for as long as this process lives, or until `release`.

    Cheap when they run already, so it may be called again and again: that also replaces a killed keeper.
    Raises EmbeddedServersError.
    """
    _refuse_windows()
    layout = locate(base)
    names = frozenset(wanted)
    _hold(layout, names)
    try:
        _wait_until_ready(layout, names)
    except EmbeddedServersError:
        release(base)
        raise
    return Servers(postgres.url(layout), valkey.url(layout))


def release(base: Path) -> None:
    """Lets the servers go; the keeper stops those nobody else holds."""
    with _guard:
        for file in _held.pop(base.absolute(), {}).values():
            file.close()


def hand_down() -> None:
    """The locks stay with whatever program this process turns into with os.exec*()."""
    for files in _held.values():
        for file in files.values():
            os.set_inheritable(file.fileno(), True)


def dismiss(base: Path) -> None:
    """Lets the servers go and, unless somebody else holds them, waits a little until they are gone.

    A slow disk may take longer; the keeper then finishes without us.
    """
    if base.absolute() not in _held:
        return
    release(base)
    layout = locate(base)
    with _alone(layout) as alone:
        if alone:
            _end_keeper(layout, PATIENCE_SECONDS)


def forget(base: Path) -> None:
    """Removes the servers' data. Raises EmbeddedServersError while anybody uses them."""
    layout = locate(base)
    with _alone(layout) as alone:
        if not alone:
            raise EmbeddedServersError(f"The servers under {base} are in use: stop what uses them first.")
        if not _end_keeper(layout, GONE_SECONDS):
            raise EmbeddedServersError(
                f"The keeper of {layout.home} does not end; its logs are in {layout.logs}."
            )
        try:
            for place in filter(Path.exists, (layout.data(POSTGRES), layout.data(VALKEY), layout.logs)):
                shutil.rmtree(place)  # the lock files stay: somebody may be waiting on them
        except OSError as error:
            raise EmbeddedServersError(f"{error.filename}: {error.strerror}.") from error


@contextmanager
def _alone(layout: Layout) -> Iterator[bool]:
    """Keeps newcomers out meanwhile. The keeper looks at the same locks now and then, hence the second."""
    with ExitStack() as files:
        locks = [files.enter_context(layout.users_lock(name).open("ab")) for name in sorted(ALL)]
        yield _before(1.0, lambda: all(try_exclusive(lock) for lock in locks))


def _refuse_windows() -> None:
    if sys.platform == "win32":
        raise EmbeddedServersError(
            "The embedded servers need Linux or macOS (on Windows: WSL): set DATABASE_URL and REDIS_URL."
        )


def _hold(layout: Layout, names: frozenset[str]) -> None:
    with _guard:
        files = _held.setdefault(layout.base, {})
        for name in sorted(names - files.keys()):
            files[name] = hold_shared(layout.users_lock(name))


def _wait_until_ready(layout: Layout, names: frozenset[str]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    earlier = _failures(names, state.read(layout.state))  # somebody else's: the keeper is about to try again
    while not _are_ready(names, news := state.read(layout.state)):
        if not is_held(layout.keeper_lock):
            _start_keeper(layout)
        if failed := _failures(names, news) - earlier:
            raise EmbeddedServersError(" ".join(why for _, why in sorted(failed)))
        if time.monotonic() > deadline:
            raise EmbeddedServersError(
                f"The embedded servers are not ready; their logs are in {layout.logs}."
            )
        time.sleep(LOOK_SECONDS)


def _failures(names: frozenset[str], news: State | None) -> set[tuple[int, str]]:
    return {news.failed[name] for name in names & news.failed.keys()} if news and news.is_true else set()


def _are_ready(names: frozenset[str], news: State | None) -> bool:
    return news is not None and names <= set(news.ready) and news.is_true


def _start_keeper(layout: Layout) -> None:
    """Returns when the keeper stands on its own feet; one that stands already makes this a no-op."""
    path = layout.logs / "keeper.log"
    with path.open("ab") as log:
        done = subprocess.run(
            [sys.executable, "-m", "sandbox.embedded.keeper", layout.base],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=PROJECT,
            check=False,
            start_new_session=True,
        )
    if done.returncode:
        raise EmbeddedServersError(f"The keeper of the embedded servers does not start; see {path}.")


def _end_keeper(layout: Layout, seconds: float) -> bool:
    """Whether it ended, and the servers with it, within that time."""
    news = state.read(layout.state)
    if news and news.is_true:
        os.kill(news.keeper, signal.SIGTERM)
    return _before(seconds, lambda: not is_held(layout.keeper_lock))


def _before(seconds: float, condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not (holds := condition()) and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
    return holds
