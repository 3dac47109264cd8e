"""What a process says: into its log file, and line by line to a listener."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import IO

Hear = Callable[[str], None]


class Output:
    """The reading end of a process's pipe, never waited for."""

    def __init__(self, pipe: IO[bytes], log: Path, hear: Hear) -> None:
        self.pipe = pipe
        self.is_open = True
        os.set_blocking(pipe.fileno(), False)
        self._log = log.open("ab", buffering=0)
        self._hear = hear
        self._rest = b""

    def read(self) -> None:
        """Passes on what there is."""
        try:
            while chunk := os.read(self.pipe.fileno(), 65536):
                self._take(chunk)
            self.is_open = False
        except BlockingIOError:
            pass  # the process thinks

    def close(self) -> None:
        self.read()
        if self._rest:
            self._take(b"\n")
        self.is_open = False
        self.pipe.close()
        self._log.close()

    def _take(self, chunk: bytes) -> None:
        self._log.write(chunk)
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            self._hear(line.decode(errors="replace").rstrip())


def start_log(log: Path) -> None:
    """A new log for a new run; the last run's is kept beside it."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists():
        log.replace(log.with_suffix(".log.1"))


def last_lines(log: Path, count: int = 15) -> list[str]:
    """The end of a log, for a person who must see why a process failed."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 16_000))
        return file.read().decode(errors="replace").strip().splitlines()[-count:]
