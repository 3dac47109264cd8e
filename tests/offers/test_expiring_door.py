"""`GET /api/v1/offers/expiring/`: what runs out soon."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from tests.offers.factories import make_offer, make_running

Api = Callable[[User | None], APIClient]
EXPIRING = "/api/v1/offers/expiring"


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_next_to_end_is_first(owner: User, api: Api, slash: str) -> None:
    late, soon, _after, _past = (
        make_running(owner, make_offer(), days_left=days) for days in (2.5, 0.5, 5, -1)
    )
    answer = api(owner).get(EXPIRING + slash).json()
    assert [row["id"] for row in answer["results"]] == [soon.pk, late.pk]
    assert answer["results"][0]["offer"]["name"] == soon.offer.name


def test_how_near_can_be_said(owner: User, api: Api) -> None:
    make_running(owner, make_offer(), days_left=5)
    assert [api(owner).get(f"{EXPIRING}?days={days}").json()["count"] for days in (4, 6)] == [0, 1]


@pytest.mark.parametrize("query", ["days=0", "days=x", "days=366", "days=1.5", "page=0"])
def test_a_query_that_makes_no_sense_is_refused(owner: User, api: Api, query: str) -> None:
    answer = api(owner).get(f"{EXPIRING}?{query}")
    assert answer.status_code == 400
    assert query.partition("=")[0] in answer.json()["errors"]


def test_a_stranger_sees_none(owner: User, stranger: User, api: Api) -> None:
    make_running(owner, make_offer(), days_left=1)
    assert api(stranger).get(EXPIRING).json()["count"] == 0
    assert api(None).get(EXPIRING).status_code == 401
