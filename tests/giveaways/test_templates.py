"""Templates: written once, measured at once, used as often as one likes; scoped to their account."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import AuditEntry, User
from giveaways.models import Giveaway, Status, Template
from giveaways.services import templates
from tests.giveaways.rows import FIELDS, make_binding, make_giveaway
from tests.scene import OWNER

Api = Callable[[User | None], APIClient]
PATH = "/api/giveaways/templates"


def make_template(user: User, name: str = "Friday", **values: Any) -> Template:
    return templates.create(
        account_id=user.account_id, by=OWNER, values={"name": name, "fields": FIELDS, **values}
    )


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_template_is_written_read_changed_and_forgotten(owner: User, api: Api, slash: str) -> None:
    client = api(owner)
    body = {"name": "Friday", "fields": {**FIELDS, "winner_count": 2}, "lasts_minutes": 60}
    made = client.post(PATH + slash, body)
    assert (made.status_code, made.json()["fields"]) == (201, body["fields"])
    one = f"{PATH}/{made.json()['id']}{slash}"
    changed = client.patch(one, {"fields": {"title": "Tea on Friday"}, "lasts_minutes": None}).json()
    assert changed["fields"] == {**body["fields"], "title": "Tea on Friday"}  # type: ignore[dict-item]
    assert client.get(one).json() == changed
    assert client.get(PATH + slash).json()["results"] == [changed]
    assert client.delete(one).status_code == 204
    assert client.get(one).json()["code"] == "TEMPLATE_NOT_FOUND"
    verbs = AuditEntry.objects.filter(object_type="template").values_list("verb", flat=True)
    assert set(verbs) == {"create_template", "update_template", "delete_template"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "", "fields": FIELDS}, "name"),
        ({"name": 5, "fields": FIELDS}, "name"),
        ({"name": "Friday"}, "fields"),
        ({"name": "Friday", "fields": []}, "fields.non_field_errors"),
        ({"name": "Friday", "fields": {**FIELDS, "winner_count": 0}}, "fields.winner_count"),
        ({"name": "Friday", "fields": {**FIELDS, "ends_at": "2099-01-01T00:00:00Z"}}, "fields.ends_at"),
        ({"name": "Friday", "fields": FIELDS, "lasts_minutes": 5}, "lasts_minutes"),
        ({"name": "Friday", "fields": FIELDS, "account_id": 1}, "account_id"),
    ],
)
def test_a_wrong_template_is_400_and_names_its_field(
    owner: User, api: Api, body: dict[str, Any], field: str
) -> None:
    answer = api(owner).post(PATH, body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_a_text_telegram_would_refuse_is_refused_now(owner: User, api: Api) -> None:
    answer = api(owner).post(PATH, {"name": "Friday", "fields": {**FIELDS, "main_body": "🎁" * 2000}})
    assert answer.json()["code"] == "POST_TOO_LONG"


def test_a_name_is_given_once_in_an_account(owner: User, stranger: User, api: Api) -> None:
    make_template(owner)
    body = {"name": "Friday", "fields": FIELDS}
    assert api(owner).post(PATH, body).json()["code"] == "TEMPLATE_NAME_TAKEN"
    assert api(stranger).post(PATH, body).status_code == 201


def test_a_giveaway_begins_from_it_and_may_differ(owner: User, api: Api) -> None:
    make_binding(owner.account)
    template = make_template(owner, lasts_minutes=90)
    answer = api(owner).post(f"{PATH}/{template.pk}/create", {"title": "This time tea"})
    giveaway = answer.json()["giveaway"]
    assert (answer.status_code, giveaway["title"], giveaway["main_body"]) == (
        201,
        "This time tea",
        FIELDS["main_body"],
    )
    ends = Giveaway.objects.get().ends_at
    assert ends and abs(ends - timezone.now() - timedelta(minutes=90)) < timedelta(seconds=30)


def test_a_giveaway_is_saved_as_one(owner: User, api: Api) -> None:
    own, other = make_binding(owner.account), make_binding(owner.account)
    channel, elsewhere = own.channel.telegram_id, other.channel.telegram_id
    end = timezone.now() + timedelta(days=2)
    fields = {
        "channel_id": channel,
        "results_channel_id": elsewhere,
        "required_channels": [elsewhere],
        "ends_at": end,
    }
    giveaway = make_giveaway(owner, Status.ACTIVE, winner_count=3, **fields)
    made = api(owner).post(f"/api/giveaways/{giveaway.pk}/save-as-template", {"name": "Friday"}).json()
    kept = made["fields"]
    assert (kept["winner_count"], kept["channel_id"], kept["results_channel_id"]) == (3, channel, elsewhere)
    assert (kept["required_channels"], "ends_at" in kept, made["lasts_minutes"]) == ([elsewhere], False, 2880)


def test_a_stranger_gets_404(owner: User, stranger: User, api: Api) -> None:
    one = f"{PATH}/{make_template(owner).pk}"
    client = api(stranger)
    asked = [
        client.get(one),
        client.patch(one, {"name": "x"}),
        client.delete(one),
        client.post(f"{one}/create", {}),
    ]
    rule = {"template_id": Template.objects.get().pk, "every": "day", "at": "10:00"}
    asked.append(client.post("/api/giveaways/repetitions", rule))
    assert {(answer.status_code, answer.json()["code"]) for answer in asked} == {(404, "TEMPLATE_NOT_FOUND")}
    assert client.get(PATH).json()["count"] == 0
