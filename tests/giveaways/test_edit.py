"""Changing a giveaway: a draft freely, a promise never, the final messages until finishing begins."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import AuditEntry, User
from giveaways.models import Giveaway, Status
from tests.giveaways.rows import make_binding, make_draft, make_giveaway

Api = Callable[[User | None], APIClient]
EDITABLE = [Status.DRAFT, Status.PUBLISH_FAILED]
PROMISED = [Status.PUBLISHING, Status.ACTIVE, Status.FINISHING, Status.FINISHED, Status.CANCELLED]
WRITABLE_ENDINGS = [Status.DRAFT, Status.PUBLISHING, Status.PUBLISH_FAILED, Status.ACTIVE]
MESSAGES = {
    "public_conclusion_message": "It is over.",
    "winner_message": "You won!",
    "loser_message": "Next time.",
}


def path(giveaway: Giveaway, rest: str = "") -> str:
    return f"/api/giveaways/{giveaway.pk}{rest}"


@pytest.mark.parametrize("status", EDITABLE)
def test_what_is_not_promised_yet_changes_freely(owner: User, api: Api, status: Status) -> None:
    giveaway = make_giveaway(owner, status)
    binding, other = make_binding(owner.account), make_binding(owner.account)
    changes = {
        "title": "Two bags of tea",
        "main_body": "Press the button, please.",
        "winner_count": 2,
        "participation_button_text": "Join",
        "max_participants": 10,
        "ends_at": "2099-01-01T00:00:00Z",
        "channel_id": binding.channel.telegram_id,
        "required_channels": [other.channel.telegram_id],
        **MESSAGES,
    }
    answer = api(owner).patch(path(giveaway), changes)
    assert answer.status_code == 200
    assert answer.json()["giveaway"].items() >= changes.items()


@pytest.mark.parametrize("status", PROMISED)
@pytest.mark.parametrize(
    "change",
    [
        {"title": "Another"},
        {"main_body": "Something else now."},
        {"winner_count": 2},
        {"max_participants": 5},
        {"required_channels": []},
        {"beacon": "none"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_promise_does_not_change(owner: User, api: Api, status: Status, change: dict[str, Any]) -> None:
    giveaway = make_giveaway(owner, status)
    answer = api(owner).patch(path(giveaway), change)
    assert (answer.status_code, answer.json()["code"]) == (409, "CANNOT_UPDATE")
    untouched = Giveaway.objects.get()
    assert (untouched.title, untouched.winner_count, untouched.ends_at) == (giveaway.title, 1, None)


@pytest.mark.parametrize("status", WRITABLE_ENDINGS)
def test_final_messages_can_be_written_until_finishing(owner: User, api: Api, status: Status) -> None:
    giveaway = make_giveaway(owner, status)
    answer = api(owner).put(path(giveaway, "/finish-messages"), MESSAGES)
    assert answer.status_code == 200
    assert answer.json()["giveaway"].items() >= {**MESSAGES, "status": status}.items()


@pytest.mark.parametrize("status", [Status.FINISHING, Status.FINISHED, Status.CANCELLED])
@pytest.mark.parametrize(("method", "rest"), [("put", "/finish-messages"), ("patch", "")])
def test_final_messages_stand_once_finishing_began(
    owner: User, api: Api, status: Status, method: str, rest: str
) -> None:
    giveaway = make_giveaway(owner, status)
    answer = getattr(api(owner), method)(path(giveaway, rest), MESSAGES)
    assert (answer.status_code, answer.json()["code"]) == (409, "CANNOT_UPDATE_FINISH_MESSAGES")
    assert Giveaway.objects.get().winner_message == giveaway.winner_message


@pytest.mark.parametrize("field", MESSAGES)
@pytest.mark.parametrize("text", ["1234", "x" * 4001, None, 12345, True, ["12345"], "", "12345\x00"])
def test_a_final_message_has_5_to_4000_characters(owner: User, api: Api, field: str, text: Any) -> None:
    giveaway = make_giveaway(owner, Status.ACTIVE)
    answer = api(owner).put(path(giveaway, "/finish-messages"), {field: text})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


@pytest.mark.parametrize("field", MESSAGES)
def test_one_message_may_be_written_alone(owner: User, api: Api, field: str) -> None:
    giveaway = make_giveaway(owner, Status.ACTIVE)
    changed = api(owner).put(path(giveaway, "/finish-messages"), {field: "x" * 5}).json()["giveaway"]
    others = [name for name in MESSAGES if name != field]
    assert changed[field] == "x" * 5
    assert [changed[name] for name in others] == [getattr(giveaway, name) for name in others]


@pytest.mark.parametrize(
    "body", ["{}", "[]", "null", "5", '{"message": "hello"}', "{", '{"title": "Another"}']
)
def test_final_messages_of_another_shape_are_refused(owner: User, api: Api, body: str) -> None:
    giveaway = make_giveaway(owner, Status.ACTIVE)
    answer = api(owner).put(path(giveaway, "/finish-messages"), body, content_type="application/json")
    assert (answer.status_code, answer.json()["status"]) == (400, "error")


def test_a_change_that_is_partly_refused_changes_nothing(owner: User, api: Api) -> None:
    giveaway = make_giveaway(owner, Status.ACTIVE)
    assert api(owner).patch(path(giveaway), {**MESSAGES, "title": "Another"}).status_code == 409
    assert Giveaway.objects.get().winner_message == giveaway.winner_message
    assert not AuditEntry.objects.filter(verb="update_finish_messages").exists()


@pytest.mark.parametrize(
    "change",
    [{"title": None}, {"title": "ab"}, {"winner_count": True}, {"winner_count": 2.9}, {"ends_at": "2001-01-01"}]
    + [{name: 1} for name in ("status", "account_id", "participant_count", "published_at", "media", "nonsense")],
    ids=json.dumps,
)  # fmt: skip
def test_a_wrong_change_is_400_and_names_its_field(owner: User, api: Api, change: dict[str, Any]) -> None:
    answer = api(owner).patch(path(make_draft(owner)), change)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, list(change))


def test_limits_may_be_taken_away_again(owner: User, api: Api) -> None:
    giveaway = make_draft(owner, max_participants=5, ends_at=timezone.now() + timedelta(days=1))
    none = {"max_participants": None, "ends_at": None}
    assert api(owner).patch(path(giveaway), none).json()["giveaway"].items() >= none.items()


def test_a_foreign_channel_is_refused(owner: User, stranger: User, api: Api) -> None:
    foreign = make_binding(stranger.account).channel.telegram_id
    for change in ({"channel_id": foreign}, {"required_channels": [foreign]}):
        answer = api(owner).patch(path(make_draft(owner)), change)
        assert (answer.json()["code"], list(answer.json()["errors"])) == (
            "CHANNEL_NOT_CONFIGURED",
            list(change),
        )


def test_the_trail_holds_before_and_after(owner: User, api: Api) -> None:
    api(owner).patch(path(make_draft(owner)), {"title": "Another"})
    entry = AuditEntry.objects.get(verb="update")
    assert (entry.before, entry.after) == ({"title": "A bag of coffee"}, {"title": "Another"})
    assert (entry.actor, entry.address) == (owner, "127.0.0.1")
