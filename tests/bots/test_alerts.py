"""Alerts reach owners by mail and by Telegram: each way by itself, each told once."""

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import User
from bots import tasks
from bots.models import Alert, Bot, LinkedOwner, Telling
from bots.services import alerts, bots
from tests.bots.conftest import Made, connect, make, revoke
from tests.factories import make_user
from tests.scene import Control, Scene
from tests.threads import in_threads


def link(user: User, bot: Bot, control: Control) -> int:
    """The user on Telegram, who started the bot and is linked to it."""
    person = control.person("Marina")
    control.start(person, bot.telegram_id)
    LinkedOwner.objects.create(user=user, bot=bot, chat_id=person, linked_at=timezone.now())
    return person


def alert(user: User) -> Alert:
    facts = {"bot": "one_bot", "channel": "News", "reason": "So it is."}
    return alerts.raise_alert(account_id=user.account_id, kind=Alert.Kind.RIGHTS_LOST, **facts)


def told(control: Control, person: int, bot: Bot) -> list[str]:
    chat = control.chat(person, bot.telegram_id)
    return [message["text"] for message in chat if message["from"]["id"] == bot.telegram_id]


def come_round() -> None:
    """The pauses are over."""
    Telling.objects.update(due_at=timezone.now())
    tasks.tell_owners_by_telegram()


@pytest.fixture
def person(owner: User, connected: Bot, control: Control) -> int:
    return link(owner, connected, control)


def test_it_comes_both_ways_once_each(owner: User, connected: Bot, person: int, control: Control) -> None:
    row = alert(owner)
    for _ in range(2):
        tasks.tell_owners()
        tasks.tell_owners_by_telegram()
    row.refresh_from_db()
    assert (len(mail.outbox), told(control, person, connected)) == (1, [row.text])
    telling = Telling.objects.get()
    assert row.mailed_at and telling.told_at and telling.bot == connected


@pytest.mark.django_db(transaction=True)
def test_many_workers_tell_it_once(scene: Scene, control: Control) -> None:
    person = link(scene.user, scene.bot, control)
    alert(scene.user)
    assert in_threads(6, tasks.tell_owners_by_telegram) == [None] * 6
    assert len(told(control, person, scene.bot)) == 1


def test_everybody_who_is_linked_hears_it_and_nobody_else(
    owner: User, stranger: User, connected: Bot, person: int, control: Control
) -> None:
    colleague = make_user(account=owner.account)
    other = link(colleague, connected, control)
    outsider = link(stranger, connected, control)  # linked by a mistake of ours: still another account's
    alert(owner)
    tasks.tell_owners_by_telegram()
    assert [len(told(control, who, connected)) for who in (person, other, outsider)] == [1, 1, 0]


def test_without_a_link_there_is_mail_alone(owner: User, connected: Bot) -> None:
    alert(owner)
    tasks.tell_owners()
    assert (len(mail.outbox), Telling.objects.count()) == (1, 0)


def test_a_mail_server_that_refuses_does_not_silence_telegram(
    owner: User, connected: Bot, person: int, control: Control, settings: Any
) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = (
        "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1", 9,
    )  # fmt: skip
    row = alert(owner)
    with pytest.raises(OSError):
        tasks.tell_owners()
    tasks.tell_owners_by_telegram()
    assert told(control, person, connected) == [row.text]
    pauses = []
    for _ in range(4):
        Alert.objects.update(leased_until=None)
        alerts.claim_alert()
        pauses.append(Alert.objects.get().leased_until - timezone.now())  # type: ignore[operator]
    assert all(longer > shorter for shorter, longer in itertools.pairwise(pauses))


def test_whoever_blocked_the_bot_is_skipped(
    owner: User, connected: Bot, person: int, control: Control
) -> None:
    control.block(person, connected.telegram_id)
    alert(owner)
    tasks.tell_owners_by_telegram()
    assert Telling.objects.get().given_up == "no bot can write to them"
    before = len(control.calls("sendMessage", connected.telegram_id))
    alert(owner)
    tasks.tell_owners_by_telegram()
    assert len(control.calls("sendMessage", connected.telegram_id)) == before  # nor asked again


def test_another_bot_tells_what_the_first_one_cannot(
    owner: User, connected: Bot, person: int, control: Control
) -> None:
    second = connect(owner, make(control))
    there = link(owner, second, control)
    control.block(person, connected.telegram_id)
    row = alert(owner)
    tasks.tell_owners_by_telegram()
    assert told(control, there, second) == [row.text]


@pytest.mark.parametrize("others", [True, False])
def test_of_a_dead_token_another_bot_tells_or_the_mail_alone(
    owner: User, connected: Bot, made: Made, person: int, control: Control, others: bool
) -> None:
    second = connect(owner, make(control))
    there = link(owner, second, control) if others else 0
    revoke(control, made)
    bots.quarantine_bot(bot_id=connected.pk, reason="Unauthorized")
    tasks.tell_owners()
    tasks.tell_owners_by_telegram()
    assert "refuses the token" in mail.outbox[0].body
    assert (Telling.objects.get().told_at is not None) is others
    assert not others or "refuses the token" in told(control, there, second)[0]


def test_a_bot_found_dead_while_telling_says_so_and_leaves_it_to_the_next(
    owner: User, connected: Bot, made: Made, person: int, control: Control
) -> None:
    second = connect(owner, make(control))
    there = link(owner, second, control)
    revoke(control, made)
    row = alert(owner)
    tasks.tell_owners_by_telegram()
    connected.refresh_from_db()
    assert connected.status == "quarantined"
    texts = told(control, there, second)
    assert len(texts) == 2
    assert row.text in texts
    assert any("refuses the token" in text for text in texts)


def test_silence_is_waited_out(
    owner: User, connected: Bot, person: int, control: Control, unplug: Callable[[], None], monkeypatch: Any
) -> None:
    row = alert(owner)
    with monkeypatch.context():
        unplug()
        tasks.tell_owners_by_telegram()
    telling = Telling.objects.get()
    assert (telling.told_at, telling.given_up, telling.attempts) == (None, "", 1)
    assert telling.due_at > timezone.now() + timedelta(minutes=1)
    monkeypatch.undo()
    tasks.tell_owners_by_telegram()
    assert told(control, person, connected) == []  # not before its time
    come_round()
    assert told(control, person, connected) == [row.text]


def test_a_flood_is_waited_out_as_long_as_telegram_says(
    owner: User, connected: Bot, person: int, control: Control
) -> None:
    control.fault(
        "error", method="sendMessage", code=429, retry_after=7, description="Too Many Requests: retry after 7"
    )
    alert(owner)
    tasks.tell_owners_by_telegram()
    assert Telling.objects.get().due_at < timezone.now() + timedelta(seconds=8)
    come_round()
    assert len(told(control, person, connected)) == 1


def test_it_is_not_tried_for_ever(
    owner: User, connected: Bot, person: int, unplug: Callable[[], None]
) -> None:
    alert(owner)
    unplug()
    for _ in range(alerts.MOST_ATTEMPTS + 3):
        come_round()
    telling = Telling.objects.get()
    assert (telling.attempts, telling.given_up) == (alerts.MOST_ATTEMPTS, "no_connection")


def test_whoever_was_let_go_hears_nothing_more(
    owner: User, connected: Bot, person: int, control: Control
) -> None:
    User.objects.filter(pk=owner.pk).update(is_active=False)
    alert(owner)
    tasks.tell_owners_by_telegram()
    assert told(control, person, connected) == []
