"""Limits: exact under concurrency, per address, account and scope, with honest headers."""

from typing import Any

import pytest
import redis
from django.test import RequestFactory
from redis.backoff import NoBackoff
from redis.retry import Retry
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from accounts.models import User
from config import redis as our_redis
from config.addresses import client_address, neighbourhood
from config.api import wait_until
from config.throttles import Limit, take
from tests.conftest import client_of
from tests.threads import in_threads

PROFILE = "/api/v1/auth/profile"


@pytest.fixture
def rates(settings: Any, tight: None) -> dict[str, tuple[int, int]]:
    """Small rates a test may change."""
    settings.THROTTLE_RATES = {**dict.fromkeys(settings.THROTTLE_RATES, (1000, 60)), "small": (10, 60)}
    return settings.THROTTLE_RATES


class Scoped(APIView):
    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_scope = "small"

    def get(self, request: Request) -> Response:
        return Response("in")


def test_thirty_at_once_against_ten_let_exactly_ten_through(rates: Any) -> None:
    verdicts = in_threads(30, lambda: take([Limit("small", "all")]).allowed)
    assert sorted(verdicts) == [False] * 20 + [True] * 10  # type: ignore[type-var]


def test_thirty_requests_at_once_against_ten_let_exactly_ten_through(
    transactional_db: None, rates: Any
) -> None:
    view = Scoped.as_view()
    codes = in_threads(30, lambda: view(APIRequestFactory().get("/")).status_code)
    assert sorted(codes) == [200] * 10 + [429] * 20  # type: ignore[type-var]


def test_a_burst_uses_the_whole_allowance_and_says_how_much_is_left(rates: Any) -> None:
    verdicts = [take([Limit("small", "one")]) for _ in range(11)]
    assert [verdict.remaining for verdict in verdicts] == [*range(9, -1, -1), 0]
    assert [verdict.limit for verdict in verdicts] == [10] * 11
    assert not verdicts[-1].allowed
    assert 1 <= verdicts[-1].retry_after <= 6
    assert 54 <= verdicts[-1].reset <= 60


@pytest.mark.parametrize("requests", [1, 3, 7, 9, 11, 13, 600])
def test_every_rate_lets_exactly_its_number_through(rates: Any, requests: int) -> None:
    rates["small"] = (requests, 3600)
    allowed = [take([Limit("small", f"of-{requests}")]).allowed for _ in range(requests + 1)]
    assert allowed == [True] * requests + [False]


def test_the_allowance_comes_back_evenly(rates: Any) -> None:
    rates["small"] = (2, 1)
    limit = [Limit("small", "quick")]
    assert [take(limit).allowed for _ in range(3)] == [True, True, False]
    assert wait_until(lambda: take(limit).allowed, seconds=5)


def test_a_refused_request_takes_nothing_from_the_other_limits(rates: Any) -> None:
    rates["small"] = (1, 60)
    wide = Limit("public", "wide")
    assert take([wide, Limit("small", "narrow")]).allowed
    for _ in range(5):
        assert not take([wide, Limit("small", "narrow")]).allowed
    assert take([wide]).remaining == 998


def test_what_is_given_back_can_be_taken_again(rates: Any) -> None:
    rates["small"] = (1, 60)
    limit = [Limit("small", "lent")]
    for _ in range(3):
        assert take(limit).allowed
        take(limit, cost=-1)
    take(limit, cost=-1)
    assert [take(limit).allowed for _ in range(2)] == [True, False]


def test_a_refusal_is_a_429_with_headers(owner: User, rates: Any) -> None:
    rates["account"] = (3, 60)
    client = client_of(owner)
    answers = [client.get(PROFILE) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert {answer.headers["RateLimit-Limit"] for answer in answers} == {"3"}
    assert answers[3].json()["code"] == "RATE_LIMIT_EXCEEDED"
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 20
    assert int(answers[3].headers["RateLimit-Reset"]) <= 60


def test_accounts_are_counted_apart_and_an_account_has_one_count(
    owner: User, stranger: User, rates: Any
) -> None:
    rates["account"] = (2, 60)
    assert [client_of(owner).get(PROFILE).status_code for _ in range(3)] == [200, 200, 429]
    assert client_of(stranger).get(PROFILE).status_code == 200


def test_addresses_are_counted_apart(db: None, rates: Any) -> None:
    rates["address"] = (2, 60)
    view = Scoped.as_view()

    def codes(address: str) -> list[int]:
        return [view(APIRequestFactory().get("/", REMOTE_ADDR=address)).status_code for _ in range(3)]

    assert codes("192.0.2.1") == codes("192.0.2.2") == [200, 200, 429]


def test_the_scale_widens_every_rate(rates: Any, settings: Any) -> None:
    settings.THROTTLE_SCALE = 2.5
    assert Limit("small", "x").rate == (25, 60)
    settings.THROTTLE_SCALE = 0.01
    assert Limit("small", "x").rate == (1, 60)


def test_no_redis_is_a_503_and_not_a_crash(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    client = client_of(owner)
    gone = redis.Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0))
    monkeypatch.setattr("config.throttles.client", lambda: gone)
    answer = client.get(PROFILE)
    assert (answer.status_code, answer.json()["code"]) == (503, "SERVICE_UNAVAILABLE")


def test_limits_do_not_outlive_their_meaning(rates: Any) -> None:
    take([Limit("small", "short")])
    assert 0 < our_redis.client().pttl("limit:small:short") <= 6000


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "203.0.113.7", "127.0.0.1"),
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "1.1.1.1, 203.0.113.7", "203.0.113.7"),
        (2, "1.1.1.1, 203.0.113.7, 10.0.0.1", "203.0.113.7"),
        (2, "203.0.113.7", "203.0.113.7"),
        (1, "", "127.0.0.1"),
        (1, "nonsense", None),
    ],
)
def test_the_address_is_the_one_our_proxies_saw(
    settings: Any, proxies: int, forwarded: str, expected: str | None
) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(request) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        (None, "unknown"),
    ],
)
def test_one_ipv6_subscriber_is_one_client(address: str | None, expected: str) -> None:
    assert neighbourhood(address) == expected
