"""Seeing, changing and deactivating a bot: /bots/ and /bots/{id}."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import AuditEntry, User
from bots import tasks
from bots.models import Binding, Bot
from bots.services import bots
from tests.bots.conftest import Made, connect, make, revoke
from tests.conftest import client_of
from tests.scene import OWNER, Control, Scene, later

SHOWN = {
    "id", "telegram_id", "username", "name", "alias", "description", "token", "status", "status_reason",
    "checked_at", "created_at",
}  # fmt: skip


@pytest.fixture
def path(connected: Bot) -> str:
    return f"/bots/{connected.pk}"


def test_its_owner_sees_it_with_the_token_masked(client: APIClient, path: str, made: Made) -> None:
    for form in (path, path + "/"):
        answer = client.get(form)
        assert answer.status_code == 200
        assert answer.json().keys() == SHOWN
        assert answer.json()["token"] == f"{made.id}:…"


@pytest.mark.parametrize("verb", ["get", "patch", "delete"])
def test_a_stranger_gets_404(path: str, stranger: User, verb: str) -> None:
    answer = getattr(client_of(stranger), verb)(
        path, **({"data": {"alias": "Mine"}} if verb == "patch" else {})
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    assert (Bot.objects.get().alias, Bot.objects.get().status) == ("", "active")


def test_a_stranger_sees_an_empty_list_and_staff_see_all(connected: Bot, stranger: User, staff: User) -> None:
    assert client_of(stranger).get("/bots/").json()["count"] == 0
    assert client_of(staff).get("/bots/").json()["count"] == 1
    assert client_of(staff).get(f"/bots/{connected.pk}").status_code == 200


@pytest.mark.parametrize("wrong", ["0", "999999999999999999", "9" * 19, "abc", "-1", "1.5", "%00", "٣"])
def test_a_number_that_is_nobodys_is_404(client: APIClient, connected: Bot, wrong: str) -> None:
    assert client.get(f"/bots/{wrong}").status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [("", 3), ("?status=active", 2), ("?status=quarantined", 1), ("?status=deactivated", 0),
     ("?username=nobody", 0), ("?page_size=2", 3), ("?page_size=2&page=2", 3)],
)  # fmt: skip
def test_the_list_is_filtered_and_paged(
    client: APIClient, owner: User, control: Control, query: str, found: int
) -> None:
    rows = [connect(owner, make(control)) for _ in range(3)]
    bots.quarantine_bot(bot_id=rows[0].pk, reason="Unauthorized")
    page = client.get(f"/bots/{query}").json()
    assert page.keys() == {"count", "next", "previous", "results"}
    assert page["count"] == found
    if "page=2" in query:
        assert [bot["id"] for bot in page["results"]] == [rows[0].pk]  # the newest came first


def test_a_bot_is_found_by_its_name(client: APIClient, connected: Bot) -> None:
    assert client.get(f"/bots/?username={connected.username}").json()["count"] == 1


@pytest.mark.parametrize("query", ["?page=0", "?page=-1", "?page=x", "?page=9", "?page_size=0",
                                   "?page_size=101", "?status=happy"])  # fmt: skip
def test_a_list_that_makes_no_sense_is_refused(client: APIClient, connected: Bot, query: str) -> None:
    answer = client.get(f"/bots/{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")


def test_names_change_and_the_trail_says_from_what(client: APIClient, path: str) -> None:
    answer = client.patch(path, {"alias": "Coffee", "description": ""})
    assert (answer.status_code, answer.json()["alias"]) == (200, "Coffee")
    entry = AuditEntry.objects.get(verb="change")
    assert (entry.before, entry.after) == (
        {"alias": "", "description": ""},
        {"alias": "Coffee", "description": ""},
    )


@pytest.mark.parametrize(
    "body",
    [{"alias": 5}, {"alias": None}, {"alias": "x" * 256}, {"status": "active"}, {"username": "x"}, {"id": 1},
     {"account": 1}, {"token": "short"}, {"token": None}, {"description": False}, {"token_encrypted": "x"}],
)  # fmt: skip
def test_a_change_of_the_wrong_shape_names_the_field(
    client: APIClient, path: str, body: dict[str, Any]
) -> None:
    answer = client.patch(path, body)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == list(body)


def test_a_new_token_of_the_same_bot_brings_it_back(
    client: APIClient, connected: Bot, path: str, made: Made, control: Control
) -> None:
    bots.quarantine_bot(bot_id=connected.pk, reason="Unauthorized")
    renewed = revoke(control, made)
    answer = client.patch(path, {"token": renewed.token})
    assert (answer.status_code, answer.json()["status"]) == (200, "active")
    assert bots.token_of(Bot.objects.get()) == renewed.token


def test_a_token_of_another_bot_is_refused(
    client: APIClient, connected: Bot, path: str, made: Made, control: Control
) -> None:
    other = make(control)
    answer = client.patch(path, {"token": other.token, "alias": "Tea"})
    assert (answer.status_code, answer.json()["code"]) == (409, "NOT_THE_SAME_BOT")
    assert other.username in answer.json()["message"]
    bot = Bot.objects.get()
    assert (bots.token_of(bot), bot.alias) == (made.token, "")


def test_a_dead_token_changes_nothing(client: APIClient, path: str, made: Made, control: Control) -> None:
    revoke(control, made)
    answer = client.patch(path, {"token": made.token, "alias": "Tea"})
    assert (answer.status_code, answer.json()["code"]) == (503, "BOT_TOKEN_DEAD")
    assert Bot.objects.get().alias == ""


def test_it_is_not_replaced_as_a_whole(client: APIClient, path: str) -> None:
    assert client.put(path, {"alias": "Tea"}).status_code == 405


def webhook_of(made: Made, control: Control) -> str:
    return str(control.http.get(f"{control.url}/bot{made.token}/getWebhookInfo").json()["result"]["url"])


def test_deleting_stops_it_and_keeps_its_history(scene: Scene, control: Control) -> None:
    made = Made(scene.bot_id, scene.token, "")
    hook = {"url": "http://127.0.0.1:9/telegram/1"}
    control.http.post(f"{control.url}/bot{made.token}/setWebhook", json=hook)
    assert webhook_of(made, control) == hook["url"]
    client = client_of(scene.user)
    for _ in range(2):  # deleting twice is deleting
        assert client.delete(f"/bots/{scene.bot.pk}").status_code == 204
    tasks.forget_webhooks()
    assert webhook_of(made, control) == ""
    assert client.get(f"/bots/{scene.bot.pk}").json()["status"] == "deactivated"
    assert Binding.objects.get().status == "deactivated"
    assert AuditEntry.objects.filter(verb="deactivate").count() == 1


def test_a_bot_that_telegram_no_longer_knows_can_be_deleted(
    client: APIClient, path: str, unplug: Any
) -> None:
    unplug()
    assert client.delete(path).status_code == 204
    assert Bot.objects.get().status == "deactivated"


def test_a_refusal_of_the_old_token_says_nothing_of_the_new(
    connected: Bot, owner: User, made: Made, control: Control
) -> None:
    """Whoever still held the old token may learn of its end after its owner brought the new one."""
    old = connected.token_fingerprint
    connect(owner, revoke(control, made))
    bots.quarantine_bot(bot_id=connected.pk, reason="Unauthorized", fingerprint=old)
    assert Bot.objects.get().status == "active"
    bots.quarantine_bot(
        bot_id=connected.pk, reason="Unauthorized", fingerprint=Bot.objects.get().token_fingerprint
    )
    assert Bot.objects.get().status == "quarantined"


def test_a_deactivated_bot_is_not_quarantined(connected: Bot) -> None:
    bots.deactivate_bot(bot_id=connected.pk, by=OWNER)
    bots.quarantine_bot(bot_id=connected.pk, reason="Unauthorized")
    assert Bot.objects.get().status == "deactivated"


def test_a_webhook_that_could_not_be_removed_is_removed_later(
    client: APIClient, connected: Bot, path: str, made: Made, control: Control
) -> None:
    hook = {"url": "http://127.0.0.1:9/telegram/1"}
    control.http.post(f"{control.url}/bot{made.token}/setWebhook", json=hook)
    control.fault("html_502", method="deleteWebhook")
    assert client.delete(path).status_code == 204
    for _ in range(2):  # the second round comes too early
        tasks.forget_webhooks()
    assert webhook_of(made, control) == hook["url"]
    with later(minutes=1):
        tasks.forget_webhooks()
        assert webhook_of(made, control) == ""
        asked = len(control.calls("deleteWebhook", made.id))
    with later(days=1):
        tasks.forget_webhooks()
    assert len(control.calls("deleteWebhook", made.id)) == asked == 2


def test_a_bot_that_came_back_keeps_its_webhook(
    client: APIClient, owner: User, path: str, made: Made, control: Control
) -> None:
    client.delete(path)
    connect(owner, made)
    tasks.forget_webhooks()
    assert control.calls("deleteWebhook", made.id) == []
