"""After sending: reports, another try for those who failed, decisions in doubt, and tests before it all."""

import csv
import io
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import AuditEntry, User
from bots.models import Bot
from broadcasts.models import Broadcast
from broadcasts.services import report
from broadcasts.services.results import Result, record
from tests.broadcasts.factories import TEXT, chats, make_broadcast, outcomes, pump
from tests.broadcasts.server import BLOCKED, BROKEN, Refusal, Server
from tests.conftest import client_of

LIST = "/api/broadcasts/"
NO_VOICE = Refusal(400, "Bad Request: VOICE_MESSAGES_FORBIDDEN")


@pytest.fixture
def client(owner: User, bot: Bot) -> APIClient:
    return client_of(owner)


def ended(broadcast: Broadcast, *results: tuple[str, str]) -> str:
    """A broadcast that is over, with these results; its path."""
    record([Result(broadcast.pk, seq, chats(seq)[-1], *one) for seq, one in enumerate(results, start=1)])
    Broadcast.objects.filter(pk=broadcast.pk).update(status="running")
    broadcast.chunks.update(done_at="2030-01-01T00:00:00Z")
    broadcast.refresh_from_db()
    broadcast.move_to("completed")
    broadcast.save()
    return f"{LIST}{broadcast.public_id}"


def table(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))


# --- reports ------------------------------------------------------------------------------------------------
def test_the_report_tells_results_by_kind(client: APIClient, bot: Bot) -> None:
    path = ended(make_broadcast(bot, chats(4)), ("sent", ""), ("sent", "resent"), ("failed", "blocked"))
    told = client.get(f"{path}/report").json()
    assert told["kinds"] == {"sent": {"ok": 1, "resent": 1}, "failed": {"blocked": 1}}
    assert (told["sent"], told["failed"], told["pending"]) == (2, 1, 1)
    assert told["average_rate"] is None  # it never started: these results were written by hand


@pytest.mark.parametrize("accept", ["text/csv", "application/json", "*/*"])
def test_the_file_tells_what_became_of_everybody(client: APIClient, bot: Bot, accept: str) -> None:
    path = ended(make_broadcast(bot, chats(3)), ("sent", ""), ("failed", "blocked"))
    answer = client.get(f"{path}/report.csv", headers={"Accept": accept})
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    head, *rows = table(answer)
    assert head == ["chat_id", "outcome", "kind", "message_id", "at", "attempts"]
    assert [(row[0], row[1], row[2], row[5]) for row in rows] == [
        ("1000001", "sent", "", "1"), ("1000002", "failed", "blocked", "1"), ("1000003", "pending", "", "0"),
    ]  # fmt: skip


def test_the_file_is_read_page_by_page(
    client: APIClient, bot: Bot, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(report, "PAGE", 10)
    broadcast = make_broadcast(bot, chats(25))
    with django_assert_num_queries(3):
        assert [row[0] for row in report.rows(broadcast)] == chats(25)


# --- again ----------------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_only_those_who_failed_are_sent_to_again(client: APIClient, bot: Bot, server: Server) -> None:
    server.tell(chats(1)[0], BLOCKED)
    server.tell(chats(2)[1], NO_VOICE)
    broadcast = make_broadcast(bot, chats(5))
    pump()
    path = f"{LIST}{broadcast.public_id}/retry-failed"
    assert client.post(path, {"kinds": ["parse"]}).json()["affected"] == 0
    told = client.post(path).json()
    assert (told["affected"], told["status"]) == (2, "running")
    pump()
    assert outcomes(broadcast)[chats(2)[1]] == ("sent", "")
    assert server.times_accepted() == dict.fromkeys(chats(5)[1:], 1)  # who blocked the bot is not even called
    assert client.get(f"/status/{broadcast.public_id}").json()["status"] == "completed"


def test_a_retry_counts_among_those_under_way(client: APIClient, bot: Bot, settings: Any) -> None:
    path = ended(make_broadcast(bot, chats(1)), ("failed", "blocked"))
    settings.BROADCASTS_PER_ACCOUNT = 1
    make_broadcast(bot, chats(1))
    answer = client.post(f"{path}/retry-failed")
    assert (answer.status_code, answer.json()["code"]) == (409, "TOO_MANY_BROADCASTS")


@pytest.mark.parametrize(("verdict", "status"), [("resend", "running"), ("skip", "completed")])
def test_a_person_decides_about_doubts(
    client: APIClient, bot: Bot, verdict: str, status: str, owner: User
) -> None:
    broadcast = make_broadcast(bot, chats(2), uncertain_policy="ask")
    path = ended(broadcast, ("sent", ""), ("uncertain", "interrupted"))
    told = client.post(f"{path}/decide", {"verdict": verdict}).json()
    assert (told["affected"], told["status"], told["uncertain"]) == (1, status, 0)
    assert AuditEntry.objects.filter(actor=owner, object_id=str(broadcast.pk)).count() == 1
    assert client.post(f"{path}/decide", {"verdict": verdict}).json()["affected"] == 0


@pytest.mark.parametrize(
    "body", [{}, {"verdict": "pray"}, {"verdict": "skip", "chat_ids": []}, {"verdict": "skip", "chats": [1]}]
)
def test_a_decision_says_what(client: APIClient, bot: Bot, body: dict[str, Any]) -> None:
    assert client.post(f"{ended(make_broadcast(bot, chats(1)))}/decide", body).status_code == 400


# --- tests ------------------------------------------------------------------------------------------------------
@pytest.fixture
def delivering(monkeypatch: pytest.MonkeyPatch) -> None:
    """A nudge works at once, as a worker beside would."""
    monkeypatch.setattr("broadcasts.tasks.pump.delay", pump)


@pytest.mark.django_db(transaction=True)
def test_a_test_is_seen_at_once_and_counts_nowhere(
    client: APIClient, bot: Bot, server: Server, settings: Any, delivering: None
) -> None:
    settings.BROADCASTS_PER_ACCOUNT = 1
    answer = client.post(f"{LIST}test", {"chat_id": 77, "content": TEXT})
    told = answer.json()
    assert (answer.status_code, told["outcome"], told["message_id"]) == (200, "sent", 1)
    assert server.times_accepted() == {77: 1}
    assert client.get(LIST).json()["count"] == 0
    assert client.get(f"{LIST}?kind=test").json()["count"] == 1
    assert client.post("/bulk_message", {"recipients": [77], "content": TEXT}).status_code == 201
    assert client.post(f"{LIST}test", {"chat_id": 77, "content": TEXT}).json()["outcome"] == "sent"


@pytest.mark.django_db(transaction=True)
def test_a_test_of_broken_content_tells_telegrams_words(
    client: APIClient, bot: Bot, server: Server, delivering: None
) -> None:
    server.tell(77, BROKEN)
    told = client.post(f"{LIST}test", {"chat_id": 77, "content": TEXT}).json()
    assert (told["outcome"], told["kind"]) == ("failed", "parse")


def test_a_test_nobody_delivers_yet_is_a_202(client: APIClient, bot: Bot) -> None:
    answer = client.post(f"{LIST}test", {"chat_id": 77, "content": TEXT}, headers={"Prefer": "wait=0"})
    assert (answer.status_code, answer.json()["outcome"]) == (202, None)


# --- whose ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("get", "/report", {}),
        ("get", "/report.csv", {}),
        ("post", "/retry-failed", {}),
        ("post", "/decide", {"verdict": "skip"}),
    ],
)
def test_a_stranger_and_nobody_find_nothing(
    bot: Bot, stranger: User, method: str, path: str, body: dict[str, Any]
) -> None:
    address = ended(make_broadcast(bot, chats(1)), ("failed", "")) + path
    for user, wanted in ((stranger, 404), (None, 401)):
        assert getattr(client_of(user), method)(address, body).status_code == wanted
    test = client_of(stranger).post(f"{LIST}test", {"bot_id": bot.pk, "chat_id": 1, "content": TEXT})
    assert test.status_code == 404
