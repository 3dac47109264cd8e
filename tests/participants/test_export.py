"""The owner's table of participants, and what the delivery engine knows of each message."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from rest_framework.test import APIClient

from accounts.models import User
from broadcasts.services import create
from giveaways.models import Giveaway
from participants.models import Entry, Person, Place
from tests.factories import make_user
from tests.scene import OWNER, Scene

Api = Callable[[User | None], APIClient]
DELIVERY = "/api/participants/update-delivery-status"


def table(client: APIClient, giveaway: Giveaway, query: str = "") -> list[dict[str, str]]:
    answer: Any = client.get(f"/api/participants/export/{giveaway.pk}{query}")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))


def test_it_shows_codes_and_masked_names(scene: Scene, owner: User, api: Api) -> None:
    giveaway = scene.published()
    scene.enter(giveaway, scene.subscriber("Zebedee"))
    [row] = table(api(owner), giveaway)
    assert row == {
        "code": Entry.objects.get().code, "name": "Z•••", "weight": "1", "result": "", "reason": "",
        "joined_at": Entry.objects.get().joined_at.isoformat(),
    }  # fmt: skip


def test_names_are_there_when_the_owner_asks_for_them(scene: Scene, owner: User, api: Api) -> None:
    giveaway = scene.published()
    person = scene.subscriber("Zebedee")
    scene.enter(giveaway, person)
    [row] = table(api(owner), giveaway, "?names=full")
    assert (row["name"], row["user_id"]) == ("Zebedee", str(person))


def test_after_the_draw_everybody_has_a_result(scene: Scene, owner: User, api: Api) -> None:
    giveaway = scene.published()
    people = scene.enrolled(giveaway, 4, told=False)
    scene.control.leave(scene.channel, people[0])
    rows = table(api(owner), scene.finished(giveaway))
    winner = Place.objects.get(verdict="winner").entry.code
    assert [row["code"] for row in rows if row["result"] == "winner"] == [winner]
    assert {row["result"] for row in rows} <= {"winner", "participant", "skipped"}


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_a_name_is_never_a_formula(scene: Scene, owner: User, api: Api, name: str) -> None:
    giveaway = scene.published()
    scene.enrolled(giveaway, 1, told=False)
    Person.objects.update(first_name=name)
    [row] = table(api(owner), giveaway, "?names=full")
    assert row["name"] == f"'{name}"


def test_an_unknown_choice_is_refused(scene: Scene, owner: User, api: Api) -> None:
    answer = api(owner).get(f"/api/participants/export/{scene.draft().pk}?names=all")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["names"])


def test_a_stranger_gets_404(scene: Scene, stranger: User, api: Api) -> None:
    giveaway = scene.published()
    assert api(stranger).get(f"/api/participants/export/{giveaway.pk}").status_code == 404
    body = {"giveaway_id": giveaway.pk, "user_id": 5}
    assert api(stranger).post(DELIVERY, body).status_code == 404


def test_the_engine_tells_what_became_of_a_message(scene: Scene, owner: User, api: Api) -> None:
    giveaway = scene.published()
    reached, blocked = scene.enrolled(giveaway, 2)
    scene.control.block(blocked, scene.bot_id)
    scene.finished(giveaway)
    about = {"giveaway_id": giveaway.pk}
    told = api(owner).post(DELIVERY, {**about, "user_id": reached}).json()
    assert (told["status"], told["at"] is None) == ("sent", False)
    told = api(owner).post(DELIVERY, {**about, "user_id": blocked, "status": "failed"}).json()
    assert (told["status"], told["kind"]) == ("failed", "blocked")


def test_nobodys_word_replaces_the_record(scene: Scene, owner: User, api: Api) -> None:
    giveaway = scene.published()
    [person] = scene.enrolled(giveaway, 1)
    scene.finished(giveaway)
    body = {"giveaway_id": giveaway.pk, "user_id": person, "status": "failed"}
    answer = api(owner).post(DELIVERY, body)
    assert (answer.status_code, answer.json()["code"]) == (409, "DELIVERY_IS_RECORDED")


def test_who_did_not_take_part_has_no_message(scene: Scene, owner: User, api: Api) -> None:
    giveaway = scene.finished(scene.published())
    answer = api(owner).post(DELIVERY, {"giveaway_id": giveaway.pk, "user_id": 5})
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("field", "value"), [("user_id", "5"), ("user_id", None), ("status", "delivered"), ("status", True)]
)
def test_a_wrong_value_names_its_field(owner: User, api: Api, field: str, value: Any) -> None:
    answer = api(owner).post(DELIVERY, {"giveaway_id": 1, "user_id": 5, field: value})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


# --- staff -------------------------------------------------------------------------------------------
def test_staff_see_people_of_other_accounts_by_permission_only(scene: Scene, api: Api) -> None:
    giveaway = scene.published()
    scene.enter(giveaway, scene.subscriber("Zebedee"))
    support = make_user(is_staff=True)
    [row] = table(api(support), giveaway, "?names=full")
    assert (row["name"], row["username"]) == ("Z•••", "")
    assert row["user_id"].startswith("•••") and len(row["user_id"]) == 5
    [listed] = api(support).get(f"/api/participants/list/{giveaway.pk}").json()["results"]
    assert (listed["first_name"], listed["user_id"]) == ("Z•••", None)
    support.user_permissions.add(Permission.objects.get(codename="see_personal_data"))
    [row] = table(api(User.objects.get(pk=support.pk)), giveaway, "?names=full")
    assert row["name"] == "Zebedee"


def test_a_report_shows_such_staff_no_whole_chat(scene: Scene, owner: User, api: Api) -> None:
    [person] = scene.control.people(1)
    content = {"type": "text", "text": "News"}
    sent = create(account_id=owner.account_id, bot_id=scene.bot.pk, content=content, chats=[person], by=OWNER)
    path = f"/api/broadcasts/{sent.public_id}/report.csv"
    for user, shown in ((owner, str(person)), (make_user(is_staff=True), f"•••{str(person)[-2:]}")):
        answer: Any = api(user).get(path)
        [row] = csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode()))
        assert row["chat_id"] == shown
