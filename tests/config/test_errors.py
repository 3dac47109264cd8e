"""One shape for every error, whoever raises it and wherever."""

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_GET
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import APIView

from accounts.models import User
from config.errors import DomainError, Unreachable
from config.language import Text
from tests.conftest import client_of


class TooLate(DomainError):
    code = "TOO_LATE"
    message = Text(en="It is too late for {thing}.", ru="Поздно для {thing}.")


ERRORS: dict[str, Exception] = {
    "rule": TooLate(thing="tea"),
    "fields": TooLate(thing="tea", errors={"hour": ["Past five."]}),
    "unreachable": Unreachable(),
    "missing": Http404("secret reason"),
    "denied": PermissionDenied("secret reason"),
    "crash": RuntimeError("secret reason"),
    "integrity": IntegrityError("secret reason"),
    "redis": redis.ConnectionError("secret reason"),
    "nested": serializers.ValidationError({"a": [{}, {"b": ["Wrong."]}], "c": {"d": ["Bad."]}, "e": ["No."]}),
    "plain": serializers.ValidationError("Not like this."),
}


class Raises(APIView):
    authentication_classes = []
    permission_classes = [AllowAny]

    def get(self, request: Request, name: str) -> Response:
        raise ERRORS[name]


@require_GET
def plain(request: HttpRequest, name: str) -> HttpResponse:
    raise ERRORS[name]


@csrf_protect
def form(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


urlpatterns = [
    path("raises/<name>", Raises.as_view()),
    path("plain/<name>", plain),
    path("form", form),
    path("", include("config.urls")),
]


@pytest.fixture
def client() -> Iterator[Client]:
    """Shows what a visitor would see of a crash, instead of raising it here."""
    yield Client(raise_request_exception=False)


@pytest.fixture(autouse=True)
def _routes(settings: Any, db: None) -> None:
    settings.ROOT_URLCONF = __name__


def seen(answer: Any) -> tuple[int, str]:
    body = answer.json()
    assert answer.headers["Content-Type"] == "application/json"
    assert body["status"] == "error"
    assert body["message"].strip()
    assert body.keys() <= {"status", "code", "message", "errors"}
    assert "secret" not in answer.content.decode()
    assert answer.headers["X-Request-ID"]
    return answer.status_code, body["code"]


def test_a_broken_rule_says_its_code_and_sentence(client: Client) -> None:
    answer = client.get("/raises/rule")
    assert seen(answer) == (409, "TOO_LATE")
    assert answer.json()["message"] == "It is too late for tea."
    assert client.get("/raises/fields").json()["errors"] == {"hour": ["Past five."]}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("unreachable", (503, "UNREACHABLE")),
        ("missing", (404, "NOT_FOUND")),
        ("denied", (403, "PERMISSION_DENIED")),
        ("crash", (500, "SERVER_ERROR")),
        ("integrity", (500, "SERVER_ERROR")),
        ("redis", (503, "SERVICE_UNAVAILABLE")),
    ],
)
def test_everything_a_view_raises_has_the_shape(client: Client, name: str, expected: tuple[int, str]) -> None:
    assert seen(client.get(f"/raises/{name}")) == expected


def test_nested_faults_are_flattened_to_dotted_names(client: Client) -> None:
    answer = client.get("/raises/nested")
    assert seen(answer) == (400, "VALIDATION_ERROR")
    assert answer.json()["errors"] == {"a.1.b": ["Wrong."], "c.d": ["Bad."], "e": ["No."]}


def test_a_fault_of_no_field_is_the_sentence(client: Client) -> None:
    body = client.get("/raises/plain").json()
    assert (body["message"], body["errors"]) == ("Not like this.", {"non_field_errors": ["Not like this."]})


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("missing", (404, "NOT_FOUND")),
        ("denied", (403, "PERMISSION_DENIED")),
        ("crash", (500, "SERVER_ERROR")),
    ],
)
def test_so_has_what_a_plain_page_raises(client: Client, name: str, expected: tuple[int, str]) -> None:
    assert seen(client.get(f"/plain/{name}")) == expected


@pytest.mark.parametrize("address", ["/nowhere", "/api/v1/nothing/", "/bots/1/2/3/4", "/%00", "/login/extra"])
def test_unknown_paths(client: Client, address: str) -> None:
    assert seen(client.get(address)) == (404, "NOT_FOUND")


def test_wrong_methods_say_which_are_right(client: Client, owner: User) -> None:
    answer = client_of(owner).delete("/api/v1/auth/profile")
    assert seen(answer) == (405, "METHOD_NOT_ALLOWED")
    assert "PATCH" in answer.headers["Allow"]
    answer = client.post("/plain/rule")
    assert seen(answer) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["Allow"] == "GET"


def test_an_unknown_host(client: Client) -> None:
    assert seen(client.get("/api/v1/auth/profile", headers={"host": "evil.example"})) == (400, "BAD_REQUEST")


def test_a_form_without_its_csrf_token() -> None:
    strict = Client(enforce_csrf_checks=True)
    assert seen(strict.post("/form", {})) == (403, "PERMISSION_DENIED")


def test_a_session_without_its_csrf_token(owner: User) -> None:
    strict = APIClient(enforce_csrf_checks=True)
    strict.force_login(owner)
    answer = strict.patch("/api/v1/auth/profile", {"first_name": "X"})
    assert seen(answer) == (403, "PERMISSION_DENIED")


def test_an_answer_nobody_can_be_given(owner: User) -> None:
    answer = client_of(owner).get("/api/v1/auth/profile", headers={"accept": "image/png"})
    assert seen(answer) == (406, "NOT_ACCEPTABLE")


def test_the_admin_stays_html(client: Client) -> None:
    answer = client.get("/admin/nowhere/")
    assert answer.status_code in (302, 404)
    assert answer.headers["Content-Type"].startswith("text/html")


def test_an_error_keeps_the_headers_it_came_with(client: Client) -> None:
    answer = client.get("/nowhere")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Length"] == str(len(answer.content))
    assert answer.json()["message"] == "There is nothing at this address."
