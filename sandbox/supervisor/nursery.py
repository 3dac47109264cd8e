"""Starting processes: forked from the zygote where that is possible, in the ordinary way everywhere else."""

import ctypes
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Protocol

from sandbox.embedded.processes import die_with_parent

PR_SET_CHILD_SUBREAPER = 36
ANSWER_SECONDS = 20.0


class Process(Protocol):
    """What the supervisor asks of a process; subprocess.Popen is one."""

    pid: int

    def poll(self) -> int | None: ...
    def wait(self) -> int: ...
    def terminate(self) -> None: ...


class Adopted:
    """A process the zygote made and the kernel gave to us: nobody else can wait for it."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._code: int | None = None

    def poll(self) -> int | None:
        return self._collect(os.WNOHANG)

    def wait(self) -> int:
        code = self._collect(0)
        return -1 if code is None else code

    def terminate(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGTERM)

    def _collect(self, how: int) -> int | None:
        if self._code is None:
            pid, status = os.waitpid(self.pid, how)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
        return self._code


class Nursery:
    """Starts processes in `project`. `preload` begins to import; `is_settled` says when that is over."""

    def __init__(self, environment: Mapping[str, str], project: Path) -> None:
        self._environment = environment
        self._project = project
        self._zygote: subprocess.Popen[bytes] | None = None
        self._requests: socket.socket | None = None
        self._is_ready = False

    def preload(self, modules: tuple[str, ...], log: Path) -> None:
        if sys.platform != "linux" or not modules:
            return
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
        self._requests, theirs = socket.socketpair()
        command = (sys.executable, "-m", "sandbox.supervisor.zygote", str(theirs.fileno()), *modules)
        with log.open("ab") as output, theirs:
            self._zygote = subprocess.Popen(
                command,
                cwd=self._project,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )

    def is_settled(self) -> bool:
        """True when the zygote is ready, or will never be: then processes say themselves what is wrong."""
        if self._requests and not self._is_ready and select.select([self._requests], [], [], 0)[0]:
            self._is_ready = bool(self._requests.recv(64))
            if not self._is_ready:
                self.close()
        return self._is_ready or self._requests is None

    def spawn(self, command: tuple[str, ...], *, forked: bool) -> tuple[Process, IO[bytes]]:
        """The process and the reading end of its output."""
        reading, writing = os.pipe()
        try:
            process = (self._fork(command, writing) if forked else None) or self._execute(command, writing)
        finally:
            os.close(writing)
        return process, os.fdopen(reading, "rb", buffering=0)

    def close(self) -> None:
        """The zygote ends when nobody can ask it any more."""
        if self._requests:
            self._requests.close()
            self._requests = None
        if self._zygote:
            self._zygote.kill()
            self._zygote.wait()
            self._zygote = None
        self._is_ready = False

    def _fork(self, command: tuple[str, ...], output: int) -> Process | None:
        """None when the zygote cannot."""
        if not self._requests or not self._is_ready:
            return None
        try:
            socket.send_fds(self._requests, [json.dumps(command[1:]).encode()], [output])
            self._requests.settimeout(ANSWER_SECONDS)
            return Adopted(int(self._requests.recv(64)))
        except (OSError, ValueError):
            self.close()
            return None

    def _execute(self, command: tuple[str, ...], output: int) -> Process:
        return subprocess.Popen(
            command,
            cwd=self._project,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Ctrl-C in the terminal reaches the supervisor alone, which then stops all in order.
            start_new_session=True,
            # Work is rows: a process killed together with its supervisor loses nothing, one that
            # lingers would go on working unseen.
            preexec_fn=die_with_parent(signal.SIGKILL),
        )
