"""Creating a giveaway: its fields and their limits, its channel, its defaults, and one at a time."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import AuditEntry, User
from bots.models import Binding
from giveaways.models import Giveaway, Status
from tests.giveaways.rows import FIELDS, make_binding, make_giveaway

CREATE = "/api/giveaways/create"
Api = Callable[[User | None], APIClient]
LIVE = [Status.PUBLISHING, Status.PUBLISH_FAILED, Status.ACTIVE, Status.FINISHING]


def create(client: APIClient, **fields: Any) -> Any:
    return client.post(CREATE, json.dumps({**FIELDS, **fields}), content_type="application/json")


def test_it_answers_the_whole_giveaway(owner: User, api: Api) -> None:
    binding = make_binding(owner.account)
    answer = create(api(owner), winner_count=3)
    made = answer.json()["giveaway"]
    assert answer.status_code == 201
    assert made.items() >= {**FIELDS, "winner_count": 3, "status": "draft", "participant_count": 0}.items()
    assert made["account_id"] == owner.account_id
    assert made["channel_id"] == binding.channel.telegram_id
    assert [made[name] for name in ("message_id", "published_at", "finished_at", "media")] == [None] * 4
    assert len(made["result_token"]) == 32


@pytest.mark.parametrize("path", [CREATE, CREATE + "/"])
def test_two_fields_are_enough(owner: User, api: Api, path: str) -> None:
    made = api(owner).post(path, FIELDS).json()["giveaway"]
    assert (made["winner_count"], made["participation_button_text"]) == (1, "🎯 Participate")
    assert made["public_conclusion_message"] == "The giveaway is over. Thank you for taking part!"
    assert "you won" in made["winner_message"]
    assert "did not win" in made["loser_message"]


def test_the_defaults_speak_the_accounts_language(owner: User, api: Api) -> None:
    owner.account.language = "ru"
    owner.account.save()
    assert "Поздравляем" in create(api(owner)).json()["giveaway"]["winner_message"]


@pytest.mark.parametrize(
    ("field", "short", "long"),
    [
        ("title", 2, 256),
        ("main_body", 9, 4001),
        ("participation_button_text", 0, 101),
        ("public_conclusion_message", 4, 4001),
        ("winner_message", 4, 4001),
        ("loser_message", 4, 4001),
    ],
)
def test_a_text_has_its_limits(owner: User, api: Api, field: str, short: int, long: int) -> None:
    client = api(owner)
    for length, status in [(short, 400), (short + 1, 201), (min(long - 1, 3500), 201), (long, 400)]:
        answer = create(client, **{field: "x" * length})
        assert (length, answer.status_code) == (length, status)
        assert status == 201 or list(answer.json()["errors"]) == [field]


@pytest.mark.parametrize(("count", "status"), [(0, 400), (1, 201), (100, 201), (101, 400), (-1, 400)])
def test_there_are_one_to_a_hundred_winners(owner: User, api: Api, count: int, status: int) -> None:
    assert create(api(owner), winner_count=count).status_code == status


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[("title", value) for value in (None, True, 5, 2.9, [], {}, ["abc"], "   ", "a\x00bc", "\ud800abc")],
        *[("main_body", value) for value in (None, False, 10**10, ["0123456789"], "0123456789\x00")],
        *[("winner_count", value) for value in (None, True, 2.9, 2.0, "5", "", [], {}, [1], 10**30, -(10**30))],
        *[("participation_button_text", value) for value in (None, 5, "", [])],
        *[("channel_id", value) for value in (None, True, "@news", 1.5, [], 10**30)],
        *[("required_channels", value) for value in (None, True, "abc", {"a": 1}, 5, [1] * 11)],
        *[("ends_at", value) for value in (True, 5, "tomorrow", [], {}, "2001-01-01T00:00:00Z", "")],
        ("ends_at", "9999-12-31T23:59:59-14:00"),
        *[("max_participants", value) for value in (0, -1, True, 2.5, "7", [], 10**30)],
        *[("beacon", value) for value in (None, "fixture", "None", True, 0, [], {})],
        *[("winner_message", value) for value in (None, 5, True, [], "long enough\x00")],
        *[("account_id", value) for value in (None, True, "1", 0, -1, 1.0, [])],
        *[(name, 1) for name in ("status", "id", "result_token", "public_id", "message_id", "publsh_at")],
    ],
)  # fmt: skip
def test_a_wrong_value_is_400_and_names_its_field(owner: User, api: Api, field: str, value: Any) -> None:
    answer = create(api(owner), **{field: value})
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert list(answer.json()["errors"]) == [field]
    assert not Giveaway.objects.exists()


def test_a_wrong_element_of_a_list_is_named_too(owner: User, api: Api) -> None:
    answer = create(api(owner), required_channels=[-1001234567890, "5", True])
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["required_channels.1", "required_channels.2"]


@pytest.mark.parametrize("field", FIELDS)
def test_what_is_missing_is_named(owner: User, api: Api, field: str) -> None:
    answer = api(owner).post(CREATE, {name: text for name, text in FIELDS.items() if name != field})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


@pytest.mark.parametrize("body", ["", "{", "[]", "null", "5", "true", '"text"', "[1, 2]", "\x00", "{'a': 1}"])
def test_a_body_that_is_no_object_is_400(owner: User, api: Api, body: str) -> None:
    answer = api(owner).post(CREATE, body, content_type="application/json")
    assert (answer.status_code, answer.json()["status"]) == (400, "error")


def test_the_only_channel_is_chosen(owner: User, stranger: User, api: Api) -> None:
    make_binding(stranger.account)
    binding = make_binding(owner.account)
    assert create(api(owner)).json()["giveaway"]["channel_id"] == binding.channel.telegram_id


def test_among_two_channels_the_owner_chooses(owner: User, api: Api) -> None:
    binding, _other = make_binding(owner.account), make_binding(owner.account)
    assert create(api(owner)).json()["giveaway"]["channel_id"] is None
    made = create(api(owner), channel_id=binding.channel.telegram_id).json()["giveaway"]
    assert made["channel_id"] == binding.channel.telegram_id


def test_of_two_bots_in_one_channel_the_one_that_works_is_chosen(owner: User, api: Api) -> None:
    works = make_binding(owner.account)
    broken = make_binding(owner.account, channel=works.channel, status=Binding.Status.INVALID)
    create(api(owner))
    assert Giveaway.objects.get().binding == works != broken


@pytest.mark.parametrize("field", ["channel_id", "required_channels"])
def test_it_refuses_a_channel_that_is_not_connected(
    owner: User, stranger: User, api: Api, field: str
) -> None:
    foreign = make_binding(stranger.account).channel.telegram_id
    answer = create(api(owner), **{field: foreign if field == "channel_id" else [foreign]})
    assert (answer.status_code, answer.json()["code"]) == (409, "CHANNEL_NOT_CONFIGURED")
    assert list(answer.json()["errors"]) == [field]
    assert not Giveaway.objects.exists()


def test_it_refuses_a_channel_that_was_disconnected(owner: User, api: Api) -> None:
    gone = make_binding(owner.account, status=Binding.Status.DEACTIVATED)
    answer = create(api(owner), channel_id=gone.channel.telegram_id)
    assert (answer.status_code, answer.json()["code"]) == (409, "CHANNEL_NOT_CONFIGURED")


def test_further_channels_may_be_required(owner: User, api: Api) -> None:
    own, other = make_binding(owner.account).channel, make_binding(owner.account).channel
    fields = {"channel_id": own.telegram_id, "required_channels": [other.telegram_id]}
    assert create(api(owner), **fields).json()["giveaway"].items() >= fields.items()


def test_a_foreign_account_is_not_there(owner: User, stranger: User, staff: User, api: Api) -> None:
    assert create(api(stranger), account_id=owner.account_id).status_code == 404
    assert not Giveaway.objects.exists()
    made = create(api(staff), account_id=owner.account_id).json()["giveaway"]
    assert made["account_id"] == owner.account_id


def test_nobody_creates_nothing(db: None, api: Api) -> None:
    assert create(api(None)).status_code == 401


@pytest.mark.parametrize("status", LIVE)
def test_it_refuses_a_second_one_while_one_is_live(owner: User, api: Api, status: Status) -> None:
    live = make_giveaway(owner, status)
    answer = create(api(owner))
    assert (answer.status_code, answer.json()["code"]) == (409, "SINGLE_ACTIVE_LIMIT_EXCEEDED")
    assert str(live.pk) in answer.json()["message"]


@pytest.mark.parametrize("status", [Status.DRAFT, Status.FINISHED, Status.CANCELLED])
def test_one_that_is_not_live_does_not_lock_the_account(owner: User, api: Api, status: Status) -> None:
    make_giveaway(owner, status)
    assert create(api(owner)).status_code == 201


def test_a_live_giveaway_of_somebody_else_is_no_obstacle(owner: User, stranger: User, api: Api) -> None:
    make_giveaway(stranger, Status.ACTIVE)
    assert create(api(owner)).status_code == 201


def test_the_trail_tells_who_created_it_and_from_where(owner: User, api: Api) -> None:
    create(api(owner))
    entry = AuditEntry.objects.get(verb="create", object_type="giveaway")
    assert (entry.actor, entry.address, entry.after) == (owner, "127.0.0.1", {"title": FIELDS["title"]})
