"""Statistics over HTTP: the channel's last days, and a day collected on demand."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from bots import tasks
from bots.models import Binding, Channel, ChannelDay, Job, Source
from bots.services import channels, statistics
from tests.conftest import client_of
from tests.scene import OWNER, Scene


def day_of(ago: int, **numbers: Any) -> ChannelDay:
    values = {"posts": 4, "posts_source": Source.PREVIEW, **numbers}
    return ChannelDay.objects.create(
        channel=Channel.objects.get(),
        day=statistics.today() - timedelta(days=ago),
        collected_at=timezone.now(),
        **values,
    )


def test_a_channel_shows_its_last_thirty_days(scene: Scene, client: APIClient) -> None:
    for ago in (0, 1, 29, 30):
        day_of(ago)
    days = client.get(f"/channels/{scene.channel}").json()["statistics"]
    ages = [(statistics.today() - timedelta(days=ago)).isoformat() for ago in (0, 1, 29)]
    assert [day["day"] for day in days] == ages


def test_every_number_has_its_source_and_the_unknown_is_null(scene: Scene, client: APIClient) -> None:
    day_of(1, members=12, members_source=Source.BOT_API)
    [day] = client.get(f"/channels/{scene.channel}").json()["statistics"]
    assert day.pop("collected_at")
    assert day == {
        "day": (statistics.today() - timedelta(days=1)).isoformat(),
        "posts": 4, "posts_source": "preview",
        "views": None, "views_precision": 0, "views_source": "",
        "members": 12, "members_source": "bot_api",
        "joins": None, "joins_source": "", "leaves": None, "leaves_source": "",
    }  # fmt: skip


def test_the_list_stays_short(scene: Scene, client: APIClient) -> None:
    day_of(1)
    assert "statistics" not in client.get("/channels/").json()["results"][0]


def test_more_days_cost_no_more_queries(
    scene: Scene, client: APIClient, django_assert_max_num_queries: Any
) -> None:
    for ago in range(30):
        day_of(ago)
    client.get(f"/channels/{scene.channel}")
    with django_assert_max_num_queries(5):
        assert len(client.get(f"/channels/{scene.channel}").json()["statistics"]) == 30


def test_a_stranger_gets_404(scene: Scene, stranger: User) -> None:
    day_of(1)
    visitor = client_of(stranger)
    for answer in (
        visitor.get(f"/channels/{scene.channel}"),
        visitor.post(f"/channels/{scene.channel}/statistics"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    assert not Job.objects.filter(kind=Job.Kind.COLLECT_STATISTICS).exists()


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_day_is_collected_on_demand(scene: Scene, client: APIClient, settings: Any, slash: str) -> None:
    settings.PREVIEW_URL = scene.control.url
    scene.control.ask("POST", f"/channels/{scene.channel}/posts", text="Hello")
    scene.control.ask("POST", f"/channels/{scene.channel}/views", count=9)
    answer = client.post(f"/channels/{scene.channel}/statistics{slash}")
    assert (answer.status_code, answer.json()["task_status"]) == (202, "PENDING")
    tasks.run_waiting_jobs()
    task = client.get(f"/tasks/{answer.json()['task_id']}").json()
    assert task["task_status"] == "SUCCESS"
    assert task["task_result"] == {
        "channel_id": scene.channel, "day": str(statistics.today()),
        "posts": 1, "posts_source": "preview",
        "views": 10, "views_precision": 0, "views_source": "preview",
        "members": 2, "members_source": "bot_api",
        "joins": None, "joins_source": "", "leaves": None, "leaves_source": "",
    }  # fmt: skip
    [shown] = client.get(f"/channels/{scene.channel}").json()["statistics"]
    assert (shown["posts"], shown["views"], shown["members"]) == (1, 10, 2)


def test_a_past_day_may_be_asked_for(scene: Scene, client: APIClient) -> None:
    day = str(statistics.today() - timedelta(days=3))
    task_id = client.post(f"/channels/{scene.channel}/statistics", {"day": day}).json()["task_id"]
    tasks.run_waiting_jobs()
    job = Job.objects.get(pk=task_id)
    assert job.status == Job.Status.SUCCESS
    assert job.result and (job.result["day"], job.result["posts"], job.result["views"]) == (day, None, None)
    assert not ChannelDay.objects.exists()  # nothing was told, nothing is kept


@pytest.mark.parametrize("wrong", ["yesterday", "2026-13-01", "1999-01-01", "2999-01-01", 20261120, None, []])
def test_a_day_that_makes_no_sense_is_refused(scene: Scene, client: APIClient, wrong: Any) -> None:
    answer = client.post(f"/channels/{scene.channel}/statistics", {"day": wrong})
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert "day" in answer.json()["errors"]


def test_an_ended_binding_looks_at_its_channel_no_more(scene: Scene, client: APIClient) -> None:
    day_of(1)
    channels.deactivate_binding(binding_id=scene.binding.pk, by=OWNER)
    assert client.get(f"/channels/{scene.channel}").json()["statistics"] == []
    answer = client.post(f"/channels/{scene.channel}/statistics")
    assert (answer.status_code, answer.json()["code"]) == (409, "CHANNEL_NOT_SERVED")
    assert Binding.objects.get().status == Binding.Status.DEACTIVATED
