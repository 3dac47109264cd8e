"""Giveaways that start by themselves: edited until then, published once, late rather than never."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import AuditEntry, User
from bots.models import Alert, Binding
from giveaways import tasks
from giveaways.models import Giveaway, Status
from giveaways.services import life, schedule, write
from participants.services import enter
from tests.giveaways.rows import FIELDS, make_binding, make_draft, make_giveaway
from tests.scene import OWNER, Scene, later
from tests.threads import in_threads

Api = Callable[[User | None], APIClient]


def ahead(**duration: float) -> datetime:
    return timezone.now() + timedelta(**duration)


def scheduled(owner: User, **fields: Any) -> Giveaway:
    """A giveaway that starts in an hour, with a channel it may be posted in."""
    if not Binding.objects.filter(account=owner.account).exists():
        make_binding(owner.account)
    draft = make_draft(owner, **{"starts_at": ahead(hours=1), **fields})
    return life.publish(giveaway_id=draft.pk, by=OWNER)


def test_publishing_one_that_starts_later_schedules_it(owner: User, api: Api) -> None:
    make_binding(owner.account)
    made = api(owner).post("/api/giveaways/create", {**FIELDS, "starts_at": "2099-01-01T10:00:00Z"}).json()
    path = f"/api/giveaways/{made['giveaway']['id']}"
    for _ in range(2):
        answer = api(owner).post(f"{path}/publish")
        assert (answer.status_code, answer.json()["status"]) == (202, "scheduled")
        assert answer.json()["starts_at"] == "2099-01-01T10:00:00Z"
    giveaway = Giveaway.objects.get()
    assert (giveaway.opening_record, AuditEntry.objects.filter(verb="schedule").count()) == ("", 1)


def test_it_is_published_when_its_time_comes(scene: Scene) -> None:
    giveaway = scene.published(starts_at=ahead(hours=1), ends_at=ahead(days=1))
    tasks.start_due()
    tasks.post_waiting()
    assert (giveaway.status, scene.control.posts(scene.channel)) == (Status.SCHEDULED, [])
    with later(hours=1, seconds=1):
        tasks.start_due()
        tasks.post_waiting()
    giveaway.refresh_from_db()
    assert (giveaway.status, len(scene.control.posts(scene.channel))) == (Status.ACTIVE, 1)
    assert giveaway.opening_sha256 in scene.control.posts(scene.channel)[0]["text"]


def test_until_then_everything_may_change_and_nobody_may_enter(owner: User, api: Api) -> None:
    giveaway = scheduled(owner)
    changed = api(owner).patch(f"/api/giveaways/{giveaway.pk}", {"title": "Another", "winner_count": 7})
    assert changed.json()["giveaway"]["winner_count"] == 7
    assert enter.CLOSED[Status.SCHEDULED] == "not_found"


def test_taking_the_start_away_makes_it_a_draft_again(owner: User, api: Api) -> None:
    giveaway = scheduled(owner)
    changed = api(owner).patch(f"/api/giveaways/{giveaway.pk}", {"starts_at": None}).json()
    assert changed["giveaway"]["status"] == "draft"
    with later(hours=2):
        assert schedule.start_due() == 0


def test_it_can_be_cancelled_before_it_starts(owner: User) -> None:
    giveaway = life.cancel(giveaway_id=scheduled(owner).pk, by=OWNER)
    with later(hours=2):
        tasks.start_due()
    giveaway.refresh_from_db()
    assert giveaway.status == Status.CANCELLED


@pytest.mark.parametrize("starts_at", ["2001-01-01T00:00:00Z", "soon", 5, True])
def test_a_start_that_is_none_is_refused(owner: User, api: Api, starts_at: Any) -> None:
    answer = api(owner).post("/api/giveaways/create", {**FIELDS, "starts_at": starts_at})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["starts_at"])


def test_it_cannot_end_before_it_starts(owner: User, api: Api) -> None:
    times = {"starts_at": "2099-01-02T00:00:00Z", "ends_at": "2099-01-01T00:00:00Z"}
    answer = api(owner).post("/api/giveaways/create", {**FIELDS, **times})
    assert (answer.status_code, answer.json()["code"]) == (400, "END_BEFORE_START")


def test_what_is_not_ready_is_not_scheduled(owner: User, api: Api) -> None:
    draft = make_draft(owner, starts_at=ahead(hours=1))
    answer = api(owner).post(f"/api/giveaways/{draft.pk}/publish")
    assert (answer.status_code, answer.json()["code"]) == (409, "CHANNEL_NOT_CONFIGURED")


# --- an outage ----------------------------------------------------------------------------------------------
def test_a_start_missed_by_hours_is_late_not_lost(owner: User) -> None:
    giveaway = scheduled(owner, ends_at=ahead(days=2))
    with later(hours=20):
        tasks.start_due()
        giveaway.refresh_from_db()
    assert giveaway.status == Status.PUBLISHING


def test_one_whose_end_passed_meanwhile_fails_with_a_sentence_and_an_alert(owner: User) -> None:
    giveaway = scheduled(owner, ends_at=ahead(hours=2))
    with later(hours=3):
        tasks.start_due()
    giveaway.refresh_from_db()
    assert (giveaway.status, giveaway.opening_record) == (Status.PUBLISH_FAILED, "")
    assert "The end that would be promised has passed" in giveaway.publish_error
    alert = Alert.objects.get()
    assert (alert.kind, giveaway.title in alert.text) == ("giveaway_failed", True)


def test_while_another_one_runs_its_start_fails_and_says_which(owner: User, api: Api) -> None:
    giveaway = scheduled(owner)
    other = make_giveaway(owner, Status.ACTIVE, starts_at=ahead(hours=1))
    with later(hours=2):
        tasks.start_due()
    giveaway.refresh_from_db()
    assert (giveaway.status, Alert.objects.count()) == (Status.PUBLISH_FAILED, 1)
    assert f"Giveaway {other.pk} is still running" in giveaway.publish_error
    shown = api(owner).get(f"/api/giveaways/active/{owner.account_id}").json()["giveaway"]
    assert shown["id"] == other.pk


def test_the_reason_is_told_in_the_accounts_language(owner: User) -> None:
    owner.account.language = "ru"
    owner.account.save()
    giveaway = scheduled(owner)
    Binding.objects.update(status=Binding.Status.INVALID)
    with later(hours=2):
        tasks.start_due()
    giveaway.refresh_from_db()
    assert "пока не может публиковать в News" in giveaway.publish_error
    assert giveaway.publish_error in Alert.objects.get().text


def test_a_failed_start_can_be_repaired_and_published(owner: User) -> None:
    giveaway = scheduled(owner, ends_at=ahead(hours=2))
    with later(hours=3):
        tasks.start_due()
        write.update(giveaway_id=giveaway.pk, by=OWNER, fields={"ends_at": ahead(days=1)})
        assert life.publish(giveaway_id=giveaway.pk, by=OWNER).status == Status.PUBLISHING


def test_a_failed_post_of_a_scheduled_one_is_told_to_its_owner(scene: Scene) -> None:
    scene.published(starts_at=ahead(hours=1))
    scene.control.fault("error", method="sendMessage", code=400, description="Bad Request: chat is closed")
    with later(hours=2):
        tasks.start_due()
        tasks.post_waiting()
    assert (Giveaway.objects.get().status, Alert.objects.get().kind) == (
        Status.PUBLISH_FAILED,
        "giveaway_failed",
    )


@pytest.mark.django_db(transaction=True)
def test_many_clocks_at_once_start_it_once(owner: User) -> None:
    scheduled(owner)
    with later(hours=2):
        assert not [each for each in in_threads(6, schedule.start_due) if isinstance(each, Exception)]
    assert AuditEntry.objects.filter(verb="publish").count() == 1


def test_one_may_be_prepared_while_another_runs(owner: User, api: Api) -> None:
    make_giveaway(owner, Status.ACTIVE)
    client = api(owner)
    assert client.post("/api/giveaways/create", FIELDS).json()["code"] == "SINGLE_ACTIVE_LIMIT_EXCEEDED"
    assert (
        client.post("/api/giveaways/create", {**FIELDS, "starts_at": "2099-01-01T00:00:00Z"}).status_code
        == 201
    )


def test_the_database_knows_no_schedule_without_a_time(owner: User) -> None:
    giveaway = scheduled(owner)
    with pytest.raises(IntegrityError), transaction.atomic():
        Giveaway.objects.filter(pk=giveaway.pk).update(starts_at=None)
