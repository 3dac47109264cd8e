"""The numbers a process counted itself, and the door of processes that have no other: workers, pumps, the clock."""

import logging
import os

from prometheus_client import REGISTRY, CollectorRegistry, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector

from config import environment as environ
from config.environment import read

log = logging.getLogger(__name__)
METRICS_HOST = read("str", "METRICS_HOST", "127.0.0.1")
METRICS_PORT = int(environ.number("METRICS_PORT", 0, least=0, most=65535))


def registry() -> CollectorRegistry:
    """This process's numbers, or those of every process that shares its PROMETHEUS_MULTIPROC_DIR."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return REGISTRY
    shared = CollectorRegistry()
    MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
    return shared


def open_door(host: str, port: int) -> None:
    """Serves /metrics beside the work. A port that is taken costs the numbers, never the work: Prometheus says so."""
    try:
        start_http_server(port, addr=host, registry=registry())
    except OSError as error:
        log.error("metrics cannot be served at %s:%s: %s", host, port, error.strerror)
