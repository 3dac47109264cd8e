"""Bodies that make no sense are refused with 400 and the field's name, at every endpoint of accounts."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from tests.conftest import client_of

POSTS = [
    "/api/v1/auth/register",
    "/api/v1/auth/login",
    "/api/v1/auth/refresh",
    "/api/v1/auth/logout",
    "/register",
    "/login",
]
DEEP = "[" * 100_000
NONSENSE = [
    "",
    "{",
    "nonsense",
    "{'a': 1}",
    '{"a": NaN}',
    DEEP,
    "\x00",
    '"\ud800'.encode("utf8", "surrogatepass"),
]


@pytest.fixture
def client(owner: User) -> APIClient:
    return client_of(owner)


def send(client: APIClient, path: str, body: Any, content_type: str = "application/json") -> Any:
    return client.post(path, body, content_type=content_type)


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("body", NONSENSE, ids=range(len(NONSENSE)))
def test_what_is_no_json_is_a_400(client: APIClient, path: str, body: Any) -> None:
    answer = send(client, path, body)
    if body == "" and path.endswith("logout"):
        return  # no body is a body without the optional field
    assert answer.status_code == 400
    assert answer.json()["code"] in ("MALFORMED_JSON", "VALIDATION_ERROR")


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("body", ["null", "[]", "[1]", '"text"', "5", "true"])
def test_json_that_is_no_object_is_a_400(client: APIClient, path: str, body: str) -> None:
    answer = send(client, path, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml"])
def test_another_kind_of_body_is_a_415(client: APIClient, path: str, kind: str) -> None:
    answer = send(client, path, "username=owner", kind)
    assert (answer.status_code, answer.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


FIELDS = {
    "/api/v1/auth/register": {"username": "somebody", "password": "correct-horse-7"},
    "/api/v1/auth/login": {"username": "somebody", "password": "correct-horse-7"},
    "/api/v1/auth/refresh": {"refresh": "token"},
    "/api/v1/auth/logout": {"refresh": "token"},
    "/register": {"username": "somebody", "password": "correct-horse-7"},
    "/login": {"username": "somebody", "password": "correct-horse-7"},
}
WRONG = [True, 0, 5, 2.9, None, [], ["x"], {}, {"a": 1}, "\0", "a\0b"]


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
@pytest.mark.parametrize(
    ("path", "field"), [(path, field) for path, body in FIELDS.items() for field in body]
)
def test_a_value_of_another_type_is_a_400_that_names_the_field(
    client: APIClient, path: str, field: str, wrong: Any
) -> None:
    answer = client.post(path, {**FIELDS[path], field: wrong})
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert list(answer.json()["errors"]) == [field]
    assert answer.json()["message"].startswith(f"{field}: ")


@pytest.mark.parametrize("path", FIELDS)
def test_unknown_fields_are_named_each(client: APIClient, path: str) -> None:
    answer = client.post(path, {**FIELDS[path], "usrname": "x", "\0": 1})
    assert answer.status_code == 400
    assert answer.json()["errors"] == {"usrname": ["Unknown field."], "\0": ["Unknown field."]}


def test_unknown_and_wrong_fields_are_named_together(client: APIClient) -> None:
    answer = client.post("/login", {"usrname": "x"})
    assert sorted(answer.json()["errors"]) == ["password", "username", "usrname"]


def test_a_body_larger_than_the_limit_is_a_413(client: APIClient, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    answer = client.post("/login", {"username": "x" * 200, "password": "x"})
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")
