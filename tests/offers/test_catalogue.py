"""The list of offers: what it shows, that it asks no database, and that no stale copy survives a change."""

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import sessions
from accounts.audit import SYSTEM
from accounts.models import AuditEntry, User
from config.redis import client as redis_client
from offers.models import Offer
from offers.services import catalogue, sell
from tests.factories import make_user
from tests.offers.factories import make_offer
from tests.threads import in_threads

Api = Callable[[User | None], APIClient]
OFFERS = "/api/v1/offers/"


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [offer["name"] for offer in answer.json()["results"]]


def shelf() -> None:
    """Three that are sold and one that is not."""
    for name, kind, price, days in (
        ("Film night", "movies", "49.99", 30),
        ("Net", "internet", "29.99", 30),
        ("Net for a year", "internet", "129.99", 365),
    ):
        make_offer(name=name, kind=kind, price=Decimal(price), duration_days=days)
    make_offer(name="Gone", is_active=False)


@pytest.mark.parametrize("path", [OFFERS, OFFERS.rstrip("/")])
def test_it_lists_what_is_sold_the_cheapest_first(owner: User, api: Api, path: str) -> None:
    shelf()
    answer = api(owner).get(path)
    assert names(answer) == ["Net", "Film night", "Net for a year"]
    first = answer.json()["results"][0]
    assert first.pop("id")
    assert first == {
        "name": "Net", "kind": "internet", "description": "", "price": "29.99", "currency": "EUR",
        "duration_days": 30, "is_active": True,
    }  # fmt: skip
    assert answer.json().keys() == {"count", "next", "previous", "results"}


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("kind=movies", ["Film night"]),
        ("kind=tv", []),
        ("price_min=49.99", ["Film night", "Net for a year"]),
        ("price_max=50", ["Net", "Film night"]),
        ("price_min=30&price_max=100", ["Film night"]),
        ("order=-price", ["Net for a year", "Film night", "Net"]),
        ("order=name", ["Film night", "Net", "Net for a year"]),
        ("order=-duration_days", ["Net for a year", "Film night", "Net"]),
    ],
)
def test_it_is_narrowed_and_ordered(owner: User, api: Api, query: str, wanted: list[str]) -> None:
    shelf()
    assert names(api(owner).get(f"{OFFERS}?{query}")) == wanted


@pytest.mark.parametrize(
    "query",
    ["kind=cheap", "price_min=x", "price_min=-1", "price_max=NaN", "order=id", "page=0", "page=9", "page_size=101"],
)  # fmt: skip
def test_a_query_that_makes_no_sense_is_refused(owner: User, api: Api, query: str) -> None:
    answer = api(owner).get(f"{OFFERS}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert query.partition("=")[0] in answer.json()["errors"]


def test_it_comes_in_pages(owner: User, api: Api) -> None:
    shelf()
    page = api(owner).get(f"{OFFERS}?page_size=2&page=2").json()
    assert (page["count"], page["next"], len(page["results"])) == (3, None, 1)
    assert page["previous"] == "http://testserver/api/v1/offers/?page_size=2"


def test_it_asks_the_database_nothing(owner: User, api: Api, django_assert_num_queries: Any) -> None:
    shelf()
    caller = api(owner)
    caller.get(OFFERS)
    with django_assert_num_queries(0):
        assert len(names(caller.get(OFFERS))) == 3
        assert len(names(caller.get(f"{OFFERS}?kind=internet"))) == 2


def test_another_process_finds_the_copy_in_redis(
    owner: User, api: Api, django_assert_num_queries: Any, monkeypatch: Any
) -> None:
    shelf()
    caller = api(owner)
    wanted = caller.get(OFFERS).content
    monkeypatch.setattr(catalogue, "_latest", None)
    with django_assert_num_queries(0):
        assert caller.get(OFFERS).content == wanted


def test_nobody_reads_it_without_a_good_token(owner: User, api: Api) -> None:
    caller, anybody = api(owner), api(None)
    assert (
        anybody.get(OFFERS).status_code,
        anybody.get(OFFERS, HTTP_AUTHORIZATION="Bearer x").status_code,
    ) == (401, 401)
    assert caller.post("/api/v1/auth/logout").status_code == 204
    assert caller.get(OFFERS).json()["code"] == "TOKEN_INVALID"


def test_a_token_that_ran_out_is_refused_though_it_was_good_before(owner: User, api: Api) -> None:
    caller = api(owner)
    assert caller.get(OFFERS).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert caller.get(OFFERS).json()["code"] == "TOKEN_INVALID"


def test_a_refresh_token_opens_nothing(owner: User, api: Api) -> None:
    refresh = sessions.open_session(owner).refresh
    assert api(None).get(OFFERS, HTTP_AUTHORIZATION=f"Bearer {refresh}").status_code == 401


def test_a_session_of_the_browser_reads_it_too(owner: User) -> None:
    shelf()
    browser = Client()
    browser.force_login(owner)
    assert len(names(browser.get(OFFERS))) == 3


def test_the_limit_of_requests_is_the_accounts(owner: User, api: Api, settings: Any, tight: None) -> None:
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "account": (3, 60)}
    assert [api(owner).get(OFFERS).status_code for _ in range(4)] == [200, 200, 200, 429]


@pytest.mark.django_db(transaction=True)
def test_every_change_shows_at_once_and_is_recorded() -> None:
    assert catalogue.current().offers == ()
    offer = sell.create(by=SYSTEM, name="Net", kind="internet", price=Decimal("10"), partner_code="n")
    assert [seen.pk for seen in catalogue.current().offers] == [offer.pk]
    sell.update(offer_id=offer.pk, by=SYSTEM, price=Decimal("12.50"))
    assert [seen.price for seen in catalogue.current().offers] == [Decimal("12.50")]
    sell.deactivate(offer_id=offer.pk, by=SYSTEM)
    assert catalogue.current().offers == ()
    assert list(AuditEntry.objects.order_by("id").values_list("verb", flat=True)) == [
        "create",
        "update",
        "update",
    ]


@pytest.mark.django_db(transaction=True)
def test_a_reader_who_was_slow_does_not_bring_the_old_list_back(monkeypatch: Any) -> None:
    """The race: rows are read, then the offer changes, then the copy of the old rows is kept."""
    offer = make_offer(price=Decimal("10"))
    read, changed = threading.Event(), threading.Event()
    dump = catalogue.serializers.serialize

    def slow(*asked: Any) -> Any:
        rows = dump(*asked)
        read.set()
        assert changed.wait(10)
        return rows

    monkeypatch.setattr(catalogue.serializers, "serialize", slow)
    reader = threading.Thread(target=lambda: in_threads(1, catalogue.current))
    reader.start()
    assert read.wait(10)
    monkeypatch.undo()
    sell.update(offer_id=offer.pk, by=SYSTEM, price=Decimal("99"))
    changed.set()
    reader.join(10)
    for _ in range(2):
        assert [seen.price for seen in catalogue.current().offers] == [Decimal("99")]
        monkeypatch.setattr(catalogue, "_latest", None)  # as another process sees it


@pytest.mark.django_db(transaction=True)
def test_readers_at_once_never_hide_a_change_that_was_committed() -> None:
    offer = make_offer(price=Decimal("1"))
    over = threading.Event()

    def read() -> int:
        count = 0
        while not over.is_set():
            catalogue._latest = None
            catalogue.current()
            count += 1
        return count

    def change() -> None:
        for price in range(2, 30):
            sell.update(offer_id=offer.pk, by=SYSTEM, price=Decimal(price))
            assert [seen.price for seen in catalogue.current().offers] == [Decimal(price)]

    turns = iter([change, read, read, read])

    def one() -> object:
        turn = next(turns)
        try:
            return turn()
        finally:
            if turn is change:
                over.set()

    outcomes = in_threads(4, one)
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]


def test_a_change_behind_the_services_back_shows_soon(db: None) -> None:
    offer = make_offer()
    now = catalogue.current().read_at
    Offer.objects.filter(pk=offer.pk).update(is_active=False)
    assert len(catalogue.current().offers) == 1
    with time_machine.travel(now + catalogue.SECONDS + 1, tick=False):
        redis_client().delete(catalogue._key(catalogue.current().version))  # Redis' own clock was not moved
        assert catalogue.current().offers == ()


@pytest.mark.django_db(transaction=True)
def test_twenty_who_come_first_read_one_catalogue() -> None:
    make_offer()
    seen = in_threads(20, catalogue.current)
    assert len({copy.version for copy in seen if isinstance(copy, catalogue.Catalogue)}) == 1


def test_made_up_queries_do_not_fill_the_memory(db: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(catalogue, "MOST_ANSWERS", 2)
    kept = catalogue.current()
    for number in range(5):
        kept.keep_answer(str(number), b"")
    assert len(kept.answers) == 2


def test_the_list_costs_the_same_with_ten_times_the_offers(owner: User, api: Api) -> None:
    caller = api(owner)
    counts = []
    for _ in range(2):
        for _number in range(10):
            make_offer()
        redis_client().delete(catalogue.VERSION)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            caller.get(OFFERS)
        counts.append(len(asked))
    assert counts == [1, 1]


def test_somebody_elses_account_reads_the_same(api: Api, db: None) -> None:
    shelf()
    first, second = (api(make_user()).get(OFFERS).content for _ in range(2))
    assert first == second
