"""A TCP cable to a server that can be pulled out and plugged in again."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import unquote, urlsplit


def _connect(address: str) -> socket.socket:
    """A connection to the server of a database or Redis URL, over TCP or a unix socket."""
    parts = urlsplit(address)
    if parts.scheme == "unix":
        end = socket.socket(socket.AF_UNIX)
        end.connect(parts.path)
        return end
    host = unquote(parts.netloc.rpartition("@")[2].rpartition(":")[0]) or "127.0.0.1"
    if host.startswith("/"):
        end = socket.socket(socket.AF_UNIX)
        end.connect(f"{host}/.s.PGSQL.{parts.port or 5432}")
        return end
    return socket.create_connection((host, parts.port or (6379 if parts.scheme == "redis" else 5432)))


class Cable:
    def __init__(self, address: str) -> None:
        self.address = address
        self.plugged = True
        self.ends: list[socket.socket] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def pull(self) -> None:
        """Every connection breaks; new ones break at once."""
        self.plugged = False
        for end in self.ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self.ends.clear()

    def plug(self) -> None:
        self.plugged = True

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                if not self.plugged:
                    near.close()
                    continue
                far = _connect(self.address)
                self.ends += [near, far]
                for source, target in ((near, far), (far, near)):
                    threading.Thread(target=_carry, args=(source, target), daemon=True).start()


def _carry(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
    source.close()


@contextmanager
def cable_to(address: str) -> Iterator[Cable]:
    cable = Cable(address)
    try:
        yield cable
    finally:
        cable.pull()
        cable.listener.close()
