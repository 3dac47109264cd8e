"""One offer: to everybody while it is sold, afterwards to those who have bought it."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from offers.models import Offer
from tests.offers.factories import make_offer
from tests.offers.rows import make_subscription, make_transaction

Api = Callable[[User | None], APIClient]
OFFERS = "/api/v1/offers/"


@pytest.mark.parametrize("slash", ["", "/"])
def test_it_is_shown_as_in_the_list(owner: User, api: Api, slash: str) -> None:
    offer = make_offer(description="Fast")
    shown = api(owner).get(f"{OFFERS}{offer.pk}{slash}").json()
    assert shown == api(owner).get(OFFERS).json()["results"][0]
    assert (shown["price"], shown["description"]) == ("29.99", "Fast")


def test_a_stranger_gets_404_for_what_is_no_longer_sold(
    owner: User, stranger: User, staff: User, api: Api
) -> None:
    offer = make_offer()
    make_transaction(owner, make_subscription(owner, offer))
    Offer.objects.update(is_active=False)
    path = f"{OFFERS}{offer.pk}"
    assert api(owner).get(path).json()["is_active"] is False
    assert api(staff).get(path).status_code == 200
    answer = api(stranger).get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    assert api(None).get(path).status_code == 401


@pytest.mark.parametrize("what", ["0", "999999", "true", "1.0", "-1", "9" * 30])
def test_what_is_not_there_is_404(owner: User, api: Api, what: str) -> None:
    make_offer()
    assert api(owner).get(f"{OFFERS}{what}").status_code == 404


def test_nobody_writes_it_over_http(staff: User, api: Api) -> None:
    path = f"{OFFERS}{make_offer().pk}"
    assert {api(staff).patch(path, {"price": "1"}).status_code, api(staff).delete(path).status_code} == {405}
    assert api(staff).post(OFFERS, {"name": "x"}).status_code == 405
