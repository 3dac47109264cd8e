"""The clock's door of the bots app: each task finds its work in rows; safe to run twice, safe to kill anywhere."""

from collections.abc import Callable

from celery import shared_task

from bots.models import Job
from bots.services import jobs
from bots.tasks.binding import bind_channel
from config import heartbeat as workers

WORK: dict[str, Callable[[Job], None]] = {Job.Kind.BIND_CHANNEL: bind_channel}


@shared_task
def heartbeat() -> None:
    """Tells /health that workers take tasks."""
    workers.beat()


@shared_task
def run_waiting_jobs() -> None:
    """Runs jobs that wait."""
    # One at a time: a lease begins when its work begins, and a job that crashes takes no other with it.
    while claimed := jobs.claim_jobs(most=1):
        WORK[claimed[0].kind](claimed[0])
