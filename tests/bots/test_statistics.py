"""A channel's days: the numbers are Telegram's, each with its source; what nobody tells is not zero."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone
from rest_framework.test import APIClient

from bots import tasks
from bots.models import Channel, ChannelDay, ChannelPost, Source
from bots.services import statistics
from bots.tasks.statistics import collect, collect_missing, missing_days
from config.redis import client as redis_client
from tests.scene import Scene, later
from tests.threads import in_threads


@pytest.fixture
def preview(scene: Scene, settings: Any) -> Any:
    """The sandbox's preview pages; `preview("2023")` gives them another markup."""
    settings.PREVIEW_URL = scene.control.url
    yield lambda profile: scene.control.ask("PUT", "/preview", profile=profile)
    scene.control.ask("PUT", "/preview", profile="2026")


def write(scene: Scene, count: int = 1, channel: int = 0) -> list[int]:
    """The owner publishes by hand."""
    path = f"/channels/{channel or scene.channel}/posts"
    return [scene.control.ask("POST", path, text=f"Post {n}")["message_id"] for n in range(count)]


def look(scene: Scene, views: int, post: int | None = None) -> None:
    about = {} if post is None else {"post_id": post}
    scene.control.ask("POST", f"/channels/{scene.channel}/views", count=views, **about)


def truth(scene: Scene) -> tuple[int, int]:
    """Posts and views as Telegram itself counts them."""
    posts = scene.control.posts(scene.channel)
    return len(posts), sum(post["views"] for post in posts)


def collected(scene: Scene, day: date | None = None) -> ChannelDay:
    [row] = collect(Channel.objects.get(telegram_id=scene.channel), [day or statistics.today()])
    return row


def private(scene: Scene) -> Channel:
    """A channel without a name, and with no preview."""
    made = scene.control.ask("POST", "/channels", title="Club", owner_id=scene.author)
    scene.control.ask("PUT", f"/channels/{made['id']}/administrators/{scene.bot_id}")
    channel = scene.bind(int(made["id"])).channel
    assert channel
    return channel


@pytest.mark.parametrize("profile", ["2026", "2023"])
@pytest.mark.parametrize("views", [0, 7, 998])
def test_small_numbers_are_exactly_telegrams(scene: Scene, preview: Any, profile: str, views: int) -> None:
    preview(profile)
    write(scene, 3)
    if views:
        look(scene, views)
    row = collected(scene)
    assert (row.posts, row.views) == truth(scene)
    assert row.views_precision == 0
    assert (row.posts_source, row.views_source) == (Source.PREVIEW, Source.PREVIEW)


@pytest.mark.parametrize("profile", ["2026", "2023"])
@pytest.mark.parametrize("views", [1000, 1234, 43_659, 1_299_999])
def test_large_numbers_are_within_what_they_claim(
    scene: Scene, preview: Any, profile: str, views: int
) -> None:
    preview(profile)
    for post in write(scene, 2):
        look(scene, views, post)
    row = collected(scene)
    posts, seen = truth(scene)
    assert row.posts == posts
    assert row.views is not None
    assert abs(seen - row.views) <= row.views_precision


def test_a_busy_day_is_read_over_several_pages(scene: Scene, preview: Any) -> None:
    write(scene, 45)
    look(scene, 11)
    row = collected(scene)
    assert (row.posts, row.views) == (45, 45 * 12) == truth(scene)
    assert ChannelPost.objects.filter(views=12, views_source=Source.PREVIEW).count() == 45


def test_members_are_asked_of_telegram(scene: Scene, preview: Any) -> None:
    scene.control.subscribe(scene.channel, *scene.control.people(5))
    row = collected(scene)
    assert (row.members, row.members_source) == (7, Source.BOT_API)  # with the owner and the bot


def test_a_changed_page_is_unavailable_and_not_zero(scene: Scene, preview: Any) -> None:
    preview("changed")
    write(scene, 2)
    look(scene, 10)
    scene.take_updates()
    row = collected(scene)
    assert (row.posts, row.posts_source) == (2, Source.UPDATES)
    assert (row.views, row.views_source, row.views_precision) == (None, "", 0)


def test_no_page_and_no_updates_leave_nothing_but_members(scene: Scene, settings: Any) -> None:
    write(scene, 2)
    row = collected(scene)
    assert (row.posts, row.views, row.members) == (None, None, 2)


def test_an_empty_page_proves_nothing(scene: Scene, preview: Any) -> None:
    assert collected(scene).posts is None


def test_a_page_of_another_channel_is_not_this_ones(scene: Scene, preview: Any) -> None:
    write(scene, 2)
    Channel.objects.update(username="somebody_else")
    assert collected(scene).posts == 2  # Telegram is asked for the name of today


def test_a_private_channels_posts_come_from_updates(scene: Scene, preview: Any) -> None:
    club = private(scene)
    write(scene, 3, club.telegram_id)
    scene.take_updates()
    [row] = collect(club, [statistics.today()])
    assert (row.posts, row.posts_source, row.views) == (3, Source.UPDATES, None)


def test_silence_is_zero_only_where_updates_are_known_to_come(scene: Scene) -> None:
    club = private(scene)
    with later(days=1):
        [row] = collect(club, [statistics.today()])
        assert row.posts is None
        write(scene, 1, club.telegram_id)
        scene.take_updates()
    with later(days=2):
        [row] = collect(club, [statistics.today()])
        assert row.posts == 0


def test_a_past_day_is_collected_later_and_again(scene: Scene, preview: Any) -> None:
    written = statistics.today()
    write(scene, 2)
    look(scene, 5)
    with later(days=3):
        write(scene, 4)
        assert (collected(scene, written).posts, collected(scene, written).views) == (2, 12)
        assert collected(scene).posts == 4
        look(scene, 1)
        again = collected(scene, written)
    assert (again.posts, again.views, again.members) == (2, 14, None)
    assert ChannelDay.objects.count() == 2


def test_a_source_that_falls_silent_takes_nothing_away(scene: Scene, preview: Any) -> None:
    written = statistics.today()
    write(scene, 2)
    look(scene, 5)
    scene.take_updates()
    with later(days=1):
        collected(scene, written)
        preview("changed")
        row = collected(scene, written)
    assert (row.posts, row.posts_source, row.views) == (2, Source.PREVIEW, 12)


def test_half_a_day_is_not_kept_for_a_whole_one(scene: Scene, preview: Any) -> None:
    written = statistics.today()
    write(scene, 2)
    look(scene, 5)
    collected(scene)
    write(scene, 1)
    scene.take_updates()
    preview("changed")
    with later(days=1):
        row = collected(scene, written)
    assert (row.posts, row.posts_source, row.views) == (3, Source.UPDATES, None)


def test_two_workers_at_once_keep_one_day(scene: Scene, preview: Any) -> None:
    write(scene, 3)
    channel = Channel.objects.get()
    results = in_threads(4, lambda: collect(channel, [statistics.today()]))
    assert not [result for result in results if isinstance(result, Exception)]
    assert ChannelDay.objects.get().posts == 3


def test_whoever_comes_while_another_collects_leaves_it_to_them(scene: Scene, preview: Any) -> None:
    channel, day = Channel.objects.get(), statistics.today()
    redis_client().set(f"statistics:{channel.pk}:{day}", "another")
    assert collect(channel, [day]) == []
    assert redis_client().get(f"statistics:{channel.pk}:{day}") == "another"


def test_missed_days_are_caught_up(scene: Scene, preview: Any) -> None:
    first = statistics.today()
    write(scene, 2)
    with later(days=1):
        write(scene, 1)
    channel = Channel.objects.get()
    with later(days=3):
        write(scene, 1)
        collect_missing(channel.pk)
        days = dict(ChannelDay.objects.values_list("day", "posts"))
        assert days[first], days[first + timedelta(days=1)] == (2, 1)
        assert days[first + timedelta(days=2)] == 0
        assert first + timedelta(days=3) not in days
        assert missing_days(channel) == []


def test_midnight_asks_one_task_for_each_channel(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    private(scene)
    asked: list[int] = []
    monkeypatch.setattr(tasks.collect_statistics_of, "delay", asked.append)
    tasks.collect_statistics()
    assert sorted(asked) == sorted(Channel.objects.values_list("pk", flat=True))


def test_a_day_begins_at_midnight_of_the_platforms_zone(scene: Scene, preview: Any, settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Moscow"
    zone = ZoneInfo("Europe/Moscow")
    noon = (timezone.now().astimezone(zone) + timedelta(days=2)).replace(hour=12)
    day = noon.date()
    edges = [
        (datetime(day.year, day.month, day.day, 0, 0, tzinfo=zone) - timedelta(minutes=1), 1),
        (datetime(day.year, day.month, day.day, 0, 1, tzinfo=zone), 2),
        (datetime(day.year, day.month, day.day, 23, 59, tzinfo=zone), 3),
        (datetime(day.year, day.month, day.day, 23, 59, tzinfo=zone) + timedelta(minutes=2), 4),
    ]
    for moment, posts in edges:
        with time_machine.travel(moment.astimezone(UTC), tick=True):
            write(scene, posts)
    with time_machine.travel(noon + timedelta(days=2), tick=True):
        assert collected(scene, day - timedelta(days=1)).posts == 1
        assert collected(scene, day).posts == 5
        assert collected(scene, day + timedelta(days=1)).posts == 4


def test_a_day_of_a_changed_clock_has_its_hours(settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    start, end = statistics.bounds(date(2026, 3, 29))
    assert end.astimezone(UTC) - start.astimezone(UTC) == timedelta(hours=23)


def test_the_command_collects_by_hand(scene: Scene, preview: Any, capsys: Any) -> None:
    write(scene, 2)
    call_command("collectstatistics", f"--day={statistics.today()}", f"--channel={scene.channel}")
    assert "2 posts, 2 views, 2 members" in capsys.readouterr().out
    call_command("collectstatistics")
    assert ChannelDay.objects.get(day=statistics.today()).posts == 2


@pytest.mark.parametrize("wrong", ["--channel=-1", "--day=2999-01-01"])
def test_the_command_refuses_what_is_not_there(scene: Scene, wrong: str) -> None:
    with pytest.raises(CommandError):
        call_command("collectstatistics", wrong)


# --- updates --------------------------------------------------------------------------------------
def post_update(scene: Scene, number: int, message: int, **content: Any) -> dict[str, Any]:
    kind = content.pop("kind", "channel_post")
    chat = {"id": content.pop("chat", scene.channel), "type": "channel", "title": "News"}
    at = int(timezone.now().timestamp())
    return {
        "update_id": number,
        kind: {"message_id": message, "date": at, "chat": chat, **({"text": "x"} | content)},
    }


def test_a_publication_told_twice_is_one(scene: Scene) -> None:
    scene.replay([post_update(scene, 900_001, 50), post_update(scene, 900_001, 50)])
    scene.replay([post_update(scene, 900_002, 50)])
    edited = post_update(scene, 900_003, 50, kind="edited_channel_post", edit_date=1)
    scene.replay([edited])
    post = ChannelPost.objects.get()
    assert (post.message_id, post.source, post.views) == (50, Source.UPDATES, None)


def test_an_album_is_one_publication(scene: Scene) -> None:
    scene.replay([post_update(scene, 900_100 + n, 60 + n, media_group_id="77") for n in range(3)])
    channel = Channel.objects.get()
    assert ChannelPost.objects.count() == 3
    assert statistics.count_posts(channel=channel, day=statistics.today()) == 1


def test_what_a_channel_says_of_itself_is_no_publication(scene: Scene) -> None:
    scene.replay([post_update(scene, 900_200, 70, text=None, new_chat_title="New")])
    assert not ChannelPost.objects.exists()


def test_a_channel_nobody_bound_is_none_of_ours(scene: Scene) -> None:
    scene.replay([post_update(scene, 900_300, 80, chat=-1009999999999)])
    assert not ChannelPost.objects.exists()


def test_an_update_costs_two_statements(
    scene: Scene, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    with django_assert_max_num_queries(4):  # with BEGIN and COMMIT
        statistics.record_update(
            telegram_id=scene.channel, message_id=1, published_at=timezone.now(), album=""
        )


# --- our own posts, of which Telegram sends no update ---------------------------------------------
def test_a_giveaways_posts_are_publications_too(scene: Scene) -> None:
    scene.finished(scene.published())
    posts = scene.control.posts(scene.channel)
    own = ChannelPost.objects.filter(source=Source.BOT_API)
    assert set(own.values_list("message_id", flat=True)) == {post["message_id"] for post in posts}
    row = collected(scene)
    assert (row.posts, row.posts_source) == (len(posts), Source.UPDATES)


def test_a_message_we_posted_is_a_publication_too(scene: Scene, client: APIClient) -> None:
    answer = client.post("/messages", {"channel_id": scene.channel, "message": "Hello"})
    assert answer.status_code == 202
    tasks.post_waiting_messages()
    [post] = scene.control.posts(scene.channel)
    assert ChannelPost.objects.get(source=Source.BOT_API).message_id == post["message_id"]
