"""The story of `./run.sh`: servers, database, processes, stage, one screen, and an orderly end."""

import shutil
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.embedded import dismiss, forget
from sandbox.supervisor.environment import PROJECT, complete, given, var_directory, with_servers
from sandbox.supervisor.errors import SupervisorError
from sandbox.supervisor.ports import refuse_taken
from sandbox.supervisor.screen import Screen
from sandbox.supervisor.stack import note_addresses, only_stack
from sandbox.supervisor.supervisor import Supervisor
from sandbox.supervisor.table import Plan, plan_for

FORGOTTEN = ("sandbox", "log", "metrics")
METRICS = "PROMETHEUS_MULTIPROC_DIR"

Meanwhile = Callable[[Supervisor], int]


@dataclass(frozen=True)
class Options:
    fresh: bool = False
    quiet: bool = False


def up(options: Options, meanwhile: Meanwhile) -> int:
    """Starts the platform, does `meanwhile`, stops the platform; returns what `meanwhile` returned."""
    on_signals(_interrupt)
    var = var_directory()
    set_by_person = given()
    environment = complete(set_by_person, var)
    screen = Screen(quiet=options.quiet)
    with only_stack(var) as note:
        if options.fresh:
            forget_data(var)
            screen.say(f"forgot the data under {var}")
        return run(plan_for(set_by_person, environment), environment, var, note, screen, meanwhile)


def run(
    plan: Plan, environment: Mapping[str, str], var: Path, note: Path, screen: Screen, meanwhile: Meanwhile
) -> int:
    """The same for any plan. Raises SupervisorError, EmbeddedServersError; KeyboardInterrupt at a signal."""
    refuse_taken(environment, plan.ports)
    own = {METRICS: str(var / "metrics"), **environment}
    empty_metrics(Path(own[METRICS]))
    try:
        supervisor = Supervisor(
            with_servers(own, var), PROJECT, var / "log", screen, care=lambda: with_servers(own, var)
        )
        try:
            start(plan, supervisor)
            note_addresses(note, own)
            screen.welcome(own, with_telegram=plan.with_telegram)
            return meanwhile(supervisor)
        finally:
            on_signals(lambda *_: supervisor.hurry())
            screen.say("stopping")
            supervisor.stop()
    finally:
        dismiss(var)


def start(plan: Plan, supervisor: Supervisor) -> None:
    """Everything that does not wait for the database starts while the database is made ready."""
    screen = supervisor.screen
    supervisor.preload(plan.preload)
    supervisor.start(plan.first)
    if plan.prepare:
        if supervisor.run(plan.prepare):
            raise SupervisorError(supervisor.obituary(plan.prepare, "could not be made ready"))
        screen.say("database ready")
    supervisor.wait_for_preload()
    supervisor.start(plan.then)
    supervisor.wait_until_up()
    if plan.stage and supervisor.run(plan.stage):
        screen.warn(supervisor.obituary(plan.stage, "could not be set"))


def watch(supervisor: Supervisor) -> int:
    """Until a signal."""
    try:
        while True:
            supervisor.turn()
    except KeyboardInterrupt:
        return 0


def forget_data(var: Path) -> None:
    """Everything but the secrets: a database elsewhere may hold what they encrypted."""
    forget(var)
    for name in FORGOTTEN:
        shutil.rmtree(var / name, ignore_errors=True)


def empty_metrics(directory: Path) -> None:
    """Counters of dead processes would be added to those of the living."""
    directory.mkdir(parents=True, exist_ok=True)
    for file in directory.glob("*.db"):
        file.unlink()


def on_signals(act: Callable[..., object]) -> None:
    """SIGINT is set too: a shell starts background jobs with it ignored."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, act)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
