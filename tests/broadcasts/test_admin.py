"""The back office of broadcasts."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from bots.models import Bot
from broadcasts.models import Broadcast
from broadcasts.services import leasing, results
from tests.broadcasts.factories import chats, make_broadcast

LIST = "/admin/broadcasts/broadcast/"
NAMES = ["broadcast", "delivery", "recipient", "intent", "chunk"]


@pytest.fixture
def desk(client: Client, staff: User) -> Client:
    client.force_login(staff)
    return client


def test_the_list_counts_all_broadcasts_in_one_query(
    desk: Client, bot: Bot, django_assert_max_num_queries: object
) -> None:
    for _ in range(8):
        broadcast = make_broadcast(bot, chats(3))
        results.record([results.Result(broadcast.pk, 1, chats(1)[0], "sent")])
    with django_assert_max_num_queries(10) as captured:
        assert desk.get(LIST).status_code == 200
    assert sum("broadcasts_tally" in query["sql"] for query in captured.captured_queries) == 1
    assert not any("broadcasts_delivery" in query["sql"] for query in captured.captured_queries)


@pytest.mark.parametrize("name", NAMES)
def test_every_table_can_be_looked_at_and_searched(desk: Client, bot: Bot, name: str) -> None:
    make_broadcast(bot, chats(3))
    leasing.take(pump="one", seconds=10)
    address = reverse(f"admin:broadcasts_{name}_changelist")
    for question in ("", "?q=1000001", "?q=nobody"):
        assert desk.get(address + question).status_code == 200
    assert desk.get(reverse(f"admin:broadcasts_{name}_add")).status_code == 403


def test_a_broadcast_shows_how_far_it_is(desk: Client, bot: Bot) -> None:
    broadcast = make_broadcast(bot, chats(3))
    results.record([results.Result(broadcast.pk, 1, chats(1)[0], "failed", "blocked")])
    page = desk.get(reverse("admin:broadcasts_broadcast_change", args=[broadcast.pk])).content.decode()
    assert "0 sent, 1 failed, 0 skipped, 0 uncertain, 2 pending" in page


@pytest.mark.parametrize(("action", "status"), [("pause", "paused"), ("cancel", "cancelled")])
def test_an_action_moves_the_chosen_and_is_written_into_the_trail(
    desk: Client, staff: User, bot: Bot, action: str, status: str
) -> None:
    broadcast = make_broadcast(bot, chats(3))
    desk.post(LIST, {"action": action, "_selected_action": [broadcast.pk]})
    broadcast.refresh_from_db()
    assert broadcast.status == status
    assert AuditEntry.objects.get(verb=action).actor == staff


def test_a_refusal_is_shown_as_a_sentence(desk: Client, bot: Bot) -> None:
    broadcast = make_broadcast(bot, [])
    page = desk.post(LIST, {"action": "pause", "_selected_action": [broadcast.pk]}, follow=True)
    assert "it can no longer be changed" in page.content.decode()
    assert Broadcast.objects.get().status == Broadcast.Status.COMPLETED
