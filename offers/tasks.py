"""The clock's door of offers: each task finds its work in rows; safe to run twice, safe to kill anywhere."""

import threading

import structlog
from celery import shared_task

from config.claims import stopping
from offers import gateway, senders
from offers.answers import Answer
from offers.models import Transaction
from offers.services import expiry, settle

log = structlog.get_logger(__name__)
AT_ONCE = 16
# While the partner hangs, every tick would keep one more thread from the worker's other tasks.
_lanes = threading.BoundedSemaphore(2)


@shared_task
def settle_waiting() -> None:
    """Takes paid orders to the partner and records what came of them."""
    if not _lanes.acquire(blocking=False):
        return
    try:
        while not stopping() and (orders := settle.claim(most=AT_ONCE)):
            for order, answer in zip(orders, gateway.ask(orders), strict=True):
                _record(order, answer)
    finally:
        _lanes.release()


def _record(order: Transaction, answer: Answer) -> None:
    """What cannot be recorded is taken up again after its lease, and must not keep its neighbours waiting."""
    try:
        settle.record(transaction_id=order.pk, claim=order.attempts, answer=answer)
    except Exception:
        log.exception("order_not_recorded", transaction=str(order.public_id))


@shared_task
def expire_due() -> None:
    """Switches off what has run out."""
    expiry.switch_off()


@shared_task
def remind() -> None:
    """Tells people what will run out soon, once a threshold."""
    expiry.remind()


@shared_task
def send_notices() -> None:
    """Sends what people are to be told, by mail and by SMS."""
    senders.send_waiting()
