"""Looking at giveaways: one, the running one, the history, the trail; a stranger sees nothing."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from giveaways.models import Giveaway, Status
from tests.giveaways.rows import make_binding, make_draft, make_giveaway

Api = Callable[[User | None], APIClient]
ENDPOINTS = [
    ("get", ""), ("patch", ""), ("post", "/publish"), ("put", "/finish-messages"), ("post", "/finish"),
    ("post", "/cancel"), ("get", "/logs"), ("get", "/validate"), ("get", "/stats"),
]  # fmt: skip


def ask(client: APIClient, method: str, path: str) -> int:
    return int(getattr(client, method)(f"/api/giveaways/{path}").status_code)


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_a_stranger_gets_404(owner: User, stranger: User, api: Api, method: str, path: str) -> None:
    giveaway = make_giveaway(owner, Status.ACTIVE)
    answer = getattr(api(stranger), method)(f"/api/giveaways/{giveaway.pk}{path}", {})
    assert (answer.status_code, answer.json()["code"]) == (404, "GIVEAWAY_NOT_FOUND")
    assert Giveaway.objects.get().status == Status.ACTIVE


def test_a_strangers_picture_is_not_taken(owner: User, stranger: User, api: Api) -> None:
    path = f"/api/giveaways/{make_draft(owner).pk}/media"
    assert api(stranger).post(path, {}, format="multipart").status_code == 404


@pytest.mark.parametrize("path", ["active/{account}", "history/{account}"])
def test_another_account_is_not_there(owner: User, stranger: User, staff: User, api: Api, path: str) -> None:
    make_giveaway(owner, Status.ACTIVE)
    address = path.format(account=owner.account_id)
    assert [ask(api(user), "get", address) for user in (owner, staff, stranger)] == [200, 200, 404]


@pytest.mark.parametrize(("method", "path"), [*ENDPOINTS, ("post", "/media")])
def test_nobody_gets_401(owner: User, api: Api, method: str, path: str) -> None:
    giveaway = make_giveaway(owner, Status.ACTIVE)
    assert ask(api(None), method, f"{giveaway.pk}{path}") == 401
    assert Giveaway.objects.get().status == Status.ACTIVE


@pytest.mark.parametrize("path", ["create", "active/1", "history/1"])
def test_nobody_gets_401_of_an_account(db: None, api: Api, path: str) -> None:
    assert ask(api(None), "post" if path == "create" else "get", path) == 401


@pytest.mark.parametrize("method", ["get", "patch"])
@pytest.mark.parametrize("number", ["0", "999999999999999999", "9" * 40, "-1", "abc", "1.5", "%00"])
def test_a_number_that_is_none_is_404(owner: User, api: Api, method: str, number: str) -> None:
    assert ask(api(owner), method, number) == 404


def test_what_cannot_be_done_is_405(owner: User, api: Api) -> None:
    pk = make_draft(owner).pk
    asked = [
        ("delete", f"{pk}"),
        ("put", f"{pk}"),
        ("get", f"{pk}/publish"),
        ("post", f"{pk}/finish-messages"),
    ]
    assert {ask(api(owner), method, path) for method, path in asked} == {405}


@pytest.mark.parametrize(
    "status", [Status.PUBLISHING, Status.PUBLISH_FAILED, Status.ACTIVE, Status.FINISHING]
)
def test_the_active_one_is_the_live_one(owner: User, api: Api, status: Status) -> None:
    live = make_giveaway(owner, status)
    shown = api(owner).get(f"/api/giveaways/active/{owner.account_id}").json()["giveaway"]
    assert (shown["id"], shown["status"]) == (live.pk, status)


def test_without_a_live_one_there_is_no_active_one(owner: User, api: Api) -> None:
    for status in (Status.DRAFT, Status.FINISHED, Status.CANCELLED):
        make_giveaway(owner, status)
    answer = api(owner).get(f"/api/giveaways/active/{owner.account_id}")
    assert (answer.status_code, answer.json()["code"]) == (404, "GIVEAWAY_NOT_FOUND")


def test_history_shows_all_of_them_the_newest_first(owner: User, stranger: User, api: Api) -> None:
    make_draft(stranger)
    made = [make_giveaway(owner, status).pk for status in (Status.FINISHED, Status.CANCELLED, Status.DRAFT)]
    shown = api(owner).get(f"/api/giveaways/history/{owner.account_id}").json()
    assert [row["id"] for row in shown["results"]] == made[::-1]
    assert (shown["count"], shown["next"], shown["previous"]) == (3, None, None)


def test_history_can_be_narrowed_by_status(owner: User, api: Api) -> None:
    for status in (Status.FINISHED, Status.CANCELLED, Status.DRAFT):
        make_giveaway(owner, status)
    path = f"/api/giveaways/history/{owner.account_id}?status="
    assert [row["status"] for row in api(owner).get(path + "cancelled").json()["results"]] == ["cancelled"]
    refused = api(owner).get(path + "nonsense")
    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["status"])


@pytest.mark.parametrize("query", ["page=-1", "page=0", "page=x", "page_size=0", "page_size=1000", "page=2"])
@pytest.mark.parametrize("path", ["history/{account}", "{id}/logs"])
def test_a_page_that_makes_no_sense_is_400(owner: User, api: Api, path: str, query: str) -> None:
    address = path.format(account=owner.account_id, id=make_draft(owner).pk)
    answer = api(owner).get(f"/api/giveaways/{address}?{query}")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [query.split("=")[0]])


def test_the_trail_tells_who_did_what_from_where(owner: User, api: Api) -> None:
    giveaway, client = make_draft(owner), api(owner)
    client.patch(f"/api/giveaways/{giveaway.pk}", {"title": "Another"}, REMOTE_ADDR="203.0.113.7")
    newest, oldest = client.get(f"/api/giveaways/{giveaway.pk}/logs").json()["results"]
    assert newest.pop("at")
    assert newest == {
        "actor": "owner",
        "address": "203.0.113.7",
        "verb": "update",
        "before": {"title": "A bag of coffee"},
        "after": {"title": "Another"},
    }
    assert oldest["verb"] == "create"


def test_the_number_of_queries_does_not_grow_with_the_rows(owner: User, api: Api) -> None:
    binding, counted, client = make_binding(owner.account), [], api(owner)
    for count in (10, 90):
        for _ in range(count):
            make_draft(owner, required_channels=[binding.channel.telegram_id])
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(f"/api/giveaways/history/{owner.account_id}?page_size=100")
        assert len(answer.json()["results"]) == Giveaway.objects.count()
        counted.append(len(queries))
    assert counted[0] == counted[1]
