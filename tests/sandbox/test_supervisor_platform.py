"""The supervisor with tiny programs in the places of the real ones: real processes, ports and kills."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from sandbox.embedded.layout import POSTGRES, ROOTS_PLACE, locate
from sandbox.embedded.state import State, read

pytestmark = pytest.mark.faults

PROJECT = Path(__file__).resolve().parents[2]
# DRIVER VAR NAME... runs the supervisor with the programs named; each leaves its process number in VAR/NAME.
DRIVER = '''
import sys
from functools import partial
from pathlib import Path

from sandbox.supervisor import demo, up
from sandbox.supervisor.command import guarded
from sandbox.supervisor.environment import complete, given
from sandbox.supervisor.screen import Screen
from sandbox.supervisor.stack import only_stack
from sandbox.supervisor.table import Plan, Program

CODE = {
    "web": """
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
print("web writes to", os.environ["DATABASE_URL"])
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["WEB_PORT"])), Handler).serve_forever()
""",
    "idle": "import time; time.sleep(600)",
    "stubborn": """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open(sys.argv[1] + ".grandchild", "w").write(str(grandchild.pid))
time.sleep(600)
""",
    "forked": "print('imported before it began:', 'colorsys' in sys.modules); import time; time.sleep(600)",
    "broken": "raise SystemExit('the settings are wrong')",
    "prepare": "print('prepared')",
}

def program(var, name):
    file = var / f"{name}.py"
    file.write_text("import os, sys; open(sys.argv[1], 'w').write(str(os.getpid()))\\n" + CODE[name])
    health = f"http://127.0.0.1:{environment['WEB_PORT']}/" if name in ("web", "broken") else None
    return Program(name, (sys.executable, str(file), str(var / name)), health, forked=name == "forked")

var = Path(sys.argv[1])
environment = complete(given(), var)
then = tuple(program(var, name) for name in sys.argv[2:])
preload = tuple(environment.get("PRELOAD", "").split())
plan = Plan((), program(var, "prepare"), then, None, ("WEB_PORT",), preload)
demo.COMMAND = (sys.executable, "-c", "raise SystemExit(3)")
meanwhile = partial(demo.play_within, []) if "WITH_DEMO" in environment else up.watch

def main():
    up.on_signals(up._interrupt)
    with only_stack(var) as note:
        return up.run(plan, environment, var, note, Screen(), meanwhile)

sys.exit(guarded(main))
'''


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Platform:
    """A supervisor in a process of its own; its screen is a file."""

    def __init__(self, var: Path, programs: tuple[str, ...], variables: dict[str, str]) -> None:
        self.var = var
        self.output = var.parent / "screen"
        environment = {"PATH": os.environ["PATH"], "WEB_PORT": str(free_port()), **variables}
        with self.output.open("ab") as screen:
            self.process = subprocess.Popen(
                [sys.executable, "-c", DRIVER, str(var), *programs],
                cwd=PROJECT,
                env=environment,
                stdout=screen,
                stderr=screen,
            )

    @property
    def screen(self) -> str:
        return self.output.read_text()

    def shows(self, words: str) -> "Platform":
        until(lambda: words in self.screen or self.process.poll() is not None)
        assert words in self.screen
        return self

    def log(self, program: str) -> str:
        return (self.var / "log" / f"{program}.log").read_text()

    def pid(self, program: str) -> int:
        until(lambda: bool((self.var / program).exists() and (self.var / program).read_text()))
        return int((self.var / program).read_text())

    def stop(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(10)


ELSEWHERE = {"DATABASE_URL": "postgresql://elsewhere/app", "REDIS_URL": "redis://elsewhere/0"}
Start = Callable[..., Platform]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    platforms: list[Platform] = []

    def start(*programs: str, **variables: str) -> Platform:
        platforms.append(Platform(tmp_path / "var", programs, {**ELSEWHERE, **variables}))
        return platforms[-1]

    yield start
    for platform in platforms:
        if platform.process.poll() is None:
            platform.process.kill()
            platform.process.wait()


def test_everything_comes_up_on_one_screen(start: Start) -> None:
    platform = start("web", "idle").shows("Ctrl-C stops everything")
    assert "demo / demo-password-1" in platform.screen
    assert platform.screen.index("database ready") < platform.screen.index("web is up")


def test_a_variable_that_is_set_wins(start: Start) -> None:
    platform = start("web").shows("Ctrl-C stops everything")
    assert "web writes to postgresql://elsewhere/app" in platform.log("web")
    assert not (platform.var / "servers").exists()


def test_a_crashed_process_is_started_again_and_said_so(start: Start) -> None:
    platform = start("idle").shows("Ctrl-C stops everything")
    first = platform.pid("idle")
    os.kill(first, signal.SIGKILL)
    platform.shows("idle stopped (exit code -9); it is started again in 0.5 s")
    until(lambda: platform.pid("idle") != first)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_even_the_stubborn_within_ten_seconds(start: Start, number: signal.Signals) -> None:
    platform = start("web", "stubborn").shows("Ctrl-C stops everything")
    pids = [platform.pid(name) for name in ("web", "stubborn", "stubborn.grandchild")]
    assert platform.stop(number) == 0
    assert all(is_gone(pid) for pid in pids)


def test_no_process_survives_a_killed_supervisor(start: Start) -> None:
    platform = start("web", "idle").shows("Ctrl-C stops everything")
    pids = [platform.pid("web"), platform.pid("idle")]
    platform.stop(signal.SIGKILL)
    until(lambda: all(is_gone(pid) for pid in pids))


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")
def test_a_forked_process_is_watched_like_any_other(start: Start) -> None:
    platform = start("forked", PRELOAD="colorsys").shows("Ctrl-C stops everything")
    first = platform.pid("forked")
    until(lambda: "imported before it began: True" in platform.log("forked"))
    os.kill(first, signal.SIGKILL)
    platform.shows("forked stopped (exit code -9); it is started again in 0.5 s")
    until(lambda: platform.pid("forked") != first)
    second = platform.pid("forked")
    assert platform.stop(signal.SIGTERM) == 0
    assert is_gone(second)


def test_a_forked_process_dies_with_a_killed_supervisor(start: Start) -> None:
    platform = start("forked", PRELOAD="colorsys").shows("Ctrl-C stops everything")
    pids = [platform.pid("forked"), *(child.pid for child in psutil.Process(platform.process.pid).children())]
    platform.stop(signal.SIGKILL)
    until(lambda: all(is_gone(pid) for pid in pids))


def test_processes_start_on_their_own_when_nothing_can_be_shared(start: Start) -> None:
    platform = start("forked", PRELOAD="a_module_nobody_has").shows("Ctrl-C stops everything")
    until(lambda: "imported before it began: False" in platform.log("forked"))
    until(lambda: "a_module_nobody_has" in platform.log("zygote"))  # its last words may still be on their way


def test_a_port_in_use_says_which_variable_to_set(start: Start) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        platform = start("web", WEB_PORT=str(port)).shows(f"Port {port} is in use")
        assert "set WEB_PORT to a free port" in platform.screen
        assert platform.process.wait(10) == 1


def test_a_process_that_does_not_come_up_says_why_and_stops_the_rest(start: Start) -> None:
    platform = start("idle", "broken").shows("broken does not come up")
    assert "the settings are wrong" in platform.screen
    assert platform.process.wait(10) == 1
    assert is_gone(platform.pid("idle"))


def test_a_second_platform_in_the_same_place_is_refused(start: Start) -> None:
    start("idle").shows("Ctrl-C stops everything")
    second = start("idle").shows("runs already")
    assert second.process.wait(10) == 1


def test_the_demo_decides_the_exit_code_of_a_platform_started_for_it(start: Start) -> None:
    platform = start("web", WITH_DEMO="1")
    assert platform.process.wait(30) == 3
    assert is_gone(platform.pid("web"))


def test_the_embedded_servers_come_back_while_it_runs_and_leave_with_it(
    forgotten: Path, start: Start
) -> None:
    platform = start("idle", DATABASE_URL="").shows("Ctrl-C stops everything")
    first = told(forgotten)
    os.kill(first.keeper, signal.SIGKILL)
    until(lambda: told(forgotten).keeper != first.keeper and told(forgotten).ready == [POSTGRES])
    last = told(forgotten)
    assert platform.stop(signal.SIGTERM) == 0
    assert all(is_gone(pid) for pid in (last.keeper, *last.pids.values()))


def told(var: Path) -> State:
    return read(locate(var).state) or State(keeper=0, is_true=False)


@pytest.fixture
def forgotten(tmp_path: Path) -> Iterator[Path]:
    """The platform's directory, whose data root keeps elsewhere: pytest's directory is private."""
    var = tmp_path / "var"
    yield var
    home = locate(var).home
    if home.is_relative_to(ROOTS_PLACE):
        shutil.rmtree(home)
