"""The processes of the platform, as data."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec

PYTHON = sys.executable
LOOPBACK = "http://127.0.0.1"


@dataclass(frozen=True)
class Program:
    """A command to keep alive. It is up when `health` answers, or at once without one.

    `forked`: it may come out of a process that has imported the apps already (see zygote.py).
    """

    name: str
    command: tuple[str, ...]
    health: str | None = None
    forked: bool = False


@dataclass(frozen=True)
class Plan:
    """`first` needs no database, `prepare` makes it ready, `then` needs it, `stage` needs everything.

    `preload`: the modules that the forked programs share.
    """

    first: tuple[Program, ...]
    prepare: Program | None
    then: tuple[Program, ...]
    stage: Program | None
    ports: tuple[str, ...]
    preload: tuple[str, ...] = ()

    @property
    def with_telegram(self) -> bool:
        return bool(self.first)


PREPARE = Program(
    "database",
    # One process for both: importing Django costs more than a database that is up to date.
    (
        *(PYTHON, "manage.py", "shell", "--no-imports", "-c"),
        "from django.core.management import call_command as run; run('migrate', '--noinput'); run('seed')",
    ),
)
WEB = (PYTHON, "-m", "gunicorn", "-c", "config/gunicorn.py", "--graceful-timeout", "3", "config.wsgi")
PRELOAD = (
    "config.wsgi",
    "config.urls",
    "config.telegram",
    "gunicorn.app.wsgiapp",
    "gunicorn.workers.gthread",
)
STAGE = Program("stage", (PYTHON, "-m", "sandbox.stage"))


def plan_for(set_by_person: Mapping[str, str], environment: Mapping[str, str]) -> Plan:
    """The sandbox's Telegram is for those who named no other."""
    then = _platform(environment)
    if set_by_person.get("TELEGRAM_API_URL"):
        return Plan((), PREPARE, then, None, ("WEB_PORT", "BOTS_PORT"), PRELOAD)
    stage = STAGE if find_spec(STAGE.command[-1]) else None
    ports = ("WEB_PORT", "BOTS_PORT", "SANDBOX_PORT", "SANDBOX_SMTP_PORT")
    return Plan((_sandbox(environment),), PREPARE, then, stage, ports, PRELOAD)


def _sandbox(environment: Mapping[str, str]) -> Program:
    health = f"{LOOPBACK}:{environment['SANDBOX_PORT']}/sandbox/health"
    return Program("sandbox", (PYTHON, "-m", "sandbox.server"), health)


def _platform(environment: Mapping[str, str]) -> tuple[Program, ...]:
    web, bots = environment["WEB_PORT"], environment["BOTS_PORT"]
    return (
        Program("web", WEB, f"{LOOPBACK}:{web}/health/live", forked=True),
        Program("bots", (PYTHON, "manage.py", "runbots"), f"{LOOPBACK}:{bots}/health", forked=True),
        Program("worker", _worker("worker", "celery", threads=4), forked=True),
        Program("pump", _worker("pump", "delivery", threads=2), forked=True),
        Program("beat", (PYTHON, "-m", "celery", "-A", "config", "beat", "--loglevel", "INFO"), forked=True),
    )


def _worker(name: str, queue: str, *, threads: int) -> tuple[str, ...]:
    return (
        *(PYTHON, "-m", "celery", "-A", "config", "worker", "--loglevel", "INFO"),
        *("-P", "threads", "-c", str(threads), "-Q", queue, "-n", f"{name}@%h"),
        *("--without-gossip", "--without-mingle"),  # workers here have nothing to tell each other
    )
