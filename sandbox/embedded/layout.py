"""Where the servers' data, sockets, logs and locks lie for one base directory."""

import hashlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from sandbox.embedded.account import Account, unprivileged
from sandbox.embedded.errors import EmbeddedServersError

POSTGRES = "postgres"
VALKEY = "valkey"
ALL = frozenset({POSTGRES, VALKEY})

ROOTS_PLACE = Path("/var/lib/telegive")
# sockaddr_un.sun_path holds 104 bytes on macOS (108 on Linux) with the final zero.
SOCKET_PATH_LIMIT = 103
LONGEST_SOCKET_NAME = ".s.PGSQL.5432.lock"
# PostgreSQL splits its socket directories at commas and URLs split at ?, # and %.
PLAIN_PATH = re.compile(r"[A-Za-z0-9._/-]+")


@dataclass(frozen=True)
class Layout:
    """`home` holds everything that survives; `sockets` is a 0700 directory of the servers' account."""

    base: Path
    home: Path
    sockets: Path
    account: Account | None

    @property
    def logs(self) -> Path:
        return self.home / "log"

    @property
    def state(self) -> Path:
        """What the keeper says: see state.py."""
        return self.home / "state.json"

    @property
    def keeper_lock(self) -> Path:
        return self.home / "keeper.lock"

    @property
    def valkey_socket(self) -> Path:
        return self.sockets / "valkey.sock"

    def users_lock(self, server: str) -> Path:
        """Held shared by everybody who uses the server."""
        return self.home / f"{server}.users"

    def life_lock(self, server: str) -> Path:
        """Inherited by the server and all its children: free when the last of them is gone."""
        return self.home / f"{server}.life"

    def data(self, server: str) -> Path:
        return self.home / server

    def log(self, server: str) -> Path:
        return self.logs / f"{server}.log"


def locate(base: Path) -> Layout:
    """The layout for `base`, its directories made; one sentence when they cannot be."""
    base = base.absolute()
    account = unprivileged()
    try:
        base.mkdir(parents=True, exist_ok=True)
        home = _home(base.resolve(), account)
        layout = Layout(base, home, _sockets(home), account)
        _own_directory(layout.logs, 0o700)
        _own_directory(layout.sockets, 0o700, account)
    except OSError as error:
        raise EmbeddedServersError(
            f"{error.filename}: {error.strerror}. Set TELEGIVE_VAR to a directory you may write to."
        ) from error
    return layout


def digest(path: Path) -> str:
    """A short name for a path, the same in every process."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def _home(base: Path, account: Account | None) -> Path:
    """Under `base`, except for root in a private place (/root), whose doors stay shut for the account."""
    home = base / "servers"
    if account and not account.reaches(base):
        ROOTS_PLACE.mkdir(parents=True, exist_ok=True)
        ROOTS_PLACE.chmod(0o711)
        home = ROOTS_PLACE / digest(base)
    _own_directory(home, 0o711)
    return home


def _sockets(home: Path) -> Path:
    sockets = home / "run"
    longest = len(os.fsencode(sockets / LONGEST_SOCKET_NAME))
    if longest <= SOCKET_PATH_LIMIT and PLAIN_PATH.fullmatch(str(sockets)):
        return sockets
    # Not tempfile.gettempdir(): TMPDIR differs between processes that must meet here. A directory
    # somebody else made first is refused below, hence a shared /tmp is safe.
    return Path("/tmp") / f"telegive-{os.geteuid()}-{digest(home)}"  # noqa: S108


def _own_directory(path: Path, mode: int, account: Account | None = None) -> None:
    path.mkdir(mode=mode, exist_ok=True)
    status = path.lstat()
    owners = {os.geteuid(), account.uid} if account else {os.geteuid()}
    if not stat.S_ISDIR(status.st_mode) or status.st_uid not in owners:
        raise EmbeddedServersError(
            f"{path} belongs to another user: run as that user, or set TELEGIVE_VAR to another directory."
        )
    path.chmod(mode)
    if account:
        os.chown(path, account.uid, account.gid)
