"""Who came and who left, from chat_member updates: each change once, by day and by invite link."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from aiogram.types import Update
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from bots.models import Binding, Channel, ChannelDay, MemberChange
from bots.services import channels, members, statistics
from bots.services.members import Change, Link, LinkTotals
from bots.tasks.statistics import collect, missing_days
from bots.updates.polling import ALLOWED_UPDATES, line_of
from tests.conftest import client_of
from tests.scene import OWNER, Scene, later
from tests.threads import in_threads

RIGHTS = {
    "can_be_edited": False, "is_anonymous": False, "can_manage_chat": True, "can_delete_messages": True,
    "can_manage_video_chats": True, "can_restrict_members": True, "can_promote_members": False,
    "can_change_info": True, "can_invite_users": True, "can_post_stories": True, "can_edit_stories": True,
    "can_delete_stories": True, "can_send_welcome_messages": False,
}  # fmt: skip
MUTED = {
    "can_send_messages": False, "can_send_audios": False, "can_send_documents": False,
    "can_send_photos": False, "can_send_videos": False, "can_send_video_notes": False,
    "can_send_voice_notes": False, "can_send_polls": False, "can_send_other_messages": False,
    "can_add_web_page_previews": False, "can_change_info": False, "can_invite_users": False,
    "can_pin_messages": False, "can_manage_topics": False, "can_edit_tag": False,
    "can_react_to_messages": False, "until_date": 0,
}  # fmt: skip
STATUSES: dict[str, dict[str, Any]] = {
    "creator": {"status": "creator", "is_anonymous": False},
    "administrator": {"status": "administrator", **RIGHTS},
    "member": {"status": "member"},
    "muted inside": {"status": "restricted", "is_member": True, **MUTED},
    "muted outside": {"status": "restricted", "is_member": False, **MUTED},
    "left": {"status": "left"},
    "kicked": {"status": "kicked", "until_date": 0},
}


def change(scene: Scene, number: int, old: str, new: str, *, person: int = 77, **more: Any) -> dict[str, Any]:
    """A chat_member update as Telegram sends it."""
    user = {"id": person, "is_bot": more.pop("is_bot", False), "first_name": "Ann"}
    at = int(timezone.now().timestamp()) + more.pop("after", 0)
    subject = {
        "chat": {"id": more.pop("chat", scene.channel), "type": "channel", "title": "News"},
        "from": {"id": 5, "is_bot": False, "first_name": "Owner"},
        "date": at,
        "old_chat_member": {"user": user, **STATUSES[old]},
        "new_chat_member": {"user": user, **STATUSES[new]},
        **more,
    }
    return {"update_id": number, "chat_member": subject}


def counted(channel: Channel | None = None) -> tuple[int, int] | None:
    start, end = statistics.bounds(statistics.today())
    return members.count_changes(channel=channel or Channel.objects.get(), since=start, until=end)


def took(scene: Scene, updates: Iterable[dict[str, Any]]) -> tuple[int, int] | None:
    scene.replay(updates)
    return counted()


def test_only_real_changes_count(scene: Scene) -> None:
    inside = {"creator", "administrator", "member", "muted inside"}
    pairs = [(old, new) for old in STATUSES for new in STATUSES]
    scene.replay([change(scene, 700_000 + n, *pair, person=1000 + n) for n, pair in enumerate(pairs)])
    joined = {1000 + n for n, (old, new) in enumerate(pairs) if old not in inside and new in inside}
    left = {1000 + n for n, (old, new) in enumerate(pairs) if old in inside and new not in inside}
    assert set(MemberChange.objects.filter(joined=True).values_list("person_id", flat=True)) == joined
    assert set(MemberChange.objects.filter(joined=False).values_list("person_id", flat=True)) == left
    assert counted() == (12, 12)


def test_an_update_that_comes_twice_or_to_two_bots_counts_once(scene: Scene) -> None:
    update = change(scene, 700_100, "left", "member")
    assert took(scene, [update, update, {**update, "update_id": 900_000}]) == (1, 0)


def test_what_comes_out_of_order_stays_right(scene: Scene) -> None:
    link = {"invite_link": LINK}
    came, went = (
        change(scene, 700_201, "left", "member", **link),
        change(scene, 700_202, "member", "left", after=1),
    )
    assert took(scene, [went]) == (0, 1)
    assert took(scene, [came]) == (1, 1)
    [total] = members.totals_by_link(Channel.objects.get().pk)
    assert (total.joins, total.leaves) == (1, 1)


LINK = {
    "invite_link": "https://t.me/+AbCdEfGh...", "name": "Advert", "is_primary": False, "is_revoked": False,
    "creator": {"id": 5, "is_bot": False, "first_name": "Owner"}, "creates_join_request": False,
}  # fmt: skip


def test_links_are_kept_as_telegram_shows_them(scene: Scene) -> None:
    renamed = {**LINK, "name": "Advert of May"}
    scene.replay(
        [
            change(scene, 700_301, "left", "member", person=1, invite_link=LINK),
            change(scene, 700_302, "left", "member", person=2, invite_link=renamed),
            change(scene, 700_303, "left", "member", person=3),
            change(scene, 700_304, "member", "left", person=2, after=5),
            change(scene, 700_305, "member", "kicked", person=99, after=5),  # was there before us
        ]
    )
    assert members.totals_by_link(Channel.objects.get().pk) == [
        LinkTotals(Link("https://t.me/+AbCdEfGh...", "Advert of May", "Owner"), 2, 1),
        LinkTotals(Link(), 1, 0),
    ]


def test_bots_and_channels_nobody_bound_are_none_of_ours(scene: Scene) -> None:
    updates = [
        change(scene, 700_401, "left", "administrator", is_bot=True),
        change(scene, 700_402, "left", "member", chat=-1009999999999),
    ]
    assert took(scene, updates) is None
    assert not MemberChange.objects.exists()


def test_telegram_is_asked_for_these_updates_and_one_persons_stay_in_order(scene: Scene) -> None:
    assert "chat_member" in ALLOWED_UPDATES
    update = Update.model_validate(change(scene, 700_501, "left", "member", person=77))
    assert line_of(update) == 77  # not the owner, who let them in


def came(scene: Scene, person: int) -> Change:
    return Change(scene.channel, person, was_inside=False, is_inside=True, at=timezone.now(), link=Link())


def test_updates_together_cost_two_statements_and_lock_nothing(
    scene: Scene, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    with django_assert_max_num_queries(4):  # with BEGIN and COMMIT
        members.record_changes([came(scene, 1), came(scene, 2)])


def test_many_at_once_are_all_counted(scene: Scene) -> None:
    numbers = iter(range(1000))

    def come() -> None:
        for person in [next(numbers) for _ in range(25)]:
            members.record_changes([came(scene, person)])

    assert in_threads(8, come) == [None] * 8
    assert counted() == (200, 0)


def test_silence_is_zero_only_where_such_updates_are_known_to_come(scene: Scene) -> None:
    channel = Channel.objects.get()
    with later(days=1):
        assert counted() is None
        scene.replay([change(scene, 700_601, "left", "member")])
    with later(days=2):
        [row] = collect(channel, [statistics.today()])
        assert (row.joins, row.leaves, row.joins_source) == (0, 0, "updates")


def test_changes_that_arrive_late_are_counted_the_next_night(scene: Scene) -> None:
    channel, yesterday = Channel.objects.get(), statistics.today()
    scene.replay([change(scene, 700_701, "left", "member")])
    late = change(scene, 700_702, "left", "member", person=78)
    Channel.objects.update(username="")
    ChannelDay.objects.all().delete()
    scene.control.ask("POST", f"/channels/{scene.channel}/posts", text="Hello")
    scene.take_updates()
    with later(days=1):
        collect(channel, [yesterday])
        assert ChannelDay.objects.get(day=yesterday).joins == 1
        Channel.objects.update(username="")
        channel.refresh_from_db()
        assert yesterday not in missing_days(channel)
        scene.replay([late])
        assert yesterday in missing_days(channel)
        collect(channel, missing_days(channel))
        assert ChannelDay.objects.get(day=yesterday).joins == 2


# --- over HTTP ---------------------------------------------------------------------------------------
def test_the_sandboxs_people_are_listed_by_their_links(scene: Scene, client: APIClient) -> None:
    scene.take_updates()  # from here on chat_member is asked for
    made = scene.control.ask("POST", "/people", first_name="P", count=3)
    advert = links(scene, "advert", [person["id"] for person in made[:2]])
    scene.control.subscribe(scene.channel, made[2]["id"])
    scene.take_updates()
    with later(seconds=2):
        scene.control.leave(scene.channel, made[0]["id"])
        scene.take_updates()
    page = client.get(f"/channels/{scene.channel}/invite-links").json()
    creator = f"@{scene.bot.username}"
    assert page == {
        "count": 2, "next": None, "previous": None,
        "results": [
            {"link": advert, "name": "advert", "creator": creator, "joins": 2, "leaves": 1},
            {"link": "", "name": "", "creator": "", "joins": 1, "leaves": 0},
        ],
    }  # fmt: skip


def links(scene: Scene, name: str, people: list[int]) -> str:
    """A link of the bot's, and people who come by it."""
    made = httpx.post(
        f"{scene.control.url}/bot{scene.token}/createChatInviteLink",
        json={"chat_id": scene.channel, "name": name},
    ).json()["result"]
    for person in people:
        path = f"/channels/{scene.channel}/members/{person}"
        scene.control.ask("PUT", f"{path}?invite_link={made['invite_link'].replace('+', '%2B')}")
    return str(made["invite_link"])


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_stranger_and_who_serves_no_more_see_no_links(
    scene: Scene, client: APIClient, stranger: User, slash: str
) -> None:
    scene.replay([change(scene, 700_801, "left", "member")])
    path = f"/channels/{scene.channel}/invite-links{slash}"
    assert client.get(path).json()["count"] == 1
    assert client_of(stranger).get(path).status_code == 404
    channels.deactivate_binding(binding_id=scene.binding.pk, by=OWNER)
    assert client.get(path).json()["results"] == []
    Binding.objects.update(status=Binding.Status.NEW)
    assert client.get(path).json()["results"] == []


def test_the_admin_lists_changes_and_links(scene: Scene, staff: User, client: APIClient) -> None:
    scene.replay([change(scene, 700_901, "left", "member", invite_link=LINK)])
    desk = Client()
    desk.force_login(staff)
    listed = desk.get(reverse("admin:bots_memberchange_changelist"), {"q": "Advert"}).content
    assert b"News" in listed
    channel = Channel.objects.get()
    ChannelDay.objects.create(
        channel=channel, day=statistics.today() - timedelta(days=1), collected_at=timezone.now(), joins=3,
        joins_source="updates",
    )  # fmt: skip
    page = desk.get(reverse("admin:bots_channel_change", args=[channel.pk])).content.decode()
    assert "Advert" in page and "https://t.me/+AbCdEfGh..." in page
