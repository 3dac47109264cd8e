"""MTProto as the first source: exact views by message id, and nothing at all rather than a wrong number."""

from datetime import timedelta
from typing import Any

import pytest

from bots.models import Channel, ChannelDay, ChannelMessage, ChannelPost, Source
from bots.services import statistics
from bots.services.statistics import Found, Number, Seen
from bots.statistics import by_id
from bots.tasks.statistics import collect, missing_days
from tests.scene import Scene, later

GET = "channels.getMessages"


@pytest.fixture(autouse=True)
def _mtproto(scene: Scene, settings: Any) -> None:
    settings.MTPROTO_URL = f"{scene.control.url}/mtproto"


@pytest.fixture
def club(scene: Scene) -> Channel:
    """A private channel: no preview page knows it."""
    made = scene.control.ask("POST", "/channels", title="Club", owner_id=scene.author)
    scene.control.ask("PUT", f"/channels/{made['id']}/administrators/{scene.bot_id}")
    channel = scene.bind(int(made["id"])).channel
    assert channel
    return channel


def write(scene: Scene, channel: Channel, count: int = 1) -> list[int]:
    """The owner publishes, and the bot hears of it."""
    path = f"/channels/{channel.telegram_id}/posts"
    posts = [scene.control.ask("POST", path, text=f"Post {n}")["message_id"] for n in range(count)]
    scene.take_updates()
    return posts


def look(scene: Scene, channel: Channel, views: int) -> None:
    scene.control.ask("POST", f"/channels/{channel.telegram_id}/views", count=views)


def collected(channel: Channel, ago: int = 0) -> ChannelDay:
    [row] = collect(channel, [statistics.today() - timedelta(days=ago)])
    return row


def test_views_of_a_private_channel_are_exact(scene: Scene, club: Channel) -> None:
    write(scene, club, 3)
    look(scene, club, 43_659)
    row = collected(club)
    assert (row.posts, row.views, row.views_precision) == (3, 3 * 43_660, 0)
    assert (row.posts_source, row.views_source) == (Source.MTPROTO, Source.MTPROTO)
    assert set(ChannelPost.objects.values_list("views", "views_source")) == {(43_660, Source.MTPROTO)}


def test_it_comes_before_the_preview_page(scene: Scene, settings: Any) -> None:
    settings.PREVIEW_URL = scene.control.url
    channel = Channel.objects.get()
    write(scene, channel)
    look(scene, channel, 1_233)
    row = collected(channel)
    assert (row.views, row.views_precision, row.views_source) == (1_234, 0, Source.MTPROTO)


def test_an_error_leaves_the_day_to_the_next_source(scene: Scene, settings: Any) -> None:
    settings.PREVIEW_URL = scene.control.url
    channel = Channel.objects.get()
    write(scene, channel, 2)
    look(scene, channel, 4)
    for fault in (
        {"kind": "error", "code": 420, "retry_after": 30},
        {"kind": "error", "code": 400, "description": "CHANNEL_PRIVATE"},
        {"kind": "html_502"},
    ):
        scene.control.fault(**fault, method=GET)
        row = collected(channel)
        assert (row.posts, row.views, row.views_source) == (2, 10, Source.PREVIEW)


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", ""])
def test_without_an_answer_views_are_unknown_and_not_zero(
    scene: Scene, club: Channel, settings: Any, address: str
) -> None:
    settings.MTPROTO_URL = address
    write(scene, club, 2)
    row = collected(club)
    assert (row.posts, row.posts_source) == (2, Source.UPDATES)
    assert (row.views, row.views_source) == (None, "")


def test_whoever_is_too_slow_tells_nothing(scene: Scene, club: Channel, monkeypatch: Any) -> None:
    monkeypatch.setattr(by_id, "MOST_SECONDS", 0.2)
    write(scene, club)
    scene.control.fault("delay", method=GET, ms=600)
    assert collected(club).views is None


def test_a_publication_that_is_missing_is_not_seen_zero_times(scene: Scene, club: Channel) -> None:
    write(scene, club, 2)
    ChannelPost.objects.create(
        channel=club, message_id=700, published_at=ChannelPost.objects.latest("pk").published_at,
        source=Source.UPDATES,
    )  # fmt: skip
    row = collected(club)
    assert (row.posts, row.posts_source, row.views) == (3, Source.UPDATES, None)


def test_what_we_deleted_ourselves_is_not_missed(scene: Scene, club: Channel, client: Any) -> None:
    [post, other] = write(scene, club, 2)
    answer = client.post("/messages", {"channel_id": club.telegram_id, "message": "Later gone"}).json()
    ChannelMessage.objects.update(status="removed", message_id=post, sent_at=None)
    assert answer["task_id"]
    assert statistics.known_posts(channel=club, day=statistics.today()) == {other}


def test_a_bot_that_is_no_member_tells_nothing(scene: Scene, club: Channel) -> None:
    write(scene, club)
    scene.control.ask("DELETE", f"/channels/{club.telegram_id}/administrators/{scene.bot_id}")
    assert collected(club).views is None


def test_posts_nobody_told_of_are_found_by_their_ids(scene: Scene, club: Channel) -> None:
    write(scene, club)
    path = f"/channels/{club.telegram_id}/posts"
    for number in range(130):  # the bot was away
        scene.control.ask("POST", path, text=f"More {number}")
    assert collected(club).posts == 131


def test_without_a_known_publication_there_is_nothing_to_begin_with(scene: Scene, club: Channel) -> None:
    row = collected(club)
    assert (row.posts, row.views) == (None, None)


def test_past_days_are_told_apart(scene: Scene, club: Channel) -> None:
    write(scene, club, 2)
    with later(days=1):
        write(scene, club, 120)
    with later(days=2):
        look(scene, club, 2)
        assert [(collected(club, ago).posts, collected(club, ago).views) for ago in (2, 1, 0)] == [
            (2, 6),
            (120, 360),
            (0, 0),
        ]
        assert missing_days(club) == [statistics.today() - timedelta(days=ago) for ago in range(3, 8)]


def test_a_channel_too_long_is_left(scene: Scene, club: Channel, monkeypatch: Any) -> None:
    monkeypatch.setattr(by_id, "MOST_BLOCKS", 1)
    write(scene, club)
    assert collected(club).views is None


def test_a_private_channels_views_are_asked_for_again(scene: Scene, club: Channel, settings: Any) -> None:
    write(scene, club)
    with later(days=1):
        scene.control.fault("error", method=GET, code=420, retry_after=9)
        collected(club, 1)
        yesterday = statistics.today() - timedelta(days=1)
        assert yesterday in missing_days(club)
        settings.MTPROTO_URL = ""  # nobody can tell: nothing to wait for
        assert yesterday not in missing_days(club)


def test_a_post_two_sources_tell_of_is_kept_once(scene: Scene) -> None:
    channel, at = Channel.objects.get(), statistics.bounds(statistics.today())[0]
    seen = [
        Seen(1, at, Number(1234, Source.MTPROTO)),
        Seen(1, at, Number(1200, Source.PREVIEW, 100)),
    ]
    statistics.record_day(channel=channel, day=statistics.today(), found=Found(seen=tuple(seen)))
    assert ChannelPost.objects.get().views == 1234
