"""Changes while people may enter: bounded, numbered, chained to the opening record, shown by the post."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from accounts.models import AuditEntry, User
from giveaways import promise, tasks
from giveaways.models import Change, Giveaway, Post, Status
from giveaways.services import matrix, write
from participants.texts.page import CHANGED
from tests.giveaways.rows import make_giveaway
from tests.scene import OWNER, Scene, later
from tests.threads import in_threads

Api = Callable[[User | None], APIClient]
END = datetime(2099, 1, 1, 18, 0, tzinfo=UTC)


def change(giveaway: Giveaway, **fields: Any) -> Giveaway:
    return write.update(giveaway_id=giveaway.pk, by=OWNER, fields=fields)


def running(owner: User, **fields: Any) -> Giveaway:
    return make_giveaway(owner, Status.ACTIVE, **fields)


def refused(api: Api, owner: User, giveaway: Giveaway, **fields: Any) -> tuple[int, str, list[str]]:
    answer = api(owner).patch(f"/api/giveaways/{giveaway.pk}", fields)
    assert not Change.objects.exists()
    return answer.status_code, answer.json()["code"], list(answer.json()["errors"])


# --- bounds -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("minutes", [-5, 5])
def test_the_end_moves_with_notice(owner: User, minutes: int) -> None:
    giveaway = running(owner, ends_at=timezone.now() + timedelta(days=1))
    with pytest.raises(Exception, match="The end may move to between"):
        change(giveaway, ends_at=timezone.now() + timedelta(minutes=minutes))
    assert change(giveaway, ends_at=timezone.now() + timedelta(minutes=15)).change_count == 1


def test_many_small_delays_are_no_way_around_the_longest(owner: User) -> None:
    first = timezone.now() + timedelta(days=1)
    giveaway = running(owner, ends_at=first)
    for days in (60, 89):
        change(giveaway, ends_at=first + timedelta(days=days))
    with pytest.raises(Exception, match="for ever"):
        change(giveaway, ends_at=first + timedelta(days=91))


def test_an_end_that_was_promised_is_not_taken_away(owner: User, api: Api) -> None:
    giveaway = running(owner, ends_at=END)
    assert refused(api, owner, giveaway, ends_at=None) == (409, "CANNOT_UPDATE", ["ends_at"])


@pytest.mark.parametrize(("before", "after"), [(10, 9), (10, None), (None, 10)])
def test_places_only_grow(owner: User, api: Api, before: int | None, after: int | None) -> None:
    giveaway = running(owner, max_participants=before)
    answer = refused(api, owner, giveaway, max_participants=after)
    assert answer == (409, "CANNOT_UPDATE", ["max_participants"])
    assert before is None or change(giveaway, max_participants=before + 1).max_participants == before + 1


def test_what_stays_the_same_is_no_change(owner: User) -> None:
    giveaway = running(owner, ends_at=END, max_participants=10)
    same = change(giveaway, ends_at=END, max_participants=10, participation_button_text="🎯 Participate")
    assert (same.change_count, Change.objects.count()) == (0, 0)


# --- the record ---------------------------------------------------------------------------------------------
def test_changes_follow_one_another_from_the_opening_record(owner: User, api: Api) -> None:
    giveaway = running(owner, max_participants=10)
    opening = giveaway.opening_record
    change(giveaway, max_participants=20, participation_button_text="Go\n☕")
    change(giveaway, max_participants=30)
    rows = api(owner).get(f"/api/giveaways/{giveaway.pk}/changes/").json()["results"]
    told = [(row["number"], row["field"], row["before"], row["after"]) for row in rows]
    assert told == [
        (1, "max_participants", 10, 20),
        (2, "participation_button_text", "🎯 Participate", "Go\n☕"),
        (3, "max_participants", 20, 30),
    ]
    records = [row["record"].encode() for row in rows]
    assert promise.check_changes(giveaway.opening_sha256, records) == 3
    assert [promise.sha256_hex(record) for record in records] == [row["sha256"] for row in rows]
    assert Giveaway.objects.get().opening_record == opening


@pytest.mark.parametrize("forged", [[1, 2], [0, 2], [0, 2, 1], [0, 0, 1]])
def test_a_change_left_out_or_moved_breaks_the_chain(owner: User, forged: list[int]) -> None:
    giveaway = running(owner, max_participants=10)
    for places in (20, 30, 40):
        change(giveaway, max_participants=places)
    records = [row.record.encode() for row in Change.objects.all()]
    with pytest.raises(promise.RecordError, match="does not follow"):
        promise.check_changes(giveaway.opening_sha256, [records[index] for index in forged])


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists), st.text(max_size=50))
def test_any_value_can_be_recorded_on_one_line(before: Any, after: str) -> None:
    data = promise.change_record(
        giveaway="kat1", number=1, previous_sha256="0" * 64, at=0, field="title", before=before, after=after
    )
    assert data.isascii()
    assert promise.parse_change(data)["field"] == "title"


@pytest.mark.django_db(transaction=True)
def test_changes_at_once_get_numbers_of_their_own(owner: User) -> None:
    giveaway = running(owner, max_participants=10)
    places = iter(range(11, 100))
    in_threads(6, lambda: change(giveaway, max_participants=next(places)))
    rows = list(Change.objects.all())
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    assert promise.check_changes(giveaway.opening_sha256, [row.record.encode() for row in rows]) == len(rows)


def test_the_trail_and_the_public_record_say_the_same(owner: User, api: Api) -> None:
    giveaway = running(owner, ends_at=END)
    api(owner).patch(f"/api/giveaways/{giveaway.pk}", {"ends_at": "2099-01-02T18:00:00Z"})
    entry, row = AuditEntry.objects.get(verb="change"), Change.objects.get()
    assert (entry.before, entry.after) == ({row.field: row.before}, {row.field: row.after})
    assert row.after == "2099-01-02T18:00:00+00:00"


def test_final_messages_change_without_a_public_record(owner: User) -> None:
    change(running(owner), winner_message="You won a lot!")
    assert not Change.objects.exists()


# --- the post -----------------------------------------------------------------------------------------------
def test_the_post_follows_says_so_and_links_to_the_record(scene: Scene, settings: Any) -> None:
    settings.PUBLIC_URL = "https://telegive.example"  # Telegram makes no link of a name without a dot
    giveaway = scene.published(ends_at=END, max_participants=500)
    assert (
        "⏳ Until 1 January 2099, 18:00 (UTC)\n🎟 Places: 500\n🔒"
        in scene.control.posts(scene.channel)[0]["text"]
    )
    change(giveaway, ends_at=END + timedelta(days=1), participation_button_text="Join us")
    tasks.refresh_posts()
    post = scene.control.posts(scene.channel)[0]
    assert "⏳ Until 2 January 2099, 18:00 (UTC)" in post["text"]
    assert "Changed since: 2 (what and when)" in post["text"]
    assert post["reply_markup"]["inline_keyboard"][0][0]["text"] == "Join us"
    [link] = [entity["url"] for entity in post["entities"] if entity["type"] == "text_link"]
    assert link.endswith(f"/draws/{giveaway.public_id}/")
    assert Giveaway.objects.get().posted_changes == 2


def test_times_are_told_in_the_accounts_zone_and_language(scene: Scene) -> None:
    account = scene.user.account
    account.language, account.time_zone = "ru", "Asia/Kathmandu"
    account.save()
    scene.published(ends_at=END)
    assert "⏳ До 1 января 2099, 23:45 (UTC+5:45)" in scene.control.posts(scene.channel)[0]["text"]


def test_a_change_is_shown_at_once_though_the_counter_waits(scene: Scene) -> None:
    giveaway = scene.published()
    scene.enrolled(giveaway, 1)
    tasks.refresh_posts()
    assert Post.objects.get(kind="update").status == "waiting"
    change(giveaway, participation_button_text="Join us")
    tasks.refresh_posts()
    assert Post.objects.get(kind="update").status == "sent"
    assert "Participants: 1" in scene.control.posts(scene.channel)[0]["text"]


def test_a_post_the_owner_deleted_is_edited_again_only_when_something_changes(scene: Scene) -> None:
    giveaway = scene.published()
    gone = "Bad Request: message to edit not found"
    scene.control.fault("error", method="editMessageText", code=400, description=gone)
    for text in ("Join us", "Join them"):
        change(giveaway, participation_button_text=text)
        for _ in range(3):
            tasks.refresh_posts()
        assert len(scene.control.calls("editMessageText", scene.bot_id)) == (1 if text == "Join us" else 2)
    assert Post.objects.get(kind="update").status == "sent"


def test_the_draws_hash_stays_what_it_was(scene: Scene) -> None:
    giveaway = scene.published()
    before = re.findall(r"[0-9a-f]{64}", scene.control.posts(scene.channel)[0]["text"])
    change(giveaway, participation_button_text="Join us")
    tasks.refresh_posts()
    assert re.findall(r"[0-9a-f]{64}", scene.control.posts(scene.channel)[0]["text"]) == before


def test_nothing_changes_once_the_end_has_come(scene: Scene) -> None:
    giveaway = scene.published(max_participants=1)
    scene.enrolled(giveaway, 1)
    with pytest.raises(Exception, match="being drawn"):
        change(giveaway, max_participants=2)
    with later(minutes=1):
        tasks.refresh_posts()
    assert scene.control.calls("editMessageText", scene.bot_id) == []


# --- the public page ----------------------------------------------------------------------------------------
def test_anybody_reads_and_checks_the_changes_on_the_public_page(owner: User, client: Client) -> None:
    giveaway = running(owner, ends_at=END, max_participants=10)
    page = f"/draws/{giveaway.public_id}/"
    assert client.get(f"{page}changes.txt").status_code == 404
    change(giveaway, ends_at=END + timedelta(days=1))
    change(giveaway, max_participants=20, show_participants=False)
    shown = client.get(f"{page}?lang=ru").content.decode()
    assert "Изменено после публикации: время окончания" in shown
    assert "1 января 2099, 18:00 (UTC) → 2 января 2099, 18:00 (UTC)" in shown
    assert "да → нет" in shown
    text = client.get(f"{page}changes.txt").content
    records = [record.rstrip(b"\n") + b"\n" for record in text.split(b"\n\n")]
    assert promise.check_changes(giveaway.opening_sha256, records) == 3


def test_every_field_that_can_be_recorded_has_a_name_for_readers() -> None:
    assert set(matrix.recorded(Status.ACTIVE, matrix.WHILE_RUNNING)) == set(CHANGED)
