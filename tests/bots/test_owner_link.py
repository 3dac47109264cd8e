"""A user linked to Telegram by a code that works once: /api/v1/account/telegram-link and the bot's Start."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AuditEntry, User
from bots.models import LinkedOwner
from bots.services import owners
from tests.bots.conftest import connect, make
from tests.conftest import client_of
from tests.scene import OWNER, Scene, later
from tests.threads import in_threads

PATH = "/api/v1/account/telegram-link"


def ask(user: User, **body: Any) -> str:
    """The payload of a new link."""
    answer = client_of(user).post(PATH, body)
    assert answer.status_code == 201, answer.content
    return str(answer.json()["link"]).partition("?start=")[2]


def press(scene: Scene, payload: str, **about: Any) -> tuple[int, str]:
    """Somebody presses Start with the payload: (who, what the bot says)."""
    person = scene.control.person("Marina", **about)
    scene.control.start(person, scene.bot_id, payload)
    scene.take_updates()
    return person, scene.last(person)


def test_the_link_opens_the_bot_with_a_payload_telegram_takes(scene: Scene) -> None:
    answer = client_of(scene.user).post(PATH).json()
    assert answer["bot_link"] == f"@{scene.bot.username}"
    found = re.fullmatch(rf"https://t\.me/{scene.bot.username}\?start=([A-Za-z0-9_-]+)", answer["link"])
    assert found and len(found[1]) <= 64
    row = LinkedOwner.objects.get()
    assert found[1].removeprefix("link_") not in row.code_digest  # only its digest is kept
    assert timedelta(minutes=14) < row.code_expires_at - timezone.now() <= timedelta(minutes=15)  # type: ignore[operator]


def test_pressing_start_links_the_person(scene: Scene) -> None:
    assert client_of(scene.user).get(PATH).json() == {"linked": False, "bots": []}
    person, said = press(scene, ask(scene.user))
    assert said.startswith("Linked: from now on I tell you here what owner of owner has to know.")
    state = client_of(scene.user).get(PATH).json()
    assert state["linked"] is True
    assert (state["bots"][0]["bot_id"], state["bots"][0]["reachable"]) == (scene.bot.pk, True)
    assert LinkedOwner.objects.get().chat_id == person
    entry = AuditEntry.objects.get(verb="link_telegram")
    assert (entry.actor_label, entry.account_id) == (f"telegram:{person}", scene.user.account_id)


def test_the_bot_speaks_the_persons_language(scene: Scene) -> None:
    assert press(scene, ask(scene.user), language_code="ru")[1].startswith("Готово")


@pytest.mark.parametrize("spoilt", ["used", "expired", "renewed", "unlinked", "left", "other", "nonsense"])
def test_a_code_works_once_in_time_and_for_its_user_only(scene: Scene, spoilt: str) -> None:
    payload = ask(scene.user)
    if spoilt == "used":
        press(scene, payload)
    elif spoilt == "expired":
        LinkedOwner.objects.update(code_expires_at=timezone.now())
    elif spoilt == "renewed":
        ask(scene.user)
    elif spoilt == "unlinked":
        client_of(scene.user).delete(PATH)
    elif spoilt == "left":
        User.objects.update(is_active=False)
    elif spoilt == "other":
        LinkedOwner.objects.update(bot=connect(scene.user, make(scene.control)))
    before = list(LinkedOwner.objects.values_list("chat_id", flat=True))
    said = press(scene, "link_x" if spoilt == "nonsense" else payload)[1]
    assert said == "This link was used before or has expired. Ask for a new one where you got it."
    assert list(LinkedOwner.objects.values_list("chat_id", flat=True)) == before


def test_of_many_who_press_at_once_one_is_linked(scene: Scene) -> None:
    code = ask(scene.user).removeprefix("link_")
    people = list(range(101, 109))
    got = in_threads(8, lambda: owners.link(code=code, bot_id=scene.bot.pk, chat_id=people.pop()))
    assert sum(isinstance(row, LinkedOwner) for row in got) == 1


def test_a_link_made_anew_lets_the_old_one_hold_until_start_is_pressed(scene: Scene) -> None:
    first, _ = press(scene, ask(scene.user))
    payload = ask(scene.user)
    assert LinkedOwner.objects.get().chat_id == first
    second, _ = press(scene, payload)
    assert LinkedOwner.objects.get().chat_id == second


def test_unlinking_ends_it(scene: Scene) -> None:
    press(scene, ask(scene.user))
    for _ in range(2):
        assert client_of(scene.user).delete(PATH).status_code == 204
    assert client_of(scene.user).get(PATH).json() == {"linked": False, "bots": []}
    assert AuditEntry.objects.filter(verb="unlink_telegram").count() == 1


def test_a_bot_of_ones_own_may_be_chosen_and_nobody_elses(scene: Scene, stranger: User) -> None:
    own, foreign = (connect(user, make(scene.control)) for user in (scene.user, stranger))
    assert client_of(scene.user).post(PATH, {"bot_id": own.pk}).json()["bot_id"] == own.pk
    refused = client_of(scene.user).post(PATH, {"bot_id": foreign.pk})
    assert (refused.status_code, refused.json()["code"]) == (409, "NO_BOT")


def test_a_stranger_sees_nothing_of_it_and_ends_nothing(scene: Scene, stranger: User) -> None:
    press(scene, ask(scene.user))
    assert client_of(stranger).get(PATH).json()["linked"] is False
    client_of(stranger).delete(PATH)
    assert LinkedOwner.objects.get().chat_id


@pytest.mark.parametrize("body", [{"bot_id": True}, {"bot_id": 0}, {"bot_id": "1"}, {"user": 1}])
def test_a_body_of_the_wrong_shape_is_refused(owner: User, body: dict[str, Any]) -> None:
    answer = client_of(owner).post(PATH, body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, list(body))


def test_codes_do_not_outlive_their_quarter_of_an_hour(scene: Scene) -> None:
    row, payload = owners.request_link(user=scene.user, by=OWNER)
    with later(minutes=16):
        code = payload.removeprefix("link_")
        assert owners.link(code=code, bot_id=row.bot_id, chat_id=5) is None
