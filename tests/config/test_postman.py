"""The Postman collection: of every operation, not stale, and without a secret."""

import json
from typing import Any

from config.environment import BASE_DIR
from config.postman import NAME, document, names_in, operations, rendered, variable_path

COLLECTION: dict[str, Any] = json.loads((BASE_DIR / NAME).read_text(encoding="utf8"))


def requests(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for item in items for one in (requests(item["item"]) if "item" in item else [item])]


def test_it_is_what_the_swagger_document_says() -> None:
    assert (BASE_DIR / NAME).read_text(encoding="utf8") == rendered(), "stale: run `manage.py postman`"


def test_it_holds_every_operation() -> None:
    asked = {
        (one["request"]["method"], one["request"]["url"]["raw"].removeprefix("{{baseUrl}}"))
        for one in requests(COLLECTION["item"][1:])
    }
    described = {(method.upper(), variable_path(path)) for path, method, _ in operations(document())}
    assert asked == described


def test_every_request_is_tested_and_every_variable_is_known() -> None:
    known = {variable["key"] for variable in COLLECTION["variable"]} | {"newcomer", "order_key"}
    for one in requests(COLLECTION["item"]):
        assert any(event["listen"] == "test" for event in one["event"]), one["name"]
        used = {name for name in json.dumps(one["request"]).split("{{")[1:] if not name.startswith("$")}
        assert {name.partition("}}")[0] for name in used} <= known, one["name"]


def test_a_bare_id_is_named_after_its_noun() -> None:
    assert names_in("/bots/{id}/x/{task_id}/") == ["bot_id", "task_id"]
    assert variable_path("/api/giveaways/{id}/") == "/api/giveaways/{{giveaway_id}}/"
