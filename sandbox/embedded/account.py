"""Who runs the servers: PostgreSQL refuses root, so root lends them to an account that exists already."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from sandbox.embedded.errors import EmbeddedServersError

NAMES = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """An existing unprivileged account; none is ever created."""

    name: str
    uid: int
    gid: int

    def reaches(self, path: Path) -> bool:
        """Whether this account may walk down to `path`, every directory on the way included."""
        return all(self._may_enter(place.stat()) for place in (path, *path.parents))

    def _may_enter(self, status: os.stat_result) -> bool:
        if status.st_uid == self.uid:
            return bool(status.st_mode & 0o100)
        if status.st_gid == self.gid:
            return bool(status.st_mode & 0o010)
        return bool(status.st_mode & 0o001)


def unprivileged() -> Account | None:
    """The account the servers run as, or None when they run as the caller, who is not root."""
    if os.geteuid() != 0:
        return None
    for name in NAMES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise EmbeddedServersError(
        "PostgreSQL refuses to run as root, and this machine has neither the account postgres nor nobody: "
        "run as an ordinary user, or set DATABASE_URL and REDIS_URL."
    )
