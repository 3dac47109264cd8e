"""The back office of broadcasts."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.audit import SYSTEM
from accounts.models import AuditEntry, User
from bots.models import Bot, Subscriber
from bots.services import media
from broadcasts.models import Broadcast
from broadcasts.services import leasing, results
from tests.broadcasts.factories import chats, make_broadcast, outcomes
from tests.broadcasts.test_types_on_telegram import FILES

LIST = "/admin/broadcasts/broadcast/"
NAMES = ["broadcast", "delivery", "recipient", "intent", "chunk"]


@pytest.fixture
def desk(client: Client, staff: User) -> Client:
    client.force_login(staff)
    return client


def test_the_list_counts_all_broadcasts_in_one_query(
    desk: Client, bot: Bot, django_assert_max_num_queries: object
) -> None:
    for _ in range(8):
        broadcast = make_broadcast(bot, chats(3))
        results.record([results.Result(broadcast.pk, 1, chats(1)[0], "sent")])
    with django_assert_max_num_queries(12) as captured:
        assert desk.get(LIST).status_code == 200
    assert sum("broadcasts_tally" in query["sql"] for query in captured.captured_queries) == 1
    assert not any("broadcasts_delivery" in query["sql"] for query in captured.captured_queries)


@pytest.mark.parametrize("name", NAMES)
def test_every_table_can_be_looked_at_and_searched(desk: Client, bot: Bot, name: str) -> None:
    make_broadcast(bot, chats(3))
    leasing.take(pump="one", seconds=10)
    address = reverse(f"admin:broadcasts_{name}_changelist")
    for question in ("", "?q=1000001", "?q=nobody"):
        assert desk.get(address + question).status_code == 200
    assert desk.get(reverse(f"admin:broadcasts_{name}_add")).status_code == (
        200 if name == "broadcast" else 403
    )


def test_a_broadcast_shows_how_far_it_is(desk: Client, bot: Bot) -> None:
    broadcast = make_broadcast(bot, chats(3))
    results.record([results.Result(broadcast.pk, 1, chats(1)[0], "failed", "blocked")])
    page = desk.get(reverse("admin:broadcasts_broadcast_change", args=[broadcast.pk])).content.decode()
    assert "1 of 3 · 33 %" in page
    assert "failed: blocked" in page  # in the chart
    assert 'value="retry_failed"' in page


@pytest.mark.parametrize(("action", "status"), [("pause", "paused"), ("cancel", "cancelled")])
def test_an_action_moves_the_chosen_and_is_written_into_the_trail(
    desk: Client, staff: User, bot: Bot, action: str, status: str
) -> None:
    broadcast = make_broadcast(bot, chats(3))
    desk.post(LIST, {"action": action, "_selected_action": [broadcast.pk], "confirmed": "yes"})
    broadcast.refresh_from_db()
    assert broadcast.status == status
    assert AuditEntry.objects.get(verb=action).actor == staff


def test_a_refusal_is_shown_as_a_sentence(desk: Client, bot: Bot) -> None:
    broadcast = make_broadcast(bot, [])
    page = desk.post(LIST, {"action": "pause", "_selected_action": [broadcast.pk]}, follow=True)
    assert "it can no longer be changed" in page.content.decode()
    assert Broadcast.objects.get().status == Broadcast.Status.COMPLETED


@pytest.mark.parametrize("action", ["cancel", "retry_failed", "resend_uncertain", "leave_uncertain"])
def test_what_reaches_far_is_asked_first(desk: Client, bot: Bot, action: str) -> None:
    broadcast = make_broadcast(bot, chats(3), name="Spring sale")
    page = desk.post(LIST, {"action": action, "_selected_action": [broadcast.pk], "back": str(broadcast.pk)})
    assert "Spring sale" in page.content.decode()
    assert f"{LIST}{broadcast.pk}/change/" in page.content.decode()  # the way back
    broadcast.refresh_from_db()
    assert broadcast.status == "scheduled"


def test_a_button_of_the_page_leads_back_to_it(desk: Client, bot: Bot) -> None:
    broadcast = make_broadcast(bot, chats(3))
    asked = {"action": "pause", "_selected_action": [broadcast.pk], "back": str(broadcast.pk)}
    assert desk.post(LIST, asked).headers["Location"] == f"{LIST}{broadcast.pk}/change/"


def test_those_in_doubt_are_decided_about(desk: Client, bot: Bot) -> None:
    broadcast = make_broadcast(bot, chats(1))
    results.record([results.Result(broadcast.pk, 1, chats(1)[0], "uncertain", "interrupted")])
    desk.post(LIST, {"action": "leave_uncertain", "_selected_action": [broadcast.pk], "confirmed": "yes"})
    assert outcomes(broadcast)[chats(1)[0]] == ("skipped", "closed")


def test_the_bars_are_told_to_their_script(
    desk: Client, bot: Bot, django_assert_max_num_queries: Any
) -> None:
    made = [make_broadcast(bot, chats(4)) for _ in range(5)]
    results.record([results.Result(made[0].pk, 1, chats(1)[0], "sent")])
    ids = ",".join(str(broadcast.pk) for broadcast in made)
    with django_assert_max_num_queries(6):
        told = desk.get(f"{LIST}progress/?ids={ids},x,{'9' * 40}").json()
    assert len(told) == 5
    first = told[str(made[0].pk)]
    assert (first["done"], first["most"], first["live"], first["numbers"]["sent"]) == (1, 4, True, 1)
    assert "done by" in desk.get(f"{LIST}progress/?full=1&ids={made[1].pk}").json()[str(made[1].pk)]["text"]


def test_every_recipient_is_in_a_file(desk: Client, bot: Bot) -> None:
    broadcast = make_broadcast(bot, chats(2))
    answer = desk.get(f"{LIST}{broadcast.pk}/report.csv")
    assert b"".join(answer.streaming_content).decode().splitlines()[1] == "1000001,pending,,,,0"


@pytest.mark.parametrize("path", ["progress/?ids=1", "1/report.csv", "add/"])
def test_people_without_the_right_see_nothing(client: Client, owner: User, path: str) -> None:
    owner.is_staff = True
    owner.save()
    client.force_login(owner)
    assert client.get(LIST + path).status_code in (403, 404)


# --- a new one ------------------------------------------------------------------------------------------------
def form(bot: Bot, **fields: Any) -> dict[str, Any]:
    given = {"name": "News", "bot": bot.pk, "text": "Hello", "who": "chats", "chats": "5\n-7\n5", "priority": "low",
             "uncertain_policy": "skip"}  # fmt: skip
    return {**given, **fields}


def test_it_is_made_by_the_same_service(desk: Client, staff: User, bot: Bot) -> None:
    answer = desk.post(f"{LIST}add/", form(bot, buttons="Read on | https://example.com\n"))
    assert answer.status_code == 302
    made = Broadcast.objects.get()
    assert (made.account, made.priority, made.name, made.recipients_count) == (bot.account, "low", "News", 2)
    assert made.content["buttons"] == [[{"text": "Read on", "url": "https://example.com"}]]
    assert AuditEntry.objects.get(verb="create").actor == staff


def test_it_may_be_anything_the_api_takes(desk: Client, bot: Bot) -> None:
    file = media.store(account_id=bot.account_id, by=SYSTEM, name="file", content=[FILES["photo"]])
    other = f'{{"type": "photo", "media_id": {file.pk}, "caption": "Look"}}'
    assert desk.post(f"{LIST}add/", form(bot, text="", other=other)).status_code == 302
    assert Broadcast.objects.get().content["media_id"] == file.pk


def test_its_audience_may_be_a_file_or_the_subscribers(desk: Client, bot: Bot) -> None:
    Subscriber.objects.create(bot=bot, chat_id=9, language_code="ru")
    upload = SimpleUploadedFile("people.csv", b"chat_id,name\n5,Ann\n6,Bob\n")
    desk.post(f"{LIST}add/", form(bot, chats="", file=upload))
    desk.post(f"{LIST}add/", form(bot, who="subscribers", language="ru", chats=""))
    assert [broadcast.recipients_count for broadcast in Broadcast.objects.order_by("id")] == [2, 1]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"text": ""}, "The message cannot be sent"),
        ({"buttons": "Read on"}, "Write every button as"),
        ({"other": "{"}, "This is no JSON"),
        ({"other": "[1]"}, "Expected a JSON object"),
        ({"chats": "5\nfive"}, "line 2 is no chat id"),
        ({"chats": ""}, "Name at least one chat"),
        ({"who": "subscribers", "language": "Russian"}, "Enter a valid value"),
    ],
)
def test_the_form_says_what_is_wrong(desk: Client, bot: Bot, fields: dict[str, str], sentence: str) -> None:
    page = desk.post(f"{LIST}add/", form(bot, **fields))
    assert sentence in page.content.decode()
    assert not Broadcast.objects.exists()


def test_a_limit_is_told_as_a_sentence(desk: Client, bot: Bot, settings: Any) -> None:
    settings.BROADCASTS_PER_ACCOUNT = 1
    make_broadcast(bot, chats(1))
    page = desk.post(f"{LIST}add/", form(bot), follow=True)
    assert "not over yet" in page.content.decode()
    assert Broadcast.objects.count() == 1
