"""The owner's view of their giveaway in a chat with their bot: its numbers, and its end with a confirmation."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.audit import Actor
from accounts.models import AuditEntry, User
from bots.services import owners
from giveaways.models import Giveaway, Status
from tests.scene import Scene

BY = Actor(label="owner")


def linked(scene: Scene, user: User, language: str = "en") -> int:
    """A person on Telegram who has shown to be this user."""
    person = scene.control.person("Owner", language_code=language)
    _, payload = owners.request_link(user=user, by=BY)
    scene.control.start(person, scene.bot_id, payload)
    scene.take_updates()
    return person


@pytest.fixture
def boss(scene: Scene) -> int:
    return linked(scene, scene.user)


def test_the_owner_sees_how_it_stands(scene: Scene, boss: int) -> None:
    ends_at = timezone.now() + timedelta(days=3)
    giveaway = scene.published(max_participants=50, ends_at=ends_at)
    scene.enrolled(giveaway, 3, told=False)
    said = scene.tell(boss, "/giveaway")
    assert "A bag of coffee\nrunning\n\n👥 Participants: 3" in said
    assert f"Ends by itself: {ends_at.day} " in said
    assert "Ends at 50 participants" in said
    scene.enrolled(giveaway, 1, told=False)
    assert "Participants: 4" in scene.press(boss, "🔄 Refresh")


def test_a_pause_is_told_with_its_reason(scene: Scene, boss: int) -> None:
    scene.published()
    scene.binding.status, scene.binding.reason = "invalid", "The bot is not an administrator."
    scene.binding.save()
    assert "Paused: The bot is not an administrator." in scene.tell(boss, "/giveaway")


def test_it_is_finished_only_after_a_confirmation(scene: Scene, boss: int) -> None:
    giveaway = scene.published()
    scene.enrolled(giveaway, 2, told=False)
    scene.tell(boss, "/giveaway")
    assert "Finish A bag of coffee now?" in scene.press(boss, "🏁 Finish…")
    giveaway.refresh_from_db()
    assert giveaway.status == Status.ACTIVE
    assert "running" in scene.press(boss, "No, let it run")
    scene.press(boss, "🏁 Finish…")
    assert "being drawn" in scene.press(boss, "🏁 Yes, finish now")
    giveaway.refresh_from_db()
    assert giveaway.status == Status.FINISHING
    assert AuditEntry.objects.get(verb="finish").actor == scene.user


def test_an_old_button_finishes_nothing_twice(scene: Scene, boss: int) -> None:
    giveaway = scene.published()
    scene.tell(boss, "/giveaway")
    scene.press(boss, "🏁 Finish…")
    question = scene.control.chat(boss, scene.bot_id)[-1]
    Giveaway.objects.filter(pk=giveaway.pk).update(status=Status.CANCELLED)
    assert "Finish A bag of coffee now?" in scene.press_under(boss, question, "🏁 Yes, finish now")
    giveaway.refresh_from_db()
    assert giveaway.status == Status.CANCELLED


def test_nobody_else_sees_it(scene: Scene, other_scene: Scene, boss: int) -> None:
    scene.published()
    assert "I run giveaways" in scene.tell(scene.control.person(), "/giveaway")
    strangers = linked(other_scene, other_scene.user)
    assert "No giveaway of yours runs" in other_scene.tell(strangers, "/giveaway")


def test_who_is_unlinked_meanwhile_finishes_nothing(scene: Scene, boss: int) -> None:
    giveaway = scene.published()
    scene.tell(boss, "/giveaway")
    scene.press(boss, "🏁 Finish…")
    owners.unlink(user=scene.user, by=BY)
    scene.press(boss, "🏁 Yes, finish now")
    giveaway.refresh_from_db()
    assert giveaway.status == Status.ACTIVE


def test_it_speaks_russian_to_russians(scene: Scene) -> None:
    person = linked(scene, scene.user, language="ru")
    assert "нет розыгрыша" in scene.tell(person, "/giveaway")
    scene.published()
    assert "идёт\n\n👥 Участников: 0" in scene.tell(person, "/giveaway")
