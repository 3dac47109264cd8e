"""The platform's real processes on the test's database, each to be killed and started again.

They are started by the commands of `./run.sh` and share one process that has imported the apps already, so
that a new one is there in a moment. What they print is kept in files and shown when a test fails.

The moments of the kills vary from run to run; a failure names the TELEGIVE_SEED that plays them again.
A campaign plays many more rounds: `TELEGIVE_CAMPAIGN_ROUNDS=50 ./run_tests.sh tests/faults`.
"""

import os
import random
import secrets
import shutil
import signal
import threading
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil
import pytest
import redis
from django.conf import settings

from sandbox import partner
from sandbox.client import until
from sandbox.supervisor.environment import PROJECT
from sandbox.supervisor.health import is_healthy
from sandbox.supervisor.nursery import Nursery, Process
from sandbox.supervisor.table import PRELOAD, Program, plan_for
from tests.environment import own_redis
from tests.faults.ports import free_ports
from tests.faults.pumps import database_url
from tests.scene import Control

PATIENCE_SECONDS = 60.0  # generous: the machine may be busy, and every wait ends with its condition
PORTS = ("WEB_PORT", "BOTS_PORT", "SANDBOX_PORT")
SHOWN_BYTES = 6_000


def environment_of(directory: Path) -> dict[str, str]:
    """What the processes find: the test's servers, free ports, and leases short enough to wait for."""
    ports = dict(zip(PORTS, map(str, free_ports(len(PORTS))), strict=True))
    web, bots, sandbox = (f"http://127.0.0.1:{ports[name]}" for name in PORTS)
    return {
        **os.environ,
        **ports,
        "DATABASE_URL": database_url(),
        "REDIS_URL": settings.REDIS_URL,
        "PUBLIC_URL": web,
        "WEBHOOK_URL": bots,
        "TELEGRAM_API_URL": sandbox,
        "SANDBOX_URL": sandbox,
        "SANDBOX_STATE": str(directory / "sandbox"),
        "PROMETHEUS_MULTIPROC_DIR": str(directory / "metrics"),
        "PARTNER_URL": f"{sandbox}/partner",
        "PARTNER_API_KEY": partner.API_KEY,
        "PARTNER_SECRET": partner.SECRET,
        "PARTNER_TIMEOUT_SECONDS": "1",
        "TELEGRAM_TIMEOUT_SECONDS": "5",
        "LEASE_SCALE": "0.1",
        "MESSAGES_PER_SECOND_PER_BOT": "60",
        "WEB_PROCESSES": "2",
        "LOG_LEVEL": "INFO",
        "PYTHONUNBUFFERED": "1",
    }


@dataclass(frozen=True)
class Apps:
    """Where processes come from, and the environment all of them have."""

    nursery: Nursery
    environment: dict[str, str]


class Platform:
    """Processes by the names of sandbox/supervisor/table.py: sandbox, web, bots, worker, pump, beat."""

    def __init__(self, apps: Apps, directory: Path) -> None:
        self.nursery = apps.nursery
        self.directory = directory
        self.web_url = apps.environment["PUBLIC_URL"]
        self.sandbox_url = apps.environment["SANDBOX_URL"]
        self.seed = os.environ.get("TELEGIVE_SEED") or secrets.token_hex(4)
        self.dice = random.Random(self.seed)
        plan = plan_for({}, apps.environment)
        self.programs: dict[str, Program] = {one.name: one for one in (*plan.first, *plan.then)}
        self.running: dict[str, Process] = {}
        self.control = Control(self.sandbox_url)

    def start(self, *names: str, options: tuple[str, ...] = ()) -> None:
        """Starts them side by side and waits until those that can tell are up."""
        for name in names:
            program = self.programs[name]
            process, output = self.nursery.spawn((*program.command, *options), forked=True)
            threading.Thread(target=self._keep, args=(name, output), daemon=True).start()
            self.running[name] = process
        for name in names:
            self.wait_until_up(name)

    def wait_until_up(self, name: str) -> None:
        health = self.programs[name].health
        assert not health or is_healthy(health, PATIENCE_SECONDS), f"{name} did not come up\n{self.told()}"

    def kill(self, name: str) -> None:
        """kill -9 of the process and of those it made, as the supervisor does before it starts another."""
        process = self.running.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def kill_child(self, name: str, which: int = 0) -> None:
        """kill -9 of one process that the named one made: a worker of gunicorn."""
        children = psutil.Process(self.running[name].pid).children()
        if children:
            children[which % len(children)].kill()

    def restart(self, *names: str, options: tuple[str, ...] = ()) -> None:
        for name in names:
            self.kill(name)
        self.start(*names, options=options)

    def stop(self) -> None:
        """The end of the test; how it is met does not matter any more."""
        for name in list(self.running):
            self.kill(name)
        self.control.http.close()

    def log_of(self, name: str) -> Path:
        return self.directory / f"{name}.log"

    def note(self, sentence: str) -> None:
        """What a test played, kept beside the logs."""
        with self.log_of("played").open("a") as file:
            file.write(f"{sentence}\n")

    def told(self) -> str:
        """The end of everybody's log, for a failure."""
        logs = sorted(self.directory.glob("*.log"))
        seed = f"TELEGIVE_SEED={self.seed} plays the same moments\n"
        return seed + "\n".join(
            f"--- {log.name}\n{log.read_text(errors='replace')[-SHOWN_BYTES:]}" for log in logs
        )

    def _keep(self, name: str, output: IO[bytes]) -> None:
        with output, self.log_of(name).open("ab") as file:
            while line := output.readline():
                file.write(line)
                file.flush()


@pytest.fixture(scope="session")
def apps(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apps]:
    """The process that has imported everything; every process of every test is its copy."""
    directory = tmp_path_factory.mktemp("apps")
    environment = environment_of(directory)
    Path(environment["PROMETHEUS_MULTIPROC_DIR"]).mkdir()
    nursery = Nursery(environment, PROJECT)
    nursery.preload((*PRELOAD, "sandbox.server"), directory / "zygote.log")
    until(nursery.is_settled, PATIENCE_SECONDS, "the apps to be imported")
    yield Apps(nursery, environment)
    nursery.close()


@pytest.fixture
def platform(transactional_db: None, apps: Apps, tmp_path: Path) -> Iterator[Platform]:
    """A platform of which nothing runs yet; every process of it is gone at the end."""
    empty_queues()
    shutil.rmtree(apps.environment["SANDBOX_STATE"], ignore_errors=True)
    live = Platform(apps, tmp_path)
    yield live
    live.stop()


def empty_queues() -> None:
    """Nudges left by another test would wake workers that are not meant."""
    for step in range(3):
        with redis.Redis.from_url(own_redis(os.environ["REDIS_URL"], step)) as server:
            server.flushdb()


def rounds(ordinary: int) -> int:
    """How often a test plays its kills: a few times in the gate, many more in a campaign."""
    return int(os.environ.get("TELEGIVE_CAMPAIGN_ROUNDS") or ordinary)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure shows what the processes said; the conftest of a folder takes this in."""
    report = yield
    live = getattr(item, "funcargs", {}).get("platform")
    if report.failed and isinstance(live, Platform):
        report.sections.append(("the processes", live.told()))
    return report
