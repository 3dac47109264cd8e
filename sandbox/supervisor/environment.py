"""The environment of every process of the platform: what is set wins, then .env, then the sandbox."""

import os
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from sandbox import drand, partner
from sandbox.embedded import POSTGRES, VALKEY, ensure
from sandbox.inbox import SMS_KEY
from sandbox.supervisor.errors import SupervisorError
from sandbox.supervisor.keys import kept_keys

PROJECT = Path(__file__).resolve().parents[2]
PORTS = {"WEB_PORT": "8000", "SANDBOX_PORT": "8081", "BOTS_PORT": "8082", "SANDBOX_SMTP_PORT": "8083"}
SMTP_BESIDE = 2  # from the sandbox's port to where it receives mail
SERVERS = {"DATABASE_URL": POSTGRES, "REDIS_URL": VALKEY}
MAIN_DIRECTORY = "TELEGIVE_VAR"


def given(project: Path = PROJECT) -> dict[str, str]:
    """What a person set, in the real environment or in .env."""
    from_file = {name: value for name, value in dotenv_values(project / ".env").items() if value is not None}
    return from_file | os.environ


def var_directory(base: Path | None = None) -> Path:
    """Where everything the sandbox keeps lies."""
    return (base or Path(given().get(MAIN_DIRECTORY) or PROJECT / "var")).absolute()


def complete(set_by_person: Mapping[str, str], var: Path) -> dict[str, str]:
    """Every variable the processes need but the addresses of the servers; nothing that is set is replaced.

    An empty variable is not set: none of these may be empty.
    """
    try:
        var.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SupervisorError(
            f"{var}: {error.strerror}. Set TELEGIVE_VAR to a directory you may write to."
        ) from error
    ports = {name: set_by_person.get(name) or port for name, port in default_ports(set_by_person).items()}
    sandbox_url = f"http://127.0.0.1:{ports['SANDBOX_PORT']}"
    defaults = {
        "ENVIRONMENT": "sandbox",
        "PUBLIC_URL": f"http://127.0.0.1:{ports['WEB_PORT']}",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "SANDBOX_URL": sandbox_url,
        "TELEGRAM_API_URL": sandbox_url,
        "THROTTLE_SCALE": "100",
        "STARS_BOTS": "*",
        MAIN_DIRECTORY: str(var),
        "SANDBOX_STATE": str(var / "sandbox"),
        "WEB_PROCESSES": "1",
        "PYTHONUNBUFFERED": "1",
        "MALLOC_ARENA_MAX": "2",  # glibc keeps a heap per thread otherwise: a third of the memory at rest
    }
    if not set_by_person.get("TELEGRAM_API_URL"):
        defaults["PREVIEW_URL"] = sandbox_url  # channels of the real Telegram show theirs at t.me
        defaults |= beacon(sandbox_url)
        defaults["MTPROTO_URL"] = f"{sandbox_url}/mtproto"
        defaults |= inbox(sandbox_url, ports["SANDBOX_SMTP_PORT"])
        defaults |= activation_partner(set_by_person, sandbox_url)
    ours = {**kept_keys(var / "secrets.env"), **ports, **defaults}
    return ours | {name: value for name, value in set_by_person.items() if value or name not in ours}


def default_ports(set_by_person: Mapping[str, str]) -> dict[str, str]:
    """Mail goes with the sandbox: whoever moves one moves the other, so that two platforms run side by side."""
    sandbox = set_by_person.get("SANDBOX_PORT") or ""
    moved = sandbox.isascii() and sandbox.isdigit()
    return PORTS | ({"SANDBOX_SMTP_PORT": str(int(sandbox) + SMTP_BESIDE)} if moved else {})


def beacon(sandbox_url: str) -> dict[str, str]:
    """The sandbox's own chain and its two relays: a machine without a network draws publicly, and says whose
    randomness that was."""
    return {
        "DRAND_URLS": f"{sandbox_url}/drand/honest,{sandbox_url}/drand/second",
        "DRAND_CHAIN": drand.PROMISED,
        "DRAND_PUBLIC_KEY": drand.PUBLIC_KEY,
        "BEACON_DELAY_SECONDS": "10",
    }


def inbox(sandbox_url: str, smtp_port: str) -> dict[str, str]:
    """Mail and SMS arrive where the page shows them."""
    return {
        "EMAIL_URL": f"smtp://127.0.0.1:{smtp_port}",
        "SMS_URL": f"{sandbox_url}/sms",
        "SMS_API_KEY": SMS_KEY,
    }


def activation_partner(set_by_person: Mapping[str, str], sandbox_url: str) -> dict[str, str]:
    """The stand-in, unless a real partner is named: key and secret go with the address."""
    if set_by_person.get("PARTNER_URL"):
        return {}
    return {
        "PARTNER_URL": f"{sandbox_url}/partner",
        "PARTNER_API_KEY": partner.API_KEY,
        "PARTNER_SECRET": partner.SECRET,
    }


def with_servers(environment: Mapping[str, str], var: Path) -> dict[str, str]:
    """Adds the addresses that nobody set, of servers that run for as long as this process lives."""
    wanted = embedded(environment)
    if not wanted:
        return dict(environment)
    servers = ensure(var, wanted)
    addresses = {"DATABASE_URL": servers.database_url, "REDIS_URL": servers.redis_url}
    return {**environment, **{name: addresses[name] for name, server in SERVERS.items() if server in wanted}}


def embedded(environment: Mapping[str, str]) -> set[str]:
    """The servers nobody named an address for."""
    return {server for variable, server in SERVERS.items() if not environment.get(variable)}
