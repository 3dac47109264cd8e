"""`GET /api/v1/offers/` with a token, beside a plain Django view of constant bytes on the same gunicorn server.

    python -m benchmarks.offers [--seconds 5] [--callers 8] [--runs 5] [--json FILE]

One server process with the threads of production and all its middleware answers both, in turn, to the same callers:
raw sockets with keep-alive. `profile` is what an ordinary door costs, which looks up the user's row.
"""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from urllib.parse import urlsplit

import psutil

from benchmarks import results

from benchmarks.delivery.pumps import cpu_seconds, prepare  # isort: skip (it gives settings to what follows)
from accounts import sessions
from accounts.audit import SYSTEM
from accounts.models import AuditEntry, User
from offers.models import Offer
from offers.services import sell
from sandbox.supervisor.environment import PROJECT
from sandbox.supervisor.health import is_healthy

PAGES = {"constant view": "/constant", "offers": "/api/v1/offers/", "profile": "/api/v1/auth/profile"}
WARM_UP = 1.0
NAME = "benchmark_reader"


@contextmanager
def server() -> Iterator[tuple[str, psutil.Process]]:
    """gunicorn as ./run.sh starts it, with one process, so that callers and servers have a core to themselves."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py", "--bind", f"127.0.0.1:{port}"]
    options = ["--workers", "1", "--max-requests", "0", "--graceful-timeout", "1", "benchmarks.constant"]
    environment = {**os.environ, "THROTTLE_SCALE": "100000"}  # one address asks more than any client may
    process = subprocess.Popen([*command, *options], cwd=PROJECT, env=environment, stderr=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        assert is_healthy(f"{url}/health/live", seconds=60), "gunicorn does not come up"
        yield url, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


@contextmanager
def shop() -> Iterator[str]:
    """Ten offers and somebody's access token; all of it is taken away at the end."""
    user = User.objects.create_user(NAME)
    made = [
        sell.create(
            by=SYSTEM, name=f"{NAME} {number}", kind="tv", partner_code="b", price=Decimal(30 + number),
            description="A hundred channels, in every room.",
        )
        for number in range(10)
    ]  # fmt: skip
    try:
        yield sessions.open_session(user).access
    finally:
        Offer.objects.filter(pk__in=[offer.pk for offer in made]).delete()
        AuditEntry.objects.filter(
            object_type="offer", object_id__in=[str(offer.pk) for offer in made]
        ).delete()
        user.delete()
        user.account.delete()


def ask(url: str, path: str, token: str, until_: float, counted: list[int]) -> None:
    """One caller: a request, its whole answer, the next."""
    address = urlsplit(url)
    request = (
        f"GET {path} HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {token}\r\n"
        "Accept: application/json\r\n\r\n"
    ).encode()
    count = 0
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=30) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while time.perf_counter() < until_:
            line.sendall(request)
            answer = line.recv(65_536)
            head, _, body = answer.partition(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
            while len(body) < length:
                body += line.recv(65_536)
            assert head.startswith(b"HTTP/1.1 200"), head
            count += 1
    counted.append(count)


def measure(
    url: str, process: psutil.Process, path: str, token: str, asked: Sequence[float]
) -> dict[str, float]:
    """So many callers for so many seconds."""
    seconds, callers = asked
    counted: list[int] = []
    before, began = cpu_seconds([process]), time.perf_counter()
    threads = [
        threading.Thread(target=ask, args=(url, path, token, began + seconds, counted))
        for _ in range(int(callers))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took, used = time.perf_counter() - began, cpu_seconds([process]) - before
    assert len(counted) == len(threads), "a caller got no answer"
    return {"requests per second": sum(counted) / took, "per CPU-second": sum(counted) / max(used, 0.01)}


def main(argv: Sequence[str] | None = None) -> None:
    asked = results.options(__doc__, argv, seconds=5.0, callers=8, runs=5)
    prepare()
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in PAGES}
    with shop() as token, server() as (url, process):
        for path in PAGES.values():
            measure(url, process, path, token, (min(WARM_UP, asked.seconds), asked.callers))
        for _ in range(asked.runs):
            for name, path in PAGES.items():  # in turn, so that a slow minute meets all
                runs[name].append(measure(url, process, path, token, (asked.seconds, asked.callers)))
    table = results.medians(runs)
    constant = table["constant view"]["requests per second"]
    told = {
        name: {**row, "of constant": row["requests per second"] / constant} for name, row in table.items()
    }
    results.tell("offers", asked, runs, told)


if __name__ == "__main__":
    main()
