"""What is kept for too long goes every night: by setting, in batches, once, and the trail says what went."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from axes.models import AccessFailureLog
from django.db import transaction
from django.utils import timezone

from accounts.models import AuditEntry, User
from bots.models import Channel, MemberChange, Subscriber
from broadcasts import services as broadcasts
from broadcasts.models import ERASED, Broadcast, Delivery, Recipient
from participants import tasks
from participants.models import Captcha, Entry, Person
from participants.services import captchas, purge
from participants.services.people import Visitor, know
from tests.scene import OWNER, Scene
from tests.threads import in_threads

LONG_AGO = timedelta(days=2_000)


@pytest.fixture
def past() -> datetime:
    return timezone.now() - LONG_AGO


def changes(count: int, at: datetime) -> None:
    channel = Channel.objects.create(telegram_id=-1001, title="News")
    MemberChange.objects.bulk_create(
        [MemberChange(channel=channel, person_id=number, joined=True, at=at) for number in range(count)]
    )


def purged(kind: str) -> list[int]:
    rows = AuditEntry.objects.filter(verb="purge", object_type=kind).order_by("pk")
    return [row.after["number"] for row in rows]


def test_old_memberships_go_in_batches_and_young_ones_stay(
    db: None, past: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purge, "AT_A_TIME", 4)
    changes(10, past)
    MemberChange.objects.create(channel=Channel.objects.get(), person_id=7, joined=True, at=timezone.now())
    assert purge.purge()["memberchange"] == 10
    assert MemberChange.objects.count() == 1
    assert purged("memberchange") == [4, 4, 2]
    assert purge.purge()["memberchange"] == 0
    assert purged("memberchange") == [4, 4, 2]


def test_nothing_is_purged_where_the_setting_says_zero(db: None, past: datetime, settings: Any) -> None:
    settings.KEEP_DAYS = dict.fromkeys(settings.KEEP_DAYS, 0)
    changes(3, past)
    tasks.purge()
    assert MemberChange.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_purges_at_once_count_everything_once(past: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purge, "AT_A_TIME", 5)
    changes(50, past)
    for _ in range(20):
        in_threads(4, purge.purge)
        if not MemberChange.objects.exists():
            break
    assert sum(purged("memberchange")) == 50


def test_the_trail_stays_without_addresses(owner: User, past: datetime) -> None:
    AuditEntry.objects.create(actor=owner, actor_label="owner", address="192.0.2.1", verb="log_in")
    AuditEntry.objects.update(at=past)
    AccessFailureLog.objects.create(username="x", ip_address="192.0.2.1")
    AccessFailureLog.objects.update(attempt_time=past)
    purge.purge()
    assert AuditEntry.objects.get(verb="log_in").address is None
    assert not AccessFailureLog.objects.exists()


def test_to_whom_old_broadcasts_went_is_forgotten_and_their_numbers_stay(
    scene: Scene, past: datetime
) -> None:
    people = scene.control.people(3)
    sent = broadcasts.create(
        account_id=scene.user.account_id, bot_id=scene.bot.pk, chats=people, by=OWNER,
        content={"type": "text", "text": "News"},
    )  # fmt: skip
    scene.work()
    Broadcast.objects.update(finished_at=past)
    before = broadcasts.kinds(sent)
    assert purge.purge()["recipient"] == 3
    assert set(Recipient.objects.values_list("chat_id", flat=True)) == {ERASED - seq for seq in (1, 2, 3)}
    assert not Delivery.objects.filter(chat_id__gt=ERASED).exists()
    assert broadcasts.kinds(sent) == before
    assert Broadcast.objects.get().erased_at is not None
    assert broadcasts.serve_again(broadcast_id=sent.pk, by=OWNER) == 0


def test_old_questions_and_people_who_only_looked_go(scene: Scene, past: datetime) -> None:
    giveaway = scene.published()
    for number in (1, 2, 3):
        with transaction.atomic():
            captchas.ask(person=know(Visitor(number, "P", "", "en")), giveaway_id=giveaway.pk)
    Person.objects.filter(telegram_id__lt=3).update(created_at=past)
    Captcha.objects.filter(person__telegram_id=1).update(expires_at=past)
    purge.purge()
    assert sorted(Person.objects.values_list("telegram_id", flat=True)) == [2, 3]
    assert Captcha.objects.count() == 2


def test_whoever_left_the_bot_long_ago_goes(scene: Scene, past: datetime) -> None:
    for chat_id, unreachable in ((1, "blocked"), (2, "")):
        Subscriber.objects.create(bot=scene.bot, chat_id=chat_id, unreachable=unreachable, seen_at=past)
    purge.purge()
    assert [row.chat_id for row in Subscriber.objects.all()] == [2]


def test_people_not_seen_for_years_are_forgotten_but_not_those_who_still_come(
    scene: Scene, past: datetime
) -> None:
    giveaway = scene.published()
    scene.enrolled(giveaway, 2, told=False)
    scene.finished(giveaway)
    idle, comes = Person.objects.order_by("pk")
    Entry.objects.update(joined_at=past)
    Person.objects.update(created_at=past)
    Subscriber.objects.all().delete()
    Subscriber.objects.create(bot=scene.bot, chat_id=comes.telegram_id)
    purge.purge()
    tasks.forget_waiting()
    assert Person.objects.get(pk=idle.pk).forgotten_at is not None
    assert Person.objects.get(pk=comes.pk).telegram_id == comes.telegram_id
