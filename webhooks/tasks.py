"""The clock's door of webhooks: claim, send, record."""

import time

import structlog
from celery import shared_task

from config.claims import stopping, taken
from webhooks import gateway, services
from webhooks.models import Endpoint

log = structlog.get_logger(__name__)
ROUND_SECONDS = 50  # then the next tick of the clock goes on
AT_A_TIME = 20  # of one endpoint, then the others have their turn


@shared_task
def send_waiting() -> None:
    """Sends what is due, endpoint by endpoint; safe to run twice, safe to kill anywhere."""
    until = time.monotonic() + ROUND_SECONDS
    for endpoint in taken(
        services.claim_endpoint, lambda row: {"account_id": row.account_id, "endpoint_id": row.pk}
    ):
        serve(endpoint, until)
        if time.monotonic() > until:
            return


def serve(endpoint: Endpoint, until: float) -> None:
    """Some deliveries of one endpoint, in their order. One that fails ends its turn: the next would fail as well."""
    failed = None
    for _ in range(AT_A_TIME):
        delivery = services.claim_delivery(endpoint)
        if delivery is None:
            break
        reply = gateway.send(endpoint, delivery)
        services.record(delivery, response_status=reply.status, error=reply.error)
        log.info("webhook", event_id=str(delivery.event_id), response_status=reply.status, error=reply.error)
        failed = delivery if reply.error else None
        if failed or stopping() or time.monotonic() > until:
            break
    services.release(endpoint, failed=failed)
