"""Settings from the environment: a fault is one sentence that names the variable."""

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import config.settings
from config.environment import postgresql, read, redis_urls

FAULTS = [
    ("SECRET_KEY", "short", "at least 32 characters"),
    ("ENVIRONMENT", "staging", '"production" or "sandbox"'),
    ("ENCRYPTION_KEYS", "nonsense", "Fernet keys"),
    ("SIGNING_KEY", "c2hvcnQ=", "32 bytes"),
    ("PUBLIC_URL", "telegive.example", "https://example.com"),
    ("TELEGRAM_UPDATES", "pigeon", '"polling" or "webhook"'),
    ("THROTTLE_SCALE", "0", "between"),
    ("ACCESS_TOKEN_MINUTES", "soon", "ACCESS_TOKEN_MINUTES"),
    ("REDIS_URL", "http://127.0.0.1", "redis://"),
    ("DATABASE_URL", "nonsense", "DATABASE_URL"),
]


@pytest.mark.parametrize(("name", "value", "sentence"), FAULTS)
def test_a_faulty_variable_is_named_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as stopped:
        runpy.run_path(config.settings.__file__)
    assert name in str(stopped.value)
    assert sentence in str(stopped.value)


def test_it_stops_the_process_without_a_traceback() -> None:
    command = [sys.executable, "-c", "import config.settings"]
    environment = {**os.environ, "SECRET_KEY": "short"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith('telegive: environment variable "SECRET_KEY"')
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://h:6379", ("redis://h:6379/0", "redis://h:6379/1", "redis://h:6379/2")),
        ("redis://:pw@h:6379/4", ("redis://:pw@h:6379/4", "redis://:pw@h:6379/5", "redis://:pw@h:6379/6")),
        (
            "unix:///run/kv.sock?db=3",
            (
                "unix:///run/kv.sock?db=3",
                "redis+socket:///run/kv.sock?virtual_host=4",
                "redis+socket:///run/kv.sock?virtual_host=5",
            ),
        ),
    ],
)
def test_one_redis_is_three_databases(
    monkeypatch: pytest.MonkeyPatch, url: str, expected: tuple[str, str, str]
) -> None:
    monkeypatch.setenv("SOME_REDIS", url)
    assert redis_urls("SOME_REDIS") == expected


def test_every_variable_is_described_for_a_stranger() -> None:
    root = Path(config.settings.BASE_DIR)
    read = {
        name
        for path in ("config/settings.py", "config/gunicorn.py")
        for name in re.findall(
            r'(?:read\("\w+", |environ\.\w+\()"([A-Z_]+)"', (root / path).read_text(encoding="utf8")
        )
    }
    described = set(
        re.findall(r"^#?([A-Z_]+)=", (root / ".env.example").read_text(encoding="utf8"), re.MULTILINE)
    )
    assert len(read) > 20
    assert read - described == set()


def test_a_variable_can_come_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("from the file\n")
    monkeypatch.setenv("A_SECRET", "from the environment")
    monkeypatch.setenv("A_SECRET_FILE", str(tmp_path / "secret"))
    assert read("str", "A_SECRET") == "from the file"
    monkeypatch.setenv("A_SECRET_FILE", str(tmp_path / "away"))
    with pytest.raises(SystemExit, match=r"A_SECRET_FILE.*cannot be read"):
        read("str", "A_SECRET")


def test_a_password_comes_to_an_address_that_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTGRES_PASSWORD", "p@ss/1")
    monkeypatch.setenv("REDIS_PASSWORD", "p@ss/2")
    monkeypatch.setenv("WITHOUT", "postgresql://telegive@postgres:5432/telegive")
    monkeypatch.setenv("WITH", "postgresql://telegive:own@postgres:5432/telegive")
    assert (postgresql("WITHOUT")["PASSWORD"], postgresql("WITH")["PASSWORD"]) == ("p@ss/1", "own")
    monkeypatch.setenv("WITHOUT", "redis://redis:6379/0")
    monkeypatch.setenv("WITH", "redis://:own@redis:6379/0")
    assert redis_urls("WITHOUT")[0] == "redis://:p%40ss%2F2@redis:6379/0"
    assert redis_urls("WITH")[0] == "redis://:own@redis:6379/0"
