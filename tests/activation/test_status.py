"""`GET /api/v1/activation/status/{transaction_id}/`: how far an order is."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from offers.models import Transaction
from tests.conftest import client_of
from tests.factories import make_user
from tests.offers.factories import give, make_offer
from tests.offers.partner import PartnerStage, tick
from tests.offers.rows import make_subscription, make_transaction

Api = Callable[[User | None], APIClient]
STATUS = "/api/v1/activation/status"


@pytest.mark.parametrize("slash", ["", "/"])
def test_it_tells_the_order_and_its_subscription(owner: User, api: Api, slash: str) -> None:
    order = make_transaction(owner, make_subscription(owner, status="waiting"), status="PENDING")
    told = api(owner).get(f"{STATUS}/{order.public_id}{slash}").json()
    assert (told["transaction_id"], told["status"], told["refunded"]) == (
        str(order.public_id),
        "PENDING",
        False,
    )
    assert (told["subscription"]["id"], told["subscription"]["status"]) == (order.subscription_id, "waiting")


@pytest.mark.django_db(transaction=True)
def test_it_follows_what_the_partner_does(partner: PartnerStage) -> None:
    owner = make_user()
    give(owner, "100.00")
    caller = client_of(owner)
    partner.fault("refuse")
    seen = []
    for _ in range(2):
        made = caller.post("/api/v1/activation/", {"offer_id": make_offer().pk}).json()["transaction_id"]
        tick()
        told = caller.get(f"{STATUS}/{made}/").json()
        seen.append((told["status"], told["refunded"], told["subscription"]["status"]))
    assert seen == [("FAILED", True, "failed"), ("SUCCESS", False, "active")]
    assert caller.get("/api/v1/account/balance").json()["balance"] == "70.01"


def test_flaw_25_a_stranger_gets_404(owner: User, stranger: User, staff: User, api: Api) -> None:
    path = f"{STATUS}/{make_transaction(owner).public_id}/"
    answer = api(stranger).get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    assert api(staff).get(path).status_code == 200
    assert api(None).get(path).status_code == 401


@pytest.mark.parametrize("what", [uuid4(), "1", "true", "x" * 36])
def test_what_is_not_there_is_404(owner: User, api: Api, what: object) -> None:
    make_transaction(owner)
    assert api(owner).get(f"{STATUS}/{what}/").status_code == 404


def test_it_asks_as_much_whatever_it_shows(
    owner: User, api: Api, django_assert_max_num_queries: Callable
) -> None:
    order = make_transaction(owner)
    caller = api(owner)
    with django_assert_max_num_queries(3):
        caller.get(f"{STATUS}/{order.public_id}/")
    assert Transaction.objects.count() == 1
