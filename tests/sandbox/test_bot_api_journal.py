"""What was answered as accepted is there after the process was killed, and after any restart."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from tests.sandbox.conftest import ActingBot, Stage, png, wait_for

ROOT = Path(__file__).parent.parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(state: Path, port: int) -> Iterator[tuple[subprocess.Popen[bytes], Stage]]:
    """`python -m sandbox.server` as its own process, healthy."""
    environment = os.environ | {"SANDBOX_PORT": str(port), "SANDBOX_STATE": str(state)}
    command = [sys.executable, "-m", "sandbox.server"]
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL)
    stage = Stage(f"http://127.0.0.1:{port}")

    def healthy() -> bool:
        with suppress(httpx.TransportError):
            return stage.http.get("/sandbox/health").is_success
        return False

    try:
        wait_for(healthy)
        yield process, stage
    finally:
        process.kill()
        process.wait()
        stage.close()


def test_everything_accepted_survives_a_kill(tmp_path: Path) -> None:
    told: list[int] = []
    port = free_port()
    with server(tmp_path, port) as (process, stage):
        bot = stage.bot()
        channel = stage.channel(stage.person(), bot)

        def send_until_killed() -> None:
            with suppress(httpx.TransportError), httpx.Client(base_url=stage.url) as http:
                while True:
                    sent = http.post(f"/bot{bot.token}/sendMessage", json={"chat_id": channel, "text": "x"})
                    told.append(sent.json()["result"]["message_id"])

        threads = [threading.Thread(target=send_until_killed) for _ in range(3)]
        for thread in threads:
            thread.start()
        wait_for(lambda: len(told) > 300)
        process.send_signal(signal.SIGKILL)
        for thread in threads:
            thread.join()
    with server(tmp_path, port) as (_, again):
        accepted = [entry["message_id"] for entry in again.get(f"/accepted?bot_id={bot.id}")]
        posts = [post["message_id"] for post in again.posts(channel)]
    assert set(told) <= set(accepted)
    assert accepted == sorted(accepted) == posts


def test_the_whole_world_is_there_after_a_restart(tmp_path: Path) -> None:
    port = free_port()
    with server(tmp_path, port) as (process, stage):
        bot, other = stage.bot(), stage.bot()
        ann = stage.person("Ann", username="ann_ann")
        channel = stage.channel(ann, bot, username="the_channel")
        stage.put(f"/channels/{channel}/members/{stage.person('Bob')}")
        stage.say(ann, bot, "one")
        stage.say(ann, bot, "two")
        first = bot.updates()
        bot.call("getUpdates", offset=first[-1]["update_id"])
        bot.upload("sendPhoto", {"photo": ("a.png", png())}, chat_id=channel)
        other.call("setWebhook", url="http://127.0.0.1:9/hook", secret_token="s")
        stage.put(f"/people/{ann}/block/{other.id}")
        stage.put("/limits", enabled=True, per_bot=7)
        world, chat, posts = stage.get("/world"), stage.chat(ann, bot), stage.posts(channel)
        process.send_signal(signal.SIGKILL)
    with server(tmp_path, port) as (_, again):
        assert again.get("/world") == world
        assert (again.chat(ann, bot), again.posts(channel)) == (chat, posts)
        back = ActingBot(again.http, {"id": bot.id, "token": bot.token, "username": bot.username})
        assert [update["message"]["text"] for update in back.updates()] == ["two"]
        photo = posts[0]["photo"][-1]["file_id"]
        assert again.http.get(f"/sandbox/file/{photo}").content == png()
        hook = again.http.get(f"/bot{other.token}/getWebhookInfo").json()["result"]
        assert (hook["url"], hook["pending_update_count"]) == ("http://127.0.0.1:9/hook", 1)


def test_a_second_server_on_the_same_state_says_so_and_leaves(tmp_path: Path) -> None:
    with server(tmp_path, free_port()):
        environment = os.environ | {"SANDBOX_PORT": str(free_port()), "SANDBOX_STATE": str(tmp_path)}
        command = [sys.executable, "-m", "sandbox.server"]
        second = subprocess.run(
            command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=20
        )
    assert second.returncode == 2
    assert "Another sandbox uses" in second.stderr


@pytest.mark.parametrize(
    ("name", "value"), [("SANDBOX_HOST", "0.0.0.0"), ("SANDBOX_PORT", "many"), ("SANDBOX_SMTP_PORT", "some")]
)
def test_it_refuses_to_listen_where_it_should_not(tmp_path: Path, name: str, value: str) -> None:
    environment = os.environ | {"SANDBOX_STATE": str(tmp_path), name: value}
    command = [sys.executable, "-m", "sandbox.server"]
    refused = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=20)
    assert refused.returncode == 2 and value in refused.stderr


def test_it_stops_quickly_when_told_even_while_somebody_polls(tmp_path: Path) -> None:
    with server(tmp_path, free_port()) as (process, stage):
        bot = stage.bot()

        def poll() -> None:
            with suppress(httpx.TransportError):
                bot.ask("getUpdates", timeout=50)

        thread = threading.Thread(target=poll)
        thread.start()
        wait_for(lambda: stage.is_polled(bot))
        process.terminate()
        assert process.wait(5) == 0
        thread.join()
