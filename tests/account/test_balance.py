"""The balance, and the movements it came about by."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from rest_framework.test import APIClient

from accounts import ledger
from accounts.audit import SYSTEM
from accounts.models import User
from tests.offers.factories import give

Api = Callable[[User | None], APIClient]
BALANCE, LEDGER = "/api/v1/account/balance", "/api/v1/account/ledger/"


@pytest.mark.parametrize("path", [BALANCE, BALANCE + "/"])
def test_it_tells_what_the_account_has(owner: User, stranger: User, api: Api, path: str) -> None:
    give(owner, "12.50")
    assert api(owner).get(path).json() == {"balance": "12.50", "currency": "EUR"}
    assert api(stranger).get(path).json() == {"balance": "0.00", "currency": "EUR"}


@pytest.mark.parametrize("path", [BALANCE, LEDGER])
def test_nobody_sees_nothing(db: None, api: Api, path: str) -> None:
    assert api(None).get(path).status_code == 401


def test_the_ledger_explains_the_balance(owner: User, stranger: User, api: Api) -> None:
    give(owner, "50.00")
    ledger.charge(account_id=owner.account_id, amount=Decimal("29.99"), reason_key="c", by=SYSTEM, note="Net")
    rows = api(owner).get(LEDGER).json()["results"]
    assert [(row["kind"], row["amount"], row["balance_after"], row["note"]) for row in rows] == [
        ("charge", "-29.99", "20.01", "Net"),
        ("top_up", "50.00", "50.00", ""),
    ]
    assert sum(Decimal(row["amount"]) for row in rows) == Decimal(api(owner).get(BALANCE).json()["balance"])
    assert api(stranger).get(LEDGER).json()["results"] == []


@pytest.mark.parametrize(
    ("query", "count"), [("kind=top_up", 1), ("kind=refund", 0), ("before=2020-01-01T00:00:00Z", 0)]
)
def test_the_ledger_is_narrowed(owner: User, api: Api, query: str, count: int) -> None:
    give(owner, "100.00")
    assert api(owner).get(f"{LEDGER}?{query}").json()["count"] == count


def test_nothing_in_the_ledger_can_be_written(owner: User, api: Api) -> None:
    assert api(owner).post(LEDGER, {"amount": "100.00"}).status_code == 405
