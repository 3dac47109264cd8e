"""The command line: `python -m sandbox up` and `python -m sandbox exec`."""

import argparse
import os
import sys
from pathlib import Path

from sandbox.embedded import EmbeddedServersError, hand_down
from sandbox.supervisor.environment import complete, given, var_directory, with_servers
from sandbox.supervisor.errors import SupervisorError


def main() -> int:
    arguments = _parser().parse_args()
    try:
        return int(arguments.act(arguments))
    except (SupervisorError, EmbeddedServersError) as error:
        sys.stderr.write(f"telegive: {error}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("exec", help="run a command with a database, a queue and every variable set")
    run.add_argument("--base", type=Path, help="directory of the embedded servers (var/)")
    run.add_argument("program", nargs="+", metavar="-- PROGRAM", help="what to run, after --")
    run.set_defaults(act=_exec)
    return parser


def _exec(arguments: argparse.Namespace) -> int:
    """Turns into the program, which then holds the servers itself and lets them go however it ends."""
    var = var_directory(arguments.base)
    environment = with_servers(complete(given(), var), var)
    hand_down()
    try:
        os.execvpe(arguments.program[0], arguments.program, environment)  # noqa: S606 (that is what exec does)
    except OSError as error:
        raise SupervisorError(f"{arguments.program[0]}: {error.strerror}.") from error
