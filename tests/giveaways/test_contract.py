"""The contract of giveaways over HTTP (design: api.md): every path, both slash forms, shapes, codes, refusals."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from giveaways.models import Giveaway, Status
from participants.models import Draw
from tests.giveaways.rows import FIELDS, make_binding, make_draft, make_giveaway
from tests.scene import Scene

Api = Callable[[User | None], APIClient]
GIVEAWAY = {
    "id", "account_id", "title", "main_body", "winner_count", "participation_button_text", "status", "message_id",
    "conclusion_message_id", "result_token", "participant_count", "created_at", "published_at", "finished_at",
    "may_change", "starts_at", "ends_at", "max_participants", "required_channels", "beacon", "results_channel_id",
}  # fmt: skip
LIST = {"count", "next", "previous", "results"}
SLASHES = pytest.mark.parametrize("slash", ["", "/"])


def keys(answer: Any, code: int) -> set[str]:
    """The answer's names, of a giveaway those inside."""
    body = answer.json()
    assert answer.status_code == code, body
    assert answer["X-Request-ID"]
    return set(body.get("giveaway", body.get("stats", body)))


@SLASHES
def test_everything_an_owner_reads(owner: User, api: Api, slash: str) -> None:
    giveaway, client = make_giveaway(owner, Status.ACTIVE), api(owner)
    one = f"/api/giveaways/{giveaway.pk}"
    assert keys(client.get(f"{one}{slash}"), 200) >= GIVEAWAY
    assert keys(client.get(f"/api/giveaways/active/{owner.account_id}{slash}"), 200) >= GIVEAWAY
    assert keys(client.get(f"/api/giveaways/history/{owner.account_id}{slash}"), 200) == LIST
    assert keys(client.get(f"{one}/logs{slash}"), 200) == LIST
    assert keys(client.get(f"{one}/changes{slash}"), 200) == LIST
    assert keys(client.get(f"{one}/validate{slash}"), 200) == {"valid", "problems"}
    assert keys(client.get(f"{one}/stats{slash}"), 200) >= {
        "total_participants", "captcha_completed_participants", "winner_count", "messages_delivered",
        "messages_failed",
    }  # fmt: skip
    token = f"/api/giveaways/by-token/{giveaway.result_token}{slash}"
    assert api(None).get(token).json() == {"giveaway": {"status": "running"}}


@SLASHES
def test_everything_an_owner_does(scene: Scene, api: Api, slash: str) -> None:
    client = api(scene.user)
    made = client.post(f"/api/giveaways/create{slash}", FIELDS)
    assert keys(made, 201) >= GIVEAWAY
    one = f"/api/giveaways/{made.json()['giveaway']['id']}"
    assert keys(client.patch(f"{one}{slash}", {"title": "Two bags"}), 200) >= GIVEAWAY
    messages = {
        "winner_message": "You won!",
        "loser_message": "Not now.",
        "public_conclusion_message": "Over.",
    }
    assert keys(client.put(f"{one}/finish-messages{slash}", messages), 200) >= GIVEAWAY
    published = {"status", "starts_at", "message_id", "published_at", "participation_url", "telegram_url"}
    assert keys(client.post(f"{one}/publish{slash}", HTTP_PREFER="wait=0"), 202) == published
    scene.work()
    assert keys(client.post(f"{one}/publish{slash}"), 200) == published
    assert keys(client.post(f"{one}/save-as-template{slash}", {"name": "Tea"}), 201) >= {"id", "fields"}
    assert client.post(f"{one}/finish{slash}", HTTP_PREFER="wait=0").json() == {"status": "finishing"}
    scene.work()
    done = client.post(f"{one}/finish{slash}")
    assert keys(done, 200) == {"status", "winners_selected", "total_participants", "finished_at"}
    assert Draw.objects.count() == 1


@SLASHES
def test_a_draft_is_called_off(owner: User, api: Api, slash: str) -> None:
    answer = api(owner).post(f"/api/giveaways/{make_draft(owner).pk}/cancel{slash}")
    assert keys(answer, 200) >= GIVEAWAY
    assert answer.json()["giveaway"]["status"] == "cancelled"


@pytest.mark.parametrize(
    ("status", "method", "path", "body", "code"),
    [
        (Status.CANCELLED, "post", "/publish", {}, "CANNOT_PUBLISH"),
        (Status.DRAFT, "post", "/publish", {}, "CHANNEL_NOT_CONFIGURED"),
        (Status.DRAFT, "post", "/finish", {}, "CANNOT_FINISH"),
        (Status.FINISHED, "post", "/cancel", {}, "CANNOT_CANCEL"),
        (Status.ACTIVE, "patch", "", {"title": "Another"}, "CANNOT_UPDATE"),
        (
            Status.FINISHED,
            "put",
            "/finish-messages",
            {"winner_message": "You won!"},
            "CANNOT_UPDATE_FINISH_MESSAGES",
        ),
    ],
)
def test_a_refusal_has_its_familiar_name(
    owner: User, api: Api, status: Status, method: str, path: str, body: dict[str, str], code: str
) -> None:
    giveaway = make_giveaway(owner, status)
    answer = getattr(api(owner), method)(f"/api/giveaways/{giveaway.pk}{path}", body)
    assert (answer.status_code, answer.json()["status"], answer.json()["code"]) == (409, "error", code)
    assert len(answer.json()["message"]) > 20


def test_the_blocking_giveaway_is_named(owner: User, api: Api) -> None:
    live = make_giveaway(owner, Status.ACTIVE)
    answer = api(owner).post("/api/giveaways/create", FIELDS).json()
    assert answer["code"] == "SINGLE_ACTIVE_LIMIT_EXCEEDED"
    assert f"Giveaway {live.pk} " in answer["message"]


def test_a_channel_the_bot_may_not_post_in_is_named(owner: User, api: Api) -> None:
    draft = make_draft(owner, channel_id=make_binding(owner.account, status="invalid").channel.telegram_id)
    answer = api(owner).post(f"/api/giveaways/{draft.pk}/publish").json()
    assert (answer["code"], "News" in answer["message"]) == ("CHANNEL_NOT_VERIFIED", True)


@pytest.mark.parametrize("token", ["short", "x" * 31, "!" * 32])
def test_a_token_of_another_shape_is_400(db: None, api: Api, token: str) -> None:
    answer = api(None).get(f"/api/giveaways/by-token/{token}")
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_TOKEN_FORMAT")


# --- history --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=finished", ["Tea"]), ("title=OFF", ["Coffee"]), ("order=participant_count", ["Coffee", "Tea"]),
        ("order=-participant_count", ["Tea", "Coffee"]), ("created_after=2999-01-01T00:00:00Z", []),
        ("created_before=2999-01-01T00:00:00Z&order=id", ["Tea", "Coffee"]), ("channel_id=-100", []),
        ("finished_after=2001-01-01T00:00:00Z", ["Tea"]),
    ],
)  # fmt: skip
def test_history_is_narrowed_and_ordered(owner: User, api: Api, query: str, found: list[str]) -> None:
    make_giveaway(owner, Status.FINISHED, title="Tea")
    make_giveaway(owner, Status.DRAFT, title="Coffee")
    Giveaway.objects.filter(title="Tea").update(participant_count=7)
    rows = api(owner).get(f"/api/giveaways/history/{owner.account_id}?{query}").json()["results"]
    assert [row["title"] for row in rows] == found


@pytest.mark.parametrize(
    "query",
    [
        "status=x",
        "order=secret",
        "channel_id=1.5",
        f"channel_id={10**30}",
        "created_after=soon",
        f"title={'x' * 256}",
    ],
)
def test_a_filter_that_makes_no_sense_is_400(owner: User, api: Api, query: str) -> None:
    answer = api(owner).get(f"/api/giveaways/history/{owner.account_id}?{query}")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [query.split("=")[0]])


# --- the description ------------------------------------------------------------------------------------------
def test_swagger_shows_an_example_of_every_answer_and_body_of_giveaways(db: None, client: Client) -> None:
    described = client.get("/swagger.json").json()
    wanting = []
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            if "giveaways" in path.split("/") and method != "parameters":
                wanting += [f"{method} {path}: {name}" for name in bare(operation, described["definitions"])]
    assert wanting == []


def bare(operation: dict[str, Any], definitions: dict[str, Any]) -> list[str]:
    """The shapes of an operation's success and body that show no example."""
    schemas = [answer.get("schema", {}) for code, answer in operation["responses"].items() if code < "300"]
    schemas += [parameter["schema"] for parameter in operation["parameters"] if parameter["in"] == "body"]
    names = {name for schema in schemas for name in named(schema, definitions)}
    return sorted(name for name in names - {"Nothing"} if "example" not in definitions[name])


def named(schema: dict[str, Any], definitions: dict[str, Any]) -> list[str]:
    """The definitions a schema leads to; of a page, and of an answer with one thing in it, those inside."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        inner = definitions[name].get("properties", {})
        if len(inner) == 1 and "example" not in definitions[name]:
            return named(next(iter(inner.values())), definitions)
        return [name]
    if schema.get("type") == "array":
        return named(schema["items"], definitions)
    return named(schema.get("properties", {}).get("results", {}), definitions) if schema else []
