"""What may change when: the table, and that the API, the rules and the documents say the same."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from giveaways.api.serializers import WrittenGiveawaySerializer
from giveaways.models import Giveaway, Status
from giveaways.services import matrix
from giveaways.services.matrix import Verdict
from tests.giveaways.rows import make_giveaway

Api = Callable[[User | None], APIClient]
DOCUMENT = Path(__file__).parents[2] / "docs/run-a-giveaway.md"
CHANGES: dict[str, Any] = {
    "title": "Another title",
    "main_body": "Something else now.",
    "winner_count": 2,
    "participation_button_text": "Join",
    "ends_at": "2099-01-01T00:00:00Z",
    "max_participants": 5,
    "required_channels": [],
    "show_participants": False,
    "beacon": "none",
    "winner_message": "You won a lot!",
}


def test_every_field_that_can_be_written_stands_in_the_table() -> None:
    written = set(WrittenGiveawaySerializer().fields)
    assert written <= set(matrix.WHILE_RUNNING)


def test_every_state_has_a_verdict_and_a_sentence_for_every_field() -> None:
    for status in Status:
        for field in matrix.WHILE_RUNNING:
            verdict, why = matrix.rule(field, status)
            assert verdict in Verdict
            assert why.en.endswith(".") and why.ru.endswith(".")


def test_nothing_promised_changes_after_publication() -> None:
    for status in (Status.PUBLISHING, Status.ACTIVE):
        promised = {
            "title",
            "main_body",
            "winner_count",
            "required_channels",
            "media",
            "beacon",
            "channel_id",
        }
        assert not promised & set(matrix.may_change(status))
    for status in (Status.FINISHING, Status.FINISHED, Status.CANCELLED):
        assert matrix.may_change(status) == []


@pytest.mark.parametrize("status", [status for status in Status if status != Status.ACTIVE])
@pytest.mark.parametrize("field", CHANGES)
def test_the_api_does_what_the_table_says(owner: User, api: Api, status: Status, field: str) -> None:
    path = f"/api/giveaways/{make_giveaway(owner, status).pk}"
    may = api(owner).get(path).json()["giveaway"]["may_change"]
    answer = api(owner).patch(path, {field: CHANGES[field]})
    assert (answer.status_code == 200) == (field in may)
    if field not in may:
        assert answer.json()["errors"] == {field: [matrix.rule(field, status)[1].en]}
        assert answer.json()["code"].startswith("CANNOT_UPDATE")


def test_the_documents_show_the_table() -> None:
    assert matrix.as_markdown() in DOCUMENT.read_text()


def test_a_change_that_is_refused_in_part_is_refused_whole(owner: User, api: Api) -> None:
    giveaway = make_giveaway(owner, Status.ACTIVE)
    changes = {"participation_button_text": "Join", "title": "Another", "winner_count": 2}
    answer = api(owner).patch(f"/api/giveaways/{giveaway.pk}", changes)
    assert (answer.status_code, set(answer.json()["errors"])) == (409, {"title", "winner_count"})
    assert Giveaway.objects.get().change_count == 0
