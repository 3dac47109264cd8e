"""Plays a fault campaign on servers of its own and says whether anything was off.

    python -m tests.faults.campaign [--minutes 1] [--rate 30,500] [--pumps 2] [--seed S] [--json FILE]

For every rate: three broadcasts of one bot, one per policy of doubt, are sent by real pump processes on
embedded PostgreSQL and Redis to the sandbox's Telegram. Meanwhile a pump, Redis, PostgreSQL and Telegram are
killed (-9) and frozen at random moments. What Telegram accepted is then compared with what was recorded.
The exit code is 0 when nothing was off. The seed plays the same mischief again.
"""

import argparse
import os
import secrets
import sys
from pathlib import Path

from sandbox.embedded import hand_down
from sandbox.embedded.locks import try_exclusive
from sandbox.supervisor.command import guarded
from sandbox.supervisor.environment import PROJECT, complete, with_servers
from sandbox.supervisor.errors import SupervisorError
from tests.faults.campaign.round import Wanted
from tests.faults.ports import free_ports

BASE = PROJECT / "var" / "faults"
NOT_OURS = ("DATABASE_URL", "REDIS_URL", "TELEGRAM_API_URL", "SANDBOX_URL", "PROMETHEUS_MULTIPROC_DIR")
PORTS = ("WEB_PORT", "BOTS_PORT", "SANDBOX_PORT")


def environment() -> dict[str, str]:
    """Servers nobody else uses, because they are going to be killed; leases short enough to wait for."""
    ours = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
    ports = dict(zip(PORTS, map(str, free_ports(len(PORTS))), strict=True))
    sandbox = f"http://127.0.0.1:{ports['SANDBOX_PORT']}"
    settings = {
        "TELEGRAM_API_URL": sandbox,
        "SANDBOX_URL": sandbox,
        "TELEGRAM_TIMEOUT_SECONDS": "3",
        "LEASE_SCALE": "0.1",
        "LOG_LEVEL": "WARNING",
        "SANDBOX_STATE": str(BASE / "telegram"),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    return with_servers(complete(ours | ports | settings, BASE), BASE)


def parsed() -> Wanted:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults.campaign",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--minutes", type=float, default=1.0, help="of mischief at each rate")
    parser.add_argument("--rate", default="30,500", help="messages a second, one round for each")
    parser.add_argument("--pumps", type=int, default=2)
    parser.add_argument("--seed", default=secrets.token_hex(4))
    parser.add_argument("--json", type=Path, default=BASE / "campaign.json")
    said = parser.parse_args()
    rates = [float(rate) for rate in said.rate.split(",")]
    return Wanted(rates, said.minutes * 60, said.pumps, said.seed, str(said.json.absolute()))


def main() -> int:
    """Turns into the play, which finds its servers and settings in the environment."""
    wanted = parsed()
    BASE.mkdir(parents=True, exist_ok=True)
    lock = (BASE / "campaign.lock").open("ab")
    if not try_exclusive(lock):
        raise SupervisorError("Another campaign is killing these servers: wait for its end.")
    os.set_inheritable(lock.fileno(), True)
    surroundings = environment()
    hand_down()
    command = [sys.executable, "-m", "tests.faults.campaign.play", wanted.written()]
    os.chdir(PROJECT)
    os.execve(sys.executable, command, surroundings)


if __name__ == "__main__":
    sys.exit(guarded(main))
