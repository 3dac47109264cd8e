"""An owner who plans ahead: scheduled, changed, counted, with results in another channel, and again next week."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from django.test import Client

from giveaways import promise, tasks
from giveaways.models import Giveaway
from tests.scene import Scene
from tests.stories.rooms import Desk

MONDAY = datetime(2030, 1, 7, 9, 0, tzinfo=UTC)
FRIDAY = MONDAY + timedelta(days=4)


def test_an_owner_plans_a_giveaway_changes_it_in_public_and_repeats_it(scene: Scene, client: Client) -> None:
    winners = second_channel(scene)
    desk = Desk()
    desk.act_for(scene.user)
    with time_machine.travel(MONDAY, tick=True) as clock:
        giveaway = planned_on_monday_morning(desk, scene, winners)
        path = f"/api/giveaways/{giveaway['id']}"
        clock.shift(timedelta(hours=3, minutes=1))
        posted_by_itself_at_noon(scene)
        scene.enrolled(Giveaway.objects.get(), 5)
        clock.shift(timedelta(minutes=5))
        counted_in_one_edit(scene)
        changed_in_public(desk, scene, path)
        everybody_can_check_the_change(client, scene, giveaway)
        clock.shift(timedelta(days=5))
        ended_on_saturday(scene, winners)
        rule = repeated_by_the_owners_clock(desk, path)
        clock.move_to(datetime.fromisoformat(rule["next_at"]) + timedelta(seconds=5))
        begun_again(scene)


def second_channel(scene: Scene) -> int:
    about = {"title": "Winners", "username": f"winners{id(scene)}", "owner_id": scene.author}
    channel = int(scene.control.ask("POST", "/channels", **about)["id"])
    scene.control.ask("PUT", f"/channels/{channel}/administrators/{scene.bot_id}")
    scene.bind(channel)
    return channel


def post(scene: Scene) -> str:
    """The giveaway's own post as it reads now."""
    return str(scene.control.posts(scene.channel)[0]["text"])


def planned_on_monday_morning(desk: Desk, scene: Scene, winners: int) -> dict[str, Any]:
    desk.ask("patch", "/api/v1/auth/profile", {"account_time_zone": "Europe/Moscow"})
    fields = {
        "title": "A pound of tea", "main_body": "Press the button below.", "channel_id": scene.channel,
        "results_channel_id": winners, "starts_at": (MONDAY + timedelta(hours=3)).isoformat(),
        "ends_at": FRIDAY.isoformat(),
    }  # fmt: skip
    giveaway: dict[str, Any] = desk.ask("post", "/api/giveaways/create", fields)["giveaway"]
    path = f"/api/giveaways/{giveaway['id']}"
    assert desk.ask("post", f"{path}/publish")["status"] == "scheduled"
    desk.ask("patch", path, {"title": "A pound of green tea"})
    assert scene.control.posts(scene.channel) == []
    return giveaway


def posted_by_itself_at_noon(scene: Scene) -> None:
    tasks.start_due()
    tasks.post_waiting()
    assert "A pound of green tea" in post(scene)
    assert "⏳ Until 11 January 2030, 12:00 (UTC+3)" in post(scene)


def counted_in_one_edit(scene: Scene) -> None:
    tasks.refresh_posts()
    assert "👥 Participants: 5" in post(scene)
    assert len(scene.control.calls("editMessageText", scene.bot_id)) == 1


def changed_in_public(desk: Desk, scene: Scene, path: str) -> None:
    """The title stands; a day more is allowed, and the post says so."""
    assert "title" not in desk.ask("get", path)["giveaway"]["may_change"]
    assert desk.refused("patch", path, {"title": "A pound of nothing"}) == "CANNOT_UPDATE"
    desk.ask("patch", path, {"ends_at": (FRIDAY + timedelta(days=1)).isoformat()})
    tasks.refresh_posts()
    assert "⏳ Until 12 January 2030, 12:00 (UTC+3)" in post(scene)
    assert "Changed since: 1" in post(scene)


def everybody_can_check_the_change(client: Client, scene: Scene, giveaway: dict[str, Any]) -> None:
    promised = re.findall(r"[0-9a-f]{64}", post(scene))[0]
    record = client.get(f"/draws/{giveaway['public_id']}/changes.txt").content
    assert promise.check_changes(promised, [record]) == 1


def ended_on_saturday(scene: Scene, winners: int) -> None:
    """It ends by itself; the results are in the other channel, and the own one says where."""
    tasks.finish_due()
    scene.work()
    scene.work()
    assert "A pound of green tea" in scene.control.posts(winners)[0]["text"]
    assert "👥 Participants: 5" in post(scene)
    assert post(scene).endswith("📣 Results: Winners\n\n🏁 Finished.")
    assert len(scene.control.posts(scene.channel)) == 1


def repeated_by_the_owners_clock(desk: Desk, path: str) -> dict[str, Any]:
    """The same again every Monday at noon in Moscow, twice."""
    template = desk.ask("post", f"{path}/save-as-template", {"name": "Tea"})
    every_monday = {"every": "week", "weekday": 0, "at": "12:00", "count": 2}
    rule: dict[str, Any] = desk.ask(
        "post", "/api/giveaways/repetitions/", {"template_id": template["id"], **every_monday}
    )
    assert rule["next_at"] == "2030-01-14T09:00:00Z"
    return rule


def begun_again(scene: Scene) -> None:
    tasks.repeat_due()
    tasks.post_waiting()
    again = scene.control.posts(scene.channel)[-1]["text"]
    assert "A pound of green tea" in again
    assert "⏳ Until 1" in again
