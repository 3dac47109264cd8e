"""System checks: sentences about settings that would go wrong later."""

from typing import Any

import pytest
from django.core.checks import run_checks

from config import checks


@pytest.fixture
def production(settings: Any) -> Any:
    settings.SANDBOX = False
    settings.PUBLIC_URL = settings.WEBHOOK_URL = "https://telegive.example"
    settings.TELEGRAM_API_URL = "https://api.telegram.org"
    settings.PARTNER_URL = "https://partner.example"
    settings.ALLOWED_HOSTS = ["telegive.example"]
    settings.THROTTLE_SCALE = 1
    settings.WELCOME_BALANCE = 0
    settings.STARS_BOTS = ["till_bot"]
    settings.TELEGRAM_UPDATES = "webhook"
    settings.DRAND_URLS = ["https://api.drand.sh", "https://drand.cloudflare.com"]
    return settings


def test_the_sandbox_is_fine() -> None:
    assert [message for message in run_checks() if message.id.startswith("telegive")] == []


def test_a_sound_production_is_fine(production: Any) -> None:
    assert checks.production_is_not_the_sandbox(None) == []


@pytest.mark.parametrize(
    ("name", "value", "ids"),
    [
        ("PUBLIC_URL", "http://telegive.example", ["telegive.W002"]),
        ("PUBLIC_URL", "http://127.0.0.1:8000", ["telegive.W002", "telegive.W003"]),
        ("TELEGRAM_API_URL", "http://127.0.0.1:8081", ["telegive.W004"]),
        ("ALLOWED_HOSTS", ["*"], ["telegive.W005"]),
        ("THROTTLE_SCALE", 10_000, ["telegive.W006"]),
        ("WEBHOOK_URL", "http://telegive.example", ["telegive.W007"]),
        ("DRAND_CHAIN", f"drand:{'0' * 64}:1:3", ["telegive.W008"]),
        ("PARTNER_URL", "http://partner.example", ["telegive.W020"]),
        ("DRAND_URLS", ["https://api.drand.sh"] * 2, ["telegive.W009"]),
        ("WELCOME_BALANCE", 50, ["telegive.W013"]),
        ("SMS_URL", "http://sms.example", ["telegive.W021"]),
        ("STARS_BOTS", ["*"], ["telegive.W022"]),
    ],
)
def test_values_of_the_sandbox_are_named_in_production(
    production: Any, name: str, value: Any, ids: list[str]
) -> None:
    setattr(production, name, value)
    found = checks.production_is_not_the_sandbox(None)
    assert [message.id for message in found] == ids
    assert all(name in message.msg for message in found)


def test_another_database_is_an_error(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.sqlite3")
    assert [message.id for message in checks.database_is_postgresql(None)] == ["telegive.E001"]


def test_psycopg_3_is_mentioned_when_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.driver_is_psycopg2(None) == []
    monkeypatch.setattr(checks, "find_spec", lambda name: name)
    assert [message.id for message in checks.driver_is_psycopg2(None)] == ["telegive.W001"]


def test_without_pyblst_it_says_that_public_draws_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.public_draws_can_be_checked(None) == []
    monkeypatch.setattr(checks, "find_spec", lambda name: None)
    [message] = checks.public_draws_can_be_checked(None)
    assert (message.id, message.is_serious()) == ("telegive.I001", False)
    assert "requirements-drand.txt" in str(message.hint)
