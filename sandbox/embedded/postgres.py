"""PostgreSQL: making a cluster, starting it, asking whether the application's database is there."""

import os
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

import psycopg2

from sandbox.embedded import programs
from sandbox.embedded.errors import EmbeddedServersError
from sandbox.embedded.layout import POSTGRES, Layout
from sandbox.embedded.server import surroundings

PORT = "5432"
DATABASE = "app"
# The same order of texts on every machine, without a locale of the system (PostgreSQL 17+).
LOCALE = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
SETTINGS = (
    "unix_socket_permissions=0700",
    "max_connections=150",
    "shared_buffers=48MB",
    "max_wal_size=256MB",
    "timezone=UTC",
    "log_timezone=UTC",
)


def url(layout: Layout) -> str:
    """postgresql://, the socket directory percent-encoded in the place of the host."""
    return f"postgresql://postgres@{quote(str(layout.sockets), safe='')}:{PORT}/{DATABASE}"


class Postgres:
    name = POSTGRES
    title = "PostgreSQL"
    variable = "DATABASE_URL"
    stop_signal = signal.SIGINT  # "fast": open sessions are ended, nothing committed is lost

    def prepare(self, layout: Layout) -> None:
        """Makes the cluster beside its place and renames it: an initdb cut short leaves nothing half made."""
        data = layout.data(self.name)
        if not data.exists():
            unfinished = data.with_suffix(".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir(mode=0o700)
            if layout.account:
                os.chown(unfinished, layout.account.uid, layout.account.gid)
            self._initialise(layout, unfinished)
            unfinished.rename(data)
        # Nobody of this cluster is alive: the keeper holds its life lock. A process number left here by
        # a crash may belong to somebody else by now, and PostgreSQL would refuse to start.
        sockets = (layout.sockets / f".s.PGSQL.{PORT}", layout.sockets / f".s.PGSQL.{PORT}.lock")
        for left in (data / "postmaster.pid", *sockets):
            left.unlink(missing_ok=True)

    def _initialise(self, layout: Layout, data: Path) -> None:
        program = programs.postgres(layout.account) / "initdb"
        done = subprocess.run(
            [program, "-D", data, "-U", "postgres", "--auth=trust", "--no-instructions", *LOCALE],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            **surroundings(layout),
        )
        with layout.log(self.name).open("a") as log:
            log.write(done.stdout)
        if done.returncode:
            lines = done.stdout.splitlines() or ["it said nothing."]
            reason = next((line for line in lines if "error:" in line or "FATAL:" in line), lines[-1])
            raise EmbeddedServersError(f"PostgreSQL's initdb failed: {reason}")

    def command(self, layout: Layout) -> list[str | Path]:
        program = programs.postgres(layout.account) / "postgres"
        settings = [part for setting in SETTINGS for part in ("-c", setting)]
        return [program, "-D", layout.data(self.name), "-h", "", "-k", layout.sockets, "-p", PORT, *settings]

    def answers(self, layout: Layout) -> bool:
        address = f"host={layout.sockets} port={PORT} user=postgres dbname=postgres connect_timeout=3"
        try:
            connection = psycopg2.connect(address)
        except psycopg2.OperationalError:
            return False
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE DATABASE {DATABASE}")
        finally:
            connection.close()
        return True
