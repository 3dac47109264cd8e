"""The list of an account's orders and one of them."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from offers.models import Transaction
from tests.offers.factories import make_offer
from tests.offers.rows import make_subscription, make_transaction

Api = Callable[[User | None], APIClient]
TRANSACTIONS = "/api/v1/account/transactions/"


@pytest.fixture
def orders(owner: User) -> dict[str, Transaction]:
    made = {
        "early": make_transaction(owner, amount=Decimal("10.00")),
        "failed": make_transaction(
            owner, status="FAILED", amount=Decimal("30.00"), reason="The partner refused."
        ),
        "renewal": make_transaction(owner, kind="renewal", amount=Decimal("30.00")),
        "open": make_transaction(owner, status="PENDING", amount=Decimal("50.00")),
    }
    Transaction.objects.filter(pk=made["early"].pk).update(created_at=timezone.now() - timedelta(days=40))
    return made


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["transaction_id"] for row in answer.json()["results"]]


def names(answer: Any, orders: dict[str, Transaction]) -> list[str]:
    known = {str(order.public_id): name for name, order in orders.items()}
    return [known[one] for one in ids(answer)]


@pytest.mark.parametrize("path", [TRANSACTIONS, TRANSACTIONS.rstrip("/")])
def test_the_newest_is_first(owner: User, api: Api, orders: dict[str, Transaction], path: str) -> None:
    assert names(api(owner).get(path), orders) == ["open", "renewal", "failed", "early"]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"status": "FAILED"}, ["failed"]),
        ({"status": "PROCESSING"}, []),
        ({"kind": "renewal"}, ["renewal"]),
        ({"amount_min": "30"}, ["open", "renewal", "failed"]),
        ({"amount_max": "30.00"}, ["renewal", "failed", "early"]),
        ({"amount_min": "20", "amount_max": "40", "status": "SUCCESS"}, ["renewal"]),
        ({"order": "amount"}, ["early", "renewal", "failed", "open"]),
        ({"order": "-amount"}, ["open", "renewal", "failed", "early"]),
        ({"order": "created_at"}, ["early", "failed", "renewal", "open"]),
    ],
)
def test_the_list_is_narrowed_and_ordered(
    owner: User, api: Api, orders: dict[str, Transaction], query: dict[str, str], wanted: list[str]
) -> None:
    assert names(api(owner).get(TRANSACTIONS, query), orders) == wanted


def test_dates_and_the_offer_narrow_it(owner: User, api: Api, orders: dict[str, Transaction]) -> None:
    month = (timezone.now() - timedelta(days=30)).isoformat()
    assert names(api(owner).get(TRANSACTIONS, {"created_before": month}), orders) == ["early"]
    assert len(ids(api(owner).get(TRANSACTIONS, {"created_after": month}))) == 3
    offer = {"offer": orders["failed"].offer_id, "subscription": orders["failed"].subscription_id}
    assert names(api(owner).get(TRANSACTIONS, offer), orders) == ["failed"]


@pytest.mark.parametrize(
    "query",
    ["status=success", "kind=x", "offer=true", "offer=0", "amount_min=x", "amount_max=1.001", "created_after=soon",
     "order=id", "page=-1", "page_size=0"],
)  # fmt: skip
def test_a_query_that_makes_no_sense_is_refused(owner: User, api: Api, query: str) -> None:
    answer = api(owner).get(f"{TRANSACTIONS}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert query.partition("=")[0] in answer.json()["errors"]


def test_pages_of_equals_neither_repeat_nor_lose_one(owner: User, api: Api) -> None:
    about = make_subscription(owner)
    made = {str(make_transaction(owner, about).public_id) for _ in range(7)}
    pages = [
        ids(api(owner).get(TRANSACTIONS, {"order": "amount", "page_size": 3, "page": page}))
        for page in (1, 2, 3)
    ]
    assert [len(page) for page in pages] == [3, 3, 1]
    assert {one for page in pages for one in page} == made


@pytest.mark.parametrize("slash", ["", "/"])
def test_one_tells_what_was_paid_and_whether_it_came_back(
    owner: User, api: Api, orders: dict[str, Transaction], slash: str
) -> None:
    order = orders["failed"]
    told = api(owner).get(f"{TRANSACTIONS}{order.public_id}{slash}").json()
    assert told.pop("created_at") and told.pop("finished_at")
    assert told == {
        "transaction_id": str(order.public_id), "account_id": owner.account_id, "kind": "activation",
        "status": "FAILED", "amount": "30.00", "currency": "EUR", "refunded": True, "reason": "The partner refused.",
        "offer": {"id": order.offer_id, "name": order.offer.name, "kind": "internet"},
        "subscription_id": order.subscription_id, "duration_days": 30, "attempts": 0,
    }  # fmt: skip


def test_a_stranger_gets_404(stranger: User, staff: User, api: Api, orders: dict[str, Transaction]) -> None:
    path = f"{TRANSACTIONS}{orders['open'].public_id}/"
    answer = api(stranger).get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    assert ids(api(stranger).get(TRANSACTIONS)) == []
    assert api(staff).get(path).status_code == 200
    assert api(None).get(path).status_code == 401


@pytest.mark.parametrize("what", [uuid4(), 1, "x", "true"])
def test_what_is_not_there_is_404(owner: User, api: Api, what: object) -> None:
    assert api(owner).get(f"{TRANSACTIONS}{what}/").status_code == 404


def test_the_list_asks_as_much_with_ten_times_the_rows(owner: User, api: Api) -> None:
    caller, counts = api(owner), []
    for number in (2, 20):
        for _ in range(number):
            make_transaction(owner, make_subscription(owner, make_offer()))
        with CaptureQueriesContext(connection) as asked:
            assert caller.get(TRANSACTIONS).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]
