"""The embedded servers under real kills: shared, never orphaned, never losing a committed row."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psutil
import psycopg2
import pytest
import redis

from sandbox.embedded import EmbeddedServersError, dismiss, ensure, forget, programs, state
from sandbox.embedded.layout import POSTGRES, ROOTS_PLACE, VALKEY, locate
from sandbox.embedded.locks import is_held

pytestmark = pytest.mark.faults

PROJECT = Path(__file__).resolve().parents[2]
USE = """
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit
from sandbox.embedded import ensure
ensure(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.read()
"""


def until(condition: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


class User:
    """Another process that uses the servers."""

    def __init__(self, base: Path) -> None:
        command = [sys.executable, "-c", USE, str(base)]
        self.process = subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def wait_until_ready(self) -> "User":
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"ready\n"
        return self

    def end(self, number: signal.Signals = signal.SIGKILL) -> None:
        self.process.send_signal(number)
        self.process.communicate()


@pytest.fixture(scope="module")
def shared_base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One database for all tests here: making one takes seconds."""
    base = tmp_path_factory.mktemp("embedded") / "var"
    yield base
    home = locate(base).home
    if home.is_relative_to(ROOTS_PLACE):
        shutil.rmtree(home)


@pytest.fixture
def base(shared_base: Path) -> Iterator[Path]:
    yield shared_base
    dismiss(shared_base)
    until(lambda: not is_held(locate(shared_base).keeper_lock))


@pytest.fixture
def new_user(base: Path) -> Iterator[Callable[[], User]]:
    users: list[User] = []

    def start() -> User:
        users.append(User(base))
        return users[-1]

    yield start
    for user in users:
        if user.process.returncode is None:
            user.end()


def told(base: Path) -> state.State:
    news = state.read(locate(base).state)
    assert news is not None
    return news


def processes_of(base: Path) -> list[psutil.Process]:
    """The keeper, the servers and all their children."""
    keeper = psutil.Process(told(base).keeper)
    return [keeper, *keeper.children(recursive=True)]


def kill(*processes: psutil.Process) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):  # it followed its parent
            process.kill()
    until(lambda: all(is_gone(process) for process in processes))


def is_gone(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def commit_a_row(base: Path) -> None:
    connection = psycopg2.connect(ensure(base).database_url)
    connection.cursor().execute(
        "DROP TABLE IF EXISTS kept; CREATE TABLE kept (word text); INSERT INTO kept VALUES ('here')"
    )
    connection.commit()
    connection.close()


def the_row(base: Path) -> str:
    connection = psycopg2.connect(ensure(base).database_url)
    try:
        cursor = connection.cursor()
        cursor.execute("SELECT word FROM kept")
        return str(cursor.fetchone()[0])
    finally:
        connection.close()


def test_users_who_come_at_once_share_one_set_of_servers(base: Path, new_user: Callable[[], User]) -> None:
    users = [new_user() for _ in range(4)]
    for user in users:
        user.wait_until_ready()
    command = [sys.executable, "-m", "sandbox.embedded.keeper", str(base)]
    keepers = [p for p in psutil.process_iter(["cmdline"]) if p.info["cmdline"] == command]
    assert len(keepers) == 1
    assert told(base).pids.keys() == {POSTGRES, VALKEY}


def test_a_killed_user_leaves_the_servers_to_the_others(base: Path, new_user: Callable[[], User]) -> None:
    first, second = new_user().wait_until_ready(), new_user().wait_until_ready()
    before = told(base)
    first.end()
    third = new_user().wait_until_ready()
    assert told(base) == before
    processes = processes_of(base)
    second.end(signal.SIGTERM)
    third.end(signal.SIGINT)
    until(lambda: all(is_gone(process) for process in processes))


def test_the_servers_speak_unicode_and_sort_alike_everywhere(base: Path) -> None:
    connection = psycopg2.connect(ensure(base).database_url)
    cursor = connection.cursor()
    cursor.execute("SELECT datlocprovider, datlocale, upper('привет') FROM pg_database WHERE datname = 'app'")
    assert cursor.fetchone() == ("b", "C.UTF-8", "ПРИВЕТ")
    connection.close()


def test_nobody_else_may_enter_the_socket_directory(base: Path) -> None:
    ensure(base)
    status = locate(base).sockets.stat()
    assert status.st_mode & 0o777 == 0o700
    assert os.geteuid() != 0 or status.st_uid != 0


def test_a_killed_keeper_is_replaced_and_takes_no_row_along(base: Path) -> None:
    commit_a_row(base)
    first = processes_of(base)
    kill(first[0])
    assert the_row(base) == "here"
    assert told(base).keeper != first[0].pid
    until(lambda: all(is_gone(process) for process in first))


def test_killed_servers_are_started_again_by_the_keeper(base: Path) -> None:
    commit_a_row(base)
    before = told(base)
    for pid in before.pids.values():
        os.kill(pid, signal.SIGKILL)
    until(lambda: told(base).pids != before.pids and set(told(base).ready) == {POSTGRES, VALKEY})
    assert the_row(base) == "here"
    assert told(base).keeper == before.keeper


def test_a_power_cut_of_everything_loses_no_committed_row(base: Path) -> None:
    commit_a_row(base)
    kill(*processes_of(base))
    assert the_row(base) == "here"


def test_what_valkey_accepted_survives_a_restart(base: Path) -> None:
    with redis.Redis.from_url(ensure(base).redis_url) as client:
        client.set("word", "here")
    dismiss(base)
    with redis.Redis.from_url(ensure(base).redis_url) as client:
        assert client.get("word") == b"here"
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_a_stale_process_number_harms_no_stranger(base: Path) -> None:
    commit_a_row(base)
    account = locate(base).account
    dismiss(base)
    stranger = subprocess.Popen(["sleep", "60"], user=account.uid if account else None)
    try:
        file = locate(base).data(POSTGRES) / "postmaster.pid"
        file.write_text(f"{stranger.pid}\n{file.parent}\n1\n5432\n{locate(base).sockets}\n\n0 0\n")
        assert the_row(base) == "here"
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_only_what_is_wanted_runs(base: Path) -> None:
    ensure(base, {VALKEY})
    assert told(base).pids.keys() == {VALKEY}
    ensure(base)
    assert told(base).pids.keys() == {POSTGRES, VALKEY}


def test_an_initialisation_cut_short_is_done_again(base: Path) -> None:
    forget(base)
    unfinished = locate(base).home / "postgres.unfinished"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")
    assert ensure(base, {POSTGRES})
    assert not unfinished.exists()


def test_a_broken_database_directory_is_named_in_one_sentence(base: Path) -> None:
    ensure(base, {POSTGRES})
    dismiss(base)
    control = locate(base).data(POSTGRES) / "global" / "pg_control"
    aside = control.rename(control.with_suffix(".aside"))
    sentence = r"PostgreSQL does not start .*pg_control.* --fresh, or set DATABASE_URL"
    with pytest.raises(EmbeddedServersError, match=sentence):
        ensure(base, {POSTGRES})
    aside.rename(control)
    assert ensure(base, {POSTGRES})


def test_a_long_path_with_odd_characters_is_no_obstacle(tmp_path: Path) -> None:
    base = tmp_path / ("a path, with 100% of everything? " * 6)
    with redis.Redis.from_url(ensure(base, {VALKEY}).redis_url) as client:
        assert client.ping()
    layout = locate(base)
    address = urlsplit(ensure(base, {VALKEY}).database_url).hostname
    assert address is not None
    assert unquote(address) == str(layout.sockets)
    dismiss(base)
    shutil.rmtree(layout.sockets)
    if layout.home.is_relative_to(ROOTS_PLACE):
        shutil.rmtree(layout.home)


def test_a_place_nobody_may_write_to_is_named_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedServersError, match=r"Not a directory\. Set TELEGIVE_VAR"):
        ensure(tmp_path / "file" / "var")


@pytest.mark.parametrize(
    ("find", "wheels", "variable"),
    [(programs.postgres, "POSTGRES_WHEELS", "DATABASE_URL"), (programs.valkey, "VALKEY_WHEELS", "REDIS_URL")],
)
def test_a_missing_wheel_says_which_variable_to_set(
    monkeypatch: pytest.MonkeyPatch, find: Callable[[None], Path], wheels: str, variable: str
) -> None:
    monkeypatch.setattr(programs, wheels, ("a_wheel_nobody_has",))
    with pytest.raises(EmbeddedServersError, match=variable):
        find(None)


def test_data_in_use_are_not_forgotten(base: Path, new_user: Callable[[], User]) -> None:
    commit_a_row(base)
    user = new_user().wait_until_ready()
    dismiss(base)
    with pytest.raises(EmbeddedServersError, match="in use"):
        forget(base)
    user.end()
    forget(base)
    with pytest.raises(psycopg2.errors.UndefinedTable):
        the_row(base)
