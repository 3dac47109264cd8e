"""The clock's door: housekeeping of sessions."""

from celery import shared_task
from django.core.management import call_command


@shared_task
def forget_ended_sessions() -> None:
    """Deletes expired refresh tokens and expired browser sessions; neither can be used any more."""
    call_command("flushexpiredtokens")
    call_command("clearsessions")
