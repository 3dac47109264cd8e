"""X-Request-ID on every answer, and the same id on the log lines."""

import logging
from typing import Any

import pytest
from django.test import Client


def test_every_answer_has_one_of_its_own(db: None, client: Client) -> None:
    ids = {
        client.get(path).headers["X-Request-ID"]
        for path in ("/health/live", "/nowhere", "/admin/", "/metrics")
    }
    assert len(ids) == 4


def test_the_callers_is_kept_when_it_is_sane(client: Client) -> None:
    answer = client.get("/health/live", headers={"x-request-id": "order-1234.abc"})
    assert answer.headers["X-Request-ID"] == "order-1234.abc"


@pytest.mark.parametrize("given", ["short", "x" * 65, "with space in it", "new\\nline-here", "<script>alert"])
def test_another_is_replaced(client: Client, given: str) -> None:
    assert client.get("/health/live", headers={"x-request-id": given}).headers["X-Request-ID"] != given


def test_the_log_line_of_a_request_carries_it(client: Client, caplog: Any) -> None:
    logging.getLogger("django_structlog").setLevel(logging.INFO)
    with caplog.at_level(logging.INFO):
        client.get("/health/live", headers={"x-request-id": "find-me-again"})
    lines = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    finished = [line for line in lines if line["event"] == "request_finished"]
    assert [line["request_id"] for line in finished] == ["find-me-again"]
    assert [(line["code"], line["address"]) for line in finished] == [(200, "127.0.0.1")]
    assert finished[0]["duration_ms"] >= 0
    assert all(line["event"] != "request_started" for line in lines)
