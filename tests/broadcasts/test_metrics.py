"""What Prometheus is told of delivery: the names dashboards use, and never a label for a chat or a broadcast."""

import re

import pytest
from django.test import Client
from prometheus_client import REGISTRY

from bots.models import Bot
from broadcasts.services import upkeep
from tests.broadcasts.factories import chats, make_broadcast, pump
from tests.broadcasts.server import BLOCKED, BROKEN, Server

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = {
    "broadcast_sends_total", "broadcast_results_total", "broadcast_floods_total", "broadcast_in_flight",
    "broadcast_grant_seconds_bucket", "broadcast_slot_lag_seconds_bucket", "broadcast_answer_seconds_bucket",
    "broadcast_learned_rate_share_bucket", "broadcast_lease_expiries_total", "broadcast_lost_leases_total",
    "broadcast_late_slots_total", "broadcast_oldest_waiting_seconds", "tasks_created_total",
    "tasks_failed_total", "task_processing_duration_seconds_bucket",
}  # fmt: skip
LABELS = {"outcome", "kind", "scope", "priority", "le"}


def number(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0


def test_every_name_is_on_the_page_and_no_label_names_a_chat(
    bot: Bot, server: Server, client: Client
) -> None:
    server.tell(chats(3)[0], BLOCKED)
    make_broadcast(bot, chats(3))
    pump()
    upkeep.keep_up()
    page = client.get("/metrics").content.decode()
    ours = [line for line in page.splitlines() if re.match(r"(broadcast_|tasks?_)", line)]
    told = {re.split(r"[{ ]", line)[0] for line in ours}
    told |= {
        line.split()[2] for line in page.splitlines() if line.startswith("# TYPE")
    }  # nothing counted yet
    assert not {name for name in NAMES if name not in told and name.removesuffix("_total") not in told}
    assert {label for line in ours for label in re.findall(r'(\w+)="', line)} <= LABELS


def test_broadcasts_are_counted_as_tasks(bot: Bot, server: Server) -> None:
    names = ("tasks_created_total", "tasks_failed_total", "task_processing_duration_seconds_count")
    before = [number(name) for name in names]
    make_broadcast(bot, chats(3))
    pump()
    server.to_everybody = BROKEN
    make_broadcast(bot, chats(3, after=5))
    pump()
    assert [number(name) - was for name, was in zip(names, before, strict=True)] == [2, 1, 2]


def test_it_tells_how_long_the_first_in_line_has_been_waiting(bot: Bot) -> None:
    make_broadcast(bot, chats(3), priority="low")
    upkeep.keep_up()
    assert number("broadcast_oldest_waiting_seconds", priority="low") > 0
    assert number("broadcast_oldest_waiting_seconds", priority="high") == 0
