"""Numbers of the business on /metrics: what the rows say, in a fixed number of quick queries, or a plain "unknown"."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from prometheus_client.parser import text_string_to_metric_families

from accounts.models import User
from bots.models import Bot, Job
from broadcasts.models import Broadcast, Tally
from config import facts, heartbeat, schedules
from config.facts.work import KINDS
from config.redis import client as redis_client
from giveaways.models import Giveaway
from participants.models import Entry, Person
from tests.broadcasts.factories import chats, make_bot, make_broadcast

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
LARGE = {
    "participants_entry", "broadcasts_delivery", "broadcasts_intent", "broadcasts_recipient", "broadcasts_tally",
    "offers_transaction", "offers_notice", "bots_job", "bots_telling", "giveaways_post", "bots_channelmessage",
}  # fmt: skip


def told(client: Client) -> dict[tuple[str, ...], float]:
    """(name, label values...) -> value, as Prometheus reads the page."""
    redis_client().delete(facts.KEY)
    page = client.get("/metrics").content.decode()
    families = text_string_to_metric_families(page)
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


def make_giveaway(owner: User, **fields: Any) -> Giveaway:
    now = timezone.now()
    values = {"title": "A book", "main_body": "About giveaways", "status": "active", "published_at": now}
    tokens = {"public_id": f"id{now.timestamp()}", "result_token": f"token{now.timestamp()}"}
    return Giveaway.objects.create(account=owner.account, **{**values, **tokens, **fields})


def make_entry(giveaway: Giveaway, number: int, age: timedelta) -> None:
    person = Person.objects.create(telegram_id=number)
    joined = timezone.now() - age
    Entry.objects.create(giveaway=giveaway, person=person, code=f"code{number}", joined_at=joined)


def test_it_counts_giveaways_that_are_not_over_and_who_came_just_now(client: Client, owner: User) -> None:
    running = make_giveaway(owner, participant_count=7)
    make_giveaway(owner, status="cancelled")
    make_entry(running, 1, timedelta(seconds=20))
    make_entry(running, 2, 2 * MINUTE)
    found = told(client)
    assert (found["telegive_giveaways", "active"], found["telegive_giveaways", "publishing"]) == (1, 0)
    assert found["telegive_giveaway_participants",] == 7
    assert found["telegive_entries_last_minute",] == 1


def test_it_counts_recipients_from_the_tallies(client: Client, owner: User) -> None:
    bot = make_bot(owner.account)
    broadcast = make_broadcast(bot, chats(5))
    Tally.objects.create(broadcast=broadcast, outcome="sent", number=3, at=timezone.now())
    over = make_broadcast(bot, chats(2))
    Broadcast.objects.filter(pk=over.pk).update(status="cancelled", finished_at=timezone.now())
    found = told(client)
    assert (found["telegive_broadcasts", "scheduled"], found["telegive_broadcasts", "paused"]) == (1, 0)
    assert found["telegive_broadcast_recipients", "waiting"] == 2
    assert found["telegive_broadcast_recipients", "sent"] == 3


def test_it_counts_bots_and_transactions_by_status(client: Client, owner: User) -> None:
    make_bot(owner.account, status=Bot.Status.QUARANTINED)
    found = told(client)
    assert (found["telegive_bots", "quarantined"], found["telegive_bots", "active"]) == (1, 0)
    assert found["telegive_transactions_open", "PENDING"] == 0
    assert found["telegive_transactions_last_hour", "SUCCESS"] == 0


def test_it_tells_for_how_long_the_first_in_line_waits(client: Client, owner: User) -> None:
    job = Job.objects.create(account=owner.account, kind=Job.Kind.BIND_CHANNEL)
    message = Job.objects.create(account=owner.account, kind=Job.Kind.POST_MESSAGE)  # waits for its own time
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - 5 * MINUTE)
    Job.objects.filter(pk=message.pk).update(created_at=timezone.now() - 50 * MINUTE)
    make_giveaway(owner, ends_at=timezone.now() - MINUTE)
    found = told(client)
    assert 300 <= found["telegive_work_oldest_due_seconds", "jobs"] < 330
    assert 60 <= found["telegive_work_oldest_due_seconds", "giveaway_ends"] < 90
    assert found["telegive_work_oldest_due_seconds", "posts"] == 0


def test_a_mailing_waits_since_it_last_moved(client: Client, owner: User) -> None:
    broadcast = make_broadcast(make_bot(owner.account), chats(5))
    Broadcast.objects.filter(pk=broadcast.pk).update(created_at=timezone.now() - 30 * MINUTE)
    assert told(client)["telegive_work_oldest_due_seconds", "deliveries"] >= 1800
    Tally.objects.create(broadcast=broadcast, outcome="sent", number=3, at=timezone.now() - MINUTE)
    assert 60 <= told(client)["telegive_work_oldest_due_seconds", "deliveries"] < 90


def test_it_tells_when_the_clock_last_started_what(client: Client) -> None:
    schedules.install_defaults()
    PeriodicTask.objects.filter(task="broadcasts.tasks.pump").update(last_run_at=timezone.now() - MINUTE)
    heartbeat.beat()
    found = told(client)
    ran = found["telegive_periodic_task_last_run_timestamp_seconds", "Deliver broadcasts"]
    assert 60 <= timezone.now().timestamp() - ran < 90
    assert found["telegive_periodic_task_interval_seconds", "Deliver broadcasts"] == 2
    assert found["telegive_worker_heartbeat_age_seconds",] < 30


def test_it_asks_once_in_a_while_whoever_looks(client: Client) -> None:
    assert told(client)["telegive_facts_up",] == 1
    with CaptureQueriesContext(
        connection,
    ) as asked:
        client.get("/metrics")
    assert len(asked) == 0


def test_a_database_that_is_away_costs_only_what_it_knows(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise DatabaseError

    monkeypatch.setattr(facts, "read", away)
    found = told(client)
    assert found["telegive_facts_up",] == 0
    assert ("telegive_giveaways", "active") not in found
    assert "django_http_requests_before_middlewares_total" in {name for name, *_ in found}


def test_no_history_of_millions_is_read(db: None) -> None:
    """With sequential scans forbidden, PostgreSQL still uses one where no index fits."""
    with CaptureQueriesContext(connection) as asked:
        facts.read()
    questions = [query["sql"] for query in asked if query["sql"].startswith("SELECT")]
    assert len(questions) == len(facts.FACTS) + len(KINDS) + 2  # recipients are counted in two
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for question in questions:
            cursor.execute(f"EXPLAIN {question}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
            scanned = set(re.findall(r"Seq Scan on (\w+)", plan))
            assert not scanned & LARGE, plan
