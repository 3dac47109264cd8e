"""Money for who registers, where the operator wishes so; a sandbox does."""

from decimal import Decimal
from typing import Any

import pytest

from accounts.models import LedgerEntry
from config.environment import money
from tests.conftest import client_of

BODY = {"username": "newcomer", "password": "correct-horse-7"}


def test_who_registers_can_try_the_offers(db: None, settings: Any) -> None:
    settings.WELCOME_BALANCE = Decimal("50.00")
    account = client_of(None).post("/api/v1/auth/register", BODY).json()["account_id"]
    entry = LedgerEntry.objects.get()
    assert (entry.account_id, entry.amount, entry.reason_key) == (
        account,
        Decimal("50.00"),
        f"welcome:{account}",
    )
    assert entry.account.balance == Decimal("50.00")


def test_nobody_is_given_anything_where_it_is_nothing(db: None, settings: Any) -> None:
    settings.WELCOME_BALANCE = Decimal("0")
    assert client_of(None).post("/register", BODY).status_code == 201
    assert not LedgerEntry.objects.exists()


def test_only_a_sandbox_gives_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert money(sandbox=True) == ("EUR", Decimal("50.00"))
    assert money(sandbox=False) == ("EUR", Decimal("0"))
    monkeypatch.setenv("WELCOME_BALANCE", "5")
    assert money(sandbox=False)[1] == Decimal("5")


@pytest.mark.parametrize(
    ("name", "value"),
    [("CURRENCY", "euro"), ("WELCOME_BALANCE", "-1"), ("WELCOME_BALANCE", "1.001"), ("WELCOME_BALANCE", "NaN"),
     ("WELCOME_BALANCE", "much"), ("WELCOME_BALANCE", "1000000")],
)  # fmt: skip
def test_a_faulty_value_stops_the_process(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit, match=name):
        money(sandbox=True)
