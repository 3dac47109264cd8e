"""The back office: staff see everything but the secrets, and move a giveaway only by the services."""

import pytest
from django.test import Client

from accounts.models import User
from giveaways import tasks
from giveaways.models import Giveaway, Post, Status
from participants.models import Captcha, Draw, Entry, Person, Place
from participants.services import draws
from tests.scene import Scene

PAGES = {
    "giveaways/giveaway": Giveaway, "giveaways/post": Post, "participants/person": Person,
    "participants/captcha": Captcha, "participants/entry": Entry, "participants/draw": Draw,
    "participants/place": Place,
}  # fmt: skip


@pytest.fixture
def office(staff: User, client: Client) -> Client:
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    return client


def act(office: Client, action: str, giveaway: Giveaway) -> str:
    """What the page says after the action."""
    chosen = {"action": action, "_selected_action": giveaway.pk}
    return office.post("/admin/giveaways/giveaway/", chosen, follow=True).content.decode()


def test_every_page_opens_and_none_shows_a_secret(scene: Scene, office: Client) -> None:
    giveaway = scene.published()
    scene.enter(giveaway, scene.subscriber())
    giveaway = scene.finished(giveaway)
    hidden = [draws.seed_of(giveaway).hex(), giveaway.seed_encrypted, Entry.objects.get().nonce]
    hidden += [Captcha.objects.get().answer_digest, scene.token]
    for path, model in PAGES.items():
        for address in (f"/admin/{path}/", f"/admin/{path}/{model.objects.first().pk}/change/"):
            answer = office.get(address)
            assert answer.status_code == 200
            assert [secret for secret in hidden if secret in answer.content.decode()] == []


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_added_or_erased(office: Client, path: str) -> None:
    assert office.get(f"/admin/{path}/add/").status_code == 403
    assert "delete_selected" not in office.get(f"/admin/{path}/").content.decode()


def test_the_actions_are_the_services(scene: Scene, office: Client) -> None:
    draft = scene.draft()
    assert "is being published" in act(office, "publish", draft)
    tasks.post_waiting()
    assert "is being finished" in act(office, "finish", draft)
    assert "cannot be cancelled any more" in act(office, "cancel", draft)
    assert Giveaway.objects.get().status == Status.FINISHING


def test_an_uncertain_conclusion_is_sent_again(scene: Scene, office: Client) -> None:
    giveaway = scene.published()
    scene.control.fault("error", method="sendMessage", code=500)
    scene.finished(giveaway)
    post = Post.objects.get(kind=Post.Kind.CONCLUSION)
    chosen = {"action": "send_again", "_selected_action": post.pk}
    office.post("/admin/giveaways/post/", chosen)
    tasks.conclude_waiting()
    assert len(scene.control.posts(scene.channel)) == 2
