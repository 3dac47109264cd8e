"""`/api/broadcasts/`: found, narrowed, ordered, shown in full, paused and resumed; each by its owner alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from bots.models import Bot
from broadcasts.models import Broadcast
from broadcasts.services.results import Result, record
from tests.broadcasts.factories import TEXT, chats, make_bot, make_broadcast
from tests.conftest import client_of

LIST = "/api/broadcasts/"


@pytest.fixture
def client(owner: User, bot: Bot) -> APIClient:
    return client_of(owner)


def found(client: APIClient, query: str = "") -> list[str]:
    return [row["name"] for row in client.get(LIST + query).json()["results"]]


def test_the_newest_comes_first_with_its_counts(client: APIClient, bot: Bot) -> None:
    make_broadcast(bot, chats(1), name="old")
    newest = make_broadcast(bot, chats(3), name="new")
    record([Result(newest.pk, 1, chats(1)[0], "sent")])
    told = client.get(LIST).json()
    assert told["count"] == 2
    first = told["results"][0]
    assert (first["name"], first["task_id"]) == ("new", str(newest.public_id))
    assert (first["sent"], first["pending"], first["recipients_count"]) == (1, 2, 3)


def test_it_is_narrowed_and_ordered(client: APIClient, owner: User, bot: Bot) -> None:
    other = make_bot(owner.account)
    make_broadcast(bot, chats(3), name="Spring sale", priority="high")
    make_broadcast(other, chats(9), name="News")
    make_broadcast(bot, [], name="Nobody")
    Broadcast.objects.filter(name="News").update(created_at=timezone.now() - timedelta(days=9))
    yesterday = (timezone.now() - timedelta(days=1)).isoformat().replace("+00:00", "Z")
    for query, names in {
        "?status=completed": ["Nobody"],
        "?priority=high": ["Spring sale"],
        f"?bot={other.pk}": ["News"],
        "?name=SALE": ["Spring sale"],
        f"?created_after={yesterday}": ["Nobody", "Spring sale"],
        f"?created_before={yesterday}": ["News"],
        "?ordering=-recipients_count": ["News", "Spring sale", "Nobody"],
        "?ordering=created_at": ["News", "Spring sale", "Nobody"],
    }.items():
        assert found(client, query) == names, query


@pytest.mark.parametrize(
    "query", ["?status=lost", "?priority=7", "?bot=x", "?created_after=then", "?ordering=token"]
)
def test_a_filter_that_makes_no_sense_is_refused(client: APIClient, query: str) -> None:
    assert client.get(LIST + query).status_code == 400


def test_a_page_costs_the_same_whatever_it_holds(
    client: APIClient, bot: Bot, django_assert_max_num_queries: Any
) -> None:
    for _ in range(12):
        make_broadcast(bot, chats(1))
    with django_assert_max_num_queries(5):
        assert len(found(client)) == 12


def test_one_is_shown_in_full(client: APIClient, bot: Bot) -> None:
    broadcast = make_broadcast(bot, chats(4), name="News", dedup_scope="news")
    kinds = [("sent", ""), ("failed", "blocked"), ("failed", "blocked")]
    record([Result(broadcast.pk, seq, seq, *kind) for seq, kind in enumerate(kinds, start=1)])
    told = client.get(f"{LIST}{broadcast.public_id}").json()
    assert told["kinds"] == {"sent": {"ok": 1}, "failed": {"blocked": 2}}
    assert (told["content"], told["dedup_scope"], told["pending"]) == (TEXT, "news", 1)
    assert told["audience"]["received"] == 4


@pytest.mark.parametrize("slash", ["", "/"])
def test_it_is_paused_and_resumed(client: APIClient, bot: Bot, slash: str) -> None:
    broadcast = make_broadcast(bot, chats(4))
    for verb, status in (
        ("pause", "paused"),
        ("pause", "paused"),
        ("resume", "running"),
        ("cancel", "cancelled"),
    ):
        answer = client.post(f"{LIST}{broadcast.public_id}/{verb}{slash}")
        assert (answer.status_code, answer.json()["status"]) == (200, status)
    assert client.post(f"{LIST}{broadcast.public_id}/pause").status_code == 409


def test_a_body_nobody_reads_is_refused(client: APIClient, bot: Bot) -> None:
    broadcast = make_broadcast(bot, chats(4))
    assert client.post(f"{LIST}{broadcast.public_id}/pause", {"until": "later"}).status_code == 400


@pytest.mark.parametrize(
    ("method", "path"), [("get", ""), ("post", "/pause"), ("post", "/resume"), ("post", "/cancel")]
)
def test_a_stranger_and_nobody_find_nothing(bot: Bot, stranger: User, method: str, path: str) -> None:
    broadcast = make_broadcast(bot, chats(4))
    for user, wanted in ((stranger, 404), (None, 401)):
        client = client_of(user)
        assert getattr(client, method)(f"{LIST}{broadcast.public_id}{path}").status_code == wanted
    assert found(client_of(stranger)) == []
    assert Broadcast.objects.get().status == "scheduled"
