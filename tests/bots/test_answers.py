"""What an answer of Telegram means, held against recorded answers."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.answers import Answer, Outcome, classify

RECORDED = Path(__file__).parent.parent / "data" / "botapi-errors"
MEANINGS: dict[str, tuple[Outcome, str]] = {
    "bad-request-button-url-invalid": (Outcome.CONTENT, "button"),
    "bad-request-chat-not-found": (Outcome.RECIPIENT, "chat_not_found"),
    "bad-request-entities-too-long": (Outcome.CONTENT, "too_long"),
    "bad-request-file-too-big": (Outcome.CONTENT, "file"),
    "bad-request-group-chat-migrated": (Outcome.MIGRATED, "migrated"),
    "bad-request-group-deactivated": (Outcome.RECIPIENT, "deactivated"),
    "bad-request-invalid-file-id": (Outcome.CONTENT, "file"),
    "bad-request-member-not-found": (Outcome.REFUSED, "refused"),
    "bad-request-message-cant-be-deleted": (Outcome.REFUSED, "refused"),
    "bad-request-message-cant-be-edited": (Outcome.REFUSED, "not_editable"),
    "bad-request-message-not-modified": (Outcome.REFUSED, "not_modified"),
    "bad-request-message-text-is-empty": (Outcome.CONTENT, "empty"),
    "bad-request-message-to-delete-not-found": (Outcome.REFUSED, "message_not_found"),
    "bad-request-message-to-edit-not-found": (Outcome.REFUSED, "message_not_found"),
    "bad-request-not-enough-rights-photos": (Outcome.RIGHTS, "not_enough_rights"),
    "bad-request-not-enough-rights-text": (Outcome.RIGHTS, "not_enough_rights"),
    "bad-request-peer-id-invalid": (Outcome.RECIPIENT, "chat_not_found"),
    "bad-request-reply-message-not-found": (Outcome.REFUSED, "refused"),
    "bad-request-user-not-found": (Outcome.REFUSED, "refused"),
    "bad-request-wrong-parameter-action-in-request": (Outcome.REFUSED, "refused"),
    "conflicted-terminated-by-other-long-poll": (Outcome.REFUSED, "refused"),
    "forbidden-bot-blocked-by-user": (Outcome.RECIPIENT, "blocked"),
    "forbidden-bot-cant-send-messages-to-bots": (Outcome.RECIPIENT, "is_a_bot"),
    "forbidden-bot-not-member-channel": (Outcome.RIGHTS, "not_a_member"),
    "forbidden-bot-not-member-supergroup": (Outcome.RIGHTS, "not_a_member"),
    "forbidden-bot-was-kicked": (Outcome.RIGHTS, "kicked"),
    "forbidden-cant-initiate-conversation": (Outcome.RECIPIENT, "never_started"),
    "forbidden-user-is-deactivated": (Outcome.RECIPIENT, "deactivated"),
    "too-many-requests": (Outcome.FLOOD, "flood"),
    "unauthorized": (Outcome.BOT_DEAD, "token_refused"),
    "webhook-is-active": (Outcome.REFUSED, "refused"),
}
FURTHER = [
    (400, 'Bad Request: can\'t parse entities: Unsupported start tag "x" at byte offset 0', "content"),
    (400, "Bad Request: message is too long", "content"),
    (400, "Bad Request: message caption is too long", "content"),
    (400, "Bad Request: wrong file identifier/HTTP URL specified", "content"),
    (400, "Bad Request: BUTTON_DATA_INVALID", "content"),
    (400, "Bad Request: VOICE_MESSAGES_FORBIDDEN", "recipient"),
    (400, "Bad Request: need administrator rights in the channel chat", "rights"),
    (400, "Bad Request: CHAT_ADMIN_REQUIRED", "rights"),
    (400, "Bad Request: member list is inaccessible", "rights"),
    # Telegram says this of people it will know in a moment: nothing was decided about the person.
    (400, "Bad Request: PARTICIPANT_ID_INVALID", "unknown"),
    (413, "Request Entity Too Large", "content"),
    (404, "Not Found", "refused"),
    (400, "Bad Request: something nobody has seen yet", "refused"),
]
CODES = st.integers(400, 599)


def read(recorded: dict[str, Any]) -> Answer:
    parameters = recorded.get("parameters", {})
    return classify(
        recorded["error_code"],
        recorded["description"],
        retry_after=parameters.get("retry_after", 0),
        migrate_to=parameters.get("migrate_to_chat_id"),
    )


def test_every_recorded_answer_has_a_meaning_here() -> None:
    assert {path.stem for path in RECORDED.glob("*.json")} == set(MEANINGS)


@pytest.mark.parametrize("name", sorted(MEANINGS))
def test_a_recorded_answer_is_understood(name: str) -> None:
    recorded = json.loads((RECORDED / f"{name}.json").read_text())
    answer = read(recorded)
    assert (answer.outcome, answer.kind) == MEANINGS[name]
    assert answer.description == recorded["description"]
    assert not answer.ok


@pytest.mark.parametrize(("code", "description", "outcome"), FURTHER)
def test_other_known_words_are_understood(code: int, description: str, outcome: str) -> None:
    assert classify(code, description).outcome == outcome


def test_the_new_id_of_a_group_is_kept() -> None:
    assert classify(400, "Bad Request: group chat was upgraded", migrate_to=-100123).migrate_to == -100123


@given(st.text(), st.integers(0, 10_000))
def test_a_flood_is_never_final_and_always_has_a_wait(description: str, retry_after: int) -> None:
    answer = classify(429, description, retry_after=retry_after)
    assert answer.outcome is Outcome.FLOOD
    assert answer.retry_after >= max(1, retry_after)


@given(st.integers(500, 599), st.text() | st.sampled_from([said for _, said, _ in FURTHER]))
def test_a_fault_of_the_server_never_says_what_happened(code: int, description: str) -> None:
    assert classify(code, description).outcome is Outcome.UNKNOWN


@given(CODES, st.text())
def test_no_error_is_taken_for_success(code: int, description: str) -> None:
    assert not classify(code, description).ok
