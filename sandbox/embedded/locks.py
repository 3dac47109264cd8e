"""flock on files: locks the kernel drops however their holder dies."""

import fcntl
from pathlib import Path
from typing import IO


def hold_shared(path: Path) -> IO[bytes]:
    """Waits for a shared lock and returns the open file that holds it."""
    file = path.open("ab")
    fcntl.flock(file, fcntl.LOCK_SH)
    return file


def try_exclusive(file: IO[bytes]) -> bool:
    """Takes the exclusive lock, or says that somebody else holds one."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def unlock(file: IO[bytes]) -> None:
    fcntl.flock(file, fcntl.LOCK_UN)


def is_locked(file: IO[bytes]) -> bool:
    """Whether somebody holds the exclusive lock at this moment."""
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    unlock(file)
    return False


def is_held(path: Path) -> bool:
    """The same for a lock file, made when it is missing."""
    with path.open("ab") as file:
        return is_locked(file)


def wait_exclusive(file: IO[str]) -> None:
    """Waits for the exclusive lock; closing the file drops it."""
    fcntl.flock(file, fcntl.LOCK_EX)
