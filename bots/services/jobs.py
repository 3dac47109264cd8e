"""The rules of jobs: claimed by lease, finished once."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from bots.models import Job

JOB_LEASE = timedelta(minutes=2)


@transaction.atomic
def claim_jobs(*, kinds: Collection[str] = tuple(Job.Kind), most: int = 20) -> list[Job]:
    """Takes due jobs for this worker alone; a worker that dies leaves them to the next after the lease."""
    due = Job.objects.due().filter(kind__in=kinds)
    jobs = list(due.select_for_update(skip_locked=True).order_by("created_at")[:most])
    for job in jobs:
        job.status, job.leased_until, job.attempts = Job.Status.STARTED, _lease_end(), job.attempts + 1
    Job.objects.bulk_update(jobs, ["status", "leased_until", "attempts"])
    return jobs


def _lease_end() -> datetime:
    return timezone.now() + JOB_LEASE


def finish_job(*, job: Job, result: dict[str, Any], failed: bool = False) -> None:
    """Records how a job ended, once: a late twin of the worker changes nothing."""
    Job.objects.filter(pk=job.pk, status=Job.Status.STARTED).update(
        status=Job.Status.FAILURE if failed else Job.Status.SUCCESS, result=result, finished_at=timezone.now()
    )


def refuse_job(*, job: Job, message: str, code: str) -> None:
    """Ends a job that will not be done, begun or not, with the sentence that says why."""
    Job.objects.filter(pk=job.pk, status__in=(Job.Status.PENDING, Job.Status.STARTED)).update(
        status=Job.Status.FAILURE,
        result={"status": "error", "message": message, "code": code},
        finished_at=timezone.now(),
    )


def hold_job(*, job: Job) -> None:
    """Keeps a long job for this worker while it goes on."""
    Job.objects.filter(pk=job.pk, status=Job.Status.STARTED).update(leased_until=_lease_end())


def postpone_job(*, job: Job, seconds: float) -> None:
    """Telegram was not reached: the job waits and is tried again."""
    Job.objects.filter(pk=job.pk, status=Job.Status.STARTED).update(
        leased_until=timezone.now() + timedelta(seconds=seconds)
    )
