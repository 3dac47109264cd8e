"""The back office: staff see everything but the secrets, and move a giveaway only by the services."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry, User
from giveaways import tasks
from giveaways.models import Change, Giveaway, Post, Repetition, Status, Template
from giveaways.services import matrix
from participants.models import Captcha, Draw, Entry, Person, Place
from participants.services import draws
from tests.giveaways.rows import make_giveaway
from tests.scene import Scene

PAGES = {
    "giveaways/giveaway": Giveaway, "giveaways/post": Post, "participants/person": Person,
    "participants/captcha": Captcha, "participants/entry": Entry, "participants/draw": Draw,
    "participants/place": Place,
}  # fmt: skip


LIST = "/admin/giveaways/giveaway/"


@pytest.fixture
def office(staff: User, client: Client) -> Client:
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    return client


def act(office: Client, action: str, giveaway: Giveaway) -> str:
    """What the page says after the action, which is asked for and then confirmed."""
    chosen: dict[str, Any] = {"action": action, "_selected_action": giveaway.pk}
    asked = office.post(LIST, chosen).content.decode()
    assert "Yes, do it" in asked
    assert giveaway.title in asked
    return office.post(LIST, {**chosen, "confirmed": "yes"}, follow=True).content.decode()


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
def test_nothing_is_added_or_erased_but_giveaways_are_begun(office: Client, path: str) -> None:
    assert office.get(f"/admin/{path}/add/").status_code == (200 if path == "giveaways/giveaway" else 403)
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
    chosen = {"action": "send_again", "_selected_action": post.pk, "confirmed": "yes"}
    office.post("/admin/giveaways/post/", chosen)
    tasks.conclude_waiting()
    assert len(scene.control.posts(scene.channel)) == 2


# --- the form -----------------------------------------------------------------------------------------------
def form_of(giveaway: Giveaway | None = None, **changes: Any) -> dict[str, Any]:
    """What a browser sends; the inlines have nothing to say."""
    shown = {
        "title": "A bag of coffee", "main_body": "Press the button to take part.", "winner_count": 1,
        "participation_button_text": "🎯 Participate", "beacon": "none", "show_participants": "on",
    }  # fmt: skip
    for prefix in ("posts", "changes"):
        shown |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    if giveaway:
        shown |= {name: getattr(giveaway, name) for name in matrix.FINISH_MESSAGES}
        shown |= {"binding": giveaway.binding_id or ""}
    return {**shown, **changes}


def test_a_giveaway_is_begun_in_the_form_by_the_service(scene: Scene, office: Client) -> None:
    account = scene.user.account_id
    answer = office.post(f"{LIST}add/", form_of(account=account, binding=scene.binding.pk, winner_count=3))
    assert answer.status_code == 302, answer.context["errors"]
    giveaway = Giveaway.objects.get()
    assert (giveaway.winner_count, giveaway.binding, giveaway.account_id) == (3, scene.binding, account)
    assert "you won" in giveaway.winner_message
    assert AuditEntry.objects.get(verb="create").actor_label == "staff"


def test_what_the_service_refuses_stands_beside_its_field(owner: User, office: Client) -> None:
    page = office.post(
        f"{LIST}add/", form_of(account=owner.account_id, main_body="🎁" * 3000)
    ).content.decode()
    assert "Shorten the text by" in page
    assert not Giveaway.objects.exists()


@pytest.mark.parametrize("status", Status)
def test_a_field_is_read_only_unless_the_table_lets_it_change(
    owner: User, office: Client, status: Status
) -> None:
    giveaway = make_giveaway(owner, status)
    page = office.get(f"{LIST}{giveaway.pk}/change/").content.decode()
    free = matrix.may_change(status)
    for name in ("title", "winner_count", "participation_button_text", "max_participants", "winner_message"):
        assert (f'name="{name}"' in page) == (name in free), name


def test_a_change_of_a_running_one_is_recorded(owner: User, office: Client) -> None:
    giveaway = make_giveaway(owner, Status.ACTIVE, max_participants=10)
    body = form_of(giveaway, max_participants=20)
    answer = office.post(f"{LIST}{giveaway.pk}/change/", body)
    assert answer.status_code == 302, answer.context["errors"]
    change = Change.objects.get()
    assert (change.field, change.before, change.after) == ("max_participants", 10, 20)
    page = office.post(f"{LIST}{giveaway.pk}/change/", form_of(giveaway, max_participants=5)).content.decode()
    assert "can only be raised" in page


def test_a_draft_is_changed_in_the_form(scene: Scene, office: Client) -> None:
    draft, start = scene.draft(), timezone.now() + timedelta(days=1)
    times = {"starts_at_0": f"{start:%Y-%m-%d}", "starts_at_1": f"{start:%H:%M:%S}"}
    answer = office.post(f"{LIST}{draft.pk}/change/", form_of(draft, title="Two bags", **times))
    assert answer.status_code == 302, answer.context["errors"]
    draft.refresh_from_db()
    assert (draft.title, draft.starts_at, draft.binding) == (
        "Two bags",
        start.replace(microsecond=0),
        scene.binding,
    )


@pytest.mark.parametrize(
    ("status", "offered"), [("draft", "publish cancel"), ("active", "finish cancel"), ("finished", "")]
)
def test_a_page_offers_what_makes_sense(owner: User, office: Client, status: str, offered: str) -> None:
    giveaway = make_giveaway(owner, Status(status))
    page = office.get(f"{LIST}{giveaway.pk}/change/").content.decode()
    shown = [name for name in ("publish", "finish", "cancel") if f"{giveaway.pk}/{name}/" in page]
    assert shown == offered.split()


def test_a_button_of_the_page_asks_before_it_acts(owner: User, office: Client) -> None:
    giveaway = make_giveaway(owner, Status.ACTIVE)
    button = f"{LIST}{giveaway.pk}/cancel/"
    assert "Call this off for ever?" in office.get(button).content.decode()
    assert Giveaway.objects.get().status == Status.ACTIVE
    assert office.post(button, {"confirmed": "yes"}).headers["Location"] == f"{LIST}{giveaway.pk}/change/"
    assert Giveaway.objects.get().status == Status.CANCELLED


# --- templates ------------------------------------------------------------------------------------------------
def test_a_giveaway_is_kept_and_begun_again_by_a_rule(scene: Scene, office: Client) -> None:
    assert "is kept as a template" in act(office, "keep", scene.draft())
    template = Template.objects.get()
    rule = {"template": template.pk, "every": "week", "weekday": 4, "at": "18:00:00"}
    refused = office.post("/admin/giveaways/repetition/add/", {**rule, "weekday": ""}).content.decode()
    assert "Say which." in refused
    assert office.post("/admin/giveaways/repetition/add/", rule).status_code == 302
    page = office.get("/admin/giveaways/repetition/").content.decode()
    assert "every week, Friday, 18:00 UTC" in page
    stop = {"action": "stop", "_selected_action": Repetition.objects.get().pk, "confirmed": "yes"}
    office.post("/admin/giveaways/repetition/", stop)
    assert not Repetition.objects.get().active
    begin = {"action": "begin", "_selected_action": template.pk, "confirmed": "yes"}
    office.post("/admin/giveaways/template/", begin)
    assert Giveaway.objects.count() == 2
