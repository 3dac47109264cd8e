"""Which bot serves a new channel: the active one with the fewest live bindings, also when many ask at once."""

import itertools
from collections import Counter

import pytest

from accounts.models import User
from bots.errors import NoBot
from bots.gateway import BotFacts
from bots.models import Binding, Bot
from bots.services import bots, channels
from tests.scene import OWNER
from tests.threads import in_threads

names = itertools.count(1)


def add(owner: User, number: int) -> Bot:
    """A bot of the owner's, as if Telegram had just proved it."""
    facts = BotFacts(telegram_id=6_000_000_000 + number, username=f"arbiter{number}_bot", name="Bot")
    token = f"{facts.telegram_id}:AA{'x' * 30}"
    row, _ = bots.connect_bot(account_id=owner.account_id, token=token, identity=facts, by=OWNER)
    return row


def request(owner: User, bot_id: int | None = None) -> Bot:
    """The bot that was chosen for one more channel."""
    job = channels.request_binding(
        account_id=owner.account_id, channel=f"@channel{next(names)}", by=OWNER, bot_id=bot_id
    )
    return Binding.objects.get(pk=job.arguments["binding_id"]).bot


def loads() -> Counter[int]:
    return Counter(Binding.objects.live().values_list("bot_id", flat=True))


def test_the_least_loaded_bot_is_chosen_and_the_oldest_of_equals(owner: User) -> None:
    first, second, third = (add(owner, number) for number in range(3))
    assert [request(owner) for _ in range(4)] == [first, second, third, first]


def test_a_channel_unbound_makes_room_again(owner: User) -> None:
    first, second = (add(owner, number) for number in range(2))
    for bot in (first, second):
        request(owner, bot.pk)
    channels.deactivate_binding(binding_id=Binding.objects.get(bot=second).pk, by=OWNER)
    assert request(owner) == second


def test_the_bot_asked_for_is_taken_however_busy(owner: User) -> None:
    first, second = (add(owner, number) for number in range(2))
    assert [request(owner, second.pk) for _ in range(3)] == [second] * 3
    assert first != second


def test_only_active_bots_are_eligible(owner: User) -> None:
    stopped, dead, alive = (add(owner, number) for number in range(3))
    bots.deactivate_bot(bot_id=stopped.pk, by=OWNER)
    bots.quarantine_bot(bot_id=dead.pk, reason="Unauthorized")
    assert [request(owner) for _ in range(2)] == [alive, alive]
    with pytest.raises(NoBot):
        request(owner, dead.pk)


def test_without_a_bot_there_is_nobody_to_serve(owner: User, stranger: User) -> None:
    foreign = add(stranger, 1)
    for bot_id in (None, foreign.pk):
        with pytest.raises(NoBot):
            request(owner, bot_id)
    assert not Binding.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_are_shared_out_evenly(owner: User) -> None:
    for number in range(5):
        add(owner, number)
    chosen = in_threads(50, lambda: request(owner))
    assert not [error for error in chosen if isinstance(error, Exception)]
    assert set(loads().values()) == {10}


@pytest.mark.django_db(transaction=True)
def test_what_is_uneven_is_evened_out(owner: User) -> None:
    rows = [add(owner, number) for number in range(5)]
    for _ in range(4):
        request(owner, rows[0].pk)
    in_threads(23, lambda: request(owner))
    assert sum(loads().values()) == 27
    assert max(loads().values()) - min(loads().values()) <= 1
