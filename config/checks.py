"""System checks across settings: combinations that start well and go wrong later."""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, register
from django.core.checks import Warning as CheckWarning
from django.utils.module_loading import import_string

Apps = Sequence[AppConfig] | None
WIDEST_THROTTLE_SCALE = 100


@register()
def database_is_postgresql(app_configs: Apps, **_: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Claims (SKIP LOCKED), partial unique indexes and jsonb are used throughout."""
    engine = settings.DATABASES["default"]["ENGINE"]
    if engine.endswith(("postgresql", "postgresql_psycopg2")):
        return []
    return [Error(f"DATABASE_URL must be a postgresql:// address, not {engine}.", id="telegive.E001")]


@register()
def driver_is_psycopg2(app_configs: Apps, **_: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Django prefers psycopg 3 without a word, and errors are told apart by psycopg2's classes."""
    if find_spec("psycopg") is None:
        return []
    return [
        CheckWarning(
            "psycopg 3 is installed, so Django uses it instead of psycopg2, which we are tested with.",
            hint="pip uninstall psycopg psycopg-binary",
            id="telegive.W001",
        )
    ]


@register()
def texts_are_read_by_telegrams_parser(app_configs: Apps, **_: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Mailings are checked with it before anybody is written to."""
    if find_spec("tdjson") is not None:
        return []
    return [
        CheckWarning(
            "tdjson is not installed: broken markup of a mailing is found by its first recipients only.",
            hint="pip install tdjson; there are wheels for Linux (glibc), macOS and Windows",
            id="telegive.W012",
        )
    ]


@register()
def production_is_not_the_sandbox(app_configs: Apps, **_: Any) -> list[CheckMessage]:  # noqa: ARG001
    """ENVIRONMENT=production with values that only a sandbox has."""
    if settings.SANDBOX:
        return []
    return [
        CheckWarning(f"ENVIRONMENT is production, but {fault}.", id=f"telegive.W{number:03}")
        for number, fault in sandbox_faults().items()
    ]


def sandbox_faults() -> dict[int, str]:
    """The number and sentence of every setting that does not belong into production."""
    faults = {
        2: (not settings.PUBLIC_URL.startswith("https://"), "PUBLIC_URL is not an https:// address"),
        3: (is_local(settings.PUBLIC_URL), "PUBLIC_URL is an address of this machine"),
        4: (is_local(settings.TELEGRAM_API_URL), "TELEGRAM_API_URL is an address of this machine"),
        5: ("*" in settings.ALLOWED_HOSTS, "ALLOWED_HOSTS lets every host name in"),
        6: (
            settings.THROTTLE_SCALE > WIDEST_THROTTLE_SCALE,
            f"THROTTLE_SCALE is {settings.THROTTLE_SCALE:g}: nobody is limited",
        ),
        7: (
            settings.TELEGRAM_UPDATES == "webhook" and not settings.WEBHOOK_URL.startswith("https://"),
            "WEBHOOK_URL is not an https:// address: Telegram takes no other",
        ),
        8: (
            bool(settings.DRAND_CHAIN),
            "DRAND_CHAIN is not drand's quicknet: strangers have no reason to trust another chain's randomness",
        ),
        9: (len(set(settings.DRAND_URLS)) < 2, "DRAND_URLS names fewer than two relays to compare"),
        10: (bool(settings.MTPROTO_URL), "MTPROTO_URL gives bots' tokens to a stand-in for Telegram"),
        20: (
            bool(settings.PARTNER_URL) and not settings.PARTNER_URL.startswith("https://"),
            "PARTNER_URL is not an https:// address: anybody on the way reads what is bought, and answers for it",
        ),
        21: (
            bool(settings.SMS_URL) and not settings.SMS_URL.startswith("https://"),
            "SMS_URL is not an https:// address: people's numbers would travel in clear",
        ),
        22: (
            "*" in settings.STARS_BOTS,
            "STARS_BOTS lets every bot take Stars: who connects a bot of their own is credited here and keeps them",
        ),
        13: (
            settings.WELCOME_BALANCE > 0,
            f"WELCOME_BALANCE gives {settings.WELCOME_BALANCE} to everybody who registers",
        ),
    }
    return {number: fault for number, (found, fault) in faults.items() if found}


@register()
def mtproto_can_be_spoken(app_configs: Apps, **_: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Statistics fall back to other sources without a word, so somebody has to say it."""
    if not settings.TELEGRAM_API_ID or telethon_is_installed():
        return []
    return [
        CheckWarning(
            "TELEGRAM_API_ID is set, but the package telethon is not installed: MTProto is not used.",
            hint="pip install --require-hashes -r requirements-mtproto.txt",
            id="telegive.W011",
        )
    ]


def telethon_is_installed() -> bool:
    return find_spec("telethon") is not None


def is_local(address: str) -> bool:
    """Whether the address names this machine; a local Bot API server in production is a known exception."""
    return urlsplit(address).hostname in ("127.0.0.1", "localhost", "::1", "0.0.0.0")  # noqa: S104


@register()
def public_draws_can_be_checked(app_configs: Apps, **_: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Without pyblst a giveaway with beacon=drand is refused; that is allowed, and said."""
    if find_spec("pyblst") is not None:
        return []
    return [
        Info(
            "pyblst is not installed: drand's signatures cannot be checked, so public draws are refused.",
            hint="pip install --require-hashes -r requirements-drand.txt",
            id="telegive.I001",
        )
    ]


@register()
def senders_of_notices_exist(app_configs: Apps, **_: Any) -> list[CheckMessage]:  # noqa: ARG001
    """A misspelt EMAIL_SENDER would only be noticed by those who are not told anything."""
    return [
        Error(f"{channel.upper()}_SENDER names nothing that can be called: {path}.", id="telegive.E002")
        for channel, path in settings.NOTICE_SENDERS.items()
        if not is_callable(path)
    ]


def is_callable(path: str) -> bool:
    try:
        return callable(import_string(path))
    except ImportError:
        return False
