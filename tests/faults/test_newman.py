"""A day of a subscriber, played by newman from the Postman collection against the running platform."""

import shutil
import subprocess
from decimal import Decimal

import pytest

from accounts.audit import SYSTEM
from config.postman import NAME
from config.postman.day import DAY
from offers.services import sell
from sandbox.supervisor.environment import PROJECT
from tests.faults.processes import PATIENCE_SECONDS, Platform

HERE = PROJECT / "tests" / "newman" / "node_modules" / ".bin" / "newman"


def newman() -> str:
    """The program; without it the test is skipped."""
    found = shutil.which("newman") or (str(HERE) if HERE.exists() and shutil.which("node") else None)
    if found is None:
        pytest.skip("newman was not found: `npm ci --prefix tests/newman` brings it, node and npm given")
    return found


def test_a_day_of_a_subscriber_passes(platform: Platform) -> None:
    program = newman()
    for price in (29, 39):
        sell.create(
            by=SYSTEM, name=f"Net {price}", kind="internet", price=Decimal(price), partner_code=f"n{price}"
        )
    platform.start("sandbox", "web", "worker", "beat")
    options = [
        "--folder",
        DAY,
        "--env-var",
        f"baseUrl={platform.web_url}",
        "--color",
        "off",
        "--reporters",
        "cli",
    ]
    command = [program, "run", NAME, *options]
    patience = 4 * PATIENCE_SECONDS
    played = subprocess.run(
        command, cwd=PROJECT, capture_output=True, text=True, timeout=patience, check=False
    )
    assert played.returncode == 0, played.stdout[-6000:] + played.stderr[-2000:]
