"""The bot's rights in a channel, as Telegram tells of their changes (my_chat_member)."""

import secrets
from typing import Any

import pytest

from bots.models import Binding
from bots.services import channels
from tests.scene import OWNER, Control, Scene

NO_POSTING = {"can_post_messages": False, "can_edit_messages": True}


def promote(scene: Scene, channel: int, **rights: bool) -> None:
    scene.control.ask("PUT", f"/channels/{channel}/administrators/{scene.bot_id}", **rights)
    scene.take_updates()


def demote(scene: Scene, channel: int) -> None:
    scene.control.ask("DELETE", f"/channels/{channel}/administrators/{scene.bot_id}")
    scene.take_updates()


def wait_for(scene: Scene, requested: str) -> Binding:
    """A binding of a channel the bot does not know yet."""
    job = channels.request_binding(
        account_id=scene.user.account_id, channel=requested, by=OWNER, bot_id=scene.bot.pk
    )
    return Binding.objects.get(pk=job.arguments["binding_id"])


def state(binding: Binding) -> tuple[str, str]:
    binding.refresh_from_db()
    return binding.status, binding.reason


@pytest.fixture
def private(control: Control) -> dict[str, Any]:
    """A channel the bot has never heard of."""
    return dict(control.ask("POST", "/channels", title="Private", owner_id=control.person("Owner")))


@pytest.fixture
def quiet(scene: Scene) -> Scene:
    """The scene once the bot has heard of its own promotion."""
    scene.take_updates()
    return scene


def test_losing_the_right_makes_the_binding_invalid_and_getting_it_back_heals_it(quiet: Scene) -> None:
    demote(quiet, quiet.channel)
    assert state(quiet.binding) == ("invalid", "The bot is not an administrator.")
    promote(quiet, quiet.channel)
    assert state(quiet.binding) == ("active", "")


def test_an_administrator_who_may_not_post_any_more_is_noticed(quiet: Scene) -> None:
    promote(quiet, quiet.channel, **NO_POSTING)
    assert state(quiet.binding) == (
        "invalid",
        "The bot may not post messages: give it the right to post.",
    )


def test_a_bot_thrown_out_is_noticed(quiet: Scene) -> None:
    quiet.control.leave(quiet.channel, quiet.bot_id)
    quiet.take_updates()
    assert state(quiet.binding)[0] == "invalid"


def test_a_binding_that_ended_is_not_revived(quiet: Scene) -> None:
    channels.deactivate_binding(binding_id=quiet.binding.pk, by=OWNER)
    demote(quiet, quiet.channel)
    promote(quiet, quiet.channel)
    assert state(quiet.binding) == ("deactivated", "unbound by its owner")


@pytest.mark.parametrize("requested", ["https://t.me/+AAAAAEabcdefghij", "{id}"])
def test_a_binding_that_waits_completes_when_the_bot_is_promoted(
    quiet: Scene, private: dict[str, Any], requested: str
) -> None:
    binding = wait_for(quiet, requested.format(**private))
    promote(quiet, private["id"])
    assert state(binding) == ("active", "")
    assert binding.channel is not None
    assert (binding.channel.telegram_id, binding.channel.title) == (private["id"], "Private")


def test_a_binding_by_name_completes_too(quiet: Scene) -> None:
    name = f"later_{secrets.token_hex(5)}"
    binding = wait_for(quiet, f"https://t.me/{name.upper()}")
    channels.invalidate_binding(binding_id=binding.pk, reason="not found")
    about = {"title": "Later", "username": name, "owner_id": quiet.author}
    promote(quiet, int(quiet.control.ask("POST", "/channels", **about)["id"]))
    assert state(binding) == ("active", "")


def test_of_two_invite_links_none_is_guessed(quiet: Scene, private: dict[str, Any]) -> None:
    waiting = [wait_for(quiet, f"https://t.me/+AAAAAEabcdefghi{n}") for n in range(2)]
    promote(quiet, private["id"])
    assert [state(binding)[0] for binding in waiting] == ["new", "new"]


def test_being_added_without_the_right_completes_nothing(quiet: Scene, private: dict[str, Any]) -> None:
    binding = wait_for(quiet, "https://t.me/+AAAAAEabcdefghij")
    promote(quiet, private["id"], **NO_POSTING)
    assert state(binding)[0] == "new"


def test_a_channel_nobody_asked_for_changes_nothing_of_the_others(
    quiet: Scene, private: dict[str, Any]
) -> None:
    promote(quiet, private["id"])
    assert list(Binding.objects.live()) == [quiet.binding]
    assert state(quiet.binding)[0] == "active"
