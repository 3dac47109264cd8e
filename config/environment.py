"""Reading the environment: every variable typed and bounded, every fault a sentence that stops us."""

import base64
import binascii
import os
import re
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import parse_qs, quote, urlsplit

from cryptography.fernet import Fernet
from environs import Env, EnvError

BASE_DIR = Path(__file__).resolve().parent.parent

DRAND_RELAYS = ("https://api.drand.sh", "https://drand.cloudflare.com")

env = Env()
env.read_env(str(BASE_DIR / ".env"), override=False)


def stop(sentence: str) -> NoReturn:
    """Ends the process with one sentence: a half-configured process must not serve anybody."""
    sys.exit(f"telegive: {sentence}")


def read(reader: str, name: str, /, *args: Any, **kwargs: Any) -> Any:
    """The variable `name` through environs' `reader` (str, int, list, dj_db_url, ...)."""
    take_from_file(name)
    try:
        return getattr(env, reader)(name, *args, **kwargs)
    except EnvError as error:
        stop(f"{error} Every variable is described in .env.example.")
    except ValueError as error:
        stop(f'environment variable "{name}" is not valid: {error}. See .env.example.')


def take_from_file(name: str) -> None:
    """NAME_FILE names a file that holds the value, as containers are handed secrets; it wins over NAME."""
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return
    try:
        os.environ[name] = Path(path).read_text(encoding="utf8").strip()
    except (OSError, UnicodeDecodeError) as error:
        stop(f'environment variable "{name}_FILE": {path} cannot be read ({type(error).__name__}).')


def number(name: str, default: float, *, least: float, most: float) -> float:
    """A number between `least` and `most`."""
    value = float(read("float", name, default))
    if not least <= value <= most:
        stop(f'environment variable "{name}" must be between {least:g} and {most:g}.')
    return value


def url(name: str, default: str | None = None) -> str:
    """An absolute http(s) address, without the slash at its end."""
    value = str(read("str", name, default) if default is not None else read("str", name)).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        stop(f'environment variable "{name}" must be an address like https://example.com.')
    return value


def drand() -> tuple[list[str], str, str]:
    """drand's relays, and another chain than quicknet with its public key: both or none."""
    relays = [str(relay).rstrip("/") for relay in read("list", "DRAND_URLS", list(DRAND_RELAYS))]
    chain, key = (str(read("str", name, "")) for name in ("DRAND_CHAIN", "DRAND_PUBLIC_KEY"))
    if bool(chain) != bool(key):
        stop('environment variables "DRAND_CHAIN" and "DRAND_PUBLIC_KEY" are set together or not at all.')
    return relays, chain, key


def money(*, sandbox: bool) -> tuple[str, Decimal]:
    """The platform's one currency, and what whoever registers is given; a sandbox lets people try to buy."""
    currency = str(read("str", "CURRENCY", "EUR"))
    if not re.fullmatch("[A-Z]{3}", currency):
        stop('environment variable "CURRENCY" must be three capital letters, such as EUR.')
    gift = Decimal(read("decimal", "WELCOME_BALANCE", "50.00" if sandbox else "0"))
    if not gift.is_finite() or not 0 <= gift <= 100_000 or gift != gift.quantize(Decimal("0.01")):
        stop('environment variable "WELCOME_BALANCE" must be a sum from 0 to 100000, such as 50.00.')
    return currency, gift


def mtproto() -> tuple[str, int, str, str]:
    """Optional: the sandbox's stand-in for it; an application's id and hash, both or none; a user's session."""
    stand_in = url("MTPROTO_URL") if read("str", "MTPROTO_URL", "") else ""
    api_id = int(number("TELEGRAM_API_ID", 0, least=0, most=2**31))
    api_hash, session = (
        str(read("str", name, "")) for name in ("TELEGRAM_API_HASH", "TELEGRAM_USER_SESSION")
    )
    if bool(api_id) != bool(api_hash):
        stop(
            'environment variables "TELEGRAM_API_ID" and "TELEGRAM_API_HASH" are set together or not at all.'
        )
    return stand_in, api_id, api_hash, session


def mail(name: str) -> dict[str, Any]:
    """Django's EMAIL_* settings from one address; a server that says nothing is waited for as long as it says, or
    ten seconds."""
    found: dict[str, Any] = read("dj_email_url", name, "dummy:")
    return {**found, "EMAIL_TIMEOUT": found.get("EMAIL_TIMEOUT") or 10}


def sms() -> tuple[str, str]:
    """Where text messages are posted, and the provider's key: both or none."""
    address = url("SMS_URL") if read("str", "SMS_URL", "") else ""
    key = str(read("str", "SMS_API_KEY", ""))
    if bool(address) != bool(key):
        stop('environment variables "SMS_URL" and "SMS_API_KEY" are set together or not at all.')
    return address, key


def partner() -> tuple[str, str, str, float, float]:
    """Who switches services on: address, API key and secret, all or none; seconds for one answer, and of patience."""
    address = url("PARTNER_URL") if read("str", "PARTNER_URL", "") else ""
    key, secret = (str(read("str", name, "")) for name in ("PARTNER_API_KEY", "PARTNER_SECRET"))
    if len({bool(address), bool(key), bool(secret)}) != 1:
        stop(
            'environment variables "PARTNER_URL", "PARTNER_API_KEY" and "PARTNER_SECRET" '
            "are set together or not at all."
        )
    if not (key + secret).isascii() or not (key + secret).isprintable():
        stop('environment variables "PARTNER_API_KEY" and "PARTNER_SECRET" must be printable ASCII.')
    timeout = number("PARTNER_TIMEOUT_SECONDS", 10, least=1, most=60)
    return address, key, secret, timeout, number("PARTNER_PATIENCE_SECONDS", 1800, least=0, most=604_800)


def stars() -> tuple[list[str], Decimal, int, int]:
    """Whose Stars are ours (usernames in small letters, or `*`), what one is worth, how many may be paid at once."""
    bots = [str(name).strip().removeprefix("@").lower() for name in read("list", "STARS_BOTS", [])]
    rate = read("decimal", "STARS_RATE", Decimal("0.02"))
    if not rate.is_finite() or not 0 < rate <= 1000:
        stop('environment variable "STARS_RATE" must be more than 0 and at most 1000.')
    most = int(number("STARS_MOST", 10_000, least=1, most=10_000))  # Telegram's own limit for an invoice
    return bots, rate, int(number("STARS_LEAST", 1, least=1, most=most)), most


def fernet_keys(name: str) -> list[str]:
    """Comma-separated Fernet keys, the newest first: the first encrypts, all decrypt."""
    keys = [str(key) for key in read("list", name)]
    try:
        for key in keys:
            Fernet(key)
    except (ValueError, binascii.Error):
        keys = []
    if not keys:
        stop(f'environment variable "{name}" must hold Fernet keys, comma-separated, newest first.')
    return keys


def seed32(name: str) -> bytes:
    """32 bytes in standard base64."""
    try:
        seed = base64.b64decode(str(read("str", name)), validate=True)
    except binascii.Error:
        seed = b""
    if len(seed) != 32:
        stop(f'environment variable "{name}" must be 32 bytes in base64.')
    return seed


def postgresql(name: str) -> dict[str, Any]:
    """The database; a password that its address does not have comes from POSTGRES_PASSWORD."""
    found: dict[str, Any] = read("dj_db_url", name)
    return {**found, "PASSWORD": found.get("PASSWORD") or read("str", "POSTGRES_PASSWORD", "")}


def redis_urls(name: str) -> tuple[str, str, str]:
    """One Redis server, three databases apart: (state and limits, broker, results of tasks).

    Accepts redis://, rediss:// and unix:// addresses; a database number in the address is the first. A password
    that the address does not have comes from REDIS_PASSWORD.
    """
    address = str(read("str", name))
    parts = urlsplit(address)
    if parts.scheme == "unix":
        first = database(name, parse_qs(parts.query).get("db", ["0"])[0])
        socket = [f"redis+socket://{parts.path}?virtual_host={first + step}" for step in (1, 2)]
        return f"unix://{parts.path}?db={first}", socket[0], socket[1]
    if parts.scheme not in ("redis", "rediss"):
        stop(f'environment variable "{name}" must start with redis://, rediss:// or unix://.')
    first = database(name, parts.path.strip("/") or "0")
    if parts.password is None and (password := read("str", "REDIS_PASSWORD", "")):
        parts = parts._replace(
            netloc=f"{parts.username or ''}:{quote(password, safe='')}@{parts.netloc.split('@')[-1]}"
        )
    state, broker, results = (parts._replace(path=f"/{first + step}").geturl() for step in range(3))
    return state, broker, results


def database(name: str, number: str) -> int:
    """The number of a Redis database; two more after it are used as well."""
    if not number.isdigit():
        stop(f'environment variable "{name}" names no database number: {number}.')
    return int(number)
