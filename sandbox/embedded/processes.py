"""Facts about processes: whose program a number stands for, and how a child follows its parent into death."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

import psutil

PR_SET_PDEATHSIG = 1


def mentions(pid: int, word: str) -> bool:
    """Whether the live process `pid` was started with `word` in its command line."""
    try:
        return any(word in argument for argument in psutil.Process(pid).cmdline())
    except psutil.Error:
        return False


def die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """For Popen's preexec_fn: the kernel signals the child when its parent dies (Linux only).

    The C library is loaded here, in the parent: nothing may be imported between fork and exec.
    """
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def ask_kernel() -> None:
        libc.prctl(PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:  # it died before the kernel was asked
            os._exit(1)

    return ask_kernel
