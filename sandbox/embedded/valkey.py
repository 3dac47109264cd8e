"""Valkey, which speaks Redis: starting it and asking whether its data are loaded."""

import os
import signal
import socket
from pathlib import Path

from sandbox.embedded import programs
from sandbox.embedded.layout import VALKEY, Layout


def url(layout: Layout) -> str:
    return f"unix://{layout.valkey_socket}?db=0"


class Valkey:
    name = VALKEY
    title = "Valkey"
    variable = "REDIS_URL"
    stop_signal = signal.SIGTERM

    def prepare(self, layout: Layout) -> None:
        data = layout.data(self.name)
        data.mkdir(mode=0o700, exist_ok=True)
        if layout.account:
            os.chown(data, layout.account.uid, layout.account.gid)

    def command(self, layout: Layout) -> list[str | Path]:
        """A broker must not lose or evict: every second to disk, and full means an error."""
        return [
            programs.valkey(layout.account),
            *("--port", "0", "--unixsocket", layout.valkey_socket, "--unixsocketperm", "700"),
            *("--dir", layout.data(self.name), "--save", ""),
            *("--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory-policy", "noeviction"),
        ]

    def answers(self, layout: Layout) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            try:
                connection.connect(str(layout.valkey_socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")  # "-LOADING" until the data are read
            except OSError:
                return False
