"""The demo: played against the platform of this tree, which is started for it when it does not run."""

import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from sandbox.embedded.processes import die_with_parent
from sandbox.supervisor.environment import PROJECT, complete, given, var_directory, with_servers
from sandbox.supervisor.errors import SupervisorError
from sandbox.supervisor.health import is_healthy
from sandbox.supervisor.screen import Screen
from sandbox.supervisor.stack import running_stack
from sandbox.supervisor.supervisor import Supervisor
from sandbox.supervisor.up import Options, up

COMMAND = (sys.executable, "-m", "sandbox.demo")
JUST_STARTING_SECONDS = 120.0


def demo(arguments: list[str], *, fresh: bool) -> int:
    """Returns the demo's exit code."""
    var = var_directory()
    if running_stack(var) is None:
        Screen().say(f"starting the platform for the demo; its logs are in {var / 'log'}")
        return up(Options(fresh=fresh, quiet=True), partial(play_within, arguments))
    if fresh:
        raise SupervisorError(f"The platform of {var} runs: stop it first, --fresh forgets its data.")
    environment = {**complete(given(), var), **_addresses(var)}
    return subprocess.run(
        [*COMMAND, *arguments], cwd=PROJECT, env=with_servers(environment, var), check=False
    ).returncode


def play_within(arguments: list[str], supervisor: Supervisor) -> int:
    """Plays on the terminal while the supervisor goes on with its rounds."""
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=supervisor.project,
        env=supervisor.environment,
        preexec_fn=die_with_parent(signal.SIGKILL),
    )
    try:
        while (code := process.poll()) is None:
            supervisor.turn()
        return code
    finally:
        process.kill()  # Ctrl-C reached it already; a failing platform would leave it waiting
        process.wait()


def _addresses(var: Path) -> Mapping[str, str]:
    """Where the running platform listens; it may be just starting."""
    deadline = time.monotonic() + JUST_STARTING_SECONDS
    while not (note := running_stack(var)):
        if note is None or time.monotonic() > deadline:
            raise SupervisorError(f"The platform of {var} does not come up: look at its terminal.")
        time.sleep(0.1)
    if not is_healthy(f"{note['PUBLIC_URL']}/health/live", seconds=10):
        raise SupervisorError(f"The platform of {var} runs but {note['PUBLIC_URL']} does not answer.")
    return note
