"""How gunicorn serves the web process: `gunicorn -c config/gunicorn.py config.wsgi`."""

import os
import shutil
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

from gunicorn.glogging import Logger

from config import environment as environ
from config.environment import read
from config.logs import logging_config

WEB_HOST = read("str", "WEB_HOST", "127.0.0.1")
WEB_PORT = int(environ.number("WEB_PORT", 8000, least=0, most=65535))

bind = f"{WEB_HOST}:{WEB_PORT}"
worker_class = "gthread"
workers = int(environ.number("WEB_PROCESSES", 2, least=1, most=64))
threads = int(environ.number("WEB_THREADS", 8, least=1, most=64))
timeout = 60
graceful_timeout = 20
keepalive = 5
# A worker grows a little with every large answer; the jitter keeps two from restarting together.
max_requests = 20_000
max_requests_jitter = 2_000
control_socket_disable = True


class OurLines(Logger):  # type: ignore[misc]
    """Gunicorn's own messages as JSON lines like everybody's; requests are logged by the middleware."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        logging_config(read("str", "LOG_LEVEL", "INFO").upper())
        self.error_log.handlers.clear()
        self.error_log.propagate = True


logger_class = OurLines


# --- numbers: each process writes its own into one directory, any of them reads them all ---------------------
METRICS = "PROMETHEUS_MULTIPROC_DIR"


def on_starting(server: Any) -> None:
    """A directory of this start alone, before anything counts: numbers of a former life are not in it.

    One that is set is shared with other processes; whoever set it empties it before they start.
    """
    if not os.environ.get(METRICS):
        server.own_metrics = os.environ[METRICS] = tempfile.mkdtemp(prefix="telegive-metrics-")


def worker_exit(_server: Any, worker: Any) -> None:
    """In the worker itself, which knows the library that counts."""
    directory = os.environ.get(METRICS)
    if directory and worker.pid == os.getpid():
        import_module("config.metrics").hand_over(Path(directory), worker.pid)


def child_exit(_server: Any, worker: Any) -> None:
    """Counters of a worker that ended stay counted; its gauges do not."""
    # As prometheus_client.multiprocess does it. This process must not import it: a worker that inherited it from here
    # would not know of the directory.
    if directory := os.environ.get(METRICS):
        for gauge in Path(directory).glob(f"gauge_live*_{worker.pid}.db"):
            gauge.unlink(missing_ok=True)


def on_exit(server: Any) -> None:
    if own := getattr(server, "own_metrics", ""):
        shutil.rmtree(own, ignore_errors=True)
