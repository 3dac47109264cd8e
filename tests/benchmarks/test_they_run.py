"""Benchmarks are run seldom: this keeps them from rotting in between. What they measure here says nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.supervisor.environment import PROJECT

LONGEST_SECONDS = 900  # a busy machine; every wait inside ends with its condition
TINY = {
    "bulk_send": ["--messages", "40"],
    "pacing": ["--rates", "1000", "--pumps", "2", "--seconds", "0.5"],
    "many_bots": ["--bots", "3", "--seconds", "1"],
    "joins": ["--people", "20"],
    "offers": ["--seconds", "0.3", "--callers", "2"],
    "memory": ["--few", "40", "--many", "600", "--seconds", "1"],
}
# One process for all of them: importing everything costs more than measuring so little.
PLAY = """
import importlib, json, sys
if __name__ == "__main__":
    for name, options in json.loads(sys.argv[1]).items():
        importlib.import_module(f"benchmarks.{name}").main(options)
"""


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, dict[str, float]]]:
    """name -> table, of a tiny run of every benchmark."""
    directory: Path = tmp_path_factory.mktemp("benchmarks")
    asked = {
        name: [*options, "--runs", "1", "--json", str(directory / name)] for name, options in TINY.items()
    }
    script = directory / "play.py"
    script.write_text(PLAY)
    done = subprocess.run(
        [sys.executable, str(script), json.dumps(asked)],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {name: json.loads((directory / name).read_text())["medians"] for name in TINY}


def test_bulk_sending_is_compared_with_all_the_others(tables: dict[str, dict[str, dict[str, float]]]) -> None:
    assert list(tables["bulk_send"]) == [
        "bare aiohttp",
        "bare aiogram",
        "python-telegram-bot",
        "a Celery task per message",
        "durable delivery",
    ]
    assert all(row["per CPU-second"] > 0 for row in tables["bulk_send"].values())


def test_the_limits_of_one_bot_and_of_many_are_measured(
    tables: dict[str, dict[str, dict[str, float]]],
) -> None:
    (paced,), (many,) = tables["pacing"].values(), tables["many_bots"].values()
    assert paced["busiest second"] > 0
    assert many["per CPU-second"] > 0


def test_the_memory_of_a_pump_is_measured(tables: dict[str, dict[str, dict[str, float]]]) -> None:
    few, many = tables["memory"].values()
    assert (few["USS grows, %"], few["sent"]) == (0, 40)
    assert many["USS, MB"] > 0


def test_joining_is_compared_with_a_minimal_bot(tables: dict[str, dict[str, dict[str, float]]]) -> None:
    assert list(tables["joins"]) == ["ours", "aiogram + asyncpg"]
    assert all(row["joins per CPU-second"] > 0 for row in tables["joins"].values())


def test_reading_offers_is_compared_with_a_constant_page(
    tables: dict[str, dict[str, dict[str, float]]],
) -> None:
    assert list(tables["offers"]) == ["constant view", "offers", "profile"]
    assert all(row["requests per second"] > 0 for row in tables["offers"].values())
