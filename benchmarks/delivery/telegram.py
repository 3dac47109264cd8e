"""A Bot API in a process of its own that accepts everything, fast, after a latency, and remembers when."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any
from urllib.request import urlopen

from benchmarks.delivery.processes import in_a_process

TIMES: list[float] = []
ANSWER = b'{"ok":true,"result":{"message_id":%d,"date":1,"chat":{"id":1,"type":"private"}}}'
ME = b'{"ok":true,"result":{"id":1,"is_bot":true,"first_name":"B","username":"benchmark_bot"}}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


class Answering(asyncio.Protocol):
    """Enough HTTP to accept messages, and nothing more. GET /times tells when they came."""

    def __init__(self, latency: float) -> None:
        self.latency = latency

    def connection_made(self, transport: Any) -> None:
        self.transport, self.buffer = transport, b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end].lower()
            length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
            if len(self.buffer) < end + 4 + length:
                return
            self.buffer = self.buffer[end + 4 + length :]
            self.answer(head)

    def answer(self, head: bytes) -> None:
        if head.startswith(b"get"):
            self.write(json.dumps(len(TIMES) if head.startswith(b"get /count") else TIMES).encode())
            return
        if b"/getme" in head:
            self.write(ME)
            return
        TIMES.append(time.time())
        body = ANSWER % len(TIMES)
        if self.latency:
            asyncio.get_running_loop().call_later(self.latency, self.write, body)
        else:
            self.write(body)

    def write(self, body: bytes) -> None:
        self.transport.write(HEAD % len(body) + body)


def serve(latency: float, told: Connection) -> None:
    """Answers until it is terminated; tells its port."""

    async def run() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Answering(latency), "127.0.0.1", 0, backlog=4096)
        told.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


class Telegram:
    def __init__(self, url: str) -> None:
        self.url = url

    def count(self) -> int:
        return int(self._ask("count"))

    def times(self) -> list[float]:
        """When each message came, by the server's clock, in order."""
        return list(self._ask("times"))

    def _ask(self, what: str) -> Any:
        with urlopen(f"{self.url}/{what}", timeout=60) as answer:
            return json.load(answer)


@contextmanager
def telegram(latency: float = 0.0) -> Iterator[Telegram]:
    port, process = in_a_process(serve, latency)
    try:
        yield Telegram(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.join()


def wait_for(come_true: Callable[[], object], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not come_true():
        if time.monotonic() > deadline:
            raise SystemExit(f"Waited {seconds:.0f} s in vain for {what}.")
        time.sleep(0.05)
