"""The hourly question: may the bots still post? Loss pauses what runs, return resumes it, silence changes nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from bots import tasks
from bots.models import Alert, Binding, Bot
from bots.services import channels
from participants.models import Entry
from tests.bots.conftest import connect, make
from tests.scene import Scene
from tests.threads import in_threads

ACTIVE, INVALID, NEW = Binding.Status.ACTIVE, Binding.Status.INVALID, Binding.Status.NEW


def demote(scene: Scene) -> None:
    scene.control.ask("DELETE", f"/channels/{scene.channel}/administrators/{scene.bot_id}")


def promote(scene: Scene) -> None:
    scene.control.ask("PUT", f"/channels/{scene.channel}/administrators/{scene.bot_id}")


def an_hour_ago(scene: Scene) -> None:
    Binding.objects.update(checked_at=timezone.now() - timedelta(hours=1))


def check(scene: Scene) -> Binding:
    """The hourly round, an hour after the last."""
    an_hour_ago(scene)
    tasks.check_rights_of(scene.binding.pk)
    scene.binding.refresh_from_db()
    return scene.binding


def test_a_bot_that_lost_its_rights_is_found_out(scene: Scene) -> None:
    demote(scene)
    binding = check(scene)
    assert (binding.status, binding.reason) == (INVALID, "The bot is not an administrator.")


def test_rights_that_came_back_are_found_too(scene: Scene) -> None:
    demote(scene)
    check(scene)
    promote(scene)
    assert check(scene).status == ACTIVE


def test_a_new_binding_becomes_active_when_the_right_is_there(scene: Scene) -> None:
    Binding.objects.update(status=NEW)
    assert check(scene).status == ACTIVE


@pytest.mark.parametrize("kind", ["html_502", "error"])
def test_silence_changes_nothing_but_the_time(scene: Scene, kind: str) -> None:
    scene.control.fault(kind, method="getChatMember", code=500, description="Internal Server Error")
    binding = check(scene)
    assert binding.status == ACTIVE
    assert binding.checked_at and timezone.now() - binding.checked_at < timedelta(minutes=1)


def test_a_dead_token_is_the_bots_fault_not_the_channels(scene: Scene) -> None:
    scene.control.ask("POST", f"/bots/{scene.bot_id}/revoke")
    assert check(scene).status == ACTIVE
    assert Bot.objects.get().status == Bot.Status.QUARANTINED
    assert Alert.objects.get().kind == Alert.Kind.BOT_QUARANTINED


def test_whoever_asks_this_hour_asks_alone(scene: Scene) -> None:
    an_hour_ago(scene)
    claims = in_threads(8, lambda: channels.claim_check(binding_id=scene.binding.pk))
    assert sum(isinstance(claim, Binding) for claim in claims) == 1


def test_a_round_asks_only_what_was_not_asked_this_hour(scene: Scene) -> None:
    assert channels.bindings_to_check(ACTIVE) == []
    an_hour_ago(scene)
    assert channels.bindings_to_check(ACTIVE) == [scene.binding.pk]
    assert channels.bindings_to_check(NEW, INVALID) == []


def test_the_owner_is_mailed_once_when_rights_go_and_once_when_they_return(scene: Scene) -> None:
    demote(scene)
    check(scene)
    promote(scene)
    check(scene)
    for _ in range(2):
        tasks.tell_owners()
    assert [message.bcc for message in mail.outbox] == [["owner@example.com"]] * 2
    assert "may not post in News" in mail.outbox[0].body
    assert "may post in News again" in mail.outbox[1].body


def test_a_mail_server_that_refuses_is_tried_again(scene: Scene, settings: Any) -> None:
    demote(scene)
    check(scene)
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = (
        "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1", 9,
    )  # fmt: skip
    with pytest.raises(OSError):
        tasks.tell_owners()
    alert = Alert.objects.get()
    assert (alert.mailed_at, alert.attempts) == (None, 1)


# --- what it means for a giveaway ---------------------------------------------------------------------


def test_a_running_giveaway_pauses_with_the_rights_and_goes_on_with_them(scene: Scene) -> None:
    giveaway, person = scene.published(), scene.subscriber()
    demote(scene)
    scene.take_updates()
    assert "paused for a moment" in scene.come(giveaway, person)
    promote(scene)
    scene.take_updates()
    assert "You are in" in scene.enter(giveaway, person)


def test_whoever_is_in_stays_in_while_it_is_paused(scene: Scene) -> None:
    giveaway, person = scene.published(), scene.subscriber()
    scene.enter(giveaway, person)
    demote(scene)
    scene.take_updates()
    assert "already in" in scene.come(giveaway, person)
    assert Entry.objects.count() == 1


def test_the_owner_reads_why_it_is_paused(scene: Scene, api: Any) -> None:
    giveaway = scene.published()
    demote(scene)
    scene.take_updates()
    told = api(scene.user).get(f"/api/giveaways/{giveaway.pk}").json()["giveaway"]
    assert (told["status"], told["pause_reason"]) == ("active", "The bot is not an administrator.")


def test_a_dead_token_says_nothing_of_the_next_bots_channel(scene: Scene) -> None:
    """Each binding is asked about by its own bot, whatever became of the one before it in the round."""
    other = connect(scene.user, make(scene.control))
    scene.control.ask("PUT", f"/channels/{scene.channel}/administrators/{other.telegram_id}")
    row = Binding.objects.create(
        account=scene.user.account, bot=other, channel=scene.binding.channel, status=ACTIVE
    )
    scene.control.ask("POST", f"/bots/{scene.bot_id}/revoke")
    an_hour_ago(scene)
    for binding_id in channels.bindings_to_check(ACTIVE):
        tasks.check_rights_of(binding_id)
    assert [*Binding.objects.order_by("pk").values_list("status", flat=True)] == [ACTIVE, ACTIVE]
    assert len(scene.control.calls("getChatMember", other.telegram_id)) == 1
    other.refresh_from_db()
    assert (other.status, row.bot_id) == ("active", other.pk)
