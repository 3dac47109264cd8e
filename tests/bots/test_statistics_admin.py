"""Statistics in the admin: lists that nobody edits, and the channel's charts."""

import json
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from bots.charts import charts_of
from bots.models import Channel, ChannelDay, ChannelPost, Source
from bots.services import statistics


@pytest.fixture
def desk(staff: User) -> Client:
    visitor = Client()
    visitor.force_login(staff)
    return visitor


@pytest.fixture
def channel(db: None) -> Channel:
    return Channel.objects.create(telegram_id=-1001234567890, title="News")


def day_of(channel: Channel, ago: int, **numbers: Any) -> ChannelDay:
    day = statistics.today() - timedelta(days=ago)
    return ChannelDay.objects.create(channel=channel, day=day, collected_at=timezone.now(), **numbers)


def test_days_and_publications_are_listed(desk: Client, channel: Channel) -> None:
    day = day_of(channel, 1, posts=3, posts_source=Source.UPDATES)
    post = ChannelPost.objects.create(
        channel=channel, message_id=7, published_at=timezone.now(), source=Source.UPDATES
    )
    for row in (day, post):
        page = f"admin:bots_{row._meta.model_name}"
        assert b"News" in desk.get(reverse(f"{page}_changelist"), {"q": "News"}).content
        one = reverse(f"{page}_change", args=[row.pk])
        assert desk.get(one).status_code == 200
        assert desk.post(one, {"posts": 9}).status_code == 403


def test_a_channel_has_charts_of_its_days(desk: Client, channel: Channel) -> None:
    day_of(channel, 2, posts=3, posts_source=Source.PREVIEW, joins=5, leaves=2)
    day_of(channel, 1, posts=0, posts_source=Source.PREVIEW)
    page = desk.get(reverse("admin:bots_channel_change", args=[channel.pk])).content.decode()
    drawn = [
        json.loads(unescape(data)) for data in re.findall(r'data-type="line" data-value="([^"]+)"', page)
    ]
    lines = [[line["data"] for line in chart["datasets"]] for chart in drawn]
    assert lines == [[[3, 0]], [[None, None]], [[None, None]], [[5, None], [2, None]]]


def test_a_channel_without_days_says_so(desk: Client, channel: Channel) -> None:
    page = desk.get(reverse("admin:bots_channel_change", args=[channel.pk])).content
    assert b"No day was collected yet." in page


def test_a_channel_that_is_none_is_none(desk: Client) -> None:
    for wrong in ("999", "x"):
        assert desk.get(reverse("admin:bots_channel_change", args=[wrong])).status_code in (302, 404)


def test_a_chart_begins_with_the_oldest_day(channel: Channel) -> None:
    days = [day_of(channel, ago, posts=ago) for ago in (1, 2, 4)]
    posts = json.loads(charts_of(days)[0]["data"])
    assert posts["datasets"][0]["data"] == [4, None, 2, 1]  # the third day was not collected
    assert len(posts["labels"]) == 4
