"""`/bulk_message`, `/status` and `/cancel`: the seed's routes, with an audience as JSON or as a file."""

import io
import json
import tracemalloc
from array import array
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from bots.models import Bot, Subscriber
from broadcasts.models import Broadcast, Recipient
from broadcasts.services import audience
from broadcasts.services.lists import Members
from broadcasts.services.results import Result, record
from tests.broadcasts.factories import TEXT, chats, make_bot, make_broadcast
from tests.conftest import client_of
from tests.threads import in_threads

PATHS = ["/bulk_message", "/bulk_message/"]
JSON = "application/json"


@pytest.fixture
def client(owner: User, bot: Bot) -> APIClient:
    return client_of(owner)


def send(client: APIClient, path: str = PATHS[0], key: str = "", **body: Any) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(path, {"content": TEXT, **body}, headers=headers)


def upload(client: APIClient, file: bytes, **request: Any) -> Any:
    form = {"file": io.BytesIO(file), "request": json.dumps({"content": TEXT, **request})}
    return client.post("/bulk_message", form, format="multipart")


def audience_of(task_id: str) -> list[int]:
    rows = Recipient.objects.filter(broadcast__public_id=task_id).order_by("seq")
    return list(rows.values_list("chat_id", flat=True))


@pytest.mark.parametrize("path", PATHS)
def test_it_makes_a_broadcast_and_names_its_task(client: APIClient, path: str) -> None:
    answer = send(client, path, recipients=[7, 5, 7], priority="high", name="News")
    assert answer.status_code == 201
    told = answer.json()
    assert told["status"] == "scheduled"
    assert (told["received"], told["duplicates"], told["recipients_count"]) == (3, 1, 2)
    assert audience_of(told["task_id"]) == [5, 7]
    made = Broadcast.objects.get(public_id=told["task_id"])
    assert (made.priority, made.name, made.content) == ("high", "News", TEXT)


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_status_tells_how_far_it_is(client: APIClient, slash: str) -> None:
    task_id = send(client, recipients=chats(4)).json()["task_id"]
    pk = Broadcast.objects.get().pk
    record([Result(pk, 1, chats(1)[0], "sent"), Result(pk, 2, chats(2)[1], "failed", "blocked")])
    told = client.get(f"/status/{task_id}{slash}").json()
    assert told["task_id"] == task_id
    assert {name: told[name] for name in ("recipients_count", "sent", "failed", "skipped", "uncertain")} == {
        "recipients_count": 4, "sent": 1, "failed": 1, "skipped": 0, "uncertain": 0,
    }  # fmt: skip
    assert told["status"] == "scheduled"
    assert told["eta"] > told["created_at"]


@pytest.mark.parametrize("slash", ["", "/"])
def test_cancelling_is_for_good_and_may_be_repeated(client: APIClient, slash: str) -> None:
    task_id = send(client, recipients=chats(4)).json()["task_id"]
    for _ in range(2):
        told = client.post(f"/cancel/{task_id}{slash}").json()
        assert (told["status"], told["eta"]) == ("cancelled", None)
    answer = client.post(f"/api/broadcasts/{task_id}/resume")
    assert (answer.status_code, answer.json()["code"]) == (409, "BROADCAST_OVER")


def test_a_stranger_and_nobody_find_nothing(client: APIClient, stranger: User) -> None:
    task_id = send(client, recipients=[1]).json()["task_id"]
    for other, wanted in ((client_of(stranger), 404), (client_of(None), 401)):
        assert other.get(f"/status/{task_id}").status_code == wanted
        assert other.post(f"/cancel/{task_id}").status_code == wanted
    assert Broadcast.objects.get().status == "scheduled"
    assert client.get("/status/7").status_code == 404


def test_staff_find_everybodys(client: APIClient, staff: User) -> None:
    task_id = send(client, recipients=[1]).json()["task_id"]
    assert client_of(staff).get(f"/status/{task_id}").status_code == 200


# --- the bot ------------------------------------------------------------------------------------------------
def test_with_several_bots_one_has_to_be_named(client: APIClient, owner: User, bot: Bot) -> None:
    other = make_bot(owner.account)
    refused = send(client, recipients=[1])
    assert (refused.status_code, refused.json()["code"]) == (400, "BOT_NOT_CHOSEN")
    assert send(client, recipients=[1], bot_id=other.pk).status_code == 201
    assert Broadcast.objects.get().bot == other


def test_a_strangers_bot_is_not_there(bot: Bot, stranger: User) -> None:
    own = make_bot(stranger.account)
    answer = send(client_of(stranger), recipients=[1], bot_id=bot.pk)
    assert (answer.status_code, answer.json()["code"]) == (404, "BOT_NOT_FOUND")
    assert send(client_of(stranger), recipients=[1]).status_code == 201
    assert Broadcast.objects.get().bot == own


def test_a_bot_without_a_token_writes_to_nobody(client: APIClient, bot: Bot) -> None:
    Bot.objects.update(status="quarantined")
    assert send(client, recipients=[1]).json()["code"] == "NO_ACTIVE_BOT"
    assert send(client, recipients=[1], bot_id=bot.pk).json()["code"] == "BOT_NOT_ACTIVE"


# --- once -----------------------------------------------------------------------------------------------------
def test_a_key_makes_one_broadcast_and_the_same_answer(client: APIClient) -> None:
    first, again = (send(client, key="k", recipients=[1, 2]) for _ in range(2))
    assert first.json() == again.json()
    other = send(client, key="k", recipients=[1, 3])
    assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert send(client, key="other", recipients=[1, 2]).json()["task_id"] != first.json()["task_id"]


def test_a_key_is_refused_when_it_cannot_be_kept(client: APIClient) -> None:
    assert send(client, key="k" * 101, recipients=[1]).status_code == 400


def test_a_scope_reaches_a_chat_once_and_tells_how_many_it_left_out(client: APIClient) -> None:
    send(client, recipients=[1, 2], dedup_scope="spring")
    told = send(client, recipients=[2, 3, 3], dedup_scope="spring").json()
    assert (told["received"], told["duplicates"], told["reached_before"], told["recipients_count"]) == (
        3,
        1,
        1,
        1,
    )
    assert send(client, recipients=[2], dedup_scope="giveaway-result:7").status_code == 400


# --- when, and for what ----------------------------------------------------------------------------------------
def moment(**later: int) -> str:
    return (timezone.now() + timedelta(**later)).isoformat()


def test_it_waits_for_its_time_and_ends_at_another(client: APIClient) -> None:
    told = send(client, recipients=[1], schedule=moment(hours=1), expires_at=moment(hours=2)).json()
    assert told["status"] == "scheduled"
    shown = client.get(f"/api/broadcasts/{told['task_id']}").json()
    assert shown["eta"] > shown["schedule"] > moment(minutes=50)[:19]
    assert shown["expires_at"] > shown["schedule"]


def test_it_may_be_paid_for_within_a_budget(client: APIClient) -> None:
    told = send(client, recipients=[1], paid=True, stars_budget=5, stars_spent_then="pause").json()
    shown = client.get(f"/api/broadcasts/{told['task_id']}").json()
    assert (shown["paid"], shown["stars_budget"], shown["stars_spent"]) == (True, 5, 0)


# --- bounds -----------------------------------------------------------------------------------------------------
def test_so_many_may_be_under_way_at_once(client: APIClient, settings: Any) -> None:
    settings.BROADCASTS_PER_ACCOUNT = 2
    first = send(client, key="a", recipients=[1]).json()
    send(client, recipients=[1])
    refused = send(client, recipients=[1])
    assert (refused.status_code, refused.json()["code"]) == (409, "TOO_MANY_BROADCASTS")
    assert send(client, key="a", recipients=[1]).json() == first  # what was made is still told
    client.post(f"/cancel/{first['task_id']}")
    assert send(client, recipients=[1]).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_so_many_and_no_more_when_all_ask_at_once(owner: User, bot: Bot, settings: Any) -> None:
    settings.BROADCASTS_PER_ACCOUNT = 3
    client = client_of(owner)
    codes = in_threads(8, lambda: send(client, recipients=[1]).status_code)
    assert sorted(codes) == [201] * 3 + [409] * 5


def test_creating_is_throttled(client: APIClient, tight: None) -> None:
    codes = [send(client, recipients=[1]).status_code for _ in range(32)]
    assert codes[:30] == [201] * 30
    assert 429 in codes[30:] or send(client, recipients=[1]).status_code == 429


def test_the_most_chats_and_not_one_more(client: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broadcasts.services.lists.MOST_CHATS", 5)
    assert send(client, recipients=chats(5)).status_code == 201
    refused = send(client, recipients=chats(6))
    assert (refused.status_code, refused.json()["code"]) == (413, "TOO_MANY_CHATS")
    assert upload(client, b"1\n2\n3\n4\n5\n6\n").status_code == 413


def test_a_body_is_bounded_before_it_is_read(client: APIClient) -> None:
    answer = client.post("/bulk_message", b"{}", content_type=JSON, CONTENT_LENGTH=33_000_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")
    assert send(client, recipients=[1], content={"type": "text", "text": "x" * 3_000_000}).status_code == 413


# --- bodies ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("bad", ["7", 7.0, 7.5, True, None, [7], {"id": 7}, 0, 2**52, -(2**60), 10**30])
def test_the_first_bad_chat_is_named_by_its_place(client: APIClient, bad: Any) -> None:
    answer = send(client, recipients=[5, 6, bad, "x"])
    assert (answer.status_code, answer.json()["code"]) == (400, "CHATS_INVALID")
    assert "recipients[2]" in answer.json()["message"]
    assert not Broadcast.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"nonsense", b'{"recipients": [1,', b'{"a": NaN}', b"\x00", b"[" * 100_000,
        b'{"content": ' + b"[" * 40 + b"]" * 40 + b"}",
        b'{"content": {"a": 1e999}}', b'{"name": "\xed\xa0\x80"}', b"null", b"[1]", b'"text"', b"5",
    ],
)  # fmt: skip
def test_a_body_that_makes_no_sense_is_refused(client: APIClient, body: bytes) -> None:
    answer = client.post("/bulk_message", body, content_type=JSON)
    assert answer.status_code == 400
    assert answer.json()["code"] in ("MALFORMED_JSON", "VALIDATION_ERROR")


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "recipients"),
        ({"recipients": []}, "recipients"),
        ({"recipients": 7}, "recipients"),
        ({"recipients": "7"}, "recipients"),
        ({"recipients": {"1": 2}}, "recipients"),
        ({"recipients": [1], "audience": {"kind": "subscribers"}}, "recipients"),
        ({"audience": {"kind": "everybody"}}, "audience.kind"),
        ({"audience": {"kind": "subscribers", "language": "Russian"}}, "audience.language"),
        ({"audience": {"kind": "subscribers", "active_days": 0}}, "audience.active_days"),
        ({"audience": {"kind": "subscribers", "age": 5}}, "audience.age"),
        ({"recipients": [1], "content": "Hello"}, "content"),
        ({"recipients": [1], "priority": "urgent"}, "priority"),
        ({"recipients": [1], "bot_id": True}, "bot_id"),
        ({"recipients": [1], "uncertain_policy": "pray"}, "uncertain_policy"),
        ({"recipients": [1], "recipient": [1]}, "recipient"),
        ({"recipients": [1], "schedule": "2020-01-01T00:00:00Z"}, "schedule"),
        ({"recipients": [1], "schedule": "tomorrow"}, "schedule"),
        ({"recipients": [1], "expires_at": "2999-01-01T00:00:00Z"}, "expires_at"),
        ({"recipients": [1], "paid": True}, "stars_budget"),
        ({"recipients": [1], "repeat_seconds": -1}, "repeat_seconds"),
    ],
)
def test_a_refusal_names_the_field(client: APIClient, body: dict[str, Any], named: str) -> None:
    answer = send(client, **body)
    assert answer.status_code == 400
    assert named in answer.json()["errors"]


@pytest.mark.parametrize(
    "text",
    ["[1,]", "[,1]", "[1,,2]", "[1 2]", "[01]", "[NaN]", "[1}", "[1" + "1" * 5000 + "]",
     '["a]b"]', "[-]", "[1e999]", "[" * 5000, "[null,", "[ , ]"],
)  # fmt: skip
def test_a_list_that_is_none_is_refused(client: APIClient, text: str) -> None:
    answer = client.post("/bulk_message", f'{{"recipients": {text}}}', content_type=JSON)
    assert answer.status_code == 400
    assert answer.json()["code"] in ("MALFORMED_JSON", "CHATS_INVALID")


def test_content_telegram_would_refuse_is_refused_here(client: APIClient) -> None:
    answer = send(client, recipients=[1], content={"type": "text", "text": ""})
    assert (answer.status_code, answer.json()["code"]) == (400, "CONTENT_INVALID")


# --- files -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "file",
    [
        b"5\n-100200\n7\n",
        b"5\r\n-100200\r\n\r\n7",
        b"\xef\xbb\xbfchat_id\n5\n-100200\n7\n5\n",
        b'id;name\n"5";"Ann, the first"\n-100200;Bob\n 7 ;\xd0\x96\n',
        b"5,Ann\n-100200,Bob\n7,\n\n\n",
        b"5\t1\n-100200\n7",
    ],
)
def test_a_file_has_one_chat_a_line(client: APIClient, file: bytes) -> None:
    answer = upload(client, file)
    assert answer.status_code == 201
    assert audience_of(answer.json()["task_id"]) == [-100200, 5, 7]


@pytest.mark.parametrize(
    ("file", "line"),
    [
        (b"5\nseven\n", 2),
        (b"id\n5\n7.5\n", 3),
        (b"5\n0\n", 2),
        (b"5\n" + b"7" * 30, 2),
        (b"5\n1 2\n", 2),
        (b"x\ny\n", 2),
    ],
)
def test_the_first_bad_line_is_named(client: APIClient, file: bytes, line: int) -> None:
    answer = upload(client, file)
    assert (answer.status_code, answer.json()["code"]) == (400, "CHATS_INVALID")
    assert f"line {line}" in answer.json()["message"]


def test_a_file_without_a_chat_is_refused(client: APIClient) -> None:
    assert upload(client, b"chat_id\n").json()["errors"].keys() == {"recipients"}


def test_a_line_may_fall_into_two_pieces(client: APIClient) -> None:
    numbers = chats(30_000)
    answer = upload(client, "\n".join(map(str, numbers)).encode())
    assert answer.json()["recipients_count"] == 30_000


def test_a_form_with_anything_else_is_refused(client: APIClient) -> None:
    def post(**form: Any) -> Any:
        return client.post("/bulk_message", form, format="multipart")

    body = json.dumps({"content": TEXT})
    assert post(list=io.BytesIO(b"1"), request=body).json()["errors"].keys() == {"list"}
    assert post(file=io.BytesIO(b"1"), request=body, extra="1").json()["errors"].keys() == {"extra"}
    assert post(file=io.BytesIO(b"1"), request="[1]").json()["errors"].keys() == {"request"}
    assert post(file=io.BytesIO(b"1"), request="{").json()["code"] == "MALFORMED_JSON"
    both = json.dumps({"content": TEXT, "recipients": [1]})
    assert post(file=io.BytesIO(b"1"), request=both).json()["errors"].keys() == {"recipients"}
    assert not Broadcast.objects.exists()


# --- named audiences -----------------------------------------------------------------------------------------------
@pytest.fixture
def crowd(bot: Bot, owner: User) -> None:
    def make(chat_id: int, language: str, days: int, **fields: Any) -> None:
        seen_at = timezone.now() - timedelta(days=days)
        values = {"bot": bot, "chat_id": chat_id, "language_code": language, "seen_at": seen_at, **fields}
        Subscriber.objects.create(**values)

    for chat_id, language in ((1, "ru"), (2, "ru-RU"), (3, "run"), (4, "en")):
        make(chat_id, language, 60)
    make(5, "ru", 60, unreachable="blocked")
    make(6, "ru", 1)
    make(7, "ru", 1, bot=make_bot(owner.account, status="deactivated"))


@pytest.mark.parametrize(
    ("narrowed", "who"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"language": "ru"}, [1, 2, 5, 6]),
        ({"active_days": 30}, [6]),
        ({"active_days": 90, "language": "en"}, [4]),
    ],
)
def test_subscribers_by_language_and_activity(
    client: APIClient, crowd: None, narrowed: dict[str, Any], who: list[int]
) -> None:
    named = {"kind": "subscribers", **narrowed}
    answer = send(client, audience=named)
    assert audience_of(answer.json()["task_id"]) == who
    assert Broadcast.objects.get().audience.items() >= named.items()


def test_an_audience_is_counted_before_anything_is_sent(client: APIClient, crowd: None, bot: Bot) -> None:
    def count(**asked: Any) -> Any:
        return client.post("/api/broadcasts/audience", {"bot_id": bot.pk, **asked}).json()

    named = count(audience={"kind": "subscribers", "language": "ru"})
    assert named == {"received": 4, "duplicates": 0, "recipients": 4, "unreachable": 1}
    assert count(recipients=[5, 5, 8]) == {"received": 3, "duplicates": 1, "recipients": 2, "unreachable": 1}
    assert not Broadcast.objects.exists()


def test_the_chats_of_a_request_are_numbers_of_eight_bytes() -> None:
    asked = audience.Chats(array("q", [1, 2])).asked
    assert asked != audience.Chats(array("q", [2, 1])).asked
    assert asked["kind"] == "chats"


def test_a_broadcast_of_another_makers_is_told_as_well(client: APIClient, bot: Bot) -> None:
    made = make_broadcast(bot, chats(2))
    assert client.get(f"/status/{made.public_id}").json()["recipients_count"] == 2


def test_a_long_list_costs_eight_bytes_a_chat_whatever_its_spelling() -> None:
    body = b'{"content": {"type": "text"}, "recipients": [' + b"  1234567890123456,\n" * 200_000 + b"7]}"
    members = Members("recipients")
    tracemalloc.start()
    try:
        for at in range(0, len(body), 65_536):
            members.feed(body[at : at + 65_536])
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(members.chats) == 200_001
    assert members.outside == b'{"content": {"type": "text"}, "recipients": null}'
    assert most < 8 * 200_000 + 2_000_000  # the array as it grows, and one piece; as a list it would be ten
