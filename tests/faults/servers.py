"""PostgreSQL and Valkey of a test's own, to be killed without hurting anybody else's, and processes that use them."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.db import connection

from sandbox.client import until
from sandbox.embedded import POSTGRES, VALKEY, Servers, dismiss, ensure, programs, state
from sandbox.embedded.layout import locate
from sandbox.supervisor.environment import PROJECT
from sandbox.supervisor.nursery import Nursery
from sandbox.supervisor.table import PRELOAD
from tests.faults.processes import PATIENCE_SECONDS, Apps, environment_of
from tests.faults.pumps import database_url


class OwnServers:
    """The servers of one directory, kept alive by their keeper as those of ./run.sh are."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.addresses: Servers = ensure(base)

    def kill(self, name: str) -> None:
        """kill -9; the keeper starts it again."""
        layout = locate(self.base)
        news = state.read(layout.state)
        assert news, "the keeper says nothing"
        os.kill(news.pids[name], signal.SIGKILL)

    def wait_until_back(self) -> None:
        ensure(self.base)


@contextmanager
def own_servers(base: Path) -> Iterator[OwnServers]:
    """Servers with the test database's tables, which is where this process looks meanwhile."""
    servers = OwnServers(base)
    try:
        copy_tables(database_url(), servers.addresses.database_url)
        with looking_at(servers.addresses.database_url):
            yield servers
    finally:
        dismiss(base)
        shutil.rmtree(base, ignore_errors=True)


def copy_tables(source: str, target: str) -> None:
    """Tables, triggers and what migrations wrote; quicker than migrating again."""
    place = programs.postgres(None)
    dump = subprocess.run([place / "pg_dump", source], check=True, capture_output=True)
    quiet = [place / "psql", target, "-q", "-v", "ON_ERROR_STOP=1"]
    subprocess.run(quiet, input=dump.stdout, check=True, capture_output=True)


@contextmanager
def looking_at(address: str) -> Iterator[None]:
    """Django's connection of this process goes to another server for a while."""
    parts = urlsplit(address)
    values = connection.settings_dict
    before = {name: values[name] for name in ("HOST", "PORT", "NAME", "USER", "PASSWORD")}
    connection.close()
    values.update(
        HOST=unquote(parts.netloc.rpartition("@")[2].rpartition(":")[0]),
        PORT=str(parts.port or ""), NAME=parts.path.strip("/"), USER=parts.username or "", PASSWORD="",
    )  # fmt: skip
    try:
        yield
    finally:
        connection.close()
        values.update(before)


@contextmanager
def apps_on(servers: OwnServers, directory: Path) -> Iterator[Apps]:
    """The process that has imported everything, with these servers as the platform's."""
    environment = {
        **environment_of(directory),
        "DATABASE_URL": servers.addresses.database_url,
        "REDIS_URL": servers.addresses.redis_url,
    }
    Path(environment["PROMETHEUS_MULTIPROC_DIR"]).mkdir(exist_ok=True)
    nursery = Nursery(environment, PROJECT)
    nursery.preload((*PRELOAD, "sandbox.server"), directory / "zygote.log")
    try:
        until(nursery.is_settled, PATIENCE_SECONDS, "the apps to be imported")
        yield Apps(nursery, environment)
    finally:
        nursery.close()


__all__ = ["POSTGRES", "VALKEY", "OwnServers", "apps_on", "own_servers"]
