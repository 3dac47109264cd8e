"""The Swagger description is complete and open to everybody."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from config.schema import ERRORS


@pytest.fixture(scope="module")
def described(django_db_blocker: Any) -> dict[str, Any]:
    with django_db_blocker.unblock():
        answer = Client().get("/swagger.json")
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


def operations(described: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
        if method != "parameters"
    ]


def test_every_operation_has_a_summary_and_success_and_all_errors(described: dict[str, Any]) -> None:
    wanting = [
        name
        for name, operation in operations(described)
        if not operation["summary"].strip()
        or not ERRORS.keys() <= operation["responses"].keys()
        or not any(status.startswith(("2", "3")) for status in operation["responses"])
    ]
    assert wanting == []


def test_every_error_shows_the_shape_and_an_example(described: dict[str, Any]) -> None:
    for name, operation in operations(described):
        for status in ERRORS:
            response = operation["responses"][status]
            example = response["examples"]["application/json"]
            assert response["schema"] == {"$ref": "#/definitions/Error"}, name
            assert example["status"] == "error"
            assert example["code"].isupper()
    assert described["definitions"]["Error"]["required"] == ["status", "code", "message"]


def test_operation_ids_are_unique(described: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, operation in operations(described)]
    assert len(ids) == len(set(ids))


def test_it_says_who_may_call_what(described: dict[str, Any]) -> None:
    paths = described["paths"]
    assert paths["/api/v1/auth/login/"]["post"]["security"] == []
    assert paths["/api/v1/auth/profile/"]["get"]["security"] == [{"Bearer": []}]
    assert described["securityDefinitions"].keys() == {"Bearer", "Basic", "InitData"}


def test_requests_have_examples(described: dict[str, Any]) -> None:
    assert described["definitions"]["Register"]["example"]["username"] == "marina"


@pytest.mark.parametrize("path", ["/swagger/", "/swagger", "/redoc/", "/redoc"])
def test_the_pages_are_for_everybody(db: None, client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")


def test_the_pages_load_nothing_from_strangers(db: None, client: Client) -> None:
    page = client.get("/swagger/").content.decode()
    assert 'src="http' not in page
    assert "validator.swagger.io" not in page


def test_yaml_as_well(db: None, client: Client) -> None:
    assert b"swagger: '2.0'" in client.get("/swagger.yaml").content


def test_the_first_page_leads_there(client: Client) -> None:
    assert client.get("/").headers["Location"].rstrip("/") == "/swagger"


def test_every_body_has_an_example(described: dict[str, Any]) -> None:
    bodies = {
        parameter["schema"]["$ref"].rsplit("/", 1)[1]
        for _, operation in operations(described)
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "body"
    }
    wanting = [name for name in bodies if "example" not in described["definitions"][name]]
    assert wanting == []


def answers(described: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every answer of success that is JSON."""
    for name, operation in operations(described):
        for status, answer in operation["responses"].items():
            if status.startswith("2") and answer.get("schema", {"type": "file"}).get("type") != "file":
                yield f"{name} {status}", answer


def test_every_answer_has_an_example(described: dict[str, Any]) -> None:
    """A serializer's own, or words for its fields in config.examples."""
    assert [name for name, answer in answers(described) if "examples" not in answer] == []


def test_every_answer_says_what_it_is(described: dict[str, Any]) -> None:
    """No shape is left out: only files, health and the end of a thing have none."""
    shapeless = {
        name
        for name, operation in operations(described)
        for status, answer in operation["responses"].items()
        if status.startswith("2") and status != "204" and "schema" not in answer
    }
    assert {name for name in shapeless if "/health/" not in name and "export" not in name} == set()


def test_every_list_is_shown_in_pages(described: dict[str, Any]) -> None:
    assert [name for name, answer in answers(described) if answer["schema"].get("type") == "array"] == []
    for name, operation in operations(described):
        shape = operation["responses"].get("200", {}).get("schema", {}).get("properties", {})
        asked = {parameter["name"] for parameter in operation.get("parameters", [])}
        assert ("results" in shape) <= ({"page", "page_size"} <= asked), name


def test_what_is_no_list_asks_for_no_page(described: dict[str, Any]) -> None:
    count = described["paths"]["/api/participants/count/{giveaway_id}/"]["get"]
    history = described["paths"]["/api/participants/history/{user_id}/"]["get"]
    asked = [{parameter["name"] for parameter in each.get("parameters", [])} for each in (count, history)]
    assert ["page" in names for names in asked] == [False, True]


def test_operations_are_sorted_by_what_they_are_about(described: dict[str, Any]) -> None:
    tags = {tag for _, operation in operations(described) for tag in operation["tags"]}
    assert {"auth", "bots", "channels", "tasks", "giveaways", "participants", "health"} <= tags
    assert "api" not in tags
