"""Numbers no library counts for us: tasks, refusals, and how long a request took."""

import time
from typing import Any

from celery.signals import beat_init, task_postrun, task_prerun, worker_init
from django.dispatch import receiver
from django.http import HttpRequest
from django_structlog.signals import bind_extra_request_failed_metadata, bind_extra_request_finished_metadata
from prometheus_client import Counter, Histogram

from config import metrics

TASKS = Counter("telegive_tasks", "Celery tasks finished", ["task", "state"])
TASK_SECONDS = Histogram("telegive_task_seconds", "How long Celery tasks took", ["task"])
REFUSALS = Counter("telegive_refusals", "Requests refused by a rule", ["code"])


@receiver(bind_extra_request_finished_metadata)
def add_duration(request: HttpRequest, log_kwargs: dict[str, Any], **_: Any) -> None:
    """The log line of a request says how long it took."""
    started_at: float | None = getattr(request, "started_at", None)
    if started_at is not None:
        log_kwargs["duration_ms"] = round((time.perf_counter() - started_at) * 1000, 1)


@receiver((bind_extra_request_finished_metadata, bind_extra_request_failed_metadata))
def leave_out_query(request: HttpRequest, log_kwargs: dict[str, Any], **_: Any) -> None:
    """What people searched for is their business."""
    log_kwargs["request"] = f"{request.method} {request.path}"


@worker_init.connect
@beat_init.connect
def show_numbers(**_: Any) -> None:
    """Workers, pumps and the clock serve nothing else, so Prometheus asks each of them at a port of its own."""
    if metrics.METRICS_PORT:
        metrics.open_door(metrics.METRICS_HOST, metrics.METRICS_PORT)


@task_prerun.connect
def start_watch(task: Any, **_: Any) -> None:
    task.request.started_at = time.monotonic()


@task_postrun.connect
def count_task(task: Any, state: str | None = None, **_: Any) -> None:
    TASKS.labels(task.name, state or "UNKNOWN").inc()
    started_at = getattr(task.request, "started_at", None)
    if started_at is not None:
        TASK_SECONDS.labels(task.name).observe(time.monotonic() - started_at)
