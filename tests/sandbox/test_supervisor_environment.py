"""The environment the processes get, and `python -m sandbox exec`, which gives it to any command."""

import base64
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from sandbox.embedded.layout import ROOTS_PLACE, VALKEY, locate
from sandbox.embedded.locks import is_held
from sandbox.supervisor.environment import complete, given
from sandbox.supervisor.errors import SupervisorError
from sandbox.supervisor.keys import kept_keys
from sandbox.supervisor.ports import refuse_taken
from sandbox.supervisor.table import plan_for
from sandbox.supervisor.up import forget_data

PROJECT = Path(__file__).resolve().parents[2]
CLEAN = {"PATH": os.environ["PATH"]}


def until(condition: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def var(tmp_path: Path) -> Iterator[Path]:
    var = tmp_path / "var"
    yield var
    layout = locate(var)
    until(lambda: not is_held(layout.keeper_lock))
    if layout.home.is_relative_to(ROOTS_PLACE):
        shutil.rmtree(layout.home)


def run(var: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs the command through exec, with no variables but these."""
    return subprocess.run(
        [sys.executable, "-m", "sandbox", "exec", "--base", str(var), "--", *command],
        cwd=PROJECT,
        env={**CLEAN, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_secrets_are_made_once_and_only_their_owner_may_read_them(tmp_path: Path) -> None:
    file = tmp_path / "secrets.env"
    first = kept_keys(file)
    assert kept_keys(file) == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(first["SECRET_KEY"]) >= 50
    assert Fernet(first["ENCRYPTION_KEYS"])
    assert len(base64.b64decode(first["SIGNING_KEY"], validate=True)) == 32


def test_a_secret_that_became_necessary_later_is_added(tmp_path: Path) -> None:
    file = tmp_path / "secrets.env"
    file.write_text("SECRET_KEY=chosen=by a person\n")
    assert kept_keys(file)["SECRET_KEY"] == "chosen=by a person"
    assert kept_keys(file).keys() == {"SECRET_KEY", "ENCRYPTION_KEYS", "SIGNING_KEY"}


def test_the_environment_wins_over_the_file_and_the_file_over_the_sandbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("WEB_PORT=9001\nBOTS_PORT=9002\nLOG_LEVEL=\n")
    for name in ("BOTS_PORT", "SANDBOX_PORT", "SANDBOX_SMTP_PORT", "PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WEB_PORT", "9101")
    environment = complete(given(tmp_path), tmp_path / "var")
    ports = [environment[name] for name in ("WEB_PORT", "BOTS_PORT", "SANDBOX_PORT")]
    assert ports == ["9101", "9002", "8081"]
    assert environment["PUBLIC_URL"] == "http://127.0.0.1:9101"


def test_an_empty_variable_is_not_set(tmp_path: Path) -> None:
    environment = complete({"SANDBOX_PORT": "", "TELEGRAM_API_URL": "", "OTHER": ""}, tmp_path / "var")
    assert environment["TELEGRAM_API_URL"] == "http://127.0.0.1:8081"
    assert environment["OTHER"] == ""


def test_mail_and_sms_arrive_in_the_sandbox_unless_somebody_names_another_place(tmp_path: Path) -> None:
    moved = complete({"SANDBOX_PORT": "8501", "EMAIL_URL": "smtp://mail.example.com"}, tmp_path / "var")
    assert (moved["SANDBOX_SMTP_PORT"], moved["SMS_URL"]) == ("8503", "http://127.0.0.1:8501/sms")
    assert moved["EMAIL_URL"] == "smtp://mail.example.com"
    assert complete({}, tmp_path / "var")["EMAIL_URL"] == "smtp://127.0.0.1:8083"
    other = complete({"TELEGRAM_API_URL": "https://api.telegram.org"}, tmp_path / "var")
    assert "EMAIL_URL" not in other and "SMS_URL" not in other


def test_the_sandbox_stays_out_when_another_telegram_is_named(tmp_path: Path) -> None:
    own = complete({}, tmp_path / "var")
    assert [program.name for program in plan_for({}, own).first] == ["sandbox"]
    other = {"TELEGRAM_API_URL": "https://api.telegram.org"}
    plan = plan_for(other, complete(other, tmp_path / "var"))
    assert (plan.first, plan.stage, plan.ports) == ((), None, ("WEB_PORT", "BOTS_PORT"))


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1", "٣"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(SupervisorError, match="WEB_PORT"):
        refuse_taken({"WEB_PORT": port}, ["WEB_PORT"])


def test_two_processes_cannot_share_a_port() -> None:
    with pytest.raises(SupervisorError, match="WEB_PORT and BOTS_PORT are both 8999"):
        refuse_taken({"WEB_PORT": "8999", "BOTS_PORT": "8999"}, ["WEB_PORT", "BOTS_PORT"])


def test_forgetting_spares_the_secrets(var: Path) -> None:
    before = complete({}, var)
    (var / "sandbox").mkdir()
    forget_data(var)
    assert not (var / "sandbox").exists()
    assert complete({}, var) == before


@pytest.mark.faults
def test_a_command_finds_a_database_and_a_queue_and_decides_the_exit_code(var: Path) -> None:
    code = """
import os, psycopg2, redis, sys
psycopg2.connect(os.environ["DATABASE_URL"]).close()
assert redis.Redis.from_url(os.environ["REDIS_URL"]).ping()
sys.exit(7)
"""
    assert run(var, sys.executable, "-c", code).returncode == 7


@pytest.mark.faults
def test_a_server_that_is_named_is_not_replaced(var: Path) -> None:
    command = (sys.executable, "-c", "import os; print(os.environ['DATABASE_URL'])")
    done = run(var, *command, DATABASE_URL="postgresql://elsewhere/app")
    assert done.stdout == "postgresql://elsewhere/app\n"
    assert not locate(var).log("postgres").exists()


@pytest.mark.faults
def test_the_servers_end_with_a_killed_command(var: Path) -> None:
    command = [sys.executable, "-m", "sandbox", "exec", "--base", str(var), "--", "cat"]
    process = subprocess.Popen(
        command,
        cwd=PROJECT,
        env={**CLEAN, "DATABASE_URL": "postgresql://elsewhere/app"},
        stdin=subprocess.PIPE,
    )
    layout = locate(var)
    until(lambda: is_held(layout.keeper_lock) and is_held(layout.life_lock(VALKEY)))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    until(lambda: not is_held(layout.keeper_lock))
    assert not is_held(layout.life_lock(VALKEY))


def test_a_command_nobody_has_is_named_in_one_sentence(var: Path) -> None:
    done = run(var, "a-command-nobody-has", DATABASE_URL="x", REDIS_URL="x")
    assert done.returncode == 1
    assert done.stderr == "telegive: a-command-nobody-has: there is no such command.\n"
