"""What an account has, running, waiting or over."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from tests.offers.factories import make_offer
from tests.offers.rows import make_subscription

Api = Callable[[User | None], APIClient]
SUBSCRIPTIONS = "/api/v1/account/subscriptions"


@pytest.fixture
def services(owner: User) -> dict[str, int]:
    """name -> id: one in every state, and one whose time is over though no job has looked yet."""
    past = {"expires_at": timezone.now() - timedelta(hours=1)}
    rows = {
        "active": make_subscription(owner),
        "waiting": make_subscription(owner, status="waiting"),
        "failed": make_subscription(owner, status="failed"),
        "expired": make_subscription(owner, status="expired", **past),
        "run out": make_subscription(owner, **past),
    }
    return {name: row.pk for name, row in rows.items()}


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", ["active"]),
        ("?status=active", ["active"]),
        ("?status=waiting", ["waiting"]),
        ("?status=failed", ["failed"]),
        ("?status=expired", ["run out", "expired"]),
        ("?status=all", ["run out", "expired", "failed", "waiting", "active"]),
    ],
)
@pytest.mark.parametrize("slash", ["", "/"])
def test_those_that_run_are_shown_unless_others_are_asked_for(
    owner: User, api: Api, services: dict[str, int], query: str, wanted: list[str], slash: str
) -> None:
    rows = api(owner).get(SUBSCRIPTIONS + slash + query).json()["results"]
    assert [row["id"] for row in rows] == [services[name] for name in wanted]
    assert [row["status"] for row in rows] == [name.replace("run out", "expired") for name in wanted]


def test_one_tells_what_until_when(owner: User, api: Api) -> None:
    row = make_subscription(owner, make_offer(name="Net"))
    (told,) = api(owner).get(SUBSCRIPTIONS).json()["results"]
    assert told["offer"] == {"id": row.offer_id, "name": "Net", "kind": "internet"}
    assert (told["status"], told["account_id"]) == ("active", owner.account_id)
    assert told["expires_at"] > told["starts_at"]


def test_they_are_narrowed_to_an_offer(owner: User, api: Api, services: dict[str, int]) -> None:
    row = make_subscription(owner)
    found = api(owner).get(f"{SUBSCRIPTIONS}?offer={row.offer_id}").json()["results"]
    assert [one["id"] for one in found] == [row.pk]


@pytest.mark.parametrize(
    "query", ["status=ACTIVE", "offer=x", "offer=1.5", "offer=99999999999999999999", "page=0"]
)
def test_a_query_that_makes_no_sense_is_refused(owner: User, api: Api, query: str) -> None:
    answer = api(owner).get(f"{SUBSCRIPTIONS}?{query}")
    assert answer.status_code == 400
    assert query.partition("=")[0] in answer.json()["errors"]


def test_a_stranger_sees_none_and_staff_see_all(
    stranger: User, staff: User, api: Api, services: dict[str, int]
) -> None:
    assert api(stranger).get(f"{SUBSCRIPTIONS}?status=all").json()["count"] == 0
    assert api(staff).get(f"{SUBSCRIPTIONS}?status=all").json()["count"] == len(services)
    assert api(None).get(SUBSCRIPTIONS).status_code == 401
