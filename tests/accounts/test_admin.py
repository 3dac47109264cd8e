"""The admin: every page of every model opens, nothing secret is on it, and a new user gets an account."""

import pytest
from django.contrib import admin
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse

from accounts import sessions
from accounts.models import AuditEntry, User
from accounts.services import actor, update_profile
from config.schedules import install_defaults
from tests.factories import PASSWORD

MINE = ("accounts", "auth", "admin", "axes", "django_celery_beat", "token_blacklist")


def pages() -> list[str]:
    return [
        f"{model._meta.app_label}_{model._meta.model_name}"
        for model in admin.site._registry
        if model._meta.app_label in MINE
    ]


@pytest.fixture
def desk(staff: User, client: Client) -> Client:
    client.force_login(staff)
    return client


@pytest.mark.parametrize("model", pages())
def test_every_list_and_every_form_opens(desk: Client, staff: User, model: str) -> None:
    assert desk.get(reverse(f"admin:{model}_changelist"), {"q": "x"}).status_code == 200
    assert desk.get(reverse(f"admin:{model}_add")).status_code in (200, 403)


def test_the_first_page_opens_for_staff_and_asks_others_to_log_in(desk: Client, owner: User) -> None:
    assert desk.get("/admin/").status_code == 200
    desk.force_login(owner)
    assert desk.get("/admin/").status_code == 302
    assert desk.get("/admin").status_code == 302


def test_staff_log_in_through_the_form(staff: User, client: Client) -> None:
    answer = client.post("/admin/login/", {"username": "staff", "password": PASSWORD, "next": "/admin/"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")


def test_guessing_at_the_form_is_locked_with_a_page(staff: User, client: Client) -> None:
    for _ in range(9):
        assert client.post("/admin/login/", {"username": "staff", "password": "no"}).status_code == 200
    locked = client.post("/admin/login/", {"username": "staff", "password": "no"})
    assert locked.status_code == 429
    assert locked.headers["Content-Type"] == "text/plain"


def test_a_user_added_by_staff_gets_an_account(desk: Client) -> None:
    body = {"username": "added", "password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    assert desk.post(reverse("admin:accounts_user_add"), body).status_code == 302
    assert User.objects.get(username="added").account.name == "added"


def test_the_trail_is_searched_and_never_edited(desk: Client, owner: User) -> None:
    update_profile(user_id=owner.pk, changes={"first_name": "M"}, by=actor(owner, "192.0.2.1"))
    entry = AuditEntry.objects.get()
    found = desk.get(reverse("admin:accounts_auditentry_changelist"), {"q": "owner"})
    assert b"update_profile" in found.content
    one = reverse("admin:accounts_auditentry_change", args=[entry.pk])
    assert desk.get(one).status_code == 200
    assert desk.post(one, {"verb": "nothing"}).status_code == 403
    assert desk.post(reverse("admin:accounts_auditentry_delete", args=[entry.pk])).status_code == 403


def test_tokens_are_listed_without_anything_usable(desk: Client, owner: User) -> None:
    tokens = sessions.open_session(owner)
    sessions.renew(tokens.refresh)
    for page in ("outstandingtoken", "blacklistedtoken"):
        listed = desk.get(reverse(f"admin:token_blacklist_{page}_changelist"))
        assert tokens.refresh.encode() not in listed.content
        row = owner.outstandingtoken_set.first() if page == "outstandingtoken" else None
        pk = row.pk if row else owner.outstandingtoken_set.first().blacklistedtoken.pk
        opened = desk.get(reverse(f"admin:token_blacklist_{page}_change", args=[pk]))
        assert opened.status_code == 200
        assert tokens.refresh.encode() not in opened.content


def test_a_schedule_is_opened_and_changed(desk: Client) -> None:
    install_defaults()
    listed = desk.get(reverse("admin:django_celery_beat_periodictask_changelist"))
    assert b"Deliver broadcasts" in listed.content
    assert desk.get(reverse("admin:django_celery_beat_periodictask_change", args=[1])).status_code in (
        200,
        302,
    )


def test_what_staff_changed_is_shown(desk: Client, staff: User) -> None:
    LogEntry.objects.create(
        user=staff,
        content_type=ContentType.objects.get_for_model(User),
        object_id="1",
        object_repr="somebody",
        action_flag=ADDITION,
    )
    assert b"somebody" in desk.get(reverse("admin:admin_logentry_changelist")).content
