"""The command line: `python -m sandbox up` (which is ./run.sh) and `python -m sandbox exec`."""

import argparse
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from sandbox.embedded import EmbeddedServersError, hand_down
from sandbox.supervisor.demo import demo
from sandbox.supervisor.environment import complete, given, var_directory, with_servers
from sandbox.supervisor.errors import SupervisorError
from sandbox.supervisor.up import Options, up, watch

INTERRUPTED = 130


def main() -> int:
    arguments = _parser().parse_args()
    return guarded(lambda: int(arguments.act(arguments)))


def guarded(act: Callable[[], int]) -> int:
    """The exit code of `act`; a refusal is one sentence on the screen and the code 1."""
    try:
        return act()
    except (SupervisorError, EmbeddedServersError) as error:
        sys.stderr.write(f"telegive: {error}\n")
        return 1
    except PermissionError as error:
        sys.stderr.write(
            f"telegive: {error.filename} belongs to another user; TELEGIVE_VAR may name another.\n"
        )
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    start = commands.add_parser("up", help="start the platform, or play the demo")
    start.add_argument("--fresh", action="store_true", help="forget the data first")
    start.add_argument(
        "what", nargs="?", choices=["demo"], help="play the demo, then stop what was started for it"
    )
    start.add_argument("rest", nargs=argparse.REMAINDER, metavar="ARGS", help="the demo's own arguments")
    start.set_defaults(act=_up)
    run = commands.add_parser("exec", help="run a command with a database, a queue and every variable set")
    run.add_argument("--base", type=Path, help="directory of the embedded servers (var/)")
    run.add_argument("program", nargs="+", metavar="-- PROGRAM", help="what to run, after --")
    run.set_defaults(act=_exec)
    return parser


def _up(arguments: argparse.Namespace) -> int:
    if arguments.what == "demo":
        return demo(arguments.rest, fresh=arguments.fresh)
    return up(Options(fresh=arguments.fresh), watch)


def _exec(arguments: argparse.Namespace) -> int:
    """Turns into the program, which then holds the servers itself and lets them go however it ends."""
    var = var_directory(arguments.base)
    # Asked first: a directory of PATH that may not be entered would be blamed in the command's stead.
    if shutil.which(arguments.program[0]) is None:
        raise SupervisorError(f"{arguments.program[0]}: there is no such command.")
    environment = with_servers(complete(given(), var), var)
    hand_down()
    try:
        os.execvpe(arguments.program[0], arguments.program, environment)  # noqa: S606 (that is what exec does)
    except OSError as error:
        raise SupervisorError(f"{arguments.program[0]}: {error.strerror}.") from error
