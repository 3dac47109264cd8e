"""`POST /api/v1/offers/renew/`: what it takes, and what it refuses."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from offers.models import Subscription, Transaction
from tests.offers.factories import balance_of, give, make_offer, make_running

Api = Callable[[User | None], APIClient]
RENEW = "/api/v1/offers/renew"


@pytest.fixture
def running(owner: User) -> Subscription:
    give(owner, "100.00")
    return make_running(owner, make_offer(), days_left=2)


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("by", ["offer_id", "subscription_id"])
def test_it_is_named_by_offer_or_subscription(
    owner: User, api: Api, running: Subscription, by: str, slash: str
) -> None:
    body = {by: running.pk if by == "subscription_id" else running.offer_id}
    answer = api(owner).post(RENEW + slash, body)
    made = Transaction.objects.get()
    assert (answer.status_code, answer.json()) == (
        202,
        {"transaction_id": str(made.public_id), "status": "PENDING"},
    )
    assert (made.kind, made.subscription, balance_of(owner)) == ("renewal", running, Decimal("70.01"))


def test_a_key_renews_once(owner: User, api: Api, running: Subscription) -> None:
    ask = {"subscription_id": running.pk}
    first, second = (api(owner).post(RENEW, ask, HTTP_IDEMPOTENCY_KEY="march").json() for _ in range(2))
    assert first == second
    assert balance_of(owner) == Decimal("70.01")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "offer_id"),
        ({"offer_id": 1, "subscription_id": 1}, "subscription_id"),
        ({"offer_id": True}, "offer_id"),
        ({"offer_id": "1"}, "offer_id"),
        ({"offer_id": 1.0}, "offer_id"),
        ({"offer_id": None}, "offer_id"),
        ({"subscription_id": 0}, "subscription_id"),
        ({"subscription_id": 2**63}, "subscription_id"),
        ({"subscription": 1}, "subscription"),
        ([], "non_field_errors"),
    ],
)
def test_a_body_of_the_wrong_shape_is_refused(
    owner: User, api: Api, running: Subscription, body: Any, field: str
) -> None:
    answer = api(owner).post(RENEW, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert field in answer.json()["errors"]
    assert balance_of(owner) == Decimal("100.00")


def test_a_stranger_gets_404(stranger: User, staff: User, api: Api, running: Subscription) -> None:
    for somebody in (stranger, staff):
        give(somebody, "100.00")
        answer = api(somebody).post(RENEW, {"subscription_id": running.pk})
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
        assert balance_of(somebody) == Decimal("100.00")
    assert api(None).post(RENEW, {"subscription_id": running.pk}).status_code == 401


def test_what_the_account_never_had_is_refused(stranger: User, api: Api, running: Subscription) -> None:
    answer = api(stranger).post(RENEW, {"offer_id": running.offer_id})
    assert (answer.status_code, answer.json()["code"]) == (409, "NOTHING_TO_RENEW")
    assert api(stranger).post(RENEW, {"offer_id": 999_999}).status_code == 404


def test_a_renewal_under_way_is_not_begun_again(owner: User, api: Api, running: Subscription) -> None:
    codes = [api(owner).post(RENEW, {"offer_id": running.offer_id}).status_code for _ in range(2)]
    assert codes == [202, 409]
