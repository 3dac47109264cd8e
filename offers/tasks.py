"""The clock's door of offers: each task finds its work in rows; safe to run twice, safe to kill anywhere."""

from celery import shared_task

from offers import senders


@shared_task
def send_notices() -> None:
    """Sends what people are to be told, by mail and by SMS."""
    senders.send_waiting()
