"""A channel named by its invite link: opened where MTProto can, else the binding waits for the bot's promotion."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from bots import tasks
from bots.models import Binding, Channel, ChannelDay, Job
from bots.services import statistics
from tests.scene import Scene, later

CHECK = "messages.checkChatInvite"


@pytest.fixture(autouse=True)
def _mtproto(scene: Scene, settings: Any) -> None:
    settings.MTPROTO_URL = f"{scene.control.url}/mtproto"


def _time_passes() -> None:
    Job.objects.update(leased_until=timezone.now() - timedelta(seconds=1))


def club(scene: Scene, **about: Any) -> dict[str, Any]:
    """A private channel the bot is not in."""
    made: dict[str, Any] = scene.control.ask(
        "POST", "/channels", title="Club", owner_id=scene.author, **about
    )
    return made


def asked(client: APIClient, link: str) -> tuple[Job, Binding]:
    """The link is bound as far as it goes; several times over when the job waits."""
    task = client.post("/channels/", {"channel": link}).json()["task_id"]
    tasks.run_waiting_jobs()
    return Job.objects.get(pk=task), Binding.objects.latest("pk")


@pytest.mark.parametrize("form", ["{}", "tg://join?invite={hash}", "https://t.me/joinchat/{hash}"])
def test_the_link_leads_to_its_channel(scene: Scene, client: APIClient, form: str) -> None:
    made = club(scene)
    link = form.format(made["invite_link"], hash=made["invite_link"].rpartition("+")[2])
    job, binding = asked(client, link)
    assert job.status == Job.Status.SUCCESS
    assert job.result and job.result["channel_id"] == made["id"]
    assert "administrator" in job.result["message"]
    assert (binding.status, binding.channel and binding.channel.title) == (Binding.Status.NEW, "Club")
    scene.control.ask("PUT", f"/channels/{made['id']}/administrators/{scene.bot_id}")
    scene.take_updates()
    binding.refresh_from_db()
    assert binding.status == Binding.Status.ACTIVE


def test_a_bot_that_may_post_there_serves_at_once(scene: Scene, client: APIClient) -> None:
    made = club(scene)
    scene.control.ask("PUT", f"/channels/{made['id']}/administrators/{scene.bot_id}")
    job, binding = asked(client, made["invite_link"])
    assert job.result and job.result["channel_id"] == made["id"]
    assert binding.status == Binding.Status.ACTIVE


def test_a_link_that_hides_its_channel_waits(scene: Scene, client: APIClient) -> None:
    job, binding = asked(client, club(scene, join_by_request=True)["invite_link"])
    assert job.status == Job.Status.SUCCESS
    assert job.result and job.result["channel_id"] is None
    assert (binding.status, binding.channel) == (Binding.Status.NEW, None)
    assert "invite link" in binding.reason


def test_a_dead_link_is_invalid(scene: Scene, client: APIClient) -> None:
    job, binding = asked(client, "https://t.me/+AAAAAAAAAAAAAAAA")
    assert job.status == Job.Status.FAILURE
    assert job.result and job.result["status"] == "error"
    assert binding.status == Binding.Status.INVALID
    assert binding.reason == job.result["message"]


def test_silence_is_asked_again_and_then_waits(scene: Scene, client: APIClient) -> None:
    scene.control.fault("error", method=CHECK, code=420, retry_after=30, times=2)
    made = club(scene)
    job, binding = asked(client, made["invite_link"])
    assert job.status == Job.Status.STARTED
    for _ in range(2):
        _time_passes()
        tasks.run_waiting_jobs()
    job.refresh_from_db()
    assert job.result and job.result["channel_id"] == made["id"]

    scene.control.fault("error", method=CHECK, code=500, times=9)
    job, binding = asked(client, club(scene)["invite_link"])
    for _ in range(9):
        _time_passes()
        tasks.run_waiting_jobs()
    job.refresh_from_db()
    assert (job.status, binding.status) == (Job.Status.SUCCESS, Binding.Status.NEW)
    assert job.result and job.result["channel_id"] is None


def test_whoever_only_has_the_link_sees_no_statistics(scene: Scene, client: APIClient) -> None:
    made = club(scene)
    asked(client, made["invite_link"])
    ChannelDay.objects.create(
        channel=Channel.objects.get(telegram_id=made["id"]),
        day=statistics.today() - timedelta(days=1), posts=4, posts_source="updates",
        collected_at=timezone.now(),
    )  # fmt: skip
    assert client.get(f"/channels/{made['id']}").json()["statistics"] == []
    answer = client.post(f"/channels/{made['id']}/statistics")
    assert (answer.status_code, answer.json()["code"]) == (409, "CHANNEL_NOT_SERVED")
    with later(minutes=1):
        scene.control.ask("PUT", f"/channels/{made['id']}/administrators/{scene.bot_id}")
        scene.take_updates()
    assert len(client.get(f"/channels/{made['id']}").json()["statistics"]) == 1
