"""Publishing: once, whoever asks and however often; what it is refused for; what the answer shows."""

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import AuditEntry, User
from bots.models import Binding, Bot
from giveaways import tasks
from giveaways.errors import CannotPublish, SingleActiveLimitExceeded
from giveaways.models import Giveaway, Post, Status
from giveaways.services import life
from giveaways.services.write import draw_url
from tests.broadcasts.factories import eventually
from tests.giveaways.rows import make_binding, make_draft, make_giveaway
from tests.scene import OWNER, Scene, later
from tests.threads import in_threads

Api = Callable[[User | None], APIClient]


def publish(client: APIClient, giveaway: Giveaway, wait: int = 0) -> Any:
    return client.post(f"/api/giveaways/{giveaway.pk}/publish", HTTP_PREFER=f"wait={wait}")


def test_the_post_invites_and_carries_the_promise(scene: Scene) -> None:
    giveaway = scene.published(winner_count=3, participation_button_text="Join in")
    post = scene.control.posts(scene.channel)[-1]
    button = post["reply_markup"]["inline_keyboard"][0][0]
    assert (giveaway.status, giveaway.message_id) == (Status.ACTIVE, post["message_id"])
    assert giveaway.published_at is not None
    assert f"Winners: 3\n🔒 Sealed draw: {giveaway.opening_sha256}" in post["text"]
    assert button["text"] == "Join in"
    assert button["url"] == f"https://t.me/{scene.bot.username}?start=giveaway_{giveaway.pk}"


def test_the_post_speaks_the_accounts_language(scene: Scene) -> None:
    scene.user.account.language = "ru"
    scene.user.account.save()
    scene.published()
    assert "Победителей: 1" in scene.control.posts(scene.channel)[-1]["text"]


def test_twenty_callers_at_once_make_one_post_and_get_one_answer(scene: Scene, api: Api) -> None:
    draft = scene.draft()

    def call() -> dict[str, Any]:
        publish(api(scene.user), draft)
        tasks.post_waiting()
        return dict(publish(api(scene.user), draft, wait=10).json())

    answers = in_threads(20, call)
    assert answers == [answers[0]] * 20
    assert len(scene.control.posts(scene.channel)) == 1
    assert AuditEntry.objects.filter(verb="publish").count() == 1


def test_twenty_workers_post_it_once(scene: Scene) -> None:
    life.publish(giveaway_id=scene.draft().pk, by=OWNER)
    assert in_threads(20, tasks.post_waiting) == [None] * 20
    assert len(scene.control.posts(scene.channel)) == 1


def test_it_answers_202_until_telegram_has_the_post_and_200_from_then_on(scene: Scene, api: Api) -> None:
    draft, client = scene.draft(), api(scene.user)
    waiting = publish(client, draft)
    assert (waiting.status_code, waiting.json()["status"], waiting.json()["message_id"]) == (
        202,
        "publishing",
        None,
    )
    tasks.post_waiting()
    done = publish(client, draft)
    draft.refresh_from_db()
    assert done.status_code == 200
    assert done.json() == {
        "status": "active",
        "starts_at": None,
        "message_id": draft.message_id,
        "published_at": done.json()["published_at"],
        "participation_url": f"https://t.me/{scene.bot.username}?start=giveaway_{draft.pk}",
        "telegram_url": f"https://t.me/{scene.binding.channel.username}/{draft.message_id}",
    }


def test_a_caller_who_waits_is_told_why_telegram_refused(scene: Scene, api: Api) -> None:
    scene.control.fault("error", method="sendMessage", code=400, description="Bad Request: no way")
    draft = scene.draft()

    def work() -> None:
        eventually(lambda: Giveaway.objects.filter(status=Status.PUBLISHING).exists())
        tasks.post_waiting()

    roles = iter([lambda: publish(api(scene.user), draft, wait=10), work])
    answer: Any = next(filter(None, in_threads(2, lambda: next(roles)())))
    assert (answer.status_code, answer.json()["code"]) == (409, "PUBLISH_FAILED")
    assert "no way" in answer.json()["message"]


@pytest.mark.parametrize("status", [Status.PUBLISHING, Status.ACTIVE, Status.FINISHING, Status.FINISHED])
def test_asking_again_shows_where_it_stands_and_posts_nothing(owner: User, api: Api, status: Status) -> None:
    make_binding(owner.account)
    giveaway = make_giveaway(owner, status)
    answer = publish(api(owner), giveaway)
    assert answer.status_code == (202 if status == Status.PUBLISHING else 200)
    assert answer.json()["status"] == status
    assert not Post.objects.exists()


def test_a_cancelled_giveaway_is_not_published(owner: User, api: Api) -> None:
    answer = publish(api(owner), make_giveaway(owner, Status.CANCELLED))
    assert (answer.status_code, answer.json()["code"]) == (409, "CANNOT_PUBLISH")


def test_a_draft_whose_promised_end_has_passed_is_not_published(owner: User, api: Api) -> None:
    make_binding(owner.account)
    draft = make_draft(owner, ends_at=timezone.now() - timedelta(seconds=1))
    answer = publish(api(owner), draft)
    assert (answer.status_code, answer.json()["code"]) == (409, "CANNOT_PUBLISH")
    assert list(answer.json()["errors"]) == ["ends_at"]


def test_it_needs_a_channel(owner: User, api: Api) -> None:
    answer = publish(api(owner), make_draft(owner))
    assert (answer.status_code, answer.json()["code"]) == (409, "CHANNEL_NOT_CONFIGURED")


@pytest.mark.parametrize(
    ("binding_status", "code"),
    [
        (Binding.Status.NEW, "CHANNEL_NOT_VERIFIED"),
        (Binding.Status.INVALID, "CHANNEL_NOT_VERIFIED"),
        (Binding.Status.DEACTIVATED, "CHANNEL_NOT_CONFIGURED"),
    ],
)
def test_it_needs_the_right_to_post(owner: User, api: Api, binding_status: str, code: str) -> None:
    binding = make_binding(owner.account)
    draft = make_draft(owner)
    Binding.objects.filter(pk=binding.pk).update(status=binding_status)
    answer = publish(api(owner), draft)
    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert Giveaway.objects.get().status == Status.DRAFT


@pytest.mark.parametrize("status", [Bot.Status.QUARANTINED, Bot.Status.DEACTIVATED])
def test_it_needs_a_bot_that_works(owner: User, api: Api, status: str) -> None:
    binding = make_binding(owner.account)
    draft = make_draft(owner)
    Bot.objects.filter(pk=binding.bot_id).update(status=status, status_reason="Unauthorized")
    answer = publish(api(owner), draft)
    assert (answer.status_code, answer.json()["code"]) == (409, "BOT_NOT_WORKING")
    assert "Unauthorized" in answer.json()["message"]


def test_its_bot_must_serve_the_required_channels_too(owner: User, api: Api) -> None:
    own, other = make_binding(owner.account), make_binding(owner.account)
    channels = {"channel_id": own.channel.telegram_id, "required_channels": [other.channel.telegram_id]}
    answer = publish(api(owner), make_draft(owner, **channels))
    assert (answer.status_code, answer.json()["code"]) == (409, "CHANNEL_NOT_VERIFIED")
    assert f"@{own.bot.username}" in answer.json()["message"]
    served = {"account": owner.account, "channel": other.channel, "status": Binding.Status.ACTIVE}
    Binding.objects.create(bot=own.bot, **served)
    assert publish(api(owner), make_draft(owner, **channels)).status_code == 202


@pytest.mark.parametrize("body", ["{", "[1]", '{"force": true}', "5"])
def test_a_body_that_says_something_is_refused(owner: User, api: Api, body: str) -> None:
    path = f"/api/giveaways/{make_draft(owner).pk}/publish"
    assert api(owner).post(path, body, content_type="application/json").status_code == 400


def test_of_two_drafts_published_at_once_one_runs(scene: Scene) -> None:
    drafts = itertools.cycle([scene.draft().pk, scene.draft().pk])
    chosen = [next(drafts) for _ in range(20)]
    answers = in_threads(20, lambda: life.publish(giveaway_id=chosen.pop(), by=OWNER))
    refusals = [answer for answer in answers if isinstance(answer, Exception)]
    assert len(refusals) == 10
    assert all(isinstance(refusal, SingleActiveLimitExceeded) for refusal in refusals)
    assert Giveaway.objects.live().count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_database_itself_holds_one_live_giveaway_per_account(owner: User) -> None:
    drafts = [make_draft(owner).pk for _ in range(10)]
    begin = lambda: Giveaway.objects.filter(pk=drafts.pop()).update(status=Status.PUBLISHING)  # noqa: E731
    answers = in_threads(10, begin)
    assert answers.count(1) == 1
    assert sum(isinstance(answer, IntegrityError) for answer in answers) == 9


def test_validate_says_what_stands_in_the_way(owner: User, api: Api) -> None:
    draft = make_draft(owner)
    path = f"/api/giveaways/{draft.pk}/validate"
    found = api(owner).get(path).json()
    assert (found["valid"], [problem["code"] for problem in found["problems"]]) == (
        False,
        ["CHANNEL_NOT_CONFIGURED"],
    )
    Giveaway.objects.update(binding=make_binding(owner.account))
    assert api(owner).get(path).json() == {"valid": True, "problems": []}


def test_the_public_page_knows_it_from_publication_on(scene: Scene, api: Api) -> None:
    draft = scene.draft()
    page = draw_url(draft).removeprefix("http://testserver")
    assert api(None).get(page).status_code == 404
    life.publish(giveaway_id=draft.pk, by=OWNER)
    tasks.post_waiting()
    draft.refresh_from_db()
    assert draft.opening_sha256 in api(None).get(page).content.decode()


def test_a_draft_that_waited_too_long_is_refused_by_the_service_too(scene: Scene) -> None:
    draft = scene.draft(ends_at=timezone.now() + timedelta(hours=1))
    with later(hours=2), pytest.raises(CannotPublish):
        life.publish(giveaway_id=draft.pk, by=OWNER)
