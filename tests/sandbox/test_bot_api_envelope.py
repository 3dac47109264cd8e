"""How a call travels: paths, encodings of parameters, envelopes and status codes."""

import httpx
import pytest

from tests.sandbox.conftest import ActingBot, Stage

HI = "hi there"


def test_it_takes_parameters_in_every_encoding(stage: Stage, bot: ActingBot, channel: int) -> None:
    path = f"/bot{bot.token}/sendMessage"
    given = {"chat_id": str(channel), "text": HI}
    answers = [
        stage.http.get(path, params=given),
        stage.http.post(path, params=given),
        stage.http.post(path, data=given),
        stage.http.post(path, json=given),
        stage.http.post(path, data=given, files={"unused": b"x"}),
        stage.http.post(path, params={"chat_id": str(channel)}, json={"text": HI}),
    ]
    assert [answer.json()["result"]["text"] for answer in answers] == [HI] * len(answers)


def test_it_takes_structures_as_json_text_in_forms(stage: Stage, bot: ActingBot, channel: int) -> None:
    keyboard = '{"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}'
    fields = {"chat_id": channel, "text": HI, "reply_markup": keyboard}
    sent = stage.http.post(f"/bot{bot.token}/sendMessage", data=fields).json()["result"]
    assert sent["reply_markup"]["inline_keyboard"][0][0] == {"text": "Go", "callback_data": "go"}


@pytest.mark.parametrize("name", ["getMe", "getme", "GETME", "test/getMe"])
def test_the_name_of_a_method_has_no_case(stage: Stage, bot: ActingBot, name: str) -> None:
    answer = stage.http.get(f"/bot{bot.token}/{name}")
    assert answer.json()["result"]["id"] == bot.id
    assert answer.headers["Content-Type"] == "application/json"


def test_an_error_is_written_exactly_as_telegram_writes_it(bot: ActingBot) -> None:
    answer = bot.ask("sendMessage", chat_id=42, text=HI)
    assert answer.text == '{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}'
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("path", "code", "description"),
    [
        ("/botnonsense/getMe", 401, "Unauthorized: invalid token specified"),
        ("/bot012345:abcdef/getMe", 401, "Unauthorized: invalid token specified"),
        (f"/bot1:{'x' * 90}/getMe", 401, "Unauthorized: invalid token specified"),
        ("/bot123456:unknown/getMe", 401, "Unauthorized"),
        ("/somewhere/else", 404, "Not Found"),
        ("/bot123456:unknown", 404, "Not Found"),
    ],
)
def test_it_refuses_wrong_paths_and_tokens(stage: Stage, path: str, code: int, description: str) -> None:
    answer = stage.http.get(path)
    assert answer.status_code == code
    assert answer.json() == {"ok": False, "error_code": code, "description": description}


def test_an_unknown_method_is_not_found(bot: ActingBot) -> None:
    assert bot.refusal("sendMoney") == (404, "Not Found: method not found")


def test_a_revoked_token_is_unauthorized(stage: Stage, bot: ActingBot) -> None:
    renewed = stage.post(f"/bots/{bot.id}/revoke")
    assert bot.refusal("getMe") == (401, "Unauthorized")
    assert stage.http.get(f"/bot{renewed['token']}/getMe").json()["ok"]


def test_broken_json_is_a_bad_request(stage: Stage, bot: ActingBot) -> None:
    headers = {"Content-Type": "application/json"}
    answer = stage.http.post(f"/bot{bot.token}/sendMessage", content="{", headers=headers)
    assert answer.status_code == 400


def test_a_body_over_the_limit_is_too_large(stage: Stage, bot: ActingBot, channel: int) -> None:
    answer = bot.upload("sendDocument", {"document": ("big.bin", b"x" * 51 * 1024 * 1024)}, chat_id=channel)
    assert answer.json() == {
        "ok": False,
        "error_code": 413,
        "description": "Request Entity Too Large",
    }


def test_connections_are_kept_alive(sandbox_url: str, bot: ActingBot) -> None:
    with httpx.Client(base_url=sandbox_url) as http:
        ports = set()
        for _ in range(3):
            with http.stream("GET", f"/bot{bot.token}/getMe") as answer:
                ports.add(answer.extensions["network_stream"].get_extra_info("client_addr"))
                answer.read()
    assert len(ports) == 1
