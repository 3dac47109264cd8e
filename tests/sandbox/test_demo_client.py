"""The clients of the stage and the demo: what they say when an answer is bad, late or missing."""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from sandbox import stage
from sandbox.client import Api, Client, Control, Refused, TookTooLong, Unreachable, until

TEAPOT = {"status": "error", "code": "IS_A_TEAPOT", "message": "No coffee here."}


class Platform(BaseHTTPRequestHandler):
    """A platform of four paths; each login opens a session that is good for one request."""

    sessions: list[str] = []
    logins = 0

    def do_GET(self) -> None:
        session = (self.headers["Authorization"] or "").removeprefix("Bearer ")
        if self.path == "/teapot":
            self.answer(418, TEAPOT)
        elif self.path == "/html":
            self.answer(502, "<html>Bad gateway</html>")
        elif session not in self.sessions:
            self.answer(401, {"status": "error", "code": "TOKEN_INVALID", "message": "Log in."})
        elif self.path.startswith("/list?"):
            number = int(self.path.rpartition("=")[2])
            self.answer(200, {"results": [{"id": number}], "next": None if number == 3 else "another host"})
        else:
            self.sessions.remove(session)
            self.answer(200, {"account_id": 5})

    def do_POST(self) -> None:
        assert self.path == "/login"
        type(self).logins += 1
        self.sessions.append(str(self.logins))
        self.answer(200, {"access_token": str(self.logins)})

    def answer(self, status: int, body: Any) -> None:
        data = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Silent."""


@pytest.fixture
def url() -> Iterator[str]:
    Platform.sessions, Platform.logins = [], 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Platform)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_refusal_carries_status_code_and_sentence(url: str) -> None:
    with pytest.raises(Refused, match=r"GET .*/teapot: 418 No coffee here\.") as refused:
        Client(url).get("/teapot")
    assert (refused.value.status, refused.value.code) == (418, "IS_A_TEAPOT")


def test_an_error_page_of_a_proxy_is_a_refusal_too(url: str) -> None:
    with pytest.raises(Refused, match=r"502$"):
        Client(url).get("/html")


def test_nobody_at_the_address_is_told_in_one_sentence() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(Unreachable, match=r"does not answer: Connection refused\.$"):
            Client(address).get("/")


def test_a_proxy_in_the_environment_is_passed_by(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with pytest.raises(Refused):
        Client(url).get("/teapot")


def test_a_session_that_ran_out_is_opened_anew(url: str) -> None:
    api = Api(url, "anna", "secret")
    assert [api.account_id(), api.account_id(), api.account_id()] == [5, 5, 5]
    assert Platform.logins == 3


def test_a_list_is_read_to_its_last_page_at_the_address_the_client_knows(url: str) -> None:
    assert [row["id"] for row in Api(url, "anna", "secret").pages("/list")] == [1, 2, 3]


def test_waiting_in_vain_says_for_what() -> None:
    with pytest.raises(TookTooLong, match=r"0\.01 seconds in vain for a miracle"):
        until(lambda: None, 0.01, "a miracle")


def test_the_control_apis_refusal_is_told_in_its_own_words(sandbox_url: str) -> None:
    with pytest.raises(Refused, match=r"404 There is no channel -1\."):
        Control(sandbox_url).posts(-1)


def test_bots_get_ids_that_no_other_sandbox_gave_away(sandbox_url: str) -> None:
    control = Control(sandbox_url)
    made = [control.make_bot(f"drawn_{number}_bot", "Bot")["id"] for number in (1, 2)]
    assert made[1] != made[0] + 1


def test_a_scene_that_is_set_twice_stands_once(sandbox_url: str) -> None:
    control = Control(sandbox_url)
    first, second = stage.channel(control), stage.channel(control)
    assert first == second
    assert len(control.posts(first)) == 1
    assert [one["members_count"] for one in control.channels() if one["id"] == first] == [4]


@pytest.mark.parametrize(
    ("changes", "lost"),
    [
        ({}, False),
        ({"opening_sha256": "another"}, True),
        ({"message_id": 10**6}, True),
        ({"message_id": None}, False),
        ({"channel_id": -1}, True),
        ({"channel_id": -1, "status": "finishing"}, False),
        ({"status": "publish_failed", "message_id": None}, False),
        ({"status": "publish_failed", "message_id": None, "title": stage.GIVEAWAY["title"]}, True),
    ],
)
def test_a_giveaway_is_lost_when_the_sandbox_has_not_its_post(
    sandbox_url: str, changes: dict[str, Any], lost: bool
) -> None:
    control = Control(sandbox_url)
    channel_id = control.make_channel("Lost and found", "", control.make_person("Ann"), "")
    post = control.post(f"/sandbox/channels/{channel_id}/posts", {"text": "Sealed draw: 123abc"})
    giveaway = {
        "status": "active",
        "title": "Somebody's own",
        "channel_id": channel_id,
        "message_id": post["message_id"],
        "opening_sha256": "123abc",
    }
    assert stage.is_lost(control, giveaway | changes) is lost
