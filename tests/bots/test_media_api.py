"""`/api/media/`: a file is uploaded once, seen by its account alone, deleted while nothing needs it."""

import base64
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.response import Response
from rest_framework.test import APIClient

from accounts.models import AuditEntry, User
from bots.models import Media, MediaPart
from tests.bots.test_media import OPUS, PNG
from tests.conftest import client_of
from tests.factories import PASSWORD
from tests.giveaways.rows import make_draft

PATHS = ["/api/media", "/api/media/"]


def upload(client: APIClient, content: bytes = PNG, name: str = "cat.png", path: str = PATHS[0]) -> Response:
    return client.post(path, {"file": SimpleUploadedFile(name, content)}, format="multipart")


@pytest.mark.parametrize("path", PATHS)
def test_an_upload_tells_the_id_and_what_the_file_is(owner: User, path: str) -> None:
    answer = upload(client_of(owner), OPUS, "hello.mp3", path)
    assert answer.status_code == 201
    told = answer.json()
    assert told["id"] == Media.objects.get().pk
    assert (told["kind"], told["size"], told["file_name"]) == ("voice", len(OPUS), "hello.ogg")
    assert client_of(owner).get(f"/api/media/{told['id']}").json() == told
    assert AuditEntry.objects.get(verb="upload").object_id == str(told["id"])


def test_name_and_password_are_enough(owner: User) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION="Basic " + _basic(owner.username))
    assert upload(client).status_code == 201


def _basic(username: str) -> str:
    return base64.b64encode(f"{username}:{PASSWORD}".encode()).decode()


def test_the_list_shows_the_newest_first_and_filters(owner: User) -> None:
    client = client_of(owner)
    first, second = (upload(client, content).json()["id"] for content in (PNG, OPUS))
    assert [row["id"] for row in client.get("/api/media/").json()["results"]] == [second, first]
    assert [row["id"] for row in client.get("/api/media/?kind=photo").json()["results"]] == [first]


@pytest.mark.parametrize("method", ["get", "delete"])
def test_a_stranger_gets_404(owner: User, stranger: User, method: str) -> None:
    media_id = upload(client_of(owner)).json()["id"]
    answer = getattr(client_of(stranger), method)(f"/api/media/{media_id}")
    assert (answer.status_code, answer.json()["status"]) == (404, "error")
    assert client_of(stranger).get("/api/media/").json()["count"] == 0
    assert Media.objects.exists()


@pytest.mark.parametrize("data", [{}, {"file": "text"}, {"picture": SimpleUploadedFile("x", PNG)}])
def test_it_asks_for_the_file(owner: User, data: dict[str, Any]) -> None:
    answer = client_of(owner).post(PATHS[0], data, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (400, "MEDIA_REFUSED")
    assert list(answer.json()["errors"]) == ["file"]


def test_json_is_no_file(owner: User) -> None:
    answer = client_of(owner).post(PATHS[0], {"file": "abc"})
    assert (answer.status_code, answer.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_body_announced_too_long_is_not_read(owner: User) -> None:
    answer = client_of(owner).generic(
        "POST",
        PATHS[0],
        b"--x",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(60 * 2**20),
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "MEDIA_REFUSED")


def test_a_file_nothing_needs_is_deleted(owner: User) -> None:
    client = client_of(owner)
    media_id = upload(client).json()["id"]
    assert client.delete(f"/api/media/{media_id}").status_code == 204
    assert client.delete(f"/api/media/{media_id}").status_code == 404
    assert not MediaPart.objects.exists()


def test_a_file_in_use_stays(owner: User) -> None:
    client, draft = client_of(owner), make_draft(owner)
    media_id = upload(client).json()["id"]
    draft.media_id = media_id
    draft.save()
    answer = client.delete(f"/api/media/{media_id}")
    assert (answer.status_code, answer.json()["code"]) == (409, "MEDIA_IN_USE")
    assert Media.objects.exists()
