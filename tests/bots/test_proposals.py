"""A bot promoted in a channel nobody asked for: proposed once, accepted, declined or withdrawn."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import AuditEntry, User
from bots import tasks
from bots.gateway import ChannelFacts
from bots.models import Alert, Binding, Bot
from bots.services import bots, channels
from giveaways.services.write import choose_binding
from tests.bots.conftest import connect, make
from tests.bots.test_rights import demote, promote
from tests.conftest import client_of
from tests.scene import OWNER, Control, Scene
from tests.threads import in_threads

NO_POSTING = {"can_post_messages": False, "can_edit_messages": True}


@pytest.fixture
def quiet(scene: Scene) -> Scene:
    """The scene once the bot has heard of its own promotion."""
    scene.take_updates()
    return scene


@pytest.fixture
def other(control: Control) -> int:
    """A private channel nobody has asked for."""
    return int(control.ask("POST", "/channels", title="Surprise", owner_id=control.person("Owner"))["id"])


@pytest.fixture
def proposal(quiet: Scene, other: int) -> Binding:
    promote(quiet, other)
    return Binding.objects.get(status="proposed")


def state(binding: Binding) -> tuple[str, str]:
    binding.refresh_from_db()
    return binding.status, binding.reason


def accept(scene: Scene, number: int) -> dict[str, Any]:
    client = client_of(scene.user)
    answer = client.post(f"/channels/{number}/accept")
    assert answer.status_code == 202, answer.content
    tasks.run_waiting_jobs()
    return dict(client.get(f"/tasks/{answer.json()['task_id']}").json())


def test_its_owner_finds_it_in_the_list_and_hears_of_it(quiet: Scene, proposal: Binding, other: int) -> None:
    [shown] = client_of(quiet.user).get("/channels/?status=proposed").json()["results"]
    assert (shown["id"], shown["channel_id"], shown["title"]) == (proposal.pk, other, "Surprise")
    alert = Alert.objects.get()
    assert (alert.kind, alert.account_id) == ("channel_proposed", quiet.user.account_id)
    assert "may post in Surprise now" in alert.text


def test_it_serves_nobody_before_it_is_accepted(quiet: Scene, proposal: Binding, other: int) -> None:
    client = client_of(quiet.user)
    assert client.get("/channels/?live=true").json()["count"] == 1
    assert client.post("/messages/", {"channel_id": other, "message": "Hello"}).status_code == 404
    assert choose_binding(quiet.user.account_id, None) == quiet.binding  # still the account's only channel
    assert proposal not in Binding.objects.live()


def test_arbitration_does_not_count_it(quiet: Scene, proposal: Binding, control: Control) -> None:
    second = connect(quiet.user, make(control))
    for name in ("@first_name", "@second_name"):  # one live binding each after the first of these
        channels.request_binding(account_id=quiet.user.account_id, channel=name, by=OWNER)
    assert Binding.objects.get(requested="@first_name").bot == second
    assert Binding.objects.get(requested="@second_name").bot == quiet.bot


def test_promoted_twice_is_proposed_once(quiet: Scene, proposal: Binding, other: int) -> None:
    promote(quiet, other, can_post_messages=True, can_edit_messages=True)
    assert Binding.objects.filter(channel=proposal.channel).count() == 1
    assert Alert.objects.count() == 1


def test_heard_of_many_times_at_once_it_is_proposed_once(quiet: Scene, other: int) -> None:
    facts = ChannelFacts(other, "Surprise", "")
    told = {"bot_id": quiet.bot.pk, "channel": facts, "may_post": True, "reason": ""}
    assert in_threads(8, lambda: channels.record_promotion(**told)) == [None] * 8  # type: ignore[arg-type]
    assert (Binding.objects.filter(status="proposed").count(), Alert.objects.count()) == (1, 1)


def test_the_database_refuses_a_second_one_and_one_without_a_channel(proposal: Binding) -> None:
    row = {"account_id": proposal.account_id, "bot": proposal.bot, "status": "proposed"}
    for channel in (proposal.channel, None):
        with pytest.raises(IntegrityError), transaction.atomic():
            Binding.objects.create(channel=channel, **row)


def test_accepted_it_is_active_at_once(quiet: Scene, proposal: Binding, other: int) -> None:
    task = accept(quiet, other)
    assert (task["task_status"], task["task_result"]["status"]) == ("SUCCESS", "active")
    assert state(proposal) == ("active", "")
    assert AuditEntry.objects.filter(verb="accept").count() == 1
    assert client_of(quiet.user).post("/messages/", {"channel_id": other, "message": "Hi"}).status_code == 202


def test_accepted_twice_it_is_accepted_once(quiet: Scene, proposal: Binding) -> None:
    waiting = [client_of(quiet.user) for _ in range(6)]
    answers: list[Any] = in_threads(6, lambda: waiting.pop().post(f"/channels/{proposal.pk}/accept"))
    assert {answer.status_code for answer in answers} == {202}
    assert AuditEntry.objects.filter(verb="accept").count() == 1


def test_accepted_after_a_loss_nobody_told_of_it_waits_for_the_right(
    quiet: Scene, proposal: Binding, other: int
) -> None:
    quiet.control.ask("DELETE", f"/channels/{other}/administrators/{quiet.bot_id}")
    assert accept(quiet, other)["task_result"]["status"] == "new"
    assert state(proposal) == ("new", "The bot is not in the channel.")


@pytest.mark.parametrize("named_bot", [True, False])
def test_asking_for_the_channel_accepts_it_too(
    quiet: Scene, proposal: Binding, other: int, named_bot: bool, control: Control
) -> None:
    connect(quiet.user, make(control))  # it has fewer channels, and no business in this one
    body = {"channel": other, **({"bot_id": quiet.bot.pk} if named_bot else {})}
    client_of(quiet.user).post("/channels/", body)
    tasks.run_waiting_jobs()
    assert state(proposal) == ("active", "")
    assert Binding.objects.live().filter(channel=proposal.channel).count() == 1


def test_declined_it_stays_away_until_the_right_is_given_anew(
    quiet: Scene, proposal: Binding, other: int
) -> None:
    assert client_of(quiet.user).delete(f"/channels/{other}").status_code == 204
    assert state(proposal) == ("deactivated", "declined by its owner")
    promote(quiet, other, can_post_messages=True, can_edit_messages=True)  # only other rights changed
    assert not Binding.objects.filter(status="proposed").exists()
    demote(quiet, other)
    promote(quiet, other)
    assert Binding.objects.get(status="proposed").pk != proposal.pk


@pytest.mark.parametrize("way", ["demoted", "without_posting", "thrown_out"])
def test_it_is_withdrawn_when_the_bot_loses_the_right(
    quiet: Scene, proposal: Binding, other: int, way: str
) -> None:
    if way == "demoted":
        demote(quiet, other)
    elif way == "without_posting":
        promote(quiet, other, **NO_POSTING)
    else:
        quiet.control.leave(other, quiet.bot_id)
        quiet.take_updates()
    assert state(proposal)[0] == "deactivated"
    assert client_of(quiet.user).post(f"/channels/{proposal.pk}/accept").json()["code"] == "BINDING_ENDED"


def test_a_bot_that_stops_takes_its_proposals_along(quiet: Scene, proposal: Binding) -> None:
    bots.deactivate_bot(bot_id=quiet.bot.pk, by=OWNER)
    assert state(proposal) == ("deactivated", "the bot was deactivated")


def test_a_bot_in_quarantine_accepts_nothing(quiet: Scene, proposal: Binding) -> None:
    Bot.objects.update(status="quarantined")
    answer = client_of(quiet.user).post(f"/channels/{proposal.pk}/accept")
    assert (answer.status_code, answer.json()["code"]) == (409, "BOT_NOT_WORKING")
    assert state(proposal)[0] == "proposed"


def test_being_added_without_the_right_proposes_nothing(quiet: Scene, other: int) -> None:
    promote(quiet, other, **NO_POSTING)
    assert not Binding.objects.filter(status="proposed").exists()


def test_a_channel_another_bot_of_the_account_serves_is_no_news(quiet: Scene, control: Control) -> None:
    second = connect(quiet.user, make(control))
    facts = ChannelFacts(quiet.channel, "News", "")
    channels.record_promotion(bot_id=second.pk, channel=facts, may_post=True, reason="")
    assert not Binding.objects.filter(status="proposed").exists()


def test_a_stranger_finds_nothing_to_accept(proposal: Binding, stranger: User) -> None:
    assert client_of(stranger).post(f"/channels/{proposal.pk}/accept").status_code == 404
    assert client_of(stranger).get("/channels/?status=proposed").json()["count"] == 0
    assert state(proposal)[0] == "proposed"


def test_the_back_office_accepts_by_the_same_rules(proposal: Binding, staff: User) -> None:
    desk = Client()
    desk.force_login(staff)
    picked = {"_selected_action": [proposal.pk], "action": "accept"}
    assert "is accepted" in desk.post("/admin/bots/binding/", picked, follow=True).content.decode()
    tasks.run_waiting_jobs()
    assert state(proposal)[0] == "active"
