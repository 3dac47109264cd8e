"""/health: what is up, what is down, and what that means."""

import http.server
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.test import Client
from redis.backoff import NoBackoff
from redis.retry import Retry

from config import health, heartbeat
from config.redis import client as redis_client


class Says404(http.server.BaseHTTPRequestHandler):
    asked = 0

    def do_HEAD(self) -> None:
        type(self).asked += 1
        self.send_response(404)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture(autouse=True)
def _no_telegram(settings: Any) -> None:
    """Nobody listens there, whatever other tests of the run have started."""
    settings.TELEGRAM_API_URL = "http://127.0.0.1:9"


@pytest.fixture
def telegram(settings: Any) -> Iterator[type[Says404]]:
    """Something that answers HTTP, though not nicely."""
    with http.server.HTTPServer(("127.0.0.1", 0), Says404) as server:
        settings.TELEGRAM_API_URL = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        Says404.asked = 0
        yield Says404
        server.shutdown()


@pytest.fixture
def no_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = redis.Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0))
    for module in ("health", "heartbeat"):
        monkeypatch.setattr(f"config.{module}.client", lambda: gone)


def statuses(answer: Any) -> dict[str, str]:
    return {name: found["status"] for name, found in answer.json()["components"].items()}


@pytest.mark.parametrize("path", ["/health", "/health/"])
def test_everything_is_up(db: None, client: Client, telegram: Any, path: str) -> None:
    heartbeat.beat()
    answer = client.get(path)
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert statuses(answer) == dict.fromkeys(("database", "redis", "celery", "telegram"), "up")
    assert all(found["time_ms"] >= 0 for found in answer.json()["components"].values())


def test_telegram_is_asked_once_in_a_while(db: None, client: Client, telegram: type[Says404]) -> None:
    for _ in range(5):
        client.get("/health")
    assert telegram.asked == 1
    assert 0 < redis_client().ttl(health.TELEGRAM_KEY) <= 10


def test_without_telegram_it_is_degraded(db: None, client: Client) -> None:
    heartbeat.beat()
    answer = client.get("/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert statuses(answer)["telegram"] == "down"


@pytest.mark.parametrize("age", [None, 31, 4000])
def test_without_a_worker_it_is_down(db: None, client: Client, age: int | None) -> None:
    if age:
        redis_client().set(heartbeat.KEY, repr(heartbeat.time.time() - age))
    answer = client.get("/health")
    assert answer.status_code == 503
    assert (answer.json()["status"], answer.json()["code"]) == ("error", "UNHEALTHY")
    assert answer.json()["message"] == "Down: celery."


def test_a_late_heartbeat_is_still_one(db: None, client: Client) -> None:
    redis_client().set(heartbeat.KEY, repr(heartbeat.time.time() - 25))
    assert statuses(client.get("/health"))["celery"] == "up"


def test_without_redis_it_is_down_and_still_answers(db: None, client: Client, no_redis: None) -> None:
    answer = client.get("/health")
    assert answer.status_code == 503
    assert statuses(answer) == {"database": "up", "redis": "down", "celery": "down", "telegram": "down"}
    assert client.get("/health/ready").status_code == 503


def test_without_the_database_it_is_down_and_still_answers(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> None:
        raise health.Down

    gone.__name__ = "database"
    monkeypatch.setattr(health, "database", gone)
    assert client.get("/health").json()["message"].startswith("Down: database")
    assert client.get("/health/ready").status_code == 503


def test_a_web_process_is_alive_whatever_else_is_down(client: Client, no_redis: None) -> None:
    assert client.get("/health/live").json() == {"status": "ok"}


def test_it_is_ready_without_workers_and_telegram(db: None, client: Client) -> None:
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


def test_watching_is_not_limited(client: Client, tight: None) -> None:
    assert {client.get("/health/live").status_code for _ in range(350)} == {200}


def test_metrics_are_there_for_prometheus(client: Client, db: None) -> None:
    client.get("/nowhere")
    text = client.get("/metrics").content.decode()
    assert "django_http_responses_total_by_status_total" in text
    assert "telegive_tasks_total" in text


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics"])
def test_probes_and_prometheus_ask_by_an_address(path: str, client: Client, db: None) -> None:
    assert client.get(path, headers={"host": "10.1.2.3:8000"}).status_code == 200


def test_everything_else_is_answered_under_its_own_name_only(client: Client) -> None:
    assert client.get("/swagger.json", headers={"host": "10.1.2.3:8000"}).status_code == 400
