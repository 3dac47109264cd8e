"""The supervisor's loop: one thread that hears all processes, notices the dead and starts them again.

One thread, because a child that shall die with its parent is tied by the kernel to the thread that
started it, and because forking is safe only in a process with one.
"""

import select
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

from sandbox.supervisor.child import Child
from sandbox.supervisor.errors import SupervisorError
from sandbox.supervisor.nursery import Nursery
from sandbox.supervisor.output import last_lines, start_log
from sandbox.supervisor.screen import Screen
from sandbox.supervisor.table import Program

ROUND_SECONDS = 0.1
UP_SECONDS = 90.0
CRASHES_TOLERATED = 3
STOP_SECONDS = 5.0
CARE_SECONDS = 1.0


class Supervisor:
    """Keeps `children` alive; `care` is called every second and does the same for the embedded servers."""

    def __init__(
        self,
        environment: Mapping[str, str],
        project: Path,
        logs: Path,
        screen: Screen,
        care: Callable[[], object],
    ) -> None:
        self.environment = environment
        self.project = project
        self.nursery = Nursery(environment, project)
        self.logs = logs
        self.screen = screen
        self.children: list[Child] = []
        self.guests: list[Child] = []  # run once, to their end
        self._care = care
        self._care_at = 0.0
        self._kill_at = float("inf")

    def start(self, programs: Iterable[Program]) -> None:
        """Starts programs that shall live as long as the supervisor."""
        for program in programs:
            self.children.append(self._begin(program))

    def preload(self, modules: tuple[str, ...]) -> None:
        """Begins to import what forked programs share."""
        log = self.logs / "zygote.log"
        start_log(log)
        self.nursery.preload(modules, log)

    def wait_for_preload(self) -> None:
        while not self.nursery.is_settled():
            self.turn()

    def run(self, program: Program) -> int:
        """Runs a program to its end while everything else goes on; returns its exit code."""
        guest = self._begin(program)
        self.guests.append(guest)
        while (code := guest.ended()) is None:
            self.turn()
        self.guests.remove(guest)
        return code

    def wait_until_up(self) -> None:
        """Raises SupervisorError with the reason when a process does not come up."""
        deadline = time.monotonic() + UP_SECONDS
        while waiting := [child for child in self.children if not child.is_up]:
            self.turn()
            for child in waiting:
                if child.crashes >= CRASHES_TOLERATED or time.monotonic() > deadline:
                    raise SupervisorError(self.obituary(child.program, "does not come up"))

    def obituary(self, program: Program, what_happened: str) -> str:
        """A sentence about a process, with the end of its log."""
        log = self._log(program)
        return "\n".join([f"{program.name} {what_happened}. The end of {log}:", *last_lines(log)])

    def turn(self) -> None:
        """One round: hear, look, bury, start again."""
        self._hear()
        for child in self.children:
            if child.look() and child.program.health:
                self.screen.say(f"{child.program.name} is up")
            if (code := child.ended()) is not None:
                seconds = child.pause()
                self.screen.warn(
                    f"{child.program.name} stopped (exit code {code}); it is started again in {seconds:g} s"
                )
            if child.is_due:
                child.start(self.nursery)
        if time.monotonic() >= self._care_at:
            self._care_at = time.monotonic() + CARE_SECONDS
            self._care()

    def stop(self) -> None:
        """Ends every process: asks, and after a few seconds (or at `hurry`) kills."""
        self.nursery.close()
        left = [*self.children, *self.guests]
        self._kill_at = min(self._kill_at, time.monotonic() + STOP_SECONDS)
        for child in left:
            child.ask_to_stop()
        while left := [child for child in left if child.is_running and child.ended() is None]:
            self._hear()
            if time.monotonic() >= self._kill_at:
                for child in left:
                    child.kill()

    def hurry(self) -> None:
        """A second Ctrl-C: whatever still runs is killed."""
        self._kill_at = 0.0

    def _begin(self, program: Program) -> Child:
        log = self._log(program)
        start_log(log)
        child = Child(program, log, partial(self.screen.process, program.name))
        child.start(self.nursery)
        return child

    def _log(self, program: Program) -> Path:
        return self.logs / f"{program.name}.log"

    def _hear(self) -> None:
        outputs = {o.pipe: o for child in (*self.children, *self.guests) if (o := child.output) and o.is_open}
        readable, _, _ = select.select([*outputs], [], [], ROUND_SECONDS)
        for pipe in readable:
            outputs[pipe].read()
