"""`POST /api/v1/activation/`: what it takes, what it refuses, and that a key buys once."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from offers.models import Offer, Transaction
from tests.conftest import client_of
from tests.factories import make_user
from tests.offers.factories import balance_of, give, make_offer
from tests.offers.partner import PartnerStage, tick
from tests.threads import in_threads

Api = Callable[[User | None], APIClient]
ACTIVATION = "/api/v1/activation"


@pytest.fixture
def offer(owner: User) -> Offer:
    give(owner, "100.00")
    return make_offer()


@pytest.mark.parametrize("slash", ["", "/"])
def test_it_is_charged_and_under_way(owner: User, api: Api, offer: Offer, slash: str) -> None:
    answer = api(owner).post(ACTIVATION + slash, {"offer_id": offer.pk})
    made = Transaction.objects.get()
    assert (answer.status_code, answer.json()) == (
        202,
        {"transaction_id": str(made.public_id), "status": "PENDING"},
    )
    assert balance_of(owner) == Decimal("70.01")


@pytest.mark.parametrize(
    "value",
    [True, False, "1", 1.0, None, 0, -1, 2**63, [1], {"id": 1}, "x"],
    ids=lambda value: repr(value)[:12],
)
def test_flaw_25_only_a_number_names_an_offer(owner: User, api: Api, offer: Offer, value: Any) -> None:
    answer = api(owner).post(ACTIVATION, {"offer_id": value})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["offer_id"])
    assert not Transaction.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"), [({}, "offer_id"), ({"offer": 1, "offer_id": 1}, "offer"), ([], "non_field_errors")]
)
def test_a_body_of_the_wrong_shape_is_refused(
    owner: User, api: Api, offer: Offer, body: Any, field: str
) -> None:
    answer = api(owner).post(ACTIVATION, body)
    assert (answer.status_code, field in answer.json()["errors"]) == (400, True)


def test_the_same_key_answers_the_same_and_charges_once(owner: User, api: Api, offer: Offer) -> None:
    ask = {"offer_id": offer.pk}
    answers = [api(owner).post(ACTIVATION, ask, HTTP_IDEMPOTENCY_KEY="order-1") for _ in range(3)]
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["transaction_id"] for answer in answers}) == 1
    assert balance_of(owner) == Decimal("70.01")


def test_the_same_key_for_another_offer_is_refused(owner: User, api: Api, offer: Offer) -> None:
    other = make_offer()
    api(owner).post(ACTIVATION, {"offer_id": offer.pk}, HTTP_IDEMPOTENCY_KEY="order-1")
    answer = api(owner).post(ACTIVATION, {"offer_id": other.pk}, HTTP_IDEMPOTENCY_KEY="order-1")
    assert (answer.status_code, answer.json()["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")
    assert balance_of(owner) == Decimal("70.01")


def test_a_key_that_could_not_be_kept_whole_is_refused(owner: User, api: Api, offer: Offer) -> None:
    answer = api(owner).post(ACTIVATION, {"offer_id": offer.pk}, HTTP_IDEMPOTENCY_KEY="k" * 101)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["Idempotency-Key"])


def test_refusals_change_nothing(owner: User, api: Api, offer: Offer) -> None:
    dear, gone = make_offer(price=Decimal("100.01")), make_offer(is_active=False)
    for wanted, status, code in (
        (dear.pk, 409, "NOT_ENOUGH_MONEY"), (gone.pk, 409, "OFFER_INACTIVE"), (999_999, 404, "NOT_FOUND"),
    ):  # fmt: skip
        answer = api(owner).post(ACTIVATION, {"offer_id": wanted})
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert balance_of(owner) == Decimal("100.00")
    assert not Transaction.objects.exists()


def test_nobody_buys_without_saying_who_they_are(owner: User, offer: Offer) -> None:
    assert client_of(None).post(ACTIVATION, {"offer_id": offer.pk}).status_code == 401


@pytest.mark.django_db(transaction=True)
def test_flaw_22_twelve_requests_at_once_with_money_for_two_are_two() -> None:
    owner, offer = make_user(), make_offer()
    give(owner, "60.00")
    codes = in_threads(12, lambda: client_of(owner).post(ACTIVATION, {"offer_id": offer.pk}).status_code)
    assert sorted(codes) == [202] * 2 + [409] * 10  # type: ignore[type-var]
    assert balance_of(owner) == Decimal("0.02")


@pytest.mark.django_db(transaction=True)
def test_who_waits_is_told_how_it_ended(partner: PartnerStage, monkeypatch: Any) -> None:
    owner, offer = make_user(), make_offer()
    give(owner, "60.00")
    monkeypatch.setattr("offers.api.orders.nudge", lambda _task: tick())
    answer = client_of(owner).post(ACTIVATION, {"offer_id": offer.pk}, HTTP_PREFER="wait=5")
    assert (answer.status_code, answer.json()["status"]) == (200, "SUCCESS")
