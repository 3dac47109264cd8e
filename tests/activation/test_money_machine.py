"""The ledger's laws over any order of events: orders, workers that die, a partner that misbehaves, clocks, people.

A short run belongs to the gate, the long one to whoever changed a rule of money:
`MONEY_EXAMPLES=1000 ./run_tests.sh tests/activation/test_money_machine.py`.
"""

import os
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.models import LedgerEntry, User
from config.errors import DomainError
from offers.answers import Answer, Outcome
from offers.gateway import carry
from offers.models import Offer, Subscription, Transaction
from offers.services import expiry, order, reconcile, settle
from tests.offers.factories import BUYER, make_buyer, make_offer

pytestmark = pytest.mark.django_db
EXAMPLES = int(os.environ.get("MONEY_EXAMPLES") or 12)
STEPS = 40
CLOCKS_APART = timedelta(minutes=5)
UNKNOWN = Answer(Outcome.UNKNOWN, reason="no answer")
# What becomes of a question on its way: it does not arrive, its answer does not, or the partner has its mood.
WAYS = st.sampled_from(["good", "good", "good", "lost", "answer lost", "refuse", "working"])
NUMBERS = st.integers(0, 5)
DEATHS = st.sampled_from([0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 6, 8, 10, 12])  # the statement to die at; 0 lives
MOST_OPEN = 2  # so that whoever comes late meets the others
ORDERS = Transaction.objects.values_list("pk", "status", "amount", "public_id")


class Killed(BaseException):
    """The process dies here; no handler of the program may notice."""


@contextmanager
def dying_at(statement: int) -> Generator[None, None, None]:
    """Dies at so manieth statement to the database; what was not committed never happened."""
    left = statement

    def execute(run: Callable[..., Any], *arguments: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0:
            raise Killed
        return run(*arguments)

    with suppress(Killed), connection.execute_wrapper(execute):
        yield


class MemoryPartner:
    """The partner as docs/how-money-is-kept.md wants it, over a network that loses questions and answers, and
    delivers lost questions later."""

    def __init__(self) -> None:
        self.way = self.next_way = "good"
        self.told: dict[str, str] = {}
        self.switched_on: dict[str, int] = {}
        self.delayed: list[tuple[Transaction, datetime]] = []

    async def activate(self, order: Transaction) -> Answer:
        if self.way == "lost":
            self.delayed.append((order, signed_at(order)))
        return self._answer(order, self._activate)

    async def status(self, order: Transaction) -> Answer:
        return self._answer(order, self._look)

    async def cancel(self, order: Transaction) -> Answer:
        return self._answer(order, self._cancel)

    def deliver(self, which: int) -> None:
        """A question that was lost arrives after all, if it is not too old by then."""
        order, signed = self.delayed.pop(which % len(self.delayed))
        self.way = "good"
        if timezone.now() - signed <= CLOCKS_APART:
            self._activate(str(order.public_id))

    def _answer(self, order: Transaction, deed: Callable[[str, str], str]) -> Answer:
        way, self.way = self.way, self.next_way
        if way == "lost" or timezone.now() - signed_at(order) > CLOCKS_APART:
            return UNKNOWN
        status = deed(str(order.public_id), way)
        return UNKNOWN if way == "answer lost" else Answer(Outcome(status), reference="S")

    def _activate(self, key: str, way: str = "good") -> str:
        if key not in self.told:
            self.told[key] = {"refuse": "refused", "working": "working"}.get(way, "active")
            self._count(key)
        return self.told[key]

    def _look(self, key: str, _way: str) -> str:
        if self.told.get(key) == "working":
            self.told[key] = "active"
            self._count(key)
        return self.told.get(key, "absent")

    def _cancel(self, key: str, _way: str) -> str:
        if self.told.get(key) != "refused":
            self.told[key] = "cancelled"
        return self.told[key]

    def _count(self, key: str) -> None:
        if self.told[key] == "active":
            self.switched_on[key] = self.switched_on.get(key, 0) + 1


def signed_at(order: Transaction) -> datetime:
    """As offers.gateway signs: a request is no younger than the end of the claim it is made under."""
    return min(timezone.now(), order.claimed_until or timezone.now())


def finished(work: Coroutine[Any, Any, Answer]) -> Answer:
    """Runs a coroutine that never really waits."""
    try:
        work.send(None)
    except StopIteration as stop:
        answer: Answer = stop.value
        return answer
    raise AssertionError("it waited")


@dataclass
class Worker:
    """One claim in somebody's hands; what was heard may be recorded any number of times, or never."""

    order: Transaction
    heard: list[Answer] = field(default_factory=list)


class Money(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.travel = time_machine.travel("2026-05-01T00:00:00Z", tick=False)
        self.clock = self.travel.start()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.partner = MemoryPartner()
        self.workers: list[Worker] = []
        self.user: User = make_buyer("200.00")
        self.offers: list[Offer] = [make_offer(duration_days=2), make_offer(price=Decimal("7.50"))]

    def teardown(self) -> None:
        """Once everybody behaves, everything ends; then the laws hold once more, and nothing was there."""
        if not hasattr(self, "block"):
            return
        try:
            self.books_agree()
            self.settle_everything()
            self.laws_hold()
            self.books_agree()
            assert not Transaction.objects.open().exists()
        finally:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)
            self.travel.stop()

    # --- people ---------------------------------------------------------------------------------------------------

    @rule(what=NUMBERS, key=st.sampled_from(["", "", "a", "b"]), dies=DEATHS)
    def somebody_orders(self, what: int, key: str, dies: int) -> None:
        if Transaction.objects.open().count() < MOST_OPEN:
            with suppress(DomainError), dying_at(dies):
                order.activate(
                    user=self.user, offer_id=self.offers[what % 2].pk, by=BUYER, idempotency_key=key
                )

    @rule(what=NUMBERS, dies=DEATHS)
    def somebody_renews(self, what: int, dies: int) -> None:
        with suppress(DomainError), dying_at(dies):
            order.renew(user=self.user, offer_id=self.offers[what % 2].pk, by=BUYER)

    @rule(which=NUMBERS)
    def staff_call_off(self, which: int) -> None:
        if made := self.open_order(which):
            settle.call_off(transaction_id=made.pk, by=BUYER, reason="asked to")

    @rule()
    def staff_decide_by_the_partners_word(self) -> None:
        for made in Transaction.objects.needing_a_person():
            on = self.partner.told.get(str(made.public_id)) == "active"
            decide = settle.confirm if on else settle.give_up
            with suppress(DomainError):
                decide(transaction_id=made.pk, by=BUYER, reason="told by telephone")

    # --- workers --------------------------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([0, 55, 310]), dies=DEATHS)
    def a_worker_claims(self, seconds: int, dies: int) -> None:
        """After a while in which another one's lease, or a pause, may have ended."""
        self.clock.shift(seconds)
        with dying_at(dies):
            self.workers += [Worker(each) for each in settle.claim(most=2)]

    @precondition(lambda self: self.workers)
    @rule(which=NUMBERS, way=WAYS, next_way=WAYS)
    def a_worker_asks(self, which: int, way: str, next_way: str) -> None:
        worker = self.workers[which % len(self.workers)]
        worker.heard.append(self.ask(worker.order, way, next_way))

    @precondition(lambda self: any(worker.heard for worker in self.workers))
    @rule(which=NUMBERS, dies=DEATHS)
    def a_worker_records(self, which: int, dies: int) -> None:
        """What it heard last; as often as the dice will have it, and however late."""
        heard = [worker for worker in self.workers if worker.heard]
        worker = heard[which % len(heard)]
        with dying_at(dies):
            settle.record(
                transaction_id=worker.order.pk, claim=worker.order.attempts, answer=worker.heard[-1]
            )

    @rule(way=WAYS, next_way=WAYS)
    def a_sound_worker_does_its_round(self, way: str, next_way: str) -> None:
        for each in settle.claim(most=16):
            answer = self.ask(each, way, next_way)
            for _ in range(2):
                settle.record(transaction_id=each.pk, claim=each.attempts, answer=answer)

    # --- the world ------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.partner.delayed)
    @rule(which=NUMBERS)
    def a_lost_question_arrives(self, which: int) -> None:
        self.partner.deliver(which)

    @rule(seconds=st.sampled_from([10, 60, 250, 700, 2000, 300_000]))
    def time_passes(self, seconds: int) -> None:
        self.clock.shift(seconds)
        expiry.remind()
        expiry.switch_off()

    # --- the laws -------------------------------------------------------------------------------------------------

    @invariant()
    def laws_hold(self) -> None:
        """What a customer, the partner and an accountant would see, after every single step."""
        moved: dict[str, list[Decimal]] = {}
        for reason, amount in LedgerEntry.objects.values_list("reason_key", "amount"):
            moved.setdefault(reason.rpartition(":")[0], []).append(amount)
        for number, status, amount, public_id in ORDERS.all():
            told = self.partner.told.get(str(public_id))
            assert (status == "SUCCESS") <= (told == "active"), f"paid, and the partner says {told}"
            assert (status == "FAILED") <= (told != "active"), "refunded, and on"
            paid = [-amount, amount] if status == "FAILED" else [-amount]
            assert sorted(moved.pop(f"transaction:{public_id}")) == sorted(paid), f"{number} is {status}"
        assert set(moved) <= {""}, "money moved for no order"
        assert all(count == 1 for count in self.partner.switched_on.values())

    def books_agree(self) -> None:
        """What `manage.py reconcile` looks at, and that no paid day was lost."""
        assert [sentence for check in reconcile.CHECKS for sentence in check()] == []
        for service in Subscription.objects.exclude(expires_at=None):
            orders = service.transactions.filter(status="SUCCESS")
            paid = sum((timedelta(days=each.duration_days) for each in orders), timedelta(0))
            assert service.starts_at and service.expires_at
            assert service.created_at + paid <= service.expires_at <= timezone.now() + paid

    # --- little things --------------------------------------------------------------------------------------------

    def ask(self, made: Transaction, way: str, next_way: str) -> Answer:
        """One claim's questions: the first goes one way, the second another."""
        self.partner.way, self.partner.next_way = way, next_way
        return finished(carry(self.partner, made))

    def open_order(self, which: int) -> Transaction | None:
        found = list(Transaction.objects.open().order_by("pk"))
        return found[which % len(found)] if found else None

    def settle_everything(self) -> None:
        for _ in range(4):
            self.clock.shift(400)
            self.a_sound_worker_does_its_round(way="good", next_way="good")


def test_the_ledgers_laws_hold_whatever_happens() -> None:
    run_state_machine_as_test(
        Money,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
