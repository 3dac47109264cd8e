"""The numbers a process counted itself, and the door of processes that have no other: workers, pumps, the clock."""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry, start_http_server
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

from config import environment as environ
from config.environment import read

log = logging.getLogger(__name__)
METRICS_HOST = read("str", "METRICS_HOST", "127.0.0.1")
METRICS_PORT = int(environ.number("METRICS_PORT", 0, least=0, most=65535))
ADDED_UP = ("counter", "histogram", "summary")


def registry() -> CollectorRegistry:
    """This process's numbers, or those of every process that shares its PROMETHEUS_MULTIPROC_DIR."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return REGISTRY
    shared = CollectorRegistry()
    Shared(shared)
    return shared


class Shared(MultiProcessCollector):
    """Reads while nobody hands over, so that nothing is counted twice."""

    def __init__(self, registry: CollectorRegistry) -> None:
        super().__init__(registry)  # type: ignore[no-untyped-call]

    def collect(self) -> Any:
        with locked(Path(self._path), fcntl.LOCK_SH):
            return super().collect()  # type: ignore[no-untyped-call]


def hand_over(directory: Path, pid: int) -> None:
    """A process that ends adds its numbers to those of the ended before it: else there would be three more files to
    read with each worker that web replaces, thousands after some weeks."""
    with locked(directory, fcntl.LOCK_EX):
        for kind in ADDED_UP:
            own = directory / f"{kind}_{pid}.db"
            if own.exists():
                add(own, directory / f"{kind}_ended.db")
                own.unlink()


def add(own: Path, together: Path) -> None:
    ended = MmapedDict(str(together))  # type: ignore[no-untyped-call]
    for key, value, timestamp, _ in MmapedDict.read_all_values_from_file(own):  # type: ignore[no-untyped-call]
        before, _ = ended.read_value(key)  # type: ignore[no-untyped-call]
        ended.write_value(key, before + value, timestamp)  # type: ignore[no-untyped-call]
    ended.close()  # type: ignore[no-untyped-call]


@contextmanager
def locked(directory: Path, how: int) -> Iterator[None]:
    """The kernel drops the lock of whoever dies."""
    with (directory / "lock").open("w") as file:
        fcntl.flock(file, how)
        yield


def open_door(host: str, port: int) -> None:
    """Serves /metrics beside the work. A port that is taken costs the numbers, never the work: Prometheus says so."""
    try:
        start_http_server(port, addr=host, registry=registry())
    except OSError as error:
        log.error("metrics cannot be served at %s:%s: %s", host, port, error.strerror)
