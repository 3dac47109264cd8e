"""What the platform tells: each change once, in the transaction of the change, with nobody's personal data."""

from typing import Any

import pytest

from bots.services import channels
from broadcasts import services as broadcasts
from offers.answers import Answer, Outcome
from offers.services import order, settle
from tests.offers.factories import BUYER, make_buyer, make_offer
from tests.scene import OWNER, Scene
from webhooks import services
from webhooks.models import Delivery


@pytest.fixture
def told(scene: Scene) -> Any:
    """`told()` is what an endpoint for everything was told so far: (event, data)."""
    services.add(account_id=scene.user.account_id, by=OWNER, url="https://example.com")
    return lambda: [(row.event, row.payload["data"]) for row in Delivery.objects.order_by("pk")]


def test_a_giveaway_and_its_results(scene: Scene, told: Any) -> None:
    giveaway = scene.published()
    person = scene.subscriber("Zebedee")
    scene.enter(giveaway, person)
    giveaway = scene.finished(giveaway)
    everything = told()
    events = [each for each in everything if each[0] != "broadcast.completed"]
    assert [name for name, _ in events] == ["giveaway.published", "giveaway.finished"]
    assert events[0][1] == {
        "giveaway_id": giveaway.pk, "title": giveaway.title, "message_id": giveaway.message_id,
        "channel_id": scene.channel,
    }  # fmt: skip
    assert events[1][1] == {
        "giveaway_id": giveaway.pk, "title": giveaway.title, "winners_selected": 1, "total_participants": 1,
    }  # fmt: skip
    assert str(person) not in str(everything) and "Zebedee" not in str(everything)
    scene.work()
    assert told() == everything


def test_a_broadcast_that_is_served_again_completes_again(scene: Scene, told: Any) -> None:
    [person] = scene.control.people(1)
    sent = broadcasts.create(
        account_id=scene.user.account_id, bot_id=scene.bot.pk, chats=[person], by=OWNER,
        content={"type": "text", "text": "News"},
    )  # fmt: skip
    scene.work()
    [(event, data)] = told()
    assert event == "broadcast.completed"
    assert data == {
        "task_id": str(sent.public_id), "kind": "send", "recipients_count": 1, "sent": 0, "failed": 1, "skipped": 0,
        "uncertain": 0,
    }  # fmt: skip
    broadcasts.serve_again(broadcast_id=sent.pk, by=OWNER)
    scene.work()
    assert [name for name, _ in told()] == ["broadcast.completed"] * 2


def test_lost_rights(scene: Scene, told: Any) -> None:
    for _ in range(2):
        channels.record_right(binding_id=scene.binding.pk, may_post=False, reason="not an administrator")
    [(event, data)] = told()
    assert event == "rights.lost"
    assert data == {
        "channel_id": scene.channel, "bot_id": scene.bot.pk, "reason": "not an administrator",
    }  # fmt: skip


@pytest.mark.parametrize(("answer", "status"), [(Outcome.ACTIVE, "SUCCESS"), (Outcome.REFUSED, "FAILED")])
def test_a_settled_transaction(db: None, answer: Outcome, status: str) -> None:
    buyer = make_buyer("100.00")
    services.add(account_id=buyer.account_id, by=OWNER, url="https://example.com")
    made, _ = order.activate(user=buyer, offer_id=make_offer().pk, by=BUYER)
    [claimed] = settle.claim(most=1)
    for _ in range(2):
        settle.record(transaction_id=made.pk, claim=claimed.attempts, answer=Answer(answer))
    row = Delivery.objects.get()
    assert row.event == "transaction.settled"
    assert row.payload["data"] == {"transaction_id": str(made.public_id), "status": status}
