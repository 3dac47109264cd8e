"""A process that has imported everything and becomes, by fork, whichever program is asked for (Linux).

Importing the apps takes four seconds and 200 MB; five processes that did it each on their own would not be
ready in ten seconds on two cores, nor fit into a gigabyte. Forked, they share both. Run as
`python -m sandbox.supervisor.zygote SOCKET_FD MODULE...`; see nursery.py for the other end.
"""

import ctypes
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import sys
import time

PR_SET_PDEATHSIG = 1
READY = b"ready\n"
REQUEST_BYTES = 65536


def main() -> None:
    supervisor = os.getppid()
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    with socket.socket(fileno=int(sys.argv[1])) as requests:
        for module in sys.argv[2:]:
            importlib.import_module(module)
        gc.collect()
        gc.freeze()  # the collector would write to every object, and so unshare its page
        requests.sendall(READY)
        command = serve(requests, supervisor)
        if command is None:
            return
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        requests.sendall(f"{os.getpid()}\n".encode())
    become(command)


def serve(requests: socket.socket, supervisor: int) -> list[str] | None:
    """Forks for every request. Returns in the new process its command, and None in the old one at the end."""
    while True:
        message, descriptors, _, _ = socket.recv_fds(requests, REQUEST_BYTES, 1)
        if not message:
            return None
        between = os.fork()
        if not between:
            if os.fork():
                os._exit(0)
            adopt(supervisor, descriptors[0])
            command: list[str] = json.loads(message)
            return command
        os.waitpid(between, 0)
        os.close(descriptors[0])


def adopt(supervisor: int, output: int) -> None:
    """The parent between is gone and the supervisor is the new one: it alone sees this process live and die."""
    while os.getppid() != supervisor:
        if os.getppid() == 1:
            os._exit(1)
        time.sleep(0.001)
    os.setsid()
    for standard in (1, 2):
        os.dup2(output, standard)
    os.close(output)


def become(command: list[str]) -> None:
    """Runs `-m MODULE ARGS` or `FILE ARGS` as a fresh interpreter would."""
    if command[0] == "-m":
        sys.argv = command[1:]
        runpy.run_module(command[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = command
        runpy.run_path(command[0], run_name="__main__")


if __name__ == "__main__":
    main()
