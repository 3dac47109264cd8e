"""Seeing and ending bindings: /channels/ and /channels/{id}."""

import pytest
from rest_framework.test import APIClient

from accounts.models import AuditEntry, User
from bots.gateway import ChannelFacts
from bots.models import Binding, Bot
from bots.services import channels
from tests.conftest import client_of
from tests.scene import OWNER

FACTS = {"title": "News", "username": "news_seen"}
CHANNEL_ID = -1001234567890
SHOWN = {
    "id", "channel_id", "title", "username", "requested", "bot_id", "bot_link", "status", "reason",
    "checked_at", "created_at",
}  # fmt: skip


@pytest.fixture
def binding(owner: User, connected: Bot) -> Binding:
    """An active binding."""
    return bind(owner, CHANNEL_ID)


def bind(owner: User, channel_id: int) -> Binding:
    job = channels.request_binding(account_id=owner.account_id, channel=str(channel_id), by=OWNER)
    facts = ChannelFacts(telegram_id=channel_id, **FACTS)
    return channels.bind(binding_id=job.arguments["binding_id"], channel=facts, may_post=True, reason="")


@pytest.fixture(params=["row", "telegram", "slash"])
def path(binding: Binding, request: pytest.FixtureRequest) -> str:
    forms = {"row": f"/channels/{binding.pk}", "telegram": f"/channels/{CHANNEL_ID}"}
    return forms.get(request.param, f"/channels/{CHANNEL_ID}/")


def test_it_is_found_by_telegrams_id_and_by_the_rows(client: APIClient, binding: Binding, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    shown = answer.json()
    assert shown.keys() >= SHOWN
    assert (shown["id"], shown["channel_id"], shown["title"]) == (binding.pk, CHANNEL_ID, "News")
    assert (shown["status"], shown["bot_link"]) == ("active", f"@{binding.bot.username}")


def test_a_stranger_gets_404(path: str, stranger: User) -> None:
    for verb in ("get", "delete"):
        answer = getattr(client_of(stranger), verb)(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    assert Binding.objects.get().status == "active"


def test_ending_it_keeps_its_history(client: APIClient, binding: Binding, path: str) -> None:
    for _ in range(2):
        assert client.delete(path).status_code == 204
    assert client.get(path).json()["status"] == "deactivated"
    assert AuditEntry.objects.filter(verb="unbind").count() == 1


def test_a_live_binding_is_shown_before_a_past_one(client: APIClient, owner: User, binding: Binding) -> None:
    client.delete(f"/channels/{CHANNEL_ID}")
    again = bind(owner, CHANNEL_ID)
    assert again.pk != binding.pk
    assert client.get(f"/channels/{CHANNEL_ID}").json()["id"] == again.pk


@pytest.mark.parametrize("wrong", ["0", "-1", "-1009999999999", "9" * 18, "9" * 30, "abc", "--1"])
def test_what_is_nobodys_is_404(client: APIClient, binding: Binding, wrong: str) -> None:
    assert client.get(f"/channels/{wrong}").status_code == 404
    assert client.delete(f"/channels/{wrong}").status_code == 404


def test_a_binding_without_a_channel_is_shown_as_asked_for(
    client: APIClient, owner: User, connected: Bot
) -> None:
    link = "https://t.me/+AAAAAEabcdefghij"
    channels.request_binding(account_id=owner.account_id, channel=link, by=OWNER)
    [shown] = client.get("/channels/").json()["results"]
    assert (shown["channel_id"], shown["title"], shown["requested"]) == (None, "", link)
    assert client.get(f"/channels/{shown['id']}").status_code == 200


@pytest.mark.parametrize(
    ("query", "found"),
    [("", 3), ("?status=active", 2), ("?status=deactivated", 1), ("?page_size=2", 3)],
)
def test_the_list_is_filtered_and_paged(
    client: APIClient, owner: User, binding: Binding, query: str, found: int
) -> None:
    bind(owner, CHANNEL_ID - 1)
    channels.deactivate_binding(binding_id=bind(owner, CHANNEL_ID - 2).pk, by=OWNER)
    page = client.get(f"/channels/{query}").json()
    assert page["count"] == found
    assert len(page["results"]) <= 2 or "page_size" not in query


@pytest.mark.parametrize("query", ["?page=0", "?page_size=1000", "?status=happy", "?bot_id=x"])
def test_a_list_that_makes_no_sense_is_refused(client: APIClient, binding: Binding, query: str) -> None:
    assert client.get(f"/channels/{query}").status_code == 400


def test_a_stranger_sees_an_empty_list(binding: Binding, stranger: User, staff: User) -> None:
    assert client_of(stranger).get("/channels/").json()["count"] == 0
    assert client_of(staff).get("/channels/").json()["count"] == 1
    assert client_of(None).get("/channels/").status_code == 401
